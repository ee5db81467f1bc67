"""Specs that are wrong, each in one way, and where: the tests assert what the author reads."""

from __future__ import annotations

import inspect
import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flpcheck import (
    At,
    Gather,
    Mail,
    Observer,
    PassiveLearner,
    Process,
    Start,
    Step,
    broadcast,
    choose,
    note,
    protocol,
    record,
    send,
)

HERE = str(Path(__file__))


def line_of(mark: str) -> int:
    """Return the line of this file that carries a comment."""
    lines = Path(HERE).read_text(encoding="utf-8").splitlines()
    found = [number for number, line in enumerate(lines, start=1) if line.rstrip().endswith(f"# {mark}")]
    assert len(found) == 1, mark
    return found[0]


def first_line(function: Callable[..., Any]) -> int:
    """Return the line on which a function begins."""
    return inspect.getsourcelines(function)[1]


@record
class Hello:
    """A message."""

    number: int = 0


@record
class Bye:
    """A message that some roles do not know."""


@record
class Plain:
    """A usable state."""

    count: int = 0


@record
class Holder:
    """A state whose field holds what the test puts there."""

    fine: int = 0
    items: Any = ()  # the field


@dataclass
class Mutable:  # mutable
    """A state that forgot @record."""

    count: int = 0


class Opaque:
    """A thing without an identity."""

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return "<opaque>"


@protocol
class Lonely:
    """Two processes with one step function, given by the test."""

    step: Any = None
    start: Any = None
    gather: Any = None

    def processes(self) -> list[Process[Any, Any]]:
        start = Plain() if self.start is None else self.start
        return [Process(f"p{i}", self.step, start=start, gather=self.gather) for i in range(2)]


calls = itertools.count()
dice = random.Random(7)


def counts_calls(at: At, s: Plain, event: Start) -> Step[Plain, Hello]:
    return Plain(next(calls)), ()


def rolls_dice(at: At, s: Plain, event: Start) -> Step[Plain, Hello]:
    return Plain(dice.randrange(2**40)), ()


def takes_any_member(at: At, s: Holder, event: Start) -> Step[Holder, Hello]:
    return Holder(next(iter(s.items)), s.items), ()


def changes_its_state(at: At, s: Plain, event: Start) -> Step[Plain, Hello]:
    object.__setattr__(s, "count", s.count + 1)
    return Plain(7), ()


def keeps_a_list(at: At, s: Holder, event: Start) -> Step[Holder, Hello]:
    return Holder(1, [1, 2]), ()


def keeps_an_opaque_thing(at: At, s: Holder, event: Start) -> Step[Holder, Hello]:
    return Holder(1, Opaque()), ()


def turns_mutable(at: At, s: Any, event: Start) -> Step[Any, Hello]:
    return Mutable(1), ()


def divides(at: At, s: Plain, event: Start) -> Step[Plain, Hello]:
    return Plain(1 // s.count), ()  # divides by zero


def divides_later(at: At, s: Plain, event: Start | Hello) -> Step[Plain, Hello]:
    match event:
        case Start() if s.count == 0:
            return Plain(1), broadcast(Hello(3))
        case Hello(number):
            return Plain(number // 0), ()  # divides later
        case Start():
            return s, ()


def knows_no_bye(at: At, s: Plain, event: Start | Hello) -> Step[Plain, Any]:
    return Plain(1), broadcast(Bye())


def forgets_a_case(at: At, s: Plain, event: Start | Hello) -> Any:
    match event:
        case Start() if s.count == 0:
            return Plain(1), broadcast(Hello())
        case Start():
            return s, ()


def writes_to_nobody(at: At, s: Plain, event: Start) -> Step[Plain, Hello]:
    return Plain(1), send(Hello(), to="p2")


def replies_to_a_start(at: At, s: Plain, event: Start) -> Any:
    from flpcheck import reply

    return Plain(1), reply(Hello())


def returns_a_state(at: At, s: Plain, event: Start) -> Any:
    return Plain(1)


def returns_a_message(at: At, s: Plain, event: Start) -> Any:
    return Plain(1), Hello()


def chooses_a_state(at: At, s: Plain, event: Start) -> Any:
    return choose(Plain(1))  # type: ignore[arg-type]


def greets(at: At, s: Plain, event: Start | Hello | Gather[Hello]) -> Step[Plain, Hello]:
    match event:
        case Start() if s.count == 0:
            return Plain(1), broadcast(Hello())
        case Start() | Hello() | Gather():
            return s, ()


def wants_exactly_one(at: At, s: Plain, mail: Mail[Hello]) -> Iterator[Mail[Hello]]:
    """Not monotone: it refuses a single letter, and accepts it among two."""
    if len(mail) > 1:
        yield mail[:1]


def invents(at: At, s: Plain, mail: Mail[Hello]) -> Iterator[Mail[Hello]]:
    yield (*mail, *mail)


def trips(at: At, s: Plain, mail: Mail[Hello]) -> Iterator[Mail[Hello]]:
    raise LookupError("no such letter")  # trips


def notes(at: At, s: Plain, event: Start) -> Step[Plain, Hello]:
    return Plain(1), (note("started"), send(Hello(), to="learner"))


def overhears_badly(state: int, about: str) -> int:
    return state + int(about)


def learns_badly(mail: Mail[Hello]) -> frozenset[int]:
    return frozenset(1 // letter.message.number for letter in mail)


@protocol
class Watched:
    """One process, an observer and a passive learner."""

    observe: Any = None
    learn: Any = None

    def processes(self) -> list[Process[Plain, Hello] | PassiveLearner[Hello]]:
        return [Process("p0", notes, start=Plain()), PassiveLearner("learner", self.learn or (lambda _: frozenset()))]

    def observers(self) -> list[Observer[int, str]]:
        return [Observer("watcher", 0, self.observe or (lambda state, _: state))]


@protocol
class Twins:
    """Two processes with one name."""

    def processes(self) -> list[Process[Any, Any]]:
        return [Process("p0", greets, start=Plain()) for _ in range(2)]


@protocol
class Nobody:
    """No processes."""

    def processes(self) -> list[Process[Any, Any]]:
        return []


@protocol
class Walk:
    """A general protocol whose successors are given by the test."""

    after: Any = None

    def names(self) -> list[str]:
        return ["p0", "p1"]

    def initial(self) -> list[Any]:
        return [frozenset({"a", "b", "c"})]

    def successors(self, configuration: Any) -> Iterator[Any]:
        yield from self.after(configuration)
