"""The engine and the naive enumerator, written apart, find the same graphs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from generators.graphs import RandomGraph, general_protocols
from generators.protocols import (
    RandomTables,
    Shape,
    random_forgers,
    random_gathering_liars,
    random_learnt_lies,
    random_liars,
    random_liars_and_crashes,
    random_parted,
    random_protocol,
    random_world,
)
from generators.timed import random_timed
from hypothesis import HealthCheck, given, settings
from oracle.analysis import enumerated
from oracle.enumeration import Graph, TooLarge
from oracle.same_graph import assert_same

from flpcheck import World, asynchronous, load, replace

FEW = 250  # configurations; larger random protocols are left out
EVERYTHING = ["multiset", "set", "fifo", "start", "timeout", "deliver", "gather", "crash", "lose", "duplicate"]
EVERYTHING += ["recover", "omit"]
SPECIAL = ["cut", "write-first", "torn", "torn in order", "send-first", "restart", "cut links"]
EVERYBODY = ["learner", "observer", "virtual"]


@pytest.mark.long
def test_random_protocols_have_the_same_graph_in_both() -> None:
    seen: Counter[str] = Counter()
    for seed in range(650):
        protocol, world = random_protocol(seed), random_world(seed)
        try:
            expected = enumerated(protocol, world, FEW)
        except TooLarge:
            continue
        assert_same(protocol, world, expected)  # random_protocol(seed) in random_world(seed) makes it again
        if len(expected.depth) > 5:
            seen.update(["compared", world.network.kind, *features(protocol.shape), *kinds(expected)])
            seen.update(special(protocol, world))
    assert seen["compared"] > 200
    assert {name: seen[name] for name in EVERYTHING + EVERYBODY if seen[name] < 20} == {}
    assert {name: seen[name] for name in SPECIAL if seen[name] < 5} == {}


@pytest.mark.long
@pytest.mark.parametrize(
    ("pair", "kind", "often"),
    [
        (random_liars, "lie", 25),
        (random_liars_and_crashes, "crash", 10),
        (random_forgers, "lie", 25),
        (random_gathering_liars, "gather", 15),
        (random_learnt_lies, "lie", 15),
        (random_parted, "heal", 25),
    ],
)
def test_random_protocols_in_special_worlds_have_the_same_graph_in_both(
    pair: Callable[[int], tuple[RandomTables, World]], kind: str, often: int
) -> None:
    seen: Counter[str] = Counter()
    for seed in range(80):
        protocol, world = pair(seed)
        try:
            expected = enumerated(protocol, world, FEW)
        except TooLarge:
            continue
        assert_same(protocol, world, expected)
        seen.update(kinds(expected))
        seen["forbidden"] += world.failures.authenticated and _more_without_signatures(protocol, world, expected)
    assert seen[kind] > often
    assert (seen["forbidden"] > 5) == (pair in {random_forgers, random_learnt_lies})


@pytest.mark.long
def test_random_protocols_with_timers_have_the_same_graph_in_both() -> None:
    seen: Counter[str] = Counter()
    for seed in range(100):
        protocol, world = random_timed(seed)
        try:
            expected = enumerated(protocol, world, FEW)
        except TooLarge:
            continue
        assert_same(protocol, world, expected)  # random_timed(seed) makes it again
        seen.update(["compared", *kinds(expected)])
        seen["due"] += any(configuration.due for configuration in expected.depth)
    assert {
        name: seen[name] for name in ("timeout", "lie", "heal", "stabilise", "due", "recover") if seen[name] < 4
    } == {}


def _more_without_signatures(protocol: RandomTables, world: World, expected: Graph) -> bool:
    unsigned = replace(world, failures=replace(world.failures, authenticated=False))
    try:
        return len(enumerated(protocol, unsigned, FEW).depth) > len(expected.depth)
    except TooLarge:
        return True


def features(shape: Shape) -> set[str]:
    virtual = {"virtual"} if any(is_virtual for _, _, is_virtual in shape.roles) else set()
    return virtual | {name for name in ("learner", "observer") if getattr(shape, name)}


def special(protocol: RandomTables, world: World) -> set[str]:
    """What a world does in the middle of steps, after crashes and on single links."""
    points, *order = world.failures.points.split(":")
    restarts = protocol.shape.returns and world.failures.recoveries
    links = {"restart"} if restarts else set()
    return links | ({"cut links"} if world.network.cut else set()) | {f"{points} in order" if order else points}


def kinds(graph: Graph) -> set[str]:
    return {edge.label[0] for edge in graph.edges if isinstance(edge.label, tuple)}


@settings(derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
@given(general_protocols)
def test_random_general_protocols_have_the_same_graph_in_both(protocol: RandomGraph) -> None:
    for world in (asynchronous(), asynchronous(crashes=1), asynchronous(crashes=1, crash_events="elided")):
        assert_same(protocol, world, enumerated(protocol, world))


@pytest.mark.long
def test_bundled_specs_have_the_same_graph_in_both() -> None:
    for name in ("wait_for_all", "tla/two_phase", "tla/paxos"):
        instance = load(name).instances[0]
        assert_same(instance.protocol, instance.world, enumerated(instance.protocol, instance.world))
