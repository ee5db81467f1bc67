"""The engine and the naive enumerator, written apart, find the same graphs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from naive import Graph, TooLarge
from naive_analysis import enumerated
from random_protocols import (
    RandomGraph,
    RandomTables,
    Shape,
    general_protocols,
    random_forgers,
    random_gathering_liars,
    random_liars,
    random_parted,
    random_protocol,
    random_world,
)
from same_graph import assert_same

from flpcheck import World, asynchronous, load, replace

FEW = 250  # configurations; larger random protocols are left out
EVERYTHING = ["multiset", "set", "fifo", "start", "timeout", "deliver", "gather", "crash", "lose", "duplicate"]
EVERYTHING += ["recover", "omit"]
EVERYBODY = ["learner", "observer", "virtual"]


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
    assert seen["compared"] > 200
    assert {name: seen[name] for name in EVERYTHING + EVERYBODY if seen[name] < 20} == {}


@pytest.mark.parametrize(
    ("pair", "kind", "often"),
    [
        (random_liars, "lie", 25),
        (random_forgers, "lie", 25),
        (random_gathering_liars, "gather", 15),
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
    assert (seen["forbidden"] > 5) == (pair is random_forgers)


def _more_without_signatures(protocol: RandomTables, world: World, expected: Graph) -> bool:
    unsigned = replace(world, failures=replace(world.failures, authenticated=False))
    try:
        return len(enumerated(protocol, unsigned, FEW).depth) > len(expected.depth)
    except TooLarge:
        return True


def features(shape: Shape) -> set[str]:
    virtual = {"virtual"} if any(is_virtual for _, _, is_virtual in shape.roles) else set()
    return virtual | {name for name in ("learner", "observer") if getattr(shape, name)}


def kinds(graph: Graph) -> set[str]:
    return {edge.label[0] for edge in graph.edges if isinstance(edge.label, tuple)}


@settings(derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
@given(general_protocols)
def test_random_general_protocols_have_the_same_graph_in_both(protocol: RandomGraph) -> None:
    for world in (asynchronous(), asynchronous(crashes=1), asynchronous(crashes=1, crash_events="elided")):
        assert_same(protocol, world, enumerated(protocol, world))


def test_bundled_specs_have_the_same_graph_in_both() -> None:
    for name in ("wait_for_all", "tla/two_phase", "tla/paxos"):
        instance = load(name).instances[0]
        assert_same(instance.protocol, instance.world, enumerated(instance.protocol, instance.world))
