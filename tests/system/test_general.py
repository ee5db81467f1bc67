"""The general front end: what it refuses, and what crashes do in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import bad_specs as bad
import numpy as np
import pytest
from oracle.same_graph import sizes

from flpcheck import HOLDS, VIOLATED, Action, Event, asynchronous, protocol, system_of, termination
from flpcheck.analyse import analyse
from flpcheck.analyse.properties import standard_properties
from flpcheck.errors import (
    BadAnswer,
    BadProtocol,
    BadRequest,
    BadValue,
    NondeterministicStep,
    Place,
    SpecError,
    StepRaised,
)
from flpcheck.explore import explore
from flpcheck.system.interface import Marks

SUCCESSORS = bad.first_line(bad.Walk.successors)


def refused(kind: type[SpecError], after: Any) -> SpecError:
    with pytest.raises(kind) as caught:
        explore(system_of(bad.Walk(after), asynchronous()))
    assert type(caught.value) is kind
    return caught.value


def test_event_of_an_unknown_process_lists_the_known_ones() -> None:
    error = refused(BadAnswer, lambda _: [(Event("read", "p7"), frozenset())])
    assert str(error).startswith(f"{Place(bad.HERE, SUCCESSORS)}: event p7 read belongs to an unknown process")
    assert "available: p0, p1" in error.why
    assert "names(self)" in error.next_step


@pytest.mark.parametrize("kind", [True, 3, ()])
def test_the_kind_of_an_event_is_a_text(kind: Any) -> None:
    error = refused(BadAnswer, lambda _: [(Event(kind, "p0"), frozenset())])
    assert f"the kind of an event must be a string, not {kind!r}" in str(error)


def test_a_process_of_another_kind_is_an_unknown_one() -> None:
    error = refused(BadAnswer, lambda _: [(Event("read", 7), frozenset())])  # type: ignore[arg-type]
    assert "event 7 read belongs to an unknown process" in str(error)


def test_successors_in_the_order_of_a_set_are_found_out() -> None:
    error = refused(NondeterministicStep, lambda c: [(Event("take", "p0"), c - {next(iter(c))})])
    assert str(error).startswith(
        f"{Place(bad.HERE, SUCCESSORS)}: successors() is nondeterministic: two calls with equal arguments gave"
    )
    assert "{'a', 'b', 'c'}" in error.why


def test_wrong_items_are_shown() -> None:
    error = refused(BadAnswer, lambda _: [("read", frozenset())])
    assert str(error).startswith(f"{Place(bad.HERE, SUCCESSORS)}: successors() must yield (Event, configuration) pairs")
    assert "it yielded ('read', frozenset())" in error.why


def test_exception_shows_the_configuration() -> None:
    error = refused(StepRaised, lambda c: [c["missing"]])
    assert "TypeError" in error.why
    assert "in configuration {'a', 'b', 'c'}" in error.details
    assert error.place is not None
    assert error.place.file == __file__


def test_mutable_configuration_is_refused() -> None:
    error = refused(BadValue, lambda _: [(Event("read", "p0"), ["a list"])])
    assert "a list cannot be part of a state or message: ['a list']" in str(error)
    assert error.next_step == "use a tuple"


@protocol
class Counter:
    """Two processes count to two, each once; something that belongs to no process resets."""

    def names(self) -> list[str]:
        return ["p0", "p1"]

    def initial(self) -> list[tuple[int, int]]:
        return [(0, 0)]

    def successors(self, c: tuple[int, int]) -> Iterator[tuple[Event, tuple[int, int]]]:
        if c[0] == 0:
            yield Event("count", "p0"), (1, c[1])
        if c[1] == 0:
            yield Event("count", "p1"), (c[0], 1)
        if c == (1, 1):
            yield Event("reset"), (0, 0)

    def decisions(self, c: tuple[int, int]) -> dict[str, int | None]:
        return {"p0": c[0] or None, "p1": c[1] or None}


def test_crashed_process_steps_no_more_and_keeps_its_decision() -> None:
    graph = explore(system_of(Counter(), asynchronous(crashes=1)))
    assert sizes(graph)[:2] == (4 + 2 * 4, (2 + 1 + 1 + 1) + 4 * 2 + 2 * 3)
    system = graph.system
    for number, configuration in enumerate(graph.configurations):
        crashed = {name for bit, name in enumerate(system.names) if graph.marks.crashed[number] >> bit & 1}
        movers = {transition.event.process for transition in system.transitions(configuration)}
        assert not crashed & movers
        (a, b), marks = system.view(configuration), system.marks(configuration)
        assert marks.decided == a + 2 * b
        assert system.outputs(configuration) == {pid: (1,) for pid, value in (("p0", a), ("p1", b)) if value}


def test_general_protocol_has_no_network() -> None:
    with pytest.raises(BadRequest, match="a general protocol has no network to configure"):
        system_of(Counter(), asynchronous(network="fifo"))


def test_inputs_choose_among_initial_configurations() -> None:
    @dataclass(frozen=True)
    class Chosen:
        def names(self) -> list[str]:
            return ["p0"]

        def initial(self) -> list[int]:
            return [0, 1]

        def inputs(self, c: int) -> dict[str, int]:
            return {"p0": c}

        def successors(self, c: int) -> list[tuple[Event, int]]:
            return []

    assert [i.inputs for i in system_of(Chosen(), asynchronous(), {"p0": 1}).initial()] == [{"p0": 1}]


@protocol
class Coin:
    """p0 flips a coin, and p1 may do one of two things."""

    def names(self) -> list[str]:
        return ["p0", "p1"]

    def initial(self) -> list[str]:
        return [""]

    def successors(self, c: str) -> Iterator[tuple[Event, str]]:
        if not c:
            yield from ((Event("flip", "p0", chance=Fraction(1, 2)), side) for side in ("heads", "tails"))
            yield from ((Event("move", "p1"), way) for way in ("left", "right"))

    def decisions(self, c: str) -> dict[str, str | None]:
        return {"p0": c or None}


def test_outcomes_of_an_event_are_numbered_and_the_chances_of_a_coin_add_up() -> None:
    system = system_of(Coin(), asynchronous())
    found = [(t.event.kind, t.outcome, t.chance) for t in system.transitions(system.initial()[0].configuration)]
    half = Fraction(1, 2)
    assert system.tosses
    assert found == [("flip", 0, half), ("flip", 1, half), ("move", 0, None), ("move", 1, None)]


def test_who_decides_has_to_decide() -> None:
    graph = explore(system_of(Coin(), asynchronous()))
    assert termination in standard_properties(graph)
    assert graph.system.marks(graph.configurations[0]) == Marks(0, 0, 0, 0)


def test_a_protocol_without_chances_tosses_no_coins() -> None:
    assert not explore(system_of(Counter(), asynchronous())).system.tosses


@protocol
class Toggle:
    """p0 moves to and fro for ever, and p1 can decide at any time, or only while p0 is at 0."""

    always: bool = True

    def names(self) -> list[str]:
        return ["p0", "p1"]

    def initial(self) -> list[tuple[int, int]]:
        return [(0, 0)]

    def successors(self, c: tuple[int, int]) -> Iterator[tuple[Event, tuple[int, int]]]:
        yield Event("toggle", "p0"), (1 - c[0], c[1])
        if self.always or c[0] == 0:
            yield Event("decide", "p1"), (c[0], 1)

    def decisions(self, c: tuple[int, int]) -> dict[str, int | None]:
        return {"p1": c[1] or None}


@pytest.mark.parametrize(("always", "verdict"), [(True, HOLDS), (False, VIOLATED)])
def test_a_process_that_can_always_step_eventually_does(always: bool, verdict: Any) -> None:
    graph = explore(system_of(Toggle(always), asynchronous()))
    assert analyse(graph, [termination]).findings[0].verdict == verdict


@protocol
class Counting:
    """`Counter` once more, by its actions."""

    def names(self) -> list[str]:
        return ["p0", "p1"]

    def initial(self) -> list[tuple[int, int]]:
        return [(0, 0)]

    def actions(self) -> list[Action]:
        return [Action(self.count, 0), Action(self.count, 1), Action(self.reset)]

    def count(self, c: tuple[int, int], i: int) -> Iterator[tuple[Event, tuple[int, int]]]:
        if c[i] == 0:
            yield Event("count", f"p{i}"), (1, c[1]) if i == 0 else (c[0], 1)

    def reset(self, c: tuple[int, int]) -> Iterator[tuple[Event, tuple[int, int]]]:
        if c == (1, 1):
            yield Event("reset"), (0, 0)

    def decisions(self, c: tuple[int, int]) -> dict[str, int | None]:
        return {"p0": c[0] or None, "p1": c[1] or None}


def test_successors_are_all_actions_in_turn() -> None:
    for c in ((0, 0), (1, 0), (0, 1), (1, 1)):
        assert list(Counting().successors(c)) == list(Counter().successors(c))  # type: ignore[attr-defined]
    graphs = [explore(system_of(one, asynchronous(crashes=1))) for one in (Counting(), Counter())]
    for what in ("offsets", "targets", "movers"):
        assert np.array_equal(*(getattr(graph, what) for graph in graphs))


@protocol
class Plain:
    """A protocol whose actions are given by the test."""

    made: Any = None

    def initial(self) -> list[int]:
        return [0]

    def actions(self) -> Any:
        return self.made(self)

    def nothing(self, _: int) -> list[Any]:
        return []

    def broken(self, c: int) -> list[Any]:
        return [c["missing"]]  # type: ignore[index]

    def wrong(self, c: int) -> list[Any]:
        return [(c, Event("read"))]


@pytest.mark.parametrize(
    ("made", "complaint"),
    [
        (lambda _: [len], "actions() returned <built-in function len> among others, which is not an Action"),
        (lambda _: [Action(lambda c: [])], "which is not a method of this protocol"),  # noqa: ARG005
        (lambda _: [Action(Plain().nothing)], "which is not a method of this protocol"),
        (lambda _: None, "actions() returned None instead of a list"),
    ],
)
def test_actions_that_are_none_are_refused(made: Any, complaint: str) -> None:
    with pytest.raises(BadProtocol) as caught:
        system_of(Plain(made), asynchronous())
    assert complaint in str(caught.value)
    assert caught.value.place is not None
    assert caught.value.place.file == __file__


def test_actions_that_differ_from_call_to_call_are_found_out() -> None:
    calls = iter(range(10))
    with pytest.raises(NondeterministicStep, match="two calls returned different actions"):
        system_of(Plain(lambda plain: [Action(plain.nothing, next(calls))]), asynchronous())


def test_parameters_of_actions_are_values() -> None:
    with pytest.raises(BadValue, match="a list cannot be part of a state or message"):
        system_of(Plain(lambda plain: [Action(plain.nothing, [])]), asynchronous())


def test_errors_name_the_rule() -> None:
    with pytest.raises(StepRaised, match=r"broken\(\) raised an exception"):
        explore(system_of(Plain(lambda plain: [Action(plain.broken)]), asynchronous()))
    with pytest.raises(BadAnswer, match=r"wrong\(\) must yield \(Event, configuration\) pairs") as caught:
        explore(system_of(Plain(lambda plain: [Action(plain.nothing), Action(plain.wrong)]), asynchronous()))
    assert caught.value.place == Place(__file__, bad.first_line(Plain.wrong))


def test_one_of_actions_and_successors() -> None:
    class Both:
        def initial(self) -> list[int]:
            return [0]

        def actions(self) -> list[Action]:
            return []

        def successors(self, _: int) -> list[tuple[Event, int]]:
            return []

    with pytest.raises(BadProtocol, match="protocol Both has both `actions` and `successors`"):
        protocol(Both)
    with pytest.raises(BadProtocol, match="has none of `processes`, `actions` and `successors`"):
        protocol(type("Neither", (), {}))


def test_a_subclass_may_have_other_actions() -> None:
    @protocol
    class Idle(Counting):
        def actions(self) -> list[Action]:
            return [Action(self.reset)]

    assert list(Idle().successors((0, 0))) == []  # type: ignore[attr-defined]


class Begun(Toggle):
    """Counts how often it is asked for its beginning."""

    asked = 0

    def initial(self) -> list[tuple[int, int]]:
        type(self).asked += 1
        return super().initial()


def test_a_system_asks_a_protocol_for_its_beginning_once() -> None:
    system = system_of(Begun(), asynchronous())
    found = analyse(explore(system), [termination])
    assert system.initial()[0].configuration == found.graph.configurations[0]
    assert system.sections() == ["shared variables"]
    assert Begun.asked == 1
