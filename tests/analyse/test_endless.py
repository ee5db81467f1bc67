"""Runs whose numbers grow for ever: each process is served its oldest mail, so no run that is shown is unfair."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from flpcheck import At, Process, Step, Timeout, asynchronous, protocol, record, replace, reply, send, system_of
from flpcheck.analyse.endless import endless_run
from flpcheck.explore import explore
from flpcheck.explore.bounds import Bounds


@record
class Ball:
    """A ball, and how often it was thrown."""

    n: int = 1


@record
class Bag:
    """Balls that are thrown together."""

    balls: tuple[Ball, ...] | frozenset[Ball]


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
    balls: str = ""

    def processes(self) -> list[Process[Player, Any]]:
        told: Any = send(Decide(), to="a") if self.c == "tells" else ()
        step = {"blinks": self.blink, "decides": self.decide}.get(self.c, self.play)
        return [
            Process("a", self.play, start=Player()),
            Process("b", self.play, start=Player(), sent=send(self.thrown(1), to="a")),
            Process("c", step, start=Player(), sent=told),
        ]

    def counters(self) -> dict[str, int]:
        return {"n": 1}

    def play(self, at: At, s: Player, event: Ball | Bag | Decide) -> Step[Player, Any]:
        if isinstance(event, Decide):
            return Player(decision=1), ()
        n = event.n if isinstance(event, Ball) else min(ball.n for ball in event.balls)
        return s, reply(self.thrown(n + 1)) if s.decision is None else ()

    def thrown(self, n: int) -> Ball | Bag:
        """Return the ball of the n-th throw, which may be an old one, or in a bag."""
        bags = {"tuple": Bag((Ball(n), Ball(n + 1))), "set": Bag(frozenset({Ball(n), Ball(n + 1)}))}
        return bags.get(self.balls) or Ball(2 if self.balls == "old" else n)

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


@pytest.mark.parametrize(("balls", "rise"), [("tuple", 2), ("set", 2), ("old", 0)])
def test_numbers_grow_inside_of_tuples_and_sets_and_a_run_may_repeat_without_growing(balls: str, rise: int) -> None:
    run = endless_run(explore(system_of(Tennis(balls=balls), asynchronous()), Bounds(configurations=20)))
    assert run is not None
    assert run.rise == rise
    loop = run.schedule.transitions[run.schedule.loop :]
    assert [transition.event.process for transition in loop] in (["a", "b"], ["b", "a"])


@record
class Walker:
    at: int = 0
    decision: int | None = None


@protocol
class Steps:
    """Four processes go some steps, and nothing repeats: the steps can be taken in thousands of orders."""

    def processes(self) -> list[Process[Walker, Any]]:
        return [Process(f"p{i}", self.go, start=Walker()) for i in range(4)]

    def counters(self) -> dict[str, int]:
        return {"n": 1}

    def go(self, at: At, s: Walker, event: Timeout) -> Step[Walker, Any]:
        return (replace(s, at=s.at + 1) if s.at < 3 else s), ()


def test_a_configuration_is_searched_once_and_not_once_for_each_way_there(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = explore(system_of(Steps(), asynchronous()))
    asked: Counter[Any] = Counter()
    applicable = graph.system.applicable

    def counted(configuration: Any) -> Any:
        asked[configuration] += 1
        assert asked[configuration] < 20
        return applicable(configuration)

    monkeypatch.setattr(graph.system, "applicable", counted)
    assert endless_run(graph) is None
    assert set(asked) == set(graph.configurations)
