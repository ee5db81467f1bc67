"""Ballots and stale mail beside guards, learners, observers and late letters: what is wrong with a claim is found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from flpcheck import (
    HOLDS,
    VIOLATED,
    At,
    Ballot,
    BallotShift,
    Gather,
    Mail,
    Observer,
    PassiveLearner,
    Process,
    Processes,
    Reduction,
    StaleMail,
    Start,
    Step,
    View,
    asynchronous,
    invariant,
    note,
    protocol,
    record,
    reply,
    send,
    system_of,
)
from flpcheck.analyse import analyse
from flpcheck.errors import ReductionRefused
from flpcheck.explore import Bounds, explore
from flpcheck.reduce import reduced

ANSWERERS = ("left", "right")


@record
class Ask:
    ballot: Ballot


@record
class Told:
    ballot: Ballot


@record
class Caller:
    ballot: Ballot = -1
    late: bool = False


@record
class Idle:
    pass


@protocol
class Race:
    """The caller goes on with the first answer to a ballot; the other one is late, and without effect unless `late`."""

    late: int = 0
    stale_for: int = 0
    notes: bool = False
    shifts: bool = True

    def processes(self) -> Processes[Any]:
        return [
            Process("caller", self.caller, start=Caller()),
            *(Process(a, self.answerer, start=Idle()) for a in ANSWERERS),
        ]

    def caller(self, at: At, s: Caller, event: Start | Told) -> Step[Caller, Any]:
        match event:
            case Start() if s.ballot < 0:
                return Caller(0), send(Ask(0), to=ANSWERERS)
            case Told(ballot) if ballot == s.ballot and not s.late:
                after, asks = Caller(s.ballot + 1), send(Ask(s.ballot + 1), to=ANSWERERS)
                return after, (asks, note("on")) if self.notes else asks
            case Told(ballot) if self.late and ballot == s.ballot - self.late:
                return Caller(s.ballot, late=True), ()
            case Start() | Told():
                return s, ()

    def answerer(self, at: At, s: Idle, event: Ask) -> Step[Idle, Any]:
        return s, reply(Told(event.ballot))

    def observers(self) -> list[Any]:
        return [Observer("on", 0, lambda seen, _: min(seen + 1, 1))] if self.notes else []

    def reductions(self) -> list[Reduction]:
        shift = [BallotShift(1, lambda s: s.ballot if isinstance(s, Caller) else None)]
        return [*(shift if self.shifts else []), StaleMail(self.stale)]

    def stale(self, receiver: Any, sender: Any, message: Any) -> bool:
        """Old questions and answers; with `stale_for`, only for that many ballots."""
        caller = receiver if isinstance(message, Told) else sender
        age = caller.ballot - message.ballot
        return age > 0 and (not self.stale_for or bool(age <= self.stale_for))


def explored(model: Any, most: int = 300) -> Any:
    return explore(reduced(system_of(model, asynchronous())), Bounds(configurations=most))


@invariant
def in_time(view: View[Any]) -> bool:
    """No answer ever comes late."""
    return not view["caller"].late


def test_old_answers_are_dropped_where_they_have_no_effect() -> None:
    graph = explored(Race())
    assert graph.complete
    assert analyse(graph, [in_time]).findings[0].verdict is HOLDS


@pytest.mark.parametrize(
    ("stale_for", "words"),
    [
        (0, "to caller is not stale|delivered, it leads to Caller(3, True)"),
        (2, "a gap of 2 below ballot 1, it is not stale"),
    ],
)
def test_an_answer_that_has_an_effect_three_ballots_later_is_not_stale_before(stale_for: int, words: str) -> None:
    """Dropped one ballot later it never arrives three ballots later, and modulo ballots no caller is ever there."""
    plain = explore(system_of(Race(late=3), asynchronous()), Bounds(configurations=1500))
    assert analyse(plain, [in_time]).findings[0].verdict is VIOLATED
    with pytest.raises(ReductionRefused) as refused:
        explored(Race(late=3, stale_for=stale_for))
    assert [word for word in words.split("|") if word not in str(refused.value)] == []


def test_a_step_that_looks_for_a_distance_is_refused_though_gaps_are_closed() -> None:
    """Where nothing is dropped the late answer comes, and modulo ballots it is always the ballot before."""

    @protocol
    class Kept(Race):
        def reductions(self) -> list[Reduction]:
            return super().reductions()[:1]

    with pytest.raises(ReductionRefused, match="gives a different result when ballots are renumbered") as refused:
        explored(Kept(late=3), most=40)
    assert "a gap of 2 below ballot 1" in str(refused.value)


def test_what_is_stale_by_its_distance_is_refused_with_the_gap_that_contradicts_it() -> None:
    with pytest.raises(ReductionRefused, match="a gap of 1 below ballot 1, it is not stale"):
        explored(Race(stale_for=1))


def test_ballots_are_not_shifted_beside_an_observer_but_stale_mail_is_dropped() -> None:
    with pytest.raises(ReductionRefused, match="a ballot shift cannot be combined with an observer"):
        explored(Race(notes=True))
    explored(Race(notes=True, shifts=False))


def test_without_a_shift_nothing_is_modulo_ballots_and_mail_vanishes_all_the_same() -> None:
    plain = system_of(Race(shifts=False), asynchronous())
    dropping, shifting = reduced(plain), reduced(system_of(Race(), asynchronous()))
    assert [system.ballots is not None for system in (plain, dropping, shifting)] == [False, False, True]
    assert [system.renames_mail for system in (plain, dropping, shifting)] == [False, True, True]


@protocol
class Gathering:
    """The caller gathers both answers to its ballot; some process may look at the answers as they come."""

    fault: str = ""
    looks: bool = False

    def processes(self) -> Processes[Any]:
        caller = Process("caller", self.caller, start=Caller(), gather=self.both)
        looker = [PassiveLearner("looker", self.look)] if self.looks else []
        return [caller, *(Process(a, self.answerer, start=Idle()) for a in ANSWERERS), *looker]

    def caller(self, at: At, s: Caller, event: Start | Gather[Told]) -> Step[Caller, Any]:
        match event:
            case Start() if s.ballot < 0:
                return Caller(0), send(Ask(0), to=ANSWERERS)
            case Gather():
                return Caller(s.ballot + 1), send(Ask(s.ballot + 1), to=ANSWERERS)
            case Start():
                return s, ()

    def both(self, at: At, s: Caller, mail: Mail[Told]) -> Iterator[Mail[Told]]:
        for one in mail:
            if self.fault == "guard" and s.ballot == 0:
                yield (one,)
            for other in mail:
                if one.sender < other.sender and one.message.ballot == other.message.ballot == s.ballot:
                    yield one, other

    def answerer(self, at: At, s: Idle, event: Ask) -> Step[Idle, Any]:
        return s, send(Told(event.ballot), to=("caller", "looker") if self.looks else "caller")

    def look(self, mail: Mail[Told]) -> frozenset[str]:
        """Two answers are enough; wrong with a fault: an answer to ballot 1."""
        enough = any(told.ballot == 1 for _, told in mail) if self.fault == "learner" else len(mail) > 1
        return frozenset("x") if enough else frozenset()

    def reductions(self) -> list[Reduction]:
        return [BallotShift(1, lambda s: s.ballot if isinstance(s, Caller) else None)]


def test_guards_and_learners_that_compare_ballots_are_accepted() -> None:
    assert explored(Gathering()).complete
    assert not explored(Gathering(looks=True), most=60).complete


@pytest.mark.parametrize(("fault", "looks", "who"), [("guard", False, "caller"), ("learner", True, "looker")])
def test_guards_and_learners_that_know_a_ballot_are_refused(fault: str, looks: bool, who: str) -> None:
    with pytest.raises(ReductionRefused, match=f"{who} gives a different result when ballots are renumbered"):
        explored(Gathering(fault=fault, looks=looks), most=60)
