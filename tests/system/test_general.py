"""The general front end: what it refuses, and what crashes do in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import bad_specs as bad
import pytest
from same_graph import sizes

from flpcheck import Event, asynchronous, protocol, system_of
from flpcheck.errors import BadAnswer, BadRequest, BadValue, NondeterministicStep, Place, SpecError, StepRaised
from flpcheck.explore import explore

SUCCESSORS = bad.first_line(bad.Walk.successors)


def refused(kind: type[SpecError], after: Any) -> SpecError:
    with pytest.raises(kind) as caught:
        explore(system_of(bad.Walk(after), asynchronous()))
    assert type(caught.value) is kind
    return caught.value


def test_event_of_an_unknown_process_lists_the_known_ones() -> None:
    error = refused(BadAnswer, lambda _: [(Event("read", "p7"), frozenset())])
    assert str(error).startswith(f"{Place(bad.HERE, SUCCESSORS)}: event p7 read belongs to an unknown process")
    assert "there are p0, p1" in error.why
    assert "names(self)" in error.next_step


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
    assert "in configuration {'a', 'b', 'c'}" in error.why
    assert error.place is not None
    assert error.place.file == __file__


def test_mutable_configuration_is_refused() -> None:
    error = refused(BadValue, lambda _: [(Event("read", "p0"), ["a list"])])
    assert "a list cannot be part of a state or message: ['a list']" in str(error)
    assert error.next_step == "use a tuple"


@protocol
class Counter:
    """Two processes count to two, each once; something that belongs to nobody resets."""

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


def test_general_protocol_has_no_network() -> None:
    with pytest.raises(BadRequest, match="a general protocol has no network to change"):
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
