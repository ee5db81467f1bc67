"""Paxos with unbounded ballots, modulo its reductions: what is known of the duel of two proposers."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from flpcheck import Bounds, StateGraph, asynchronous, load, system_of
from flpcheck.analyse import Valence, replay
from flpcheck.analyse.lasso import lasso_of
from flpcheck.analyse.live.search import FairComponent
from flpcheck.analyse.termination import Termination
from flpcheck.explore import explore
from flpcheck.reduce import Quotient, lifted, punctuality, reduced

SPEC = load("paxos_duel")
INPUTS = {"p0": 0, "p1": 1}


@cache
def quotient(acceptors: int) -> StateGraph:
    system = reduced(system_of(SPEC.protocol(acceptors=acceptors), asynchronous(), INPUTS))
    return explore(system)


def fair(graph: StateGraph) -> list[tuple[int, Counter[str]]]:
    """The fair components with no process faulty: how large they are, and the valences in them."""
    valence = Valence.of(graph)
    found = [c for c in Termination(graph).components if not c.faulty]
    return [(len(c.numbers), Counter(valence.name(int(n)) for n in c.numbers)) for c in found]


def test_one_acceptor_is_exactly_the_known_graph() -> None:
    graph = quotient(1)
    census = Valence.of(graph).census()
    assert (len(graph), len(graph.targets), graph.complete) == (68, 112, True)
    assert (census.bivalent, census.univalent, census.none) == (28, {"0": 18, "1": 22}, 0)
    assert fair(graph) == [(16, Counter({"0/1": 16}))]


def test_without_the_acceptor_no_process_can_decide_in_28_configurations() -> None:
    system = reduced(system_of(SPEC.protocol(), asynchronous(crashes=1, crash_events="elided"), INPUTS))
    blocked = Termination(explore(system)).blocked
    assert blocked is not None
    assert blocked.silent == ("a0",)


@pytest.mark.long
def test_two_acceptors_have_seven_ways_to_go_on_for_ever() -> None:
    graph = quotient(2)
    assert (len(graph), graph.complete) == (4874, True)
    kinds = [set(valences) for _, valences in fair(graph)]
    assert Counter(map(len, kinds)) == {1: 7}
    assert sorted(name for (name,) in kinds) == ["0", "0", "0", "0/1", "1", "1", "1"]
    assert [size for size, valences in fair(graph) if valences["0/1"]] == [248]


def component(graph: StateGraph) -> FairComponent:
    return next(c for c in Termination(graph).components if not c.faulty)


def test_the_lasso_is_a_run_of_the_plain_system_with_ballots_two_higher_each_round() -> None:
    graph = quotient(1)
    assert isinstance(graph.system, Quotient)
    lasso = lasso_of(graph, component(graph))
    assert lasso.loop is not None
    assert len(lasso) - lasso.loop == 8
    before, after = lasso.configurations[lasso.loop], lasso.configurations[-1]
    assert before != after
    assert graph.system.later(before, after) == 2
    assert graph.system.representative(before) == graph.system.representative(after)
    again = replay(graph.system.plain.afresh(), lasso.initial, lasso.as_json())
    assert graph.system.describe(after) == graph.system.describe(again.configurations[-1])


@pytest.mark.parametrize("acceptors", [1, pytest.param(2, marks=pytest.mark.long)])
def test_no_message_waits_for_ever_in_a_loop(acceptors: int) -> None:
    graph = quotient(acceptors)
    assert isinstance(graph.system, Quotient)
    for found in Termination(graph).components[:3]:
        lasso = lasso_of(graph, found)
        assert lasso.loop is not None
        hops = zip(lasso.numbers[lasso.loop :], lasso.numbers[lasso.loop + 1 :], strict=False)
        loop = [next(t for t in graph.transitions(a) if t.successor == graph.configurations[b]) for a, b in hops]
        start = graph.system.plain.initial()[0].configuration
        stem = [
            next(t for t in graph.transitions(a) if t.successor == graph.configurations[b])
            for a, b in zip(lasso.numbers[: lasso.loop], lasso.numbers[1 : lasso.loop + 1], strict=True)
        ]
        passed, _ = lifted(graph.system, start, stem)
        told = punctuality(graph.system, [start, *passed][-1], loop, set())
        assert told.rounds > 2
        assert told.starved == ()
        assert told.oldest <= 2 * len(loop)


KNOWN = [
    ("start", "p0", None), ("start", "p1", None), ("deliver", "a0", "Prepare(0)"), ("deliver", "a0", "Prepare(1)"),
    ("deliver", "p1", "Promise(1, None)"),
    ("deliver", "p0", "Promise(0, None)"), ("deliver", "a0", "Accept(Proposal(0, 0))"), ("deliver", "p0", "Nack(0, 1)"),
    ("deliver", "a0", "Prepare(2)"), ("deliver", "a0", "Accept(Proposal(1, 1))"), ("deliver", "p1", "Nack(1, 2)"),
    ("deliver", "a0", "Prepare(3)"), ("deliver", "p1", "Promise(3, None)"),
]  # fmt: skip


def test_the_textbook_lasso_returns_with_every_ballot_two_higher() -> None:
    """A stem of five events and a loop of eight, as the story is usually told."""
    system = reduced(system_of(SPEC.protocol(), asynchronous(), INPUTS))
    assert isinstance(system, Quotient)
    wanted = [{"event": kind, "process": pid, "message": message} for kind, pid, message in KNOWN]
    run = replay(system.plain, 0, wanted)
    begin, end = run.configurations[5], run.configurations[13]
    assert system.later(begin, end) == 2
    assert system.representative(begin) == system.representative(end)
    assert not any(system.outputs(configuration) for configuration in run.configurations)


@pytest.mark.long
def test_three_processes_that_all_accept_duel_with_both_outcomes_open() -> None:
    """The loop is found where the search was cut, and the plain system confirms it, two ballots higher each round."""
    system = reduced(system_of(load("paxos_duel_of_three").protocol(), asynchronous(), INPUTS))
    graph = explore(system, Bounds(configurations=8_000))
    assert isinstance(graph.system, Quotient)
    assert not graph.complete
    (_, valences), *_ = fair(graph)
    assert set(valences) == {"0/1"}
    lasso = lasso_of(graph, component(graph))
    assert lasso.loop is not None
    run = replay(graph.system.plain.afresh(), lasso.initial, lasso.as_json())
    before, after = run.configurations[lasso.loop], run.configurations[-1]
    assert graph.system.later(before, after) == 2
    assert {step.mover for step in lasso.transitions[lasso.loop :]} == {0, 1, 2}
