"""Quotients where timers wait: due timers are renamed, and a lifted run delivers stale mail before a timeout."""

from __future__ import annotations

from typing import Any

from timed import Views, never_late

from flpcheck import (
    VIOLATED,
    At,
    Process,
    Reduction,
    StaleMail,
    Start,
    Step,
    Symmetric,
    Timeout,
    protocol,
    record,
    replace,
    send,
    synchronous,
    system_of,
)
from flpcheck.analyse import analyse
from flpcheck.explore import explore
from flpcheck.reduce import Orbits, reduced


@protocol
class AlikeViews(Views):
    """Replicas that are alike."""

    def reductions(self) -> list[Reduction]:
        return [Symmetric(("r0", "r1", "r2"))]


def test_due_timers_are_renamed_with_their_processes() -> None:
    whole = explore(system_of(Views(), synchronous()))
    folded = reduced(system_of(AlikeViews(), synchronous()))
    assert isinstance(folded, Orbits)
    graph = explore(folded)
    assert sum(folded.orbit_size(configuration) for configuration in graph.configurations) == len(whole) == 288
    assert len(graph) < 288 / 3


@record
class Old:
    """What has no effect after `New`."""


@record
class New:
    """What makes the other one stale."""


@record
class State:
    x: int = 0
    decision: str | None = None


@protocol
class Stale:
    """The timer of a waits for a stale message, which the quotient does not keep."""

    def processes(self) -> list[Process[State, Any]]:
        return [Process("a", self.first, start=State()), Process("b", self.second, start=State())]

    def first(self, at: At, s: State, event: Start | Timeout) -> Step[State, Any]:
        match event:
            case Start() if s.x == 0:
                return replace(s, x=1), (send(Old(), to="b"), send(New(), to="b"))
            case Timeout() if s.x == 1 and s.decision is None:
                return replace(s, decision="late"), ()
            case _:
                return s, ()

    def second(self, at: At, s: State, event: Old | New) -> Step[State, Any]:
        match event:
            case Old() if s.x == 0:
                return replace(s, decision="old"), ()
            case New():
                return replace(s, x=1), ()
            case _:
                return s, ()

    def reductions(self) -> list[Reduction]:
        return [StaleMail(_stale)]


def _stale(receiver: State, sender: State, message: Any) -> bool:
    return isinstance(message, Old) and receiver.x == 1


def test_a_schedule_of_the_quotient_delivers_stale_mail_before_a_timeout() -> None:
    lengths: list[int] = []
    sizes: list[int] = []
    for system in (system_of(Stale(), synchronous()), reduced(system_of(Stale(), synchronous()))):
        graph = explore(system)
        found = analyse(graph, [never_late]).findings[0]
        assert found.verdict is VIOLATED
        assert found.schedule is not None
        lengths.append(len(found.schedule))
        sizes.append(len(graph))
    assert lengths == [4, 4]
    assert sizes[1] < sizes[0]
