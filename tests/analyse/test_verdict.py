"""Which assumption of the theorem is not met, where no horn of it applies."""

from __future__ import annotations

from typing import Any

import pytest

from flpcheck import (
    UNLIMITED,
    At,
    Pid,
    Process,
    Recovered,
    Start,
    Step,
    World,
    asynchronous,
    load,
    protocol,
    record,
    replace,
    send,
    system_of,
)
from flpcheck.analyse.case import Case
from flpcheck.analyse.verdict import FlpVerdict, flp_verdict
from flpcheck.authoring.stable import Stable
from flpcheck.explore import explore


@record
class Client:
    """What a process proposes to the register; it decides the answer and forgets nothing in a crash."""

    input: int
    asked: Stable[bool] = False
    decision: Stable[int | None] = None


@record
class Register:
    """What was proposed first."""

    value: int | None = None


@protocol
class Elected:
    """A register that keeps what is proposed first, and answers with that; it is no computer, and cannot crash."""

    def processes(self) -> list[Process[Any, int]]:
        clients = [Process(f"p{i}", self.client, inputs={v: Client(v) for v in (0, 1)}) for i in range(2)]
        return [*clients, Process("register", self.register, start=Register(), virtual=True)]

    def client(self, at: At, s: Client, event: Start | Recovered | int) -> Step[Client, int]:
        match event:
            case Start() if s.asked:
                return s, ()
            case Start() | Recovered():
                return replace(s, asked=True), send(s.input, to="register")
            case value:
                return replace(s, decision=value), ()

    def register(self, at: At, s: Register, event: int) -> Step[Register, int]:
        kept = event if s.value is None else s.value
        return Register(kept), send(kept, to=at.sender)


def verdict_on(model: Any, world: World, inputs: dict[Pid, Any] | None = None) -> FlpVerdict:
    graph = explore(system_of(model, world, inputs))
    assert graph.complete
    verdict = flp_verdict(Case(graph))
    assert verdict is not None
    return verdict


@pytest.mark.parametrize(
    ("world", "because"),
    [
        (asynchronous(1), "register cannot crash"),
        (asynchronous(1, crash_events="elided"), "register cannot crash"),
        (asynchronous(1, initially_dead=1), "register cannot crash"),  # who is dead is the one that may crash
        (  # who is dead is known, and one more may crash
            asynchronous(1, initially_dead=("p0",), recoveries=UNLIMITED, network="set"),
            "where p0 and p1 may be faulty, no correct process has to decide",
        ),
    ],
)
def test_a_process_that_cannot_crash_is_named_unless_all_that_decide_may_be_faulty(world: World, because: str) -> None:
    verdict = verdict_on(Elected(), world)
    assert (verdict.verdicts, verdict.because) == (("outside",), because)


@protocol
class SilentLiars(type(load("initially_dead").protocol())):  # type: ignore[misc]
    """Consensus among processes that are dead from the start, or alive for ever; a liar can only be silent."""

    def lies(self, liar: Pid) -> tuple[()]:
        return ()


def test_liars_that_cannot_say_what_a_correct_process_says_do_not_pass_for_one_that_crashes() -> None:
    """A correct process that has spoken steps for ever, so two of three decide: the theorem lets them crash later."""
    world = asynchronous(byzantine=1, lies="only")
    verdict = verdict_on(SilentLiars(), world, {"p0": 0, "p1": 1, "p2": 1})
    assert verdict.verdicts == ("outside",)
    assert verdict.because.endswith("it never sends Alive() from p0")
