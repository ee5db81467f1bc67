"""Random protocols of every kind but plain message passing, explored by both engines, which find the same.

    python tests/fuzz_kinds.py --number 20000 --first 0 [--only rounds]

General protocols with and without coins, shared memory, failure detectors, timers, partitions, twins, liars of every
kind and rounds; of every second one the kernel's tables begin with a row or a few.  `fuzz_engines.py` has plain message
passing, `fuzz_alike.py` symmetry.  A difference is an error with the seed that shows it.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from random import Random
from typing import Any
from unittest.mock import patch

from fuzzing import naming_seed, option_parser, print_counts, seeds
from generators.certified import random_certified
from generators.detectors import random_detecting
from generators.guards import random_coins, random_guards
from generators.memory import random_memory
from generators.protocols import (
    random_forgers,
    random_gathering_liars,
    random_learnt_lies,
    random_liars_and_crashes,
    random_parted,
    random_twins,
)
from generators.rounds import WORLDS, round_protocols
from generators.timed import random_timed
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import seed as beginning
from hypothesis import strategies as st
from kernel.same_engines import JUDGED, assert_same, same

from flpcheck import Bounds, StateGraph, World, asynchronous, system_of
from flpcheck.analyse.safety import examine_safety
from flpcheck.explore import table_growth
from flpcheck.explore.in_rounds import tables
from flpcheck.explore.tries import building

LARGE = 250
"""Configurations; larger graphs are cut, which is compared as well."""
Drawn = tuple[Any, World]


def general(seed: int) -> Drawn:
    """Return random guards, some of them with a constraint, with and without a crash."""
    return random_guards(seed, confined=seed % 3 == 0), asynchronous(crashes=seed % 2)


def coins(seed: int) -> Drawn:
    """Return random guards, some of which toss coins, with and without a crash."""
    return random_coins(seed), asynchronous(crashes=seed % 2)


def memory(seed: int) -> Drawn:
    """Return processes that apply random operations to random objects."""
    return random_memory(seed), asynchronous(crashes=seed % 2)


KINDS: dict[str, Callable[[int], Drawn]] = {
    "general": general,
    "coins": coins,
    "memory": memory,
    "detectors": random_detecting,
    "partitions": random_parted,
    "timers": random_timed,
    "twins": random_twins,
    "learners among liars": random_learnt_lies,
    "crashes among liars": random_liars_and_crashes,
    "signatures": random_forgers,
    "certificates": random_certified,
    "guards among liars": random_gathering_liars,
}


def compared(protocol: Any, world: World, seed: int) -> StateGraph:
    """Compare the engines on one protocol, whole or cut, with and without the graph."""
    at = Random(seed)
    bounds = at.choice([Bounds(configurations=LARGE), Bounds(configurations=at.randrange(1, LARGE))])
    with ExitStack() as small:
        if seed % 2:
            for module, name, value in ((table_growth, "SMALL", 4), (tables, "SMALL", 1), (building, "SMALL", 1)):
                small.enter_context(patch.object(module, name, value))
        graph = assert_same(lambda: system_of(protocol, world), bounds)
        claims = JUDGED if seed % 4 else ()
        same(*(examine_safety(system_of(protocol, world), claims, bounds, engine=e) for e in ("reference", "kernel")))
    return graph


def tried(kind: str, seeds: Iterable[int]) -> Iterator[str]:
    """Compare many protocols of a kind; yield the kind of each, and of those that are large."""
    for seed in seeds:
        with naming_seed(f"fuzz_kinds.py --only {kind}", seed):
            protocol, world = KINDS[kind](seed)
            graph = compared(protocol, world, seed)
        yield kind
        yield from [f"{kind}, more than 20 configurations"] * (len(graph) > 20)


def in_rounds(kind: str, first: int, number: int) -> Iterator[str]:
    """Compare many protocols in rounds, in worlds of a kind."""
    counts: Counter[str] = Counter()

    @beginning(first)
    @settings(
        max_examples=number, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(round_protocols, WORLDS[kind], st.integers(0, 2**32))
    def each(protocol: Any, world: World, seed: int) -> None:
        assume(protocol.n > 1 + world.failures.crashes)
        graph = compared(protocol, world, seed)
        counts.update(["rounds", *["rounds, more than 20 configurations"] * (len(graph) > 20)])

    each()
    return iter(counts.elements())


def main() -> None:
    """Compare many protocols of each kind and print how many there were."""
    parser = option_parser(__doc__, 200)
    parser.add_argument("--only", choices=[*KINDS, "rounds"])
    options = parser.parse_args()
    started, counts = time.monotonic(), Counter[str]()
    for kind in KINDS if options.only is None else [options.only]:
        if kind in KINDS:
            counts.update(tried(kind, seeds(options)))
    for kind in WORLDS if options.only in {None, "rounds"} else ():
        counts.update(in_rounds(kind, options.first, max(1, options.number // len(WORLDS))))
    print_counts(counts, f"no difference in {options.number} protocols of each kind", started)


if __name__ == "__main__":
    main()
