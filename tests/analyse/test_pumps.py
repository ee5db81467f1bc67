"""A mailbox that grows without end is named where that is certain, with a turn that can be repeated."""

from __future__ import annotations

import pytest

from flpcheck import (
    At,
    Bounds,
    Gather,
    Mail,
    Process,
    Step,
    Timeout,
    World,
    asynchronous,
    protocol,
    record,
    replace,
    system_of,
    to_others,
)
from flpcheck.analyse import pump_of
from flpcheck.analyse.growth import Pump
from flpcheck.explore import explore


@record
class Ask:
    """A question."""


@record
class Count:
    """How many times a process has asked."""

    n: int = 0
    decision: int | None = None


@protocol
class Asking:
    """Processes that ask at every timeout, some number of times; 0 for ever."""

    times: int = 0
    counting: bool = False

    def processes(self) -> list[Process[Count, Ask]]:
        return [Process(name, self.step, start=Count()) for name in ("a", "b")]

    def step(self, at: At, s: Count, event: Timeout | Ask) -> Step[Count, Ask]:
        match event:
            case Timeout() if not self.times or s.n < self.times:
                return replace(s, n=s.n + 1 if self.times or self.counting else 0), to_others(Ask())
            case Timeout() | Ask():
                return s, ()


@protocol
class Gathering(Asking):
    """The same, with a guard that takes two questions at once: more mail might hinder it."""

    def processes(self) -> list[Process[Count, Ask]]:
        return [Process(name, self.take, start=Count(), gather=self.two) for name in ("a", "b")]

    def two(self, at: At, s: Count, mail: Mail[Ask]) -> list[Mail[Ask]]:
        return [mail] if len(mail) == 2 else []

    def take(self, at: At, s: Count, event: Timeout | Gather[Ask]) -> Step[Count, Ask]:
        return s, to_others(Ask()) if isinstance(event, Timeout) else ()


def found(made: object, world: World | None = None, engine: str = "reference") -> Pump | None:
    return pump_of(explore(system_of(made, world or asynchronous()), Bounds(configurations=300), engine=engine))


@pytest.mark.parametrize("engine", ["reference", "kernel"])
def test_mail_that_piles_up_is_named_with_a_shortest_turn(engine: str) -> None:
    pump = found(Asking(), engine=engine)
    assert pump is not None
    assert (pump.more, len(pump.events)) == (1, 1)
    assert "times out" in pump.events[0]
    receiver = {"a": "b", "b": "a"}[pump.events[0][0]]
    assert pump.process == receiver
    assert str(pump).startswith(f"the mailbox of {receiver} grows without bound: ")


@pytest.mark.parametrize(
    "made", [Asking(times=3), Asking(counting=True), Gathering()], ids=["it ends", "a counter grows", "a guard counts"]
)
def test_where_that_is_not_certain_nothing_is_said(made: Asking) -> None:
    assert found(made) is None


@pytest.mark.parametrize("network", ["set", "fifo"])
def test_where_messages_are_merged_or_wait_behind_each_other_nothing_is_said(network: str) -> None:
    assert found(Asking(), asynchronous(network=network)) is None
