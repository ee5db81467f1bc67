"""Where a run may stay for ever beside processes that misbehave: not before the world has stabilised, or healed."""

from __future__ import annotations

from typing import Any

import pytest
from timed import Say, State

from flpcheck import (
    At,
    Process,
    Start,
    Step,
    Timeout,
    Trust,
    World,
    asynchronous,
    deadlock_freedom,
    eventually_synchronous,
    protocol,
    replace,
    send,
    system_of,
    termination,
    to_others,
)
from flpcheck.analyse import analyse
from flpcheck.analyse.safety import examine_safety
from flpcheck.explore import explore

Move = Step[State, Say]


@protocol
class Told:
    """The word of a decides for b; c has decided."""

    def processes(self) -> list[Process[State, Say]]:
        states = {"a": State(), "b": State(x=1), "c": State(x=1, decision="1")}
        return [Process(pid, self.step, start=state) for pid, state in states.items()]

    def step(self, at: At, s: State, event: Start | Say) -> Move:
        match event:
            case Start() if s.x == 0 and s.decision is None:
                return replace(s, decision="1"), send(Say("1"), to="b")
            case Say(word) if at.sender == "a" and s.decision is None:
                return replace(s, decision=word), ()
            case _:
                return s, ()


@protocol
class Leads:
    """Who is trusted by itself decides for all."""

    def processes(self) -> list[Process[State, Say]]:
        return [Process(pid, self.step, start=State()) for pid in ("a", "b", "c")]

    def step(self, at: At, s: State, event: Trust | Say) -> Move:
        match event:
            case Trust(leader) if leader == at.me and s.decision is None:
                return replace(s, decision="1"), to_others(Say("1"))
            case Say(word) if s.decision is None:
                return replace(s, decision=word), ()
            case _:
                return s, ()

    def lies(self, liar: str) -> list[Say]:
        return [Say("1")]


@protocol
class Turns:
    """A first leader says nothing; on a timeout the second one, p1, decides for all."""

    def processes(self) -> list[Process[State, Say]]:
        return [Process(pid, self.step, start=State()) for pid in ("p0", "p1", "p2")]

    def step(self, at: At, s: State, event: Timeout | Say) -> Move:
        match event:
            case Timeout() if s.x == 0 and s.decision is None and at.me == "p1":
                return State(1, "1"), to_others(Say("1"))
            case Timeout() if s.x == 0 and s.decision is None:
                return replace(s, x=1), ()
            case Say(word) if at.sender == "p1" and s.decision is None:
                return replace(s, decision=word), ()
            case _:
                return s, ()

    def lies(self, liar: str) -> list[Say]:
        return [Say("0"), Say("1")]


HEALING: dict[str, Any] = {"partition": (("a", "c"), ("b",)), "heals": True}
CASES = [
    (Told(), asynchronous(omission=("c",), **HEALING), "5/5 HOLDS"),
    (Leads(), asynchronous(detector="omega", omission=("c",)), "15/18 HOLDS"),
    (Leads(), asynchronous(detector="omega", byzantine=("c",)), "16/30 VIOLATED 2"),
    (Turns(), eventually_synchronous(mistakes=1, byzantine=("p0",)), "10/13 HOLDS"),
    (Turns(), eventually_synchronous(mistakes=1, byzantine=("p1",)), "63/129 VIOLATED 3"),
]


@pytest.mark.parametrize(("model", "world", "expected"), CASES)
def test_termination_is_judged_where_a_run_may_stay(model: Any, world: World, expected: str) -> None:
    graph = explore(system_of(model, world))
    found = analyse(graph, [termination]).findings[0]
    events = f" {len(found.schedule)}" if found.schedule is not None else ""
    assert f"{len(graph)}/{len(graph.targets)} {found.verdict.value}{events}" == expected


def test_a_world_that_will_heal_is_no_deadlock() -> None:
    system = system_of(Told(), asynchronous(**HEALING))
    found = analyse(explore(system), [deadlock_freedom]).findings[0]
    assert found.verdict.value == "HOLDS"
    assert examine_safety(system, [deadlock_freedom]).findings[0].verdict.value == "HOLDS"
