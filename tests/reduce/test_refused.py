"""A wrong declaration is refused, with the row that contradicts it."""

from __future__ import annotations

from typing import Any

import pytest

from flpcheck import (
    HOLDS,
    INCOMPLETE,
    VIOLATED,
    At,
    Ballot,
    BallotShift,
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
    load,
    protocol,
    record,
    replace,
    reply,
    send,
    step_invariant,
    synchronous,
    system_of,
    termination,
)
from flpcheck.analyse import analyse
from flpcheck.errors import ReductionRefused
from flpcheck.explore import Bounds, explore
from flpcheck.reduce import reduced

DUEL: Any = load("paxos_duel").protocol


@record
class Ask:
    ballot: Ballot


@record
class Told:
    ballot: Ballot


@record
class Caller:
    ballot: Ballot = -1


@record
class Answerer:
    seen: int = 0


@protocol
class Calling:
    """One process calls the other with ever higher ballots; what is wrong with it is chosen."""

    fault: str = ""

    def processes(self) -> Processes[Any]:
        return [Process("caller", self.caller, start=Caller()), Process("answerer", self.answerer, start=Answerer())]

    def caller(self, at: At, s: Caller, event: Start | Told) -> Step[Caller, Any]:
        match event:
            case Start() if s.ballot < 0:
                first = 9 if self.fault == "falls" else 0
                return Caller(first), send(Ask(first), to="answerer")
            case Told(ballot) if ballot == s.ballot:
                if self.fault == "literal" and ballot == 1:
                    return s, ()
                if self.fault == "parity" and ballot % 2:
                    return s, ()
                after = ballot - 1 if self.fault == "falls" else ballot + 1
                return Caller(after), send(Ask(after), to="answerer")
            case Start() | Told():
                return s, ()

    def answerer(self, at: At, s: Answerer, event: Ask) -> Step[Answerer, Any]:
        return replace(s, seen=min(s.seen + 1, 2)), reply(Told(event.ballot))

    def reductions(self) -> list[Reduction]:
        return [BallotShift(1, self.current), StaleMail(self.stale)]

    def current(self, s: Any) -> int | None:
        return s.ballot if isinstance(s, Caller) else None

    def stale(self, receiver: Any, sender: Any, message: Any) -> bool:
        if self.fault == "effect" and isinstance(message, Ask):
            return True
        return isinstance(message, Told) and bool(receiver.ballot > message.ballot)


def explored(fault: str) -> int:
    system = reduced(system_of(Calling(fault=fault), asynchronous()))
    return len(explore(system, Bounds(configurations=500)))


def test_a_right_declaration_makes_an_endless_protocol_finite() -> None:
    assert explored("") < 20


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (
            "literal",
            ["gives a different result when ballots are renumbered", "process caller", "Told(", "test_refused.py:"],
        ),
        ("parity", ["gives a different result when ballots are renumbered", "higher by 1"]),
        ("falls", ["current ballot falls"]),
        ("effect", ["Ask(0) from caller to answerer is not stale", "leads to Answerer(1)"]),
    ],
)
def test_a_wrong_declaration_is_refused_with_its_row(fault: str, words: list[str]) -> None:
    with pytest.raises(ReductionRefused) as refused:
        explored(fault)
    text = str(refused.value)
    assert [word for word in words if word not in text] == []
    assert "--no-reduction" in text


@record
class Phase:
    number: int = 0
    decision: int | None = None


@protocol
class Waking:
    """A process sleeps through its second phase, and heeds what it receives in the third, unless it sleeps on."""

    wakes: bool = True

    def processes(self) -> Processes[Ask]:
        told: Any = send(Ask(0), to="sleeper")
        return [
            Process("teller", self.tell, start=Phase(), sent=told),
            Process("sleeper", self.sleep, start=Phase()),
        ]

    def tell(self, at: At, s: Phase, event: Start) -> Step[Phase, Ask]:
        return s, ()

    def sleep(self, at: At, s: Phase, event: Timeout | Ask) -> Step[Phase, Ask]:
        match event:
            case Timeout() if s.number < 2:
                return replace(s, number=s.number + 1), ()
            case Ask() if s.number == 2 and self.wakes:
                return replace(s, decision=1), ()
            case Timeout() | Ask():
                return s, ()

    def reductions(self) -> list[Reduction]:
        return [StaleMail(self.stale)]

    def stale(self, receiver: Any, sender: Any, message: Any) -> bool:
        return bool(receiver.number == 1 or (receiver.number == 2 and not self.wakes))


def test_mail_that_is_heeded_again_after_a_step_was_not_stale() -> None:
    with pytest.raises(ReductionRefused) as refused:
        explore(reduced(system_of(Waking(), asynchronous())))
    assert refused.value.details == ("it is no longer stale after sleeper steps to Phase(2, None)",)
    assert len(explore(reduced(system_of(Waking(wakes=False), asynchronous())))) == 4


def test_what_is_stale_must_stay_so() -> None:
    @protocol
    class Hasty(DUEL):  # type: ignore[misc]
        def stale(self, receiver: Any, sender: Any, message: Any) -> bool:
            """Forget that a request is alive as long as its proposer waits for the answer."""
            if hasattr(receiver, "promised") and hasattr(message, "ballot"):
                return bool(message.ballot <= receiver.promised)
            return bool(super().stale(receiver, sender, message))

    system = reduced(system_of(Hasty(), asynchronous(), {"p0": 0, "p1": 1}))
    with pytest.raises(ReductionRefused, match="which is not stale"):
        explore(system)


@invariant
def early(view: View[Any]) -> bool:
    """No ballot is above 20."""
    return all(getattr(state, "ballot", -1) <= 20 for state in view.states.values())


@invariant
def ordered(view: View[Any]) -> bool:
    """An acceptor has promised what it accepted, or more."""
    acceptors = [state for state in view.states.values() if hasattr(state, "promised")]
    return all(a.accepted is None or a.accepted.ballot <= a.promised for a in acceptors)


def test_a_property_that_counts_ballots_is_refused_and_one_that_compares_them_is_not() -> None:
    graph = explore(reduced(system_of(DUEL(), asynchronous(), {"p0": 0, "p1": 1})))
    assert analyse(graph, [ordered]).findings[0].verdict is HOLDS
    with pytest.raises(ReductionRefused, match="property early depends on the absolute value"):
        analyse(graph, [early])


@invariant
def never_nine(view: View[Any]) -> bool:
    """No ballot is 9, which modulo ballots none ever is."""
    return all(getattr(state, "ballot", -1) != 9 for state in view.states.values())


@invariant
def never_five_old(view: View[Any]) -> bool:
    """What is accepted is never five ballots older than a proposer's."""
    states = view.states.values()
    accepted = [state.accepted.ballot for state in states if getattr(state, "accepted", None)]
    return not any(getattr(state, "ballot", 0) - ballot == 5 for state in states for ballot in accepted)


@step_invariant
def never_to_seven(before: Any, after: Any) -> bool:
    """No step is to ballot 7."""
    return getattr(after, "ballot", -1) != 7


@step_invariant
def never_back(before: Any, after: Any) -> bool:
    """No step is to a lower ballot, but that of a decision, after which there is none."""
    return getattr(after, "ballot", 0) >= getattr(before, "ballot", 0) or after.decision is not None


@step_invariant
def one_ballot(before: Any, after: Any) -> bool:
    """No proposer begins a second ballot."""
    return not 0 <= getattr(before, "ballot", -1) < getattr(after, "ballot", -1)


@pytest.mark.parametrize("claim", [never_nine, never_five_old, never_to_seven])
def test_a_property_with_a_number_of_its_own_is_refused_though_no_representative_shows_it(claim: Any) -> None:
    graph = explore(reduced(system_of(DUEL(), asynchronous(), {"p0": 0, "p1": 1})))
    with pytest.raises(ReductionRefused, match=f"property {claim.name} depends on the absolute value"):
        analyse(graph, [claim])


def test_steps_are_judged_with_the_ballots_that_they_really_have() -> None:
    graph = explore(reduced(system_of(DUEL(), asynchronous(), {"p0": 0, "p1": 1})))
    plain = explore(system_of(DUEL(), asynchronous(), {"p0": 0, "p1": 1}), Bounds(depth=12))
    for claim, verdict in ((never_back, HOLDS), (one_ballot, VIOLATED)):
        found = analyse(graph, [claim]).findings[0]
        assert found.verdict is verdict
        if found.schedule is not None:
            (same,) = analyse(plain, [claim]).findings
            assert same.schedule is not None
            assert len(found.schedule) == len(same.schedule)


@record
class Ball:
    pass


@record
class Player:
    served: bool = False


@record
class Waiting:
    decision: int | None = None


@protocol
class Rally:
    """Two return a ball without end, which no process needs; a third decides by its timer."""

    def processes(self) -> Processes[Ball]:
        players = [Process(name, self.play, start=Player()) for name in ("one", "other")]
        return [*players, Process("waits", self.wait, start=Waiting())]

    def play(self, at: At, s: Player, event: Start | Ball) -> Step[Player, Ball]:
        match event:
            case Start() if at.me == "one" and not s.served:
                return Player(served=True), send(Ball(), to="other")
            case Start():
                return s, ()
            case Ball():
                return s, reply(Ball())

    def wait(self, at: At, s: Waiting, event: Timeout) -> Step[Waiting, Ball]:
        return Waiting(0), ()

    def reductions(self) -> list[Reduction]:
        return [StaleMail(lambda *_: True)]


def test_what_keeps_timers_waiting_is_not_dropped() -> None:
    """Dropped, the ball would not be seen to fly for ever, and termination would hold; of `any-time` timers it does."""
    timed = explore(system_of(Rally(), synchronous()))
    assert analyse(timed, [termination]).findings[0].verdict is INCOMPLETE
    with pytest.raises(ReductionRefused, match="it triggers replies without end, which keep timers waiting"):
        explore(reduced(system_of(Rally(), synchronous())))
    assert analyse(explore(reduced(system_of(Rally(), asynchronous()))), [termination]).findings[0].verdict is HOLDS


def test_mail_is_not_dropped_from_queues() -> None:
    with pytest.raises(ReductionRefused, match="stale mail cannot be dropped from a fifo network"):
        reduced(system_of(DUEL(), asynchronous(network="fifo")))
