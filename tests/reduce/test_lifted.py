"""Schedules of a quotient are followed in the plain system event by event, and its loops message by message."""

from __future__ import annotations

from typing import Any

import pytest

from flpcheck import (
    At,
    Process,
    Processes,
    Reduction,
    StaleMail,
    Start,
    Step,
    World,
    asynchronous,
    protocol,
    record,
    replace,
    send,
    synchronous,
    system_of,
)
from flpcheck.errors import InternalError
from flpcheck.explore import explore
from flpcheck.reduce import Quotient, lifted, punctuality, reduced
from flpcheck.reduce.lift import _delivered


@record
class Word:
    text: str


@record
class Phase:
    phase: int = 0
    heard: bool = False


def _old(receiver: Phase, _: Any, message: Word) -> bool:
    return receiver.phase == 1 and message.text in {"x", "y"}


@protocol
class Words:
    """q has said x, y and z to p: the first of x and y takes p to a phase in which the other one has no effect."""

    def processes(self) -> Processes[Word]:
        words = tuple(send(Word(text), to="p") for text in "xyz")
        return [Process("p", self.hear, start=Phase()), Process("q", self.idle, start=Phase(), sent=words)]

    def hear(self, at: At, s: Phase, event: Word) -> Step[Phase, Word]:
        if event.text == "z":
            return replace(s, heard=True), ()
        return replace(s, phase=1), ()

    def idle(self, at: At, s: Phase, event: Start) -> Step[Phase, Word]:
        return s, ()

    def reductions(self) -> list[Reduction]:
        return [StaleMail(_old)]


def _quotient(protocol: Any, world: World) -> Quotient:
    system = reduced(system_of(protocol, world))
    assert isinstance(system, Quotient)
    return system


WORLDS = pytest.mark.parametrize("world", [asynchronous(), synchronous()], ids=["untimed", "timed"])


@WORLDS
def test_each_event_of_a_quotient_without_ballots_is_the_same_event_of_the_plain_system(world: World) -> None:
    """Delivering x leads to the same representative as delivering y, and yet it is another event."""
    system = _quotient(Words(), world)
    alike = 0
    for here in explore(system).configurations:
        steps = [*system.transitions(here), *system.applicable(here)]
        alike += len({step.event for step in steps}) - len({step.successor for step in steps})
        for step in steps:
            passed, events = lifted(system, here, [step])
            assert [event.event for event in events] == [step.event]
            assert system.canonical(passed[-1])[0] == step.successor
    assert alike > 0


@WORLDS
def test_a_schedule_that_leads_elsewhere_in_the_plain_system_is_an_internal_error(world: World) -> None:
    system = _quotient(Words(), world)
    for here in explore(system).configurations:
        for step in system.transitions(here):
            with pytest.raises(InternalError, match="does not exist in the plain system"):
                lifted(system, here, [step._replace(successor=here)])


def test_stale_mail_and_no_other_is_delivered_before_a_timeout() -> None:
    system = _quotient(Words(), synchronous())
    both = 0
    for here in explore(system.plain).configurations:
        p, q = here.components
        stale = [e.letter.message for e in p.mailbox if _old(p.local, q.local, e.letter.message)]
        both += 0 < len(stale) < len(p.mailbox)
        steps = _delivered(system, here)
        assert [step.event.message for step in steps] == stale
        after = steps[-1].successor if steps else here
        left = [e.letter.message for e in after.components[0].mailbox]
        assert left == [e.letter.message for e in p.mailbox if e.letter.message not in stale]
    assert both > 0


@protocol
class Turning(Words):
    """p goes back and forth between two phases by itself, while mail is under way to q, which p has sent."""

    def processes(self) -> Processes[Word]:
        word = send(Word("x"), to="q")
        return [Process("p", self.turn, start=Phase(), sent=word), Process("q", self.hear, start=Phase())]

    def turn(self, at: At, s: Phase, event: Start) -> Step[Phase, Word]:
        return replace(s, phase=1 - s.phase), ()


def test_in_a_loop_only_mail_to_processes_that_are_not_exempt_is_starved() -> None:
    system = _quotient(Turning(), asynchronous())
    here = start = system.initial()[0].configuration
    loop = []
    for _ in range(2):
        loop += [step for step in system.transitions(here) if step.event.process == "p"]
        here = loop[-1].successor
    assert here == start
    for unfair in (set[int](), {0}):
        found = punctuality(system, start, loop, unfair)
        assert found.starved == ("Word(text='x') from p",)
        assert found.oldest == found.rounds * len(loop)
    for unfair in ({1}, {0, 1}):
        found = punctuality(system, start, loop, unfair)
        assert (found.starved, found.oldest) == ((), 0)
