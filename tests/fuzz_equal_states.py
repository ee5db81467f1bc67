"""Random protocols in random worlds, with and without their equal local states merged, and their dead letters dropped.

What can be decided, which properties are violated and how soon is the same; both engines merge the same states.

    python tests/fuzz_equal_states.py --number 3000 --first 0

Prints how many protocols and worlds of which kind were compared.  A difference is an error with the seed that shows it.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from random import Random
from typing import Any

import pytest
from fuzz_dead_letters import compared, dropping, same_engines
from fuzz_engines import kinds
from generators.protocols import RandomTables, random_protocol, random_world

from flpcheck import World, invariant, system_of
from flpcheck.analyse.finding import Judged
from flpcheck.analyse.safety import examine_safety
from flpcheck.analyse.state_reads import Observation, ReadsStates
from flpcheck.authoring.property import Property
from flpcheck.explore import explore
from flpcheck.reduce.equal_states import EqualStates
from flpcheck.reduce.without_dead_letters import WithoutDeadLetters, why_apart, without_dead_letters


@invariant
def settles(view: Any) -> bool:
    """Each process at the last place has decided."""
    return all(view.outputs.get(pid) is not None for pid, state in view.states.items() if state and state.place == 2)


@invariant
def hears_all(view: Any) -> bool:
    """No two processes remember the same sender at the same place."""
    told = [(state.last, state.place) for state in view.states.values() if state and state.last]
    return len(told) == len(set(told))


@invariant
def keeps_up(view: Any) -> bool:
    """All live processes have come as far as the first one that has decided."""
    kept = view.each("kept")
    return all(kept[pid] <= kept[other] for pid in kept for other in kept if pid in view.outputs)


@invariant
def goes_on(view: Any) -> bool:
    """Not all processes that still live are alike."""
    return len({repr(state) for state in view.states.values()}) > 1 or len(view.states) < 2


INVARIANTS = (settles, hears_all, keeps_up, goes_on)


@contextmanager
def sloppy_guesses(seed: int) -> Iterator[None]:
    """Let guesses forget most of what they rest on, so that they are often wrong."""
    ask, luck = EqualStates._ask_about, Random(seed)

    def forgetful(self: EqualStates, *known: Any) -> bool:
        asked = ask(self, *known)
        luck.seed(seed)
        for rows in self.rows.known.values():
            for question in [question for question in rows if luck.random() < 0.7]:
                del rows[question]
        return asked

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(EqualStates, "_ask_about", forgetful)
        yield


def merging(protocol: object, world: World, observation: Observation | None = None) -> WithoutDeadLetters:
    """Return a system that merges equal local states from the beginning."""
    made = without_dead_letters(system_of(protocol, world), observation or Observation())
    assert isinstance(made, WithoutDeadLetters)
    return made


def observing(judge: Callable[[Observation], Judged]) -> Judged:
    """Judge, observing more and more of what is read."""
    observation = Observation()
    while True:
        try:
            return judge(observation)
        except ReadsStates as reads:
            observation = observation.with_more(reads.parts)


def violated(judged: Judged) -> list[tuple[str, int]]:
    """What is violated, and how long the schedules are."""
    return [(f.verdict.value, len(f.schedule) if f.schedule else -1) for f in judged.findings]


def _judged(protocol: object, world: World, claim: Property, engine: str, observation: Observation) -> Judged:
    """Return what is found of an invariant where what tells no states apart is merged."""
    return examine_safety(merging(protocol, world, observation), [claim], engine=engine)


def _same_invariants(protocol: object, world: World, claims: Sequence[Property]) -> Iterator[str]:
    """An invariant is violated where it is without a reduction, and as soon."""
    for claim in claims:
        plainly = examine_safety(system_of(protocol, world), [claim], engine="reference")
        for engine in ("reference", "kernel"):
            reduced = observing(partial(_judged, protocol, world, claim, engine))
            assert violated(reduced) == violated(plainly), (claim, engine)
        yield f"{claim.name} {plainly.findings[0].verdict.value}"


def tried(seed: int) -> Iterator[str | tuple[str, int]]:
    """Compare one protocol with and without its equal states merged; yield what kinds it is of."""
    protocol, world = random_protocol(seed), random_world(seed)
    if reason := why_apart(system_of(protocol, world)):
        yield reason
    else:
        with sloppy_guesses(seed) if seed % 2 else nullcontext():
            yield from _compared(protocol, world, seed)


def _compared(protocol: RandomTables, world: World, seed: int) -> Iterator[str | tuple[str, int]]:
    same_engines(partial(merging, protocol, world), seed, exactly=seed % 2 == 0)
    system = merging(protocol, world)
    whole, reduced = compared(protocol, world, system)
    if reduced is None:
        yield "too large"
        return
    yield from _same_invariants(protocol, world, INVARIANTS[seed % 4 :][:1])
    fewer = len(reduced) < len(explore(dropping(protocol, world), engine="reference"))
    yield "merged" if fewer else "nothing merged"
    equal = system.dead_letters.equal
    assert equal is not None
    yield "refuted" if equal.guesses > 1 else "never refuted"
    yield from ["given up"] if equal.guesses > 1 and not equal.merged else []
    yield "gathered" if system.dead_letters.gathered else "nothing gathered"
    yield from kinds(protocol, world)
    yield "configurations", len(whole)
    yield "left", len(reduced)


def fuzz(seeds: Iterable[int]) -> Counter[str]:
    """Return how many of each kind were compared."""
    counts: Counter[str] = Counter()
    for seed in seeds:
        try:
            counts["protocols"] += 1
            for kind in tried(seed):
                name, more = kind if isinstance(kind, tuple) else (kind, 1)
                counts[name] += more
        except Exception as error:
            error.add_note(f"the seed is {seed}: python tests/fuzz_equal_states.py --number 1 --first {seed}")
            raise
    return counts


def main() -> None:
    """Compare on many protocols and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--number", type=int, default=3000)
    parser.add_argument("--first", type=int, default=0)
    options = parser.parse_args()
    started = time.monotonic()
    counts = fuzz(range(options.first, options.first + options.number))
    print(", ".join(f"{name} {number}" for name, number in counts.most_common()))  # noqa: T201
    print(f"no difference in {options.number} protocols, {time.monotonic() - started:.0f} s")  # noqa: T201


if __name__ == "__main__":
    main()
