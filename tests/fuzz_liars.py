"""Random protocols with a liar: what correct processes can do when its code runs twice, they can do when it lies.

    python tests/fuzz_liars.py --number 400 --first 0

The liar says what some process's code can say, and nothing is listed by hand; the twins are found by plain enumeration.
Prints for how many protocols lies lead further than twins.  An exception is an error with the seed that shows it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from random import Random

from fuzzing import fuzz_program, tally
from generators.protocols import RandomTables, random_liars
from oracle.enumeration import TooLarge
from oracle.twins import Twins

from flpcheck import Bounds, World, replace, system_of
from flpcheck.explore import explore

LARGE = 1_000
"""Configurations; larger graphs are left out."""


def drawn(seed: int) -> tuple[RandomTables, World, str]:
    """Return a protocol, a world in which all mail arrives, and the process that lies or runs twice."""
    protocol, world = random_liars(seed)
    liar = Random(seed).choice(["p0", "p1"])
    failures = replace(world.failures, byzantine=(liar,), lies="spoken")
    network = replace(world.network, partition=(), loss=0)
    return replace(protocol, listed=0), replace(world, failures=failures, network=network), liar


def compared(seed: int) -> str:
    """Return what lies are beside twins: `more` or `as much`; or `large` where one of them is."""
    protocol, world, liar = drawn(seed)
    twins = Twins(protocol, world, (liar,))
    graph = explore(system_of(protocol, world), Bounds(configurations=LARGE))
    try:
        with_twins = {twins.correct(now) for now in twins.reach(LARGE)[0]}
    except TooLarge:
        return "large"
    if not graph.complete:
        return "large"
    correct = [place for place, name in enumerate(graph.system.names) if name != liar]
    with_lies = {tuple(now.components[place].local for place in correct) for now in graph.configurations}
    if not with_twins <= with_lies:
        message = f"twins of {liar} lead to {len(with_twins - with_lies)} states that no lies lead to"
        raise AssertionError(message)
    return "more" if with_twins < with_lies else "as much"


def fuzz(seeds: Iterable[int]) -> Counter[str]:
    """Return how often lies lead further than twins."""
    return tally(__file__, lambda seed: [compared(seed)], seeds)


if __name__ == "__main__":
    fuzz_program(__doc__, 400, fuzz, "no exception")
