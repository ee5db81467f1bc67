"""What makes a state space grow: fields and mailboxes with new values late in a search."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import pytest

from flpcheck import At, Bounds, Process, Step, Timeout, asynchronous, protocol, record, replace, send, system_of
from flpcheck.analyse import causes_of_growth, pump_of
from flpcheck.budget import BudgetMonitor, monitored
from flpcheck.explore import StateGraph, explore


@record
class Tick:
    """A message that nothing is done about."""


@record
class Clock:
    """A field that grows for ever, one that goes round, and one that never changes."""

    ticks: int = 0
    side: int = 0
    name: str = "clock"
    decision: int | None = None


@protocol
class Ticking:
    """A process counts its timeouts, and tells another one of each, which lets the messages lie, or is not told."""

    tells: bool = False

    def processes(self) -> list[Process[Clock, Tick]]:
        return [Process("p", self.tick, start=Clock()), Process("q", self.sleep, start=Clock())]

    def tick(self, at: At, s: Clock, event: Timeout) -> Step[Clock, Tick]:
        more = send(Tick(), to="q") if self.tells else ()
        return replace(s, ticks=s.ticks + 1, side=1 - s.side), more

    def sleep(self, at: At, s: Clock, event: Tick) -> Step[Clock, Tick]:
        return s, ()


def graph_of(*, tells: bool, configurations: int = 40) -> StateGraph:
    return explore(system_of(Ticking(tells), asynchronous()), Bounds(configurations=configurations))


def test_the_field_that_takes_new_values_late_is_named_with_how_many_and_where_it_is_declared() -> None:
    graph = graph_of(tells=False)
    (growth,) = causes_of_growth(graph)
    values = [graph.system.describe(here)["p"]["ticks"] for here in graph.configurations]
    half = len(values) // 2
    assert (growth.process, growth.name) == ("p", "ticks")
    assert (growth.early, growth.late) == (len(set(values[:half])), len(set(values[half:]) - set(values[:half])))
    assert growth.example == max(set(values[half:]), key=int)
    assert growth.place is not None
    source = Path(__file__).read_text(encoding="utf-8").splitlines()
    assert growth.place.file == __file__
    assert source[growth.place.line - 1].strip() == "ticks: int = 0"


def test_a_mailbox_that_grows_late_is_named_without_a_place() -> None:
    found = {growth.name: growth for growth in causes_of_growth(graph_of(tells=True, configurations=200))}
    assert found.keys() == {"ticks", "mail"}
    assert (found["mail"].process, found["mail"].place) == ("q", None)


def test_what_takes_no_new_values_late_does_not_grow() -> None:
    assert causes_of_growth(graph_of(tells=False, configurations=4)) == []


def test_where_time_is_up_what_was_found_by_then_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = graph_of(tells=True, configurations=200)
    monkeypatch.setattr("flpcheck.analyse.growth.grace", nullcontext)
    with monitored(BudgetMonitor(Bounds(seconds=1e-9))):
        assert pump_of(graph) is None
        assert causes_of_growth(graph) == []
