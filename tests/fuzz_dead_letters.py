"""Random protocols in random worlds, with and without their dead letters.

What can be decided, which properties are violated and how soon is the same; both engines drop the same letters.

    python tests/fuzz_dead_letters.py --number 3000 --first 0

Prints how many protocols and worlds of which kind were compared.  A difference is an error with the seed that shows it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from random import Random

from fuzz_engines import kinds
from fuzzing import fuzz_program, tally
from generators.protocols import RandomTables, random_protocol, random_world
from kernel.same_engines import JUDGED, assert_equal, same
from kernel.same_workers import assert_same_together, small_shares

from flpcheck import Bounds, StateGraph, World, system_of
from flpcheck.analyse import analyse
from flpcheck.analyse.safety import examine_safety
from flpcheck.analyse.valence import Valence
from flpcheck.authoring.property import STANDARD, deadlock_freedom
from flpcheck.explore import explore
from flpcheck.reduce.without_dead_letters import WithoutDeadLetters, why_kept
from flpcheck.system import System
from flpcheck.system.message_passing import MessagePassing

LARGE = 2000
"""Configurations; larger graphs are left out."""
CUT = 250
"""Configurations, where engines are compared."""
CLAIMS = tuple(claim for claim in JUDGED if claim != deadlock_freedom)


def dropping(protocol: object, world: World) -> WithoutDeadLetters:
    """Return a system that drops dead letters."""
    system = system_of(protocol, world)
    assert isinstance(system, MessagePassing)
    return WithoutDeadLetters(system)


def judged(graph: StateGraph) -> list[tuple[str, str, int]]:
    """What is found on a graph: verdicts, and how long the shortest counterexample to a property of states is."""
    findings = analyse(graph, [claim for claim in STANDARD if claim != deadlock_freedom]).findings
    by_state = {claim.name for claim in CLAIMS}
    return [
        (f.claim.name, f.verdict.value, len(f.schedule) if f.schedule and f.claim.name in by_state else -1)
        for f in findings
    ]


def initially(graph: StateGraph) -> list[set[object]]:
    """What can be decided from each initial configuration."""
    valence = Valence.of(graph)
    low = [int(valence.low[root]) for root in graph.roots]
    return [{value for bit, value in enumerate(graph.system.values) if mask >> bit & 1} for mask in low]


def tried(seed: int) -> Iterator[str]:
    """Compare one protocol with and without dead letters; yield what kinds it is of."""
    protocol, world = random_protocol(seed), random_world(seed)
    if reason := why_kept(system_of(protocol, world)):
        yield reason
        return
    same_engines(partial(dropping, protocol, world), seed)
    system = dropping(protocol, world)
    whole, reduced = compared(protocol, world, system)
    if reduced is None:
        yield "too large"
        return
    yield "dropped" if len(reduced) < len(whole) else "nothing dropped"
    yield "refuted" if system.dead_letters.steps else "never refuted"
    yield "gathered" if system.dead_letters.gathered else "nothing gathered"
    yield from kinds(protocol, world)


def compared(protocol: RandomTables, world: World, system: System) -> tuple[StateGraph, StateGraph | None]:
    """Return the whole graph and the reduced one, of which the same can be said; None if the whole one is too large."""
    whole = explore(system_of(protocol, world), Bounds(configurations=LARGE), engine="reference")
    if not whole.complete:
        return whole, None
    reduced = explore(system, engine="reference")
    assert len(reduced) <= len(whole)
    assert initially(reduced) == initially(whole)
    assert judged(reduced) == judged(whole)
    return whole, reduced


def same_engines(make: Callable[[], System], seed: int, *, exactly: bool = True) -> None:
    """Both engines reduce alike, with workers and without the graph, and say the same wherever they are cut.

    Where a search is cut, the kernel has asked about more steps, and may have found out that a letter matters.  Unless
    they are compared exactly, searches that end with a violation may have met another number of configurations.
    """
    at = Random(seed)
    bounds = at.choice(
        [Bounds(configurations=at.randrange(1, CUT)), Bounds(configurations=CUT, depth=at.randrange(10))]
    )
    for cut in (Bounds(configurations=CUT), bounds):
        reference, kernel = (explore(make(), cut, engine=e) for e in ("reference", "kernel"))
        assert (len(reference), reference.complete) == (len(kernel), kernel.complete)
        if reference.complete:
            assert_equal(reference, kernel)
        one, other = (examine_safety(make(), CLAIMS, cut, engine=e) for e in ("reference", "kernel"))
        if exactly or one.graph.complete:
            same(one, other)
        assert [found.verdict for found in one.findings] == [found.verdict for found in other.findings]
    with small_shares():
        assert_same_together(make, bounds)


def fuzz(seeds: Iterable[int]) -> Counter[str]:
    """Return how many of each kind were compared."""
    return tally(__file__, lambda seed: ["protocols", *tried(seed)], seeds)


if __name__ == "__main__":
    fuzz_program(__doc__, 3000, fuzz, "no difference")
