"""Random protocols of which stubborn sets are expanded, with and without other reductions, beside the whole graph.

From each configuration that is left the same values can be decided, the same ends can be reached, and what properties
see is the same; so are verdicts, and the lengths of counterexamples.

    python tests/fuzz_stubborn.py --number 3000 --first 0

Prints how many protocols and worlds of which kind were compared.  A difference is an error with the seed that shows it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from functools import partial
from random import Random
from typing import Any

import numpy as np
from fuzz_engines import kinds
from fuzz_equal_states import INVARIANTS, observing, violated
from fuzzing import fuzz_program, tally
from generators.protocols import RandomTables, random_cut, random_protocol

from flpcheck import (
    Bounds,
    StateGraph,
    World,
    agreement,
    any_input_validity,
    asynchronous,
    replace,
    system_of,
    uniform_agreement,
    validity,
)
from flpcheck.analyse.safety import examine_safety
from flpcheck.analyse.state_reads import Observation
from flpcheck.analyse.valence import Valence
from flpcheck.authoring.property import Property
from flpcheck.explore import explore
from flpcheck.reduce.stubborn import Stubborn, universe_of, why_whole
from flpcheck.system.message_passing import MessagePassing

LARGE = 1_500
"""Configurations; larger graphs are left out."""
STAYING = (agreement, uniform_agreement, validity, any_input_validity)
REDUCTIONS: tuple[dict[str, Any], ...] = ({"merges": False, "drops": False}, {"merges": False}, {"drops": False}, {})


def protocol_without_guards(seed: int) -> RandomTables:
    """Return a random protocol in which no process gathers."""
    made = random_protocol(seed)
    return replace(made, shape=made.shape._replace(gathers=None))


def reliable_world(seed: int) -> World:
    """Return a world in which nothing is shared by processes: of any network, some links cut, some processes dead."""
    at = Random(seed)
    network, ignored = at.choice([("multiset", "consumed"), ("multiset", "stays"), ("set", "consumed")])
    cut = random_cut(at) if at.random() < 0.2 else frozenset()
    dead: int | tuple[str, ...] = 0
    if at.random() < 0.4:
        dead = 1 if at.random() < 0.5 else ("p0",)
    return asynchronous(
        at.choice([0, 1]), crash_events="elided", network=network, ignored=ignored, cut=cut, initially_dead=dead
    )


def leaving_out(
    protocol: object, world: World, observation: Observation | None = None, *, stays: bool, **how: bool
) -> Stubborn:  # fmt: skip
    """Return a system of which stubborn sets are expanded."""
    plain = system_of(protocol, world)
    assert isinstance(plain, MessagePassing)
    return Stubborn(plain, observation or Observation(), universe_of(plain), stays=stays, **how)


def seen(system: Stubborn, configuration: Any, *, heard: bool) -> Hashable:
    """What properties see of a configuration: local states as far as they are observed, decisions, observers."""
    letters, components = system.dead_letters, configuration.components
    states = tuple(letters.seen(letters.place_of(component)) for component in components)
    return states, tuple(component.decisions for component in components), configuration.observers if heard else ()


def ends(graph: StateGraph, *, heard: bool) -> set[Hashable]:
    """The configurations without transitions; observers count only where they are heard."""
    last = np.flatnonzero(np.diff(graph.offsets) == 0).tolist()
    return {graph.configurations[number][1 : 3 if heard else 2] for number in last}


def assert_left_enough(whole: StateGraph, left: StateGraph, *, heard: bool) -> None:
    """What is left of a graph shows what the whole one does."""
    number = {configuration: place for place, configuration in enumerate(whole.configurations)}
    places = [number[configuration] for configuration in left.configurations]
    assert Valence.of(left).low.tolist() == Valence.of(whole).low[places].tolist()
    assert ends(left, heard=heard) == ends(whole, heard=heard)
    system = left.system
    assert isinstance(system, Stubborn)
    if heard:
        one, other = ({seen(system, c, heard=heard) for c in graph.configurations} for graph in (left, whole))
        assert one == other
    apart = [bool((graph.marks.values & (graph.marks.values - np.uint64(1))).any()) for graph in (left, whole)]
    assert apart[0] == apart[1]


def same_verdicts(protocol: object, world: World, claim: Property) -> str:
    """A property is judged as without a reduction, with a counterexample as short; return the verdict."""
    plainly = examine_safety(system_of(protocol, world), [claim], engine="reference")
    stays = claim in STAYING
    judge = partial(_judged, protocol, world, claim, stays)
    assert violated(observing(judge)) == violated(plainly), claim
    return plainly.findings[0].verdict.value


def _judged(protocol: object, world: World, claim: Property, stays: bool, observation: Observation) -> Any:
    return examine_safety(leaving_out(protocol, world, observation, stays=stays), [claim], engine="reference")


def tried(seed: int) -> Iterator[str | tuple[str, int]]:
    """Compare one protocol with and without stubborn sets; yield what kinds it is of."""
    protocol, world = protocol_without_guards(seed), reliable_world(seed)
    if reason := why_whole(system_of(protocol, world)):
        yield reason
        return
    if not explore(system_of(protocol, world), Bounds(configurations=LARGE), engine="reference").complete:
        yield "too large"
        return
    for how in REDUCTIONS:
        for stays in (True, False):
            yield from _compared(protocol, world, stays=stays, **how)
    yield f"{(claim := STAYING[seed % 4]).name} {same_verdicts(protocol, world, claim)}"
    yield f"{(claim := INVARIANTS[seed % 4]).name} {same_verdicts(protocol, world, claim)}"
    yield from kinds(protocol, world)


def _compared(protocol: object, world: World, *, stays: bool, **how: Any) -> Iterator[str | tuple[str, int]]:
    system = leaving_out(protocol, world, stays=stays, **how)
    left, whole = (explore(one, engine="reference") for one in (system, system.whole()))
    assert_left_enough(whole, left, heard=not stays)
    yield "less" if len(left) < len(whole) else "nothing left out"
    yield "an event was put off for ever" if system.full else "no event was put off for ever"
    yield "configurations", len(whole)
    yield "left", len(left)


def fuzz(seeds: Iterable[int]) -> Counter[str]:
    """Return how many of each kind were compared."""

    def named(seed: int) -> Iterator[str]:
        yield "protocols"
        for kind in tried(seed):
            if isinstance(kind, tuple):
                counts[kind[0]] += kind[1]
            else:
                yield kind

    counts: Counter[str] = Counter()
    return counts + tally(__file__, named, seeds)


if __name__ == "__main__":
    fuzz_program(__doc__, 3000, fuzz, "no difference")
