"""One who calls with ever higher ballots: what is lifted, what has waited, who is asked for a ballot."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from flpcheck import (
    HOLDS,
    VIOLATED,
    At,
    Ballot,
    BallotShift,
    Event,
    Gather,
    Mail,
    Process,
    Processes,
    Reduction,
    StaleMail,
    Start,
    Step,
    Timeout,
    View,
    asynchronous,
    invariant,
    protocol,
    record,
    replace,
    send,
    system_of,
    termination,
)
from flpcheck.analyse import analyse
from flpcheck.explore import Bounds, explore
from flpcheck.reduce import Quotient, reduced
from flpcheck.reduce.lift import Births
from flpcheck.reduce.rename import renamed_event


@record
class Called:
    ballot: Ballot


@record
class Caller:
    """Its ballot, and how often it went on, at most three times."""

    ballot: Ballot = -1
    turns: int = 0


@record
class Echo:
    pass


@protocol
class Calls:
    """One calls both echoes with ever higher ballots, and goes on when the right one has answered.

    The left one has said something before, which waits for the caller until it is stale.
    """

    def processes(self) -> Processes[Called]:
        early = send(Called(0), to="caller")
        left, right = Process("left", self.echo, start=Echo(), sent=early), Process("right", self.echo, start=Echo())
        return [Process("caller", self.caller, start=Caller()), left, right]

    def caller(self, at: At, s: Caller, event: Start | Called) -> Step[Caller, Called]:
        match event:
            case Start() if s.ballot < 0:
                return Caller(0), send(Called(0), to=("left", "right"))
            case Called(ballot) if ballot == s.ballot and at.sender == "right":
                after = Caller(ballot + 1, min(s.turns + 1, 3))
                return after, send(Called(ballot + 1), to=("left", "right"))
            case Start() | Called():
                return s, ()

    def echo(self, at: At, s: Echo, event: Called) -> Step[Echo, Called]:
        return s, send(event, to="caller")

    def reductions(self) -> list[Reduction]:
        return [BallotShift(1, self.current), StaleMail(self.stale)]

    def current(self, s: Any) -> int | None:
        assert isinstance(s, Caller | Echo)
        return s.ballot if isinstance(s, Caller) else None

    def stale(self, receiver: Any, sender: Any, message: Any) -> bool:
        caller = receiver if isinstance(receiver, Caller) else sender
        return isinstance(caller, Caller) and bool(caller.ballot > message.ballot)


@invariant
def twice(view: View[Any]) -> bool:
    """The caller goes on twice at most."""
    return all(getattr(state, "turns", 0) < 3 for state in view.states.values())


def test_a_schedule_passes_by_messages_that_the_quotient_has_dropped() -> None:
    graph = explore(reduced(system_of(Calls(), asynchronous())))
    (finding,) = analyse(graph, [twice]).findings
    plain = explore(system_of(Calls(), asynchronous()), Bounds(depth=8))
    (same,) = analyse(plain, [twice]).findings
    assert finding.verdict is same.verdict is VIOLATED
    assert finding.schedule is not None
    assert same.schedule is not None
    assert len(finding.schedule) == len(same.schedule)


@record
class Decider(Caller):
    decision: int | None = None


@protocol
class Overtaken(Calls):
    """The caller goes on when the right echo answers, and decides when the left one does, in time."""

    def processes(self) -> Processes[Called]:
        return [Process("caller", self.decider, start=Decider()), *super().processes()[1:]]

    def decider(self, at: At, s: Decider, event: Start | Called) -> Step[Decider, Called]:
        match event:
            case Start() if s.ballot < 0:
                return Decider(0), send(Called(0), to=("left", "right"))
            case Called(ballot) if ballot == s.ballot and s.decision is None and at.sender == "right":
                return Decider(ballot + 1), send(Called(ballot + 1), to=("left", "right"))
            case Called(ballot) if ballot == s.ballot and s.decision is None:
                return Decider(ballot, decision=0), ()
            case Start() | Called():
                return s, ()

    def current(self, s: Any) -> int | None:
        return s.ballot if isinstance(s, Decider) and s.decision is None else None

    def stale(self, receiver: Any, sender: Any, message: Any) -> bool:
        caller = receiver if isinstance(receiver, Decider) else sender
        return isinstance(caller, Decider) and (caller.ballot > message.ballot or caller.decision is not None)


def test_a_question_that_is_replaced_in_each_round_has_not_waited_for_ever() -> None:
    """Under its new name it looks like the one before, which fairness would owe an answer."""
    graph = explore(reduced(system_of(Overtaken(), asynchronous())))
    assert graph.complete
    (finding,) = analyse(graph, [termination]).findings
    assert finding.verdict is VIOLATED
    assert finding.schedule is not None
    assert finding.schedule.loop is not None


@record
class Voter:
    on: bool = False
    decision: int | None = None


@protocol
class Beside:
    """A clock counts ballots for ever, and beside it a voter blinks, and decides if the echo that was sent arrives."""

    asked: bool = True

    def processes(self) -> Processes[Any]:
        sent: Any = send(Echo(), to="voter") if self.asked else ()
        return [
            Process("clock", self.tick, start=Caller(0), sent=sent),
            Process("voter", self.vote, start=Voter()),
        ]

    def tick(self, at: At, s: Caller, event: Timeout) -> Step[Caller, Any]:
        return Caller(s.ballot + 1), ()

    def vote(self, at: At, s: Voter, event: Timeout | Echo) -> Step[Voter, Any]:
        return Voter(decision=0) if isinstance(event, Echo) else Voter(not s.on, s.decision), ()

    def reductions(self) -> list[Reduction]:
        return [BallotShift(1, lambda s: s.ballot if isinstance(s, Caller) else None)]


@pytest.mark.parametrize(("asked", "verdict"), [(True, HOLDS), (False, VIOLATED)])
def test_a_message_that_waits_beside_a_loop_is_owed_although_the_loop_renames_everything(
    *, asked: bool, verdict: Any
) -> None:
    graph = explore(reduced(system_of(Beside(asked), asynchronous())))
    assert isinstance(graph.system, Quotient)
    assert graph.complete
    assert analyse(graph, [termination]).findings[0].verdict is verdict


def test_messages_that_got_out_of_a_step_are_renamed_with_the_event() -> None:
    event = Event("crash", "caller", sent=(Called(1), Called(3)))
    assert renamed_event(event, lambda ballot: ballot + 2).sent == (Called(3), Called(5))
    received = Event("deliver", "caller", sender="left", message=Called(1))
    during = renamed_event(replace(event, during=received), lambda ballot: ballot + 2).during
    assert during == replace(received, message=Called(3))


def test_a_crashed_process_is_not_asked_for_its_ballot() -> None:
    graph = explore(reduced(system_of(Calls(), asynchronous(crashes=1))))
    assert graph.complete
    assert isinstance(graph.system, Quotient)


def test_messages_of_the_beginning_were_sent_before_everything_else() -> None:
    @protocol
    class Loud(Calls):
        def processes(self) -> Processes[Called]:
            caller = Process("caller", self.caller, start=Caller(0), sent=send(Called(0), to="left"))
            return [caller, *super().processes()[1:]]

    (start,) = [item.configuration for item in system_of(Loud(), asynchronous()).initial()]
    (letter,) = start.components[1].mailbox
    assert Births(start).of((1, letter)) == 0


@record
class Heard:
    n: int = 0


@protocol
class Letters:
    """a and b write to c at every timeout, always the same, and c takes one letter, or all that have come."""

    gathers: bool = False

    def processes(self) -> Processes[Echo]:
        writers = [Process(pid, self.write, start=Heard()) for pid in "ab"]
        guard = self.all_of_it if self.gathers else None
        return [*writers, Process("c", self.read, start=Heard(), gather=guard)]

    def write(self, at: At, s: Heard, event: Timeout) -> Step[Heard, Echo]:
        return Heard(s.n + 1), send(Echo(), to="c")

    def read(self, at: At, s: Heard, event: Gather[Echo] | Echo) -> Step[Heard, Echo]:
        return Heard(s.n + 1), ()

    def all_of_it(self, at: At, s: Heard, mail: Mail[Echo]) -> list[Mail[Echo]]:
        return [mail] if mail else []


@pytest.mark.parametrize("gathers", [False, True])
def test_each_copy_of_a_message_has_its_own_age_and_the_oldest_is_taken_first(*, gathers: bool) -> None:
    for seed in range(20):
        luck, system = Random(seed), system_of(Letters(gathers), asynchronous())
        here = system.initial()[0].configuration
        births, longest = Births(here), 0
        waiting: dict[Any, list[int]] = {"a": [], "b": []}
        for now in range(1, 20):
            step = luck.choice(list(system.transitions(here)))
            here = step.successor
            births.happens(step, here)
            event: Any = step.event
            senders = [event.sender] if event.kind == "deliver" else []
            senders = [letter.sender for letter in event.message] if event.kind == "gather" else senders
            longest = max([longest, *(now - waiting[sender].pop(0) for sender in senders)])
            if event.kind == "timeout":
                waiting[event.process].append(now)
            assert births.longest == longest
            mail = here.components[2].mailbox
            assert {e.letter.sender: births.of((2, e)) for e in mail} == {
                p: ages[0] for p, ages in waiting.items() if ages
            }
