"""Protocols in shared memory: the engine and the analyses agree with a naive enumerator, on specs and at random."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from analyse.test_against_naive import compare
from generators.memory import KINDS, WEAK, memory_protocols, random_memory, register_protocols
from hypothesis import HealthCheck, given, settings
from oracle.analysis import critical, disagreeing, enumerated, held
from oracle.enumeration import Edge, Graph, TooLarge
from oracle.same_graph import assert_same, naive_names
from oracle.theorem import out_of

from flpcheck import World, asynchronous, load, termination
from flpcheck.analyse.case import Case
from flpcheck.analyse.properties import judge
from flpcheck.analyse.theorem.critical import Criticals, criticals
from flpcheck.analyse.verdict import flp_verdict
from flpcheck.explore import StateGraph
from flpcheck.spec import bundled

SPECS = [name for name in bundled() if name.startswith("memory/")]
WORLDS = (asynchronous(), asynchronous(crashes=1), asynchronous(crashes=1, crash_events="elided"))
LIMIT = 400


def others_decide(expected: Graph, start: Any, gone: set[str], out: dict[Any, list[Edge]]) -> set[Any]:
    """Return what processes not among `gone` decide without a step of those, from a configuration."""
    seen, waiting, values = {start}, [start], set[Any]()
    while waiting:
        here = waiting.pop()
        values |= {v for name, found in expected.outputs[here].items() if name not in gone for v in found}
        for edge in out[here]:
            if edge.by is not None and edge.by not in gone and edge.target not in seen:
                seen.add(edge.target)
                waiting.append(edge.target)
    return values


def check_criticals(graph: StateGraph, expected: Graph) -> Criticals:
    """Check every pair again: without those that can tell no other process decides, if the protocol agrees."""
    found, names, out = criticals(Case(graph)), naive_names(graph, graph.system.world), out_of(expected)
    assert found is not None
    undecided = {c for c in critical(expected) if not held(expected, c)}
    assert {names[one.number] for one in found.found} == undecided
    for one in found.found:
        after = {edge.by: edge.target for edge in out[names[one.number]] if edge.by is not None}
        assert {found.names[step.process] for step in one.pending if step.leaves} == set(after)
        for pair in one.rivals:
            mine, theirs = found.names[pair.one], found.names[pair.other]
            both = next((e.target for e in out[after[mine]] if e.by == theirs), after[mine])
            reverse = next((e.target for e in out[after[theirs]] if e.by == mine), after[theirs])
            same = [
                {p for p, s, t in zip(found.names, a[0].locals, b[0].locals, strict=True) if s != t}
                for a, b in ((both, reverse), (both, after[theirs]), (reverse, after[mine]))
                if a[0].values == b[0].values
            ]
            tell = None if pair.tell is None else {found.names[index] for index in pair.tell}
            assert (tell is None) == (not same)
            if tell is not None:
                assert len(tell) == min(map(len, same))
                assert tell in same
                if not disagreeing(expected):
                    assert others_decide(expected, names[pair.where], tell, out) == set()
    return found


@pytest.mark.parametrize("name", SPECS)
def test_every_small_instance(name: str) -> None:
    small = [one for one in load(name).instances if (one.configurations or 0) <= 320]
    assert small
    for instance in small:
        expected = enumerated(instance.protocol, instance.world)
        check_criticals(assert_same(instance.protocol, instance.world, expected), expected)


def agree(protocol: Any, world: World) -> Counter[Any]:
    """Compare everything about a protocol, and return what kind of protocol it was."""
    try:
        expected = enumerated(protocol, world, LIMIT)
    except TooLarge:
        return Counter(["large"])
    assert_same(protocol, world, expected)
    graph = compare(protocol, world, expected)
    found, verdict = check_criticals(graph, expected), flp_verdict(Case(graph))
    kinds = [*(verdict.verdicts if verdict else ("not binary",)), *(one.weakest.tell for one in found.found)]
    decides = Case(graph).graph.deciding and judge(Case(graph), termination).verdict.value
    return Counter([*("exception" for _ in found.exceptions), *kinds, decides])


@pytest.mark.long
def test_on_random_protocols() -> None:
    seen: Counter[Any] = Counter()
    for seed in range(120):
        seen += agree(random_memory(seed, KINDS if seed % 3 else WEAK), WORLDS[seed % 3])
    assert min(seen[kind] for kind in ("disagrees", "blocks", "trivial", "outside", "HOLDS", "VIOLATED")) > 5
    assert min(seen[kind] for kind in (None, (0, 1), "exception")) > 0


@pytest.mark.long
@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(memory_protocols)
def test_on_any_protocol(protocol: Any) -> None:
    for world in WORLDS:
        agree(protocol, world)


@pytest.mark.long
@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(register_protocols)
def test_registers_end_on_a_horn(protocol: Any) -> None:
    """Loui and Abu-Amara (1987): with one crash, and registers alone, there is no escape."""
    for world in WORLDS[1:]:
        assert not agree(protocol, world)["outside"]
