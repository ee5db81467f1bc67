"""Rules are named by their comments, and known by the line that ran."""

from __future__ import annotations

import functools
import sys
from typing import Any

import pytest

from flpcheck import DEFER, At, Gather, Start, Step, Timeout, record, replace, send
from flpcheck.authoring.rules import RuleBook

HERE = At("p0", "p1", ("p0", "p1"))


@record
class Vote:
    value: int


@record
class Local:
    votes: int = 0


class Role:
    def step(self, at: At, s: Local, event: Start | Timeout | Gather[Vote] | Vote) -> Step[Local, Vote]:
        match event:
            case Start() if s.votes == 0:  # 1. propose
                return replace(s, votes=1), send(Vote(1), to="p1")
            case Vote(value) if value > 1:  # 2. count
                if s.votes > 2:
                    return s, ()  # enough: stop counting
                return (
                    self.counted(s, value),
                    (),
                )
            case Vote():
                return DEFER
            case Start() | Timeout() | Gather():
                return s, ()

    def counted(self, s: Local, value: int) -> Local:
        return replace(s, votes=s.votes + value)


def book() -> RuleBook:
    return RuleBook(Role().step)


def ran(rules: RuleBook, state: Local, event: Any) -> str:
    _, rule = rules.watch(lambda: Role().step(HERE, state, event))
    assert rule is not None
    return rule.name


def test_rules_are_in_the_order_of_the_file_with_their_comments() -> None:
    names = [rule.name for rule in book().rules.values()]
    assert names == [
        "1. propose",
        "enough: stop counting",
        "2. count",
        "case Vote()",
        "case Start() | Timeout() | Gather()",
    ]


def test_rules_that_do_nothing_on_purpose_are_idle() -> None:
    assert [rule.idle for rule in book().rules.values()] == [False, True, False, True, True]


def test_annotation_says_what_a_step_takes() -> None:
    assert book().kinds == (Start, Timeout, Gather, Vote)


@pytest.mark.parametrize(
    ("state", "event", "name"),
    [
        (Local(), Start(), "1. propose"),
        (Local(1), Vote(2), "2. count"),
        (Local(3), Vote(2), "enough: stop counting"),
        (Local(), Vote(0), "case Vote()"),
        (Local(), Timeout(), "case Start() | Timeout() | Gather()"),
    ],
)
def test_the_rule_that_ran_is_known(state: Local, event: Any, name: str) -> None:
    assert ran(book(), state, event) == name


def test_never_taken_rules_leave_out_the_idle_ones() -> None:
    rules = book()
    ran(rules, Local(), Start())
    assert [rule.name for rule in rules.never_taken()] == ["2. count"]


def test_an_outer_tracer_is_put_back() -> None:
    def outer(*_: Any) -> None:
        return None

    before = sys.gettrace()
    sys.settrace(outer)
    try:
        book().watch(lambda: Role().step(HERE, Local(), Start()))
        after = sys.gettrace()
    finally:
        sys.settrace(before)
    assert after is outer


def test_an_exception_in_a_step_puts_the_tracer_back() -> None:
    before = sys.gettrace()
    with pytest.raises(ZeroDivisionError):
        book().watch(lambda: 1 // 0)
    assert sys.gettrace() is before


def test_partials_and_methods_are_unwrapped() -> None:
    whole = RuleBook(functools.partial(Role.step, Role()))
    assert whole.code is book().code
    assert whole.name == "step"
    assert whole.place.file == __file__


def test_function_without_annotations_takes_everything() -> None:
    assert RuleBook(lambda _, s, __: (s, ())).kinds == ()


class Careful(Role):
    def step(self, at: At, s: Local, event: Start | Timeout | Gather[Vote] | Vote) -> Step[Local, Vote]:
        match event:
            case Vote(value):  # 2. count
                return self.counted(s, value), ()
            case Start() | Timeout() | Gather():
                return s, ()

    def counted(self, s: Local, value: int) -> Local:
        if value < 0:
            # the least that counts
            return s
        return super().counted(s, value)  # BROKEN: no limit


def test_what_a_helper_says_of_its_return_is_told_with_the_rule() -> None:
    careful = Careful()
    told = RuleBook(careful.step)
    for value, expected in ((1, "2. count; BROKEN: no limit"), (-1, "2. count; the least that counts")):
        _, rule = told.watch(lambda value=value: careful.step(HERE, Local(), Vote(value)))  # type: ignore[misc]
        assert rule is not None
        assert rule.name == expected
    assert told.never_taken() == []
