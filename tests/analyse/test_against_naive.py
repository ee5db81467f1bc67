"""The analyses agree, configuration by configuration, with plain loops over a graph enumerated apart."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from generators.protocols import random_protocol, random_world
from oracle.analysis import blocked, census, critical, disagreeing, enumerated, shortest_disagreement, valences
from oracle.enumeration import Graph, TooLarge
from oracle.same_graph import naive_names

from flpcheck import Bounds, World, agreement, asynchronous, load, system_of, termination, uniform_agreement
from flpcheck.analyse import Valence, analyse
from flpcheck.analyse.blocked import Blocked, blocked_configurations
from flpcheck.analyse.case import Case
from flpcheck.analyse.properties import judge
from flpcheck.explore import StateGraph, explore

SPECS = [
    "always_zero",
    "first_quorum",
    "guess_on_timeout",
    "sequencer",
    "two_phase_commit",
    "wait_for_all",
    "tla/two_phase",
]
EVERY_PROPERTY = (agreement, uniform_agreement, termination)


def compare(protocol: Any, world: World, expected: Graph) -> StateGraph:
    graph = explore(system_of(protocol, world))
    names = naive_names(graph, world)
    case = Case(graph)
    valence, naive_valence = case.valence, valences(expected)
    for number, name in enumerate(names):
        values = {v for bit, v in enumerate(valence.values) if int(valence.low[number]) >> bit & 1}
        assert values == naive_valence[name]
    assert {names[n] for n in np.flatnonzero(valence.critical)} == set(critical(expected))
    assert {names[n] for n in np.flatnonzero(valence.disagreeing)} == set(disagreeing(expected))
    found, counted = valence.census(), census(expected)
    assert (found.bivalent, found.none) == (counted.bivalent, counted.none)
    assert {v: n for v, n in found.univalent.items() if n} == {str(v): n for v, n in counted.univalent.items()}
    if world.failures.events == "explicit":
        assert blocked_names(case, names) == set(blocked(expected))
    for claim, uniform in ((uniform_agreement, True), (agreement, False)):
        schedule = judge(case, claim).schedule
        assert (None if schedule is None else len(schedule)) == shortest_disagreement(expected, uniform=uniform)
    return graph


def blocked_names(case: Case, names: list[Any]) -> set[Any]:
    """Return the blocked configurations, as the naive enumerator writes them."""
    found = case.termination.blocked
    return set() if found is None else {names[number] for number in np.flatnonzero(found.where)}


def test_a_blocked_configuration_that_is_forgotten_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def first_only(graph: StateGraph) -> Blocked | None:
        found = blocked_configurations(graph)
        if found is not None:
            found.where[np.flatnonzero(found.where)[1:]] = False
        return found

    (instance,) = (one for one in load("wait_for_all").instances if one.name == "one crash")
    expected = enumerated(instance.protocol, instance.world)
    compare(instance.protocol, instance.world, expected)
    monkeypatch.setattr("flpcheck.analyse.termination.blocked_configurations", first_only)
    with pytest.raises(AssertionError):
        compare(instance.protocol, instance.world, expected)


@pytest.mark.parametrize("name", SPECS)
def test_on_every_small_instance(name: str) -> None:
    for instance in load(name).instances:
        if (instance.configurations or 0) <= 800:
            compare(instance.protocol, instance.world, enumerated(instance.protocol, instance.world))


def test_on_random_protocols() -> None:
    seen: Counter[str] = Counter()
    for seed in range(250):
        protocol, world = random_protocol(seed), random_world(seed)
        try:
            expected = enumerated(protocol, world, 200)
        except TooLarge:
            continue
        graph = compare(protocol, world, expected)
        seen["disagreeing"] += bool(Valence.of(graph).disagreeing.any())
        seen["bivalent"] += bool(Valence.of(graph).bivalent.any())
        seen["none"] += bool(Valence.of(graph).none.any())
    assert min(seen.values()) > 10
    assert len(seen) == 3


def test_under_a_cut_every_certain_class_is_true() -> None:
    protocol, world = load("first_quorum").protocol(n=3, quorum=2), asynchronous(crashes=1)
    whole = Valence.of(explore(system_of(protocol, world)))
    for limit in (1, 8, 40, 200, 900, 1500):
        cut = Valence.of(explore(system_of(protocol, world), Bounds(configurations=limit)))
        n = len(cut.graph)  # ids are in order of discovery, so they are the same in both
        assert not (cut.low & ~whole.low[:n]).any()
        for certain, true in ((cut.bivalent, whole.bivalent), (cut.univalent, whole.univalent), (cut.none, whole.none)):
            assert not (certain & ~true[:n]).any()
        assert cut.census().unknown == int((~cut.bivalent & ~cut.univalent & ~cut.none).sum())
        findings = analyse(cut.graph, EVERY_PROPERTY).findings
        assert all(finding.verdict.value in {"INCOMPLETE", "VIOLATED"} for finding in findings)
