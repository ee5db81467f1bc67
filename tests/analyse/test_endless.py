"""Runs whose numbers grow for ever: each process is served its oldest mail, so no run that is shown is unfair."""

from __future__ import annotations

from typing import Any

import pytest

from flpcheck import At, Process, Step, Timeout, asynchronous, protocol, record, reply, send, system_of
from flpcheck.analyse.endless import endless_run
from flpcheck.explore import explore
from flpcheck.explore.bounds import Bounds


@record
class Ball:
    """A ball, and how often it was thrown."""

    n: int = 1


@record
class Decide:
    """Who gets this decides."""


@record
class Player:
    decision: int | None = None
    on: bool = False


@protocol
class Tennis:
    """a and b play with a ball for ever; c has told a to decide, or it has a timer and blinks, or decides."""

    c: str = ""

    def processes(self) -> list[Process[Player, Any]]:
        told: Any = send(Decide(), to="a") if self.c == "tells" else ()
        step = {"blinks": self.blink, "decides": self.decide}.get(self.c, self.play)
        return [
            Process("a", self.play, start=Player()),
            Process("b", self.play, start=Player(), sent=send(Ball(), to="a")),
            Process("c", step, start=Player(), sent=told),
        ]

    def counters(self) -> dict[str, int]:
        return {"n": 1}

    def play(self, at: At, s: Player, event: Ball | Decide) -> Step[Player, Any]:
        if isinstance(event, Decide):
            return Player(decision=1), ()
        return s, reply(Ball(event.n + 1)) if s.decision is None else ()

    def blink(self, at: At, s: Player, event: Timeout) -> Step[Player, Any]:
        return Player(on=not s.on), ()

    def decide(self, at: At, s: Player, event: Timeout) -> Step[Player, Any]:
        return Player(decision=1), ()


@pytest.mark.parametrize(
    ("c", "served"), [("", {"a", "b"}), ("blinks", {"a", "b", "c"}), ("tells", None), ("decides", None)]
)
def test_a_run_in_which_some_process_is_never_served_is_none(c: str, served: set[str] | None) -> None:
    run = endless_run(explore(system_of(Tennis(c), asynchronous()), Bounds(configurations=20)))
    assert (run is not None) == (served is not None)
    if run is not None:
        assert run.rise > 0
        loop = run.schedule.transitions[run.schedule.loop :]
        assert {transition.event.process for transition in loop} == served
