"""Predicates asked once per combination of what they look at answer as if they were asked everywhere."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Callable
from functools import cache, partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from generators.protocols import Local, random_protocol, random_world

from flpcheck import Bounds, View, asynchronous, load, replace, system_of
from flpcheck.analyse import answers, field_reads
from flpcheck.analyse.answers import PartKinds, PredicateAnswers
from flpcheck.analyse.views import ViewPart
from flpcheck.explore import StateGraph, explore
from flpcheck.explore.columned import Columned, in_columns
from flpcheck.system.interface import WORLD


def without_mail(view: View[Any]) -> bool:
    return not view.crashed and len(view.outputs) < 2 and not view.mail and sum(view.each("place").values()) % 2 == 0


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
    "a pickle of it": lambda view: b"Ping" in pickle.dumps(view),
    "a view like it, without mail": lambda view: without_mail(dataclasses.replace(view, mail={})),
    "a copy of its mail": lambda view: len(copy.deepcopy(view.mail).get("p0", ())) % 2,
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
            found = PredicateAnswers(graph.system, predicate).of(columns, lambda view, _: bool(predicate(view)))
            assert found.tolist() == everywhere
    assert Local.__getattribute__ is object.__getattribute__


def test_a_view_that_is_looked_at_again_later_leaves_classes_as_they_are() -> None:
    """A sample of the questions is put again when all is answered, and a view of several decisions is made again."""
    graph, seen = next(g for g in map(graph_of, range(60)) if isinstance(g.configurations, Columned)), list[Any]()

    def looking(view: View[Any], _: int = 0) -> bool:
        seen.append(view)
        return all(state is None or state.place >= 0 for state in view.states.values())

    assert isinstance(graph.configurations, Columned)
    PredicateAnswers(graph.system, looking).of(graph.configurations, looking)
    assert all(looking(view.backwards()) for view in list(seen))
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
    PredicateAnswers(graph.system, first_places).of(graph.configurations, first_places)
    views = map(graph.system.view, graph.configurations)
    kinds = {tuple(sorted((n, s.place) for n, s in view.states.items() if s is not None)) for view in views}
    assert asked == kinds
    assert sum(counts.values()) <= 2 * len(kinds) + 64 + 3 * len(graph.system.names)  # refinements, and the sample


def test_a_predicate_that_the_sample_refutes_is_asked_of_whole_states(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = next(g for g in map(graph_of, range(60)) if isinstance(g.configurations, Columned) and len(g) > 50)
    monkeypatch.setattr(field_reads.FieldReads, "copy_of", lambda _, state, __: replace(state))  # which notes nothing

    def somewhere(view: View[Any], _: int = 0) -> bool:
        return bool(sum(state.place for state in living(view)) % 2 == 0)

    columns = graph.configurations
    assert isinstance(columns, Columned)
    expected, kept = [somewhere(graph.system.view(one)) for one in columns], PredicateAnswers(graph.system, somewhere)
    half = len(columns) // 2
    assert kept.of(columns.part(np.arange(half)), somewhere).tolist() == expected[:half]
    monkeypatch.setattr(field_reads.FieldReads, "copy_of", None)  # from now on fields are not noted
    assert kept.of(columns.part(np.arange(half, len(columns))), somewhere).tolist() == expected[half:]


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
            PredicateAnswers(graph.system).of(graph.configurations, lambda view, _: bool(predicate(view))).tolist()
            == everywhere
        )
    assert compared > 30


def _truth(predicate: Callable[[Any], Any], view: Any, _: int) -> bool:
    return bool(predicate(view))


@pytest.mark.parametrize(("at_once", "most"), [(7, 2**24), (7, 1), (2**18, 1)])
@pytest.mark.parametrize("name", FIELDS)
def test_what_is_known_stays_right_as_configurations_come(
    name: str, at_once: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "AT_ONCE", at_once)
    monkeypatch.setattr(answers, "MOST", most)
    for graph in filter(lambda graph: isinstance(graph.configurations, Columned), map(graph_of, range(12))):
        columns, predicate = graph.configurations, FIELDS[name]
        assert isinstance(columns, Columned)
        kept, ask = PredicateAnswers(graph.system, predicate), partial(_truth, predicate)
        for some in np.array_split(np.arange(len(columns)), 5):
            told = kept.of(columns.part(some), ask).tolist()
            assert told == [bool(predicate(graph.system.view(columns[number]))) for number in some.tolist()]


class Growing:
    """Configurations of two processes, given by the numbers of their states, of which more and more are known."""

    def __init__(self, numbers: Any, known: int) -> None:
        self.numbers, self.known = numbers, known

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, number: int) -> Any:
        return self.numbers[number]

    def part(self, ids: Any) -> Growing:
        return Growing(self.numbers[ids], self.known)

    def column(self, owner: int, **_: bool) -> Any:
        return self.numbers[:, owner]

    def members(self, owner: int, **__: bool) -> tuple[list[Any], Any]:
        """Of numbers that no configuration has, something else is said: nothing may be remembered of them."""
        held = np.isin(np.arange(self.known), self.numbers[:, owner])
        states = [SimpleNamespace(crashed=False, local=Local(place=n % 5)) for n in np.flatnonzero(held).tolist()]
        return states, np.maximum(np.cumsum(held) - 1, 0)


def test_answers_stay_where_they_belong_as_states_are_met() -> None:
    def view(numbers: Any) -> View[Any]:
        states = {name: Local(place=int(number) % 5) for name, number in zip("pq", numbers, strict=True)}
        return View(outputs={}, inputs={}, mail={}, states=states, crashed=frozenset(), observers={})

    def odd(seen: View[Any], _: int = 0) -> bool:
        return bool((seen["p"].place + 2 * seen["q"].place) % 3 == 1)

    system: Any = SimpleNamespace(observers=(), names=("p", "q"), view=view)
    kept, luck = PredicateAnswers(system, odd), np.random.default_rng(0)
    for known in (1, 2, *[9] * 12, *[60] * 12):
        some: Any = Growing(luck.integers(known, size=(20, 2)), known)
        assert kept.of(some, odd).tolist() == [odd(view(numbers)) for numbers in some.numbers]


def test_states_of_the_world_are_known_by_content() -> None:
    """Their numbers are those of one piece of what was found."""
    part = PartKinds(ViewPart("faulty", WORLD))

    def kinds_in(*worlds: int) -> list[int]:
        members = [SimpleNamespace(faulty=world) for world in worlds]
        columns: Any = SimpleNamespace(members=lambda *_, **__: (members, np.arange(len(members))))
        return list(part.of(columns, np.arange(len(worlds))))

    first, second = kinds_in(3, 5)
    assert kinds_in(5, 3) == [second, first]


def test_a_combination_that_was_met_is_not_asked_again() -> None:
    instance = load("tla/two_phase").instance("rm=5")
    graph, asked = explore(system_of(instance.protocol, instance.world), engine="kernel"), 0

    def consistent(view: View[Any], _: int) -> bool:
        nonlocal asked
        asked += 1
        return len(set(view.outputs.values())) < 2

    kept, columns = PredicateAnswers(graph.system), graph.configurations
    assert isinstance(columns, Columned)
    for some in np.array_split(np.arange(len(columns)), 50):
        assert kept.of(columns.part(some), consistent).all()
    assert asked <= 3**5 + 2


def test_a_predicate_on_decisions_is_asked_a_few_times_only() -> None:
    instance = load("tla/two_phase").instance("rm=5")
    graph = explore(system_of(instance.protocol, instance.world), engine="kernel")
    asked = 0

    def consistent(view: View[Any], _: int) -> bool:
        nonlocal asked
        asked += 1
        return len(set(view.outputs.values())) < 2

    assert isinstance(graph.configurations, Columned)
    assert PredicateAnswers(graph.system).of(graph.configurations, consistent).all()
    assert asked <= 3**5 + 2
    assert len(graph) == 8832
    assert np.unique(graph.marks.values).tolist() == [0, 1, 2]


def test_a_list_as_columns_has_the_parts_of_its_configurations() -> None:
    luck = np.random.default_rng(0)
    for seed in range(12):
        system = system_of(random_protocol(seed), asynchronous())
        graph = explore(system, Bounds(configurations=200), engine="reference")
        columns = in_columns(graph.configurations)
        assert isinstance(columns, Columned)
        ids = luck.permutation(len(graph))[: len(graph) // 2 + 1]
        some = columns.part(ids)
        assert [some[place] for place in range(len(some))] == [graph.configurations[n] for n in ids.tolist()]
        for owner in (*range(len(graph.system.names)), WORLD):
            numbers, (members, which) = some.column(owner), some.members(owner)
            found = [members[which[number]] for number in numbers.tolist()]
            here = [graph.configurations[number] for number in ids.tolist()]
            assert found == [one.world if owner == WORLD else one.components[owner] for one in here]
            assert found == [some.member(owner, number) for number in numbers.tolist()]
