"""Predicates asked once per combination of what they look at answer as if they were asked everywhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from generators.protocols import Local, random_protocol, random_world

from flpcheck import Bounds, View, load, replace, system_of
from flpcheck.analyse import field_reads
from flpcheck.analyse.views import predicate_answers
from flpcheck.explore import StateGraph, explore
from flpcheck.explore.columned import Columned

PREDICATES: dict[str, Callable[[View[Any]], Any]] = {
    "nothing": lambda view: view is None,
    "a stranger": lambda view: "nobody" in view.outputs or view.states.get("p0") is None,
    "who decides": lambda view: len(set(view.outputs.values())) < 2,
    "who has crashed": lambda view: "p0" in view.crashed,
    "who is faulty": lambda view: "p0" in view.faulty,
    "how many are faulty": lambda view: len(view.faulty) < 2,
    "the correct ones' decisions": lambda view: len({v for p, v in view.outputs.items() if p not in view.faulty}) < 2,
    "one state": lambda view: "p1" in view.states and view["p1"].place > 0,
    "one state if another has decided": lambda view: "p0" not in view.outputs or view.states.get("p1") is None,
    "the mail": lambda view: sum(len(mail) for mail in view.mail.values()) % 2 == 0,
    "one mailbox": lambda view: len(view.mail["p0"]) < 2,
    "inputs of those who live": lambda view: (
        len([p for p, v in view.inputs.items() if v and p not in view.crashed]) == 1
    ),
    "a field of every state": lambda view: sum(view.each("place").values()) % 2 == 0,
    "a reading made on each call": lambda view: max(view.each(lambda state: state.place).values(), default=0) < 2,
    "two fields of every state": lambda view: (
        sum(view.each("place").values()) > 1 and not any(d is not None for d in view.each("decision").values())
    ),
    "observers": lambda view: sum(view.observers.values()) > 1,
    "everything": lambda view: hash(str(sorted(view.states)) + str(view.outputs) + str(sorted(view.crashed))) % 2,
}


FIELDS: dict[str, Callable[[View[Any]], Any]] = {
    "one field of all": lambda view: sum(state.place for state in living(view)) % 3 == 0,
    "one field, then another": lambda view: all(s.place < 2 or s.decision is None for s in living(view)),
    "a helper": lambda view: any(map(far, living(view))),
    "a pattern": lambda view: [matched(state) for state in living(view)].count(True) % 2,
    "equal states": lambda view: len({*view.states.values()}) < len(view.states),
    "a state among others": lambda view: view.states.get("p0") in [s for p, s in view.states.items() if p != "p0"],
    "equal tuples of states": lambda view: (view.states.get("p0"),) == (view.states.get("p1"),),
    "the exact class": lambda view: all(type(s) is Local and s.place == 0 for s in living(view)),
    "all fields as a dictionary": lambda view: any(vars(s)["place"] > 1 for s in living(view)),
    "a changed copy": lambda view: any(replace(s, place=0) == Local() for s in living(view)),
    "text": lambda view: len(str(view.states)) % 2,
    "by name": lambda view: (
        getattr(view.states.get("p1"), "decision", None) == getattr(view["p0"], "decision", None)
        if "p0" in view.states
        else False
    ),
    "a reading of two fields": lambda view: sum(view.each(lambda s: s and s.place + bool(s.decision)).values()) % 2,
    "who lives": lambda view: sorted(view.states) == ["p0", "p1"],
    "identity": lambda view: view.states.get("p0") is view.states.get("p1"),
    "identity of a constant": lambda view: any(s.decision is None for s in living(view)),
}


def living(view: View[Any]) -> list[Any]:
    return [state for state in view.states.values() if state is not None]


def far(state: Local) -> bool:
    return state.place > 1 and state.last != "start"


def matched(state: Any) -> bool:
    match state:
        case Local(place=1) | Local(decision=1):
            return True
    return False


@pytest.mark.sampled(5)
@pytest.mark.parametrize("name", FIELDS)
def test_fields_of_states_on_random_protocols(name: str) -> None:
    predicate = FIELDS[name]
    for graph in map(graph_of, range(40)):
        columns = graph.configurations
        if isinstance(columns, Columned):
            everywhere = [bool(predicate(graph.system.view(columns[n]))) for n in range(len(graph))]
            found = predicate_answers(graph.system, columns, lambda view, _: bool(predicate(view)), predicate=predicate)
            assert found.tolist() == everywhere
    assert Local.__getattribute__ is object.__getattribute__


def test_a_predicate_on_one_field_is_asked_once_for_each_combination_of_its_values() -> None:
    graph, asked = next(g for g in map(graph_of, range(60)) if isinstance(g.configurations, Columned)), set[Any]()

    def first_places(view: View[Any], _: int = 0) -> bool:
        places = tuple(sorted((name, state.place) for name, state in view.states.items() if state is not None))
        asked.add(places)
        counts[places] = counts.get(places, 0) + 1
        return bool(sum(place for _, place in places) > 1)

    counts: dict[Any, int] = {}
    assert isinstance(graph.configurations, Columned)
    predicate_answers(graph.system, graph.configurations, first_places, predicate=first_places)
    views = map(graph.system.view, graph.configurations)
    kinds = {tuple(sorted((n, s.place) for n, s in view.states.items() if s is not None)) for view in views}
    assert asked == kinds
    assert sum(counts.values()) <= 2 * len(kinds) + 64 + 3 * len(graph.system.names)  # refinements, and the sample


def test_a_predicate_that_the_sample_refutes_is_asked_of_whole_states(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = next(g for g in map(graph_of, range(60)) if isinstance(g.configurations, Columned) and len(g) > 50)
    monkeypatch.setattr(field_reads.FieldReads, "copy_of", lambda _, state, __: replace(state))  # which notes nothing

    def somewhere(view: View[Any], _: int = 0) -> bool:
        return bool(sum(state.place for state in living(view)) % 2 == 0)

    assert isinstance(graph.configurations, Columned)
    found = predicate_answers(graph.system, graph.configurations, somewhere, predicate=somewhere)
    assert found.tolist() == [somewhere(graph.system.view(one)) for one in graph.configurations]


@cache
def graph_of(seed: int) -> StateGraph:
    return explore(system_of(random_protocol(seed), random_world(seed)), Bounds(configurations=300), engine="kernel")


@pytest.mark.sampled(5)
@pytest.mark.parametrize("name", PREDICATES)
def test_on_random_protocols(name: str) -> None:
    predicate, compared = PREDICATES[name], 0
    for graph in map(graph_of, range(60)):
        if not isinstance(graph.configurations, Columned):
            continue
        compared += 1
        everywhere = [bool(predicate(graph.system.view(graph.configurations[n]))) for n in range(len(graph))]
        assert (
            predicate_answers(graph.system, graph.configurations, lambda view, _: bool(predicate(view))).tolist()
            == everywhere
        )
    assert compared > 30


def test_a_predicate_on_decisions_is_asked_a_few_times_only() -> None:
    instance = load("tla/two_phase").instance("rm=5")
    graph = explore(system_of(instance.protocol, instance.world), engine="kernel")
    asked = 0

    def consistent(view: View[Any], _: int) -> bool:
        nonlocal asked
        asked += 1
        return len(set(view.outputs.values())) < 2

    assert isinstance(graph.configurations, Columned)
    assert predicate_answers(graph.system, graph.configurations, consistent).all()
    assert asked <= 3**5 + 2
    assert len(graph) == 8832
    assert np.unique(graph.marks.values).tolist() == [0, 1, 2]
