"""Rules are named by their comments, and known by the line that ran."""

from __future__ import annotations

import functools
import linecache
import sys
from typing import Any

import pytest

from flpcheck import (
    DEFER,
    At,
    Effects,
    Gather,
    Start,
    Step,
    Timeout,
    choose,
    embed,
    note,
    record,
    replace,
    send,
    toss,
)
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


def test_what_a_helper_says_of_its_return_is_shown_with_the_rule() -> None:
    careful = Careful()
    told = RuleBook(careful.step)
    for value, expected in ((1, "2. count; BROKEN: no limit"), (-1, "2. count; the least that counts")):
        _, rule = told.watch(lambda value=value: careful.step(HERE, Local(), Vote(value)))  # type: ignore[misc]
        assert rule is not None
        assert rule.name == expected
    assert told.never_taken() == []


class Whole(Role):
    """A process with two parts; each of its rules leaves the work to a rule of one of them."""

    def whole(self, at: At, s: tuple[Local, Local], event: Start | Vote) -> Step[tuple[Local, Local], Vote]:
        match event:
            case Start():
                return embed(self.step(at, s[0], event), lambda part: ((part, s[1]), ()))
            case Vote():  # for the second part
                return embed(self.step(at, s[1], event), lambda part: ((s[0], part), send(Vote(9), to="p0")))


def passed_on(event: Any, second: Local) -> tuple[Any, str]:
    role = Whole()
    answer, rule = RuleBook(role.whole).watch(lambda: role.whole(HERE, (Local(), second), event))
    assert rule is not None
    return answer, rule.name


def test_the_rule_of_a_part_names_the_step_of_the_whole() -> None:
    assert passed_on(Start(), Local()) == (((Local(1), Local()), (send(Vote(1), to="p1"),)), "1. propose")
    after = (Local(), Local(2)), (send(Vote(9), to="p0"),)
    assert passed_on(Vote(2), Local()) == (after, "for the second part; 2. count")
    assert passed_on(Vote(2), Local(3))[1] == "for the second part; enough: stop counting"
    assert passed_on(Vote(1), Local()) == (DEFER, "for the second part")


def test_a_part_that_chooses_or_tosses_lets_the_whole_do_so() -> None:
    def into(part: int) -> tuple[str, Effects[str]]:
        return f"whole {part}", ()

    assert embed(choose((1, ()), (2, note("n"))), into) == choose(("whole 1", ()), ("whole 2", (note("n"),)))
    assert embed(toss((0.25, (1, ())), (0.75, (2, ()))), into) == toss((0.25, ("whole 1", ())), (0.75, ("whole 2", ())))


def test_what_embed_cannot_use_is_named() -> None:
    with pytest.raises(TypeError, match=r"into\(...\) must return \(state, effects\), got 'whole'"):
        embed((1, ()), lambda _: "whole")  # type: ignore[arg-type, return-value]
    with pytest.raises(TypeError, match=r"the part must return \(state, effects\), got None"):
        embed(None, lambda part: (part, ()))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "source",
    ["try:\n    x = 1\nexcept OSError:\n    x = 2\n", "def other():\n    return 1  # a rule of another\n", "\n"],
)
def test_the_source_of_something_else_names_no_rule(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """From Python 3.13 on the program of `python -c` is the source of all that calls its file `<string>`."""
    monkeypatch.setitem(linecache.cache, "<string>", (len(source), None, source.splitlines(keepends=True), "<string>"))
    generated: dict[str, Any] = {}
    exec(compile("def step(at, s, event):\n    return s, ()\n", "<string>", "exec"), generated)
    assert RuleBook(generated["step"]).rules == {}
