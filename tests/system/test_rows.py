"""The questions that a system has put: all of them are known, and put again they are answered as before."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from typing import Any

import pytest
from system.lying import Gathered, Send, Told, Voting

from flpcheck import At, Mail, Process, asynchronous, protocol, send, system_of
from flpcheck.authoring.values import key
from flpcheck.explore import explore
from flpcheck.system.rows import Question, put_questions, tables


@protocol
class TwoLetters(Gathered):
    """p has sent r two letters, and r gathers any two."""

    careless: bool = True

    def processes(self) -> list[Process[Voting, Any]]:
        both = (send(Send(1), to="r"), send(Send(0), to="r"))
        voter = Process("p", self.vote, start=Voting(0), sent=both)
        return [voter, Process("r", self.count, start=Voting(), gather=self.equal)]


class Pairs:
    """A guard that is no function."""

    def __call__(self, at: At, s: Voting, mail: Mail[Send]) -> Iterable[Mail[Send]]:
        return combinations(mail, 2) if s.decision is None else ()


@protocol
class Called(TwoLetters):
    """The same with a guard that is no function."""

    equal: Any = Pairs()


def asked(system: Any) -> list[Question]:
    return [table.question(item) for table in tables(system) for item in table.items]


@pytest.mark.parametrize("model", [TwoLetters(), Called(), Told()])
def test_questions_put_again_are_answered_as_before(model: Any) -> None:
    system = system_of(model, asynchronous())
    explore(system)
    questions = asked(system)
    assert len(questions) > 4
    for question in questions:
        assert key(question.again()) == key(question.answer), question.text


@pytest.mark.parametrize("backwards", [False, True])
def test_a_walk_goes_as_far_as_it_may(backwards: bool) -> None:
    whole, few, none = (system_of(Told(), asynchronous()) for _ in range(3))
    put_questions(whole, backwards=backwards, most=1000, seconds=60)
    put_questions(few, backwards=backwards, most=2, seconds=60)
    put_questions(none, backwards=backwards, most=1000, seconds=-1)
    everything = system_of(Told(), asynchronous())
    explore(everything)
    names = {question.name for question in asked(everything)}
    assert {question.name for question in asked(whole)} == names
    assert {question.name for question in asked(none)} < {question.name for question in asked(few)} < names
