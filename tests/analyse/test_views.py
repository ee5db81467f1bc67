"""Predicates asked once per combination of what they look at answer as if they were asked everywhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from generators.protocols import random_protocol, random_world

from flpcheck import Bounds, View, load, system_of
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


@cache
def graph_of(seed: int) -> StateGraph:
    return explore(system_of(random_protocol(seed), random_world(seed)), Bounds(configurations=300), engine="kernel")


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
