"""What the theory demands of every result, whatever the protocol: its own oracles."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from generators.protocols import random_protocol
from oracle.analysis import enumerated
from oracle.enumeration import TooLarge

from flpcheck import Bounds, Spec, asynchronous, load, system_of
from flpcheck.analyse import Schedule, Valence, analyse, standard_properties
from flpcheck.analyse.case import Case
from flpcheck.analyse.lasso import lasso_of
from flpcheck.analyse.lemmas import commutation
from flpcheck.analyse.sweep import backward
from flpcheck.authoring.values import Key, key
from flpcheck.explore import StateGraph, explore
from flpcheck.system import Transition

EVENT_DRIVEN = ["always_zero", "first_quorum", "guess_on_timeout", "sequencer", "two_phase_commit", "wait_for_all"]


def graphs(names: list[str]) -> list[StateGraph]:
    specs: list[Spec] = [load(name) for name in names]
    return [explore(system_of(i.protocol, i.world, i.inputs)) for spec in specs for i in spec.instances]


@pytest.mark.parametrize("name", [*EVENT_DRIVEN, "read_write_registers", "test_and_set"])
def test_valence_follows_from_successors_and_decisions(name: str) -> None:
    for graph in graphs([name]):
        valence = Case(graph).valence
        for number in range(len(graph)):
            after = valence.low[graph.targets[graph.out(number)]]
            assert valence.low[number] == np.bitwise_or.reduce(after, initial=graph.marks.values[number])


@pytest.mark.parametrize("depth", [None, 0])
def test_only_a_search_that_was_cut_leaves_outcomes_open(depth: int | None) -> None:
    instance = load("first_quorum").instances[0]
    graph = explore(system_of(instance.protocol, instance.world, instance.inputs), Bounds(depth=depth))
    valence = Valence.of(graph)
    assert valence.open.all() == (not graph.complete) == (depth == 0)
    assert valence.open.any() == (not graph.complete)
    assert valence.univalent.any() == graph.complete


@pytest.mark.parametrize("name", EVENT_DRIVEN)
def test_lemma_1_holds_where_processes_only_exchange_messages(name: str) -> None:
    for graph in graphs([name]):
        found = commutation(graph)
        assert found.failures == 0, found.example
        assert found.complete == (len(graph) <= 300)


def test_lemma_1_fails_on_a_shared_bit() -> None:
    found = commutation(graphs(["test_and_set"])[0])
    assert found.failures > 0


def test_silent_valence_shrinks_as_more_processes_fall_silent() -> None:
    for graph in graphs(["first_quorum", "sequencer"]):
        everybody = backward(graph, graph.marks.values)
        silent = [backward(graph, graph.marks.values, graph.movers != p) for p in range(len(graph.system.names))]
        for first, one in enumerate(silent):
            assert not (one & ~everybody).any()
            for second in range(first):
                both = backward(graph, graph.marks.values, (graph.movers != first) & (graph.movers != second))
                assert not (both & ~(one & silent[second])).any()


def test_at_a_critical_configuration_the_outcome_depends_on_one_process() -> None:
    """THEORY 1.2: without the pivot no decision can be reached, or there is a dead corner."""
    for graph in graphs(["sequencer", "two_phase_commit"]):
        case = Case(graph)
        for number in np.flatnonzero(case.valence.critical):
            alone = [
                backward(graph, graph.marks.values, graph.movers != p)[number] == 0
                for p in range(len(graph.system.names))
            ]
            assert any(alone) or case.valence.none.any()


def assert_fair(graph: StateGraph, schedule: Schedule, faulty: tuple[int, ...]) -> None:
    """Assert that a lasso treats every process but the faulty ones fairly, straight from the definition.

    An event that is applicable all along is taken, unless it is the receipt of one letter.  A letter that is in its
    mailbox all along, and that is receivable or gathered somewhere, is taken by one of these.
    """
    loop = schedule.configurations[-1:]
    if schedule.loop is not None:
        assert schedule.configurations[-1] == schedule.configurations[schedule.loop]
        loop = schedule.configurations[schedule.loop : -1]
    steps = schedule.transitions[len(schedule) if schedule.loop is None else schedule.loop :]
    pending = [[t for t in graph.system.applicable(c) if t.mover not in faulty] for c in loop]
    own = [{t.event for t in there if t.event.kind != "deliver"} for there in pending]
    assert set.intersection(*own) <= {step.event for step in steps}
    waiting = [
        {(to, key(tuple(letter))) for to, box in graph.system.mailboxes(c).items() for letter in box} for c in loop
    ]
    receivable = {letter for there in pending for step in there for letter in letters(step)}
    assert set.intersection(*waiting) & receivable <= {letter for step in steps for letter in letters(step)}


def letters(step: Transition) -> set[tuple[str | None, Key]]:
    return {(step.event.process, key(tuple(letter))) for letter in step.event.letters}


@pytest.mark.parametrize("events", ["explicit", "elided"])
def test_every_fair_component_has_a_fair_lasso(events: str) -> None:
    seen = 0
    for seed in range(400):
        graph = explore(system_of(random_protocol(seed), asynchronous(crashes=1, crash_events=events, network="set")))
        for component in Case(graph).termination.components:
            seen += 1
            assert_fair(graph, lasso_of(graph, component), component.faulty)
        if seen > 10:
            break
    assert seen > 5


@pytest.mark.long
def test_no_random_protocol_contradicts_the_theorem() -> None:
    """`flp_verdict` raises an internal error if none of the theorem's horns applies."""
    verdicts: Counter[str] = Counter()
    for seed in range(700):
        protocol = random_protocol(seed)
        world = asynchronous(crashes=1, crash_events="elided" if seed % 2 else "explicit")
        try:
            enumerated(protocol, world, 250)
        except TooLarge:
            continue
        graph = explore(system_of(protocol, world))
        flp = analyse(graph, standard_properties(graph)).flp
        verdicts.update(flp.verdicts if flp else ["not binary"])
    assert verdicts["disagrees"] > 20
    assert verdicts["blocks"] > 20
    assert verdicts["unknown"] == 0
