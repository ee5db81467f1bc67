"""Alphabets that are missing, infinite or wrong, and the values of types."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, NewType

import pytest
from system.lying import Commit, Message, Send, Told, Value

from flpcheck import (
    At,
    Process,
    Start,
    Step,
    World,
    asynchronous,
    load,
    protocol,
    record,
    send,
    system_of,
)
from flpcheck.authoring.alphabet import values_of
from flpcheck.errors import BadProtocol, BadWorld
from flpcheck.explore import explore

UNREADABLE = """
from __future__ import annotations
from typing import TYPE_CHECKING
from flpcheck import At, Process, Start, protocol
if TYPE_CHECKING:
    from flpcheck import Step

@protocol
class Naive:
    def processes(self):
        return [Process("p", self.step, start=0)]

    def step(self, at: At, s: int, event: Start) -> Step[int, str]:
        return s, ()
"""


def test_an_annotation_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "unreadable.py"
    file.write_text(UNREADABLE)
    model = load(str(file)).protocol()
    with pytest.raises(BadProtocol, match="the annotation of 'event' cannot be read: name 'Step' is not defined") as it:
        system_of(model, asynchronous())
    assert it.value.place is not None
    assert it.value.place.line == 13
    assert "outside TYPE_CHECKING" in it.value.next_step


@protocol
class Misread(Told):
    """B1 with `signatures` that are none."""

    answer: Any = None

    def signatures(self, message: Send) -> Any:
        return self.answer


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (None, r"signatures(Send(0)) returned None"),
        ("sender", r"signatures(Send(0)) returned 'sender'"),
        ((("Sender", 0),), r"signatures(Send(0)) names 'Sender', but there is no such process: did you mean 'sender'?"),
        (((0, "sender"),), r"signatures(Send(0)) names 0, but there is no such process"),
        (("sender",), r"signatures(Send(0)) lists 'sender'"),
    ],
)
def test_signatures_are_checked(answer: Any, message: str) -> None:
    world = asynchronous(byzantine=("sender",), authenticated=True)
    with pytest.raises(BadProtocol, match=re.escape(message)) as caught:
        explore(system_of(Misread(answer=answer), world))
    assert caught.value.next_step


@record
class Endless:
    """A message that counts."""

    number: int


@protocol
class Counting:
    """What b says has no end."""

    def processes(self) -> list[Process[int, Endless]]:
        return [Process(name, self.step, start=0) for name in ("a", "b")]

    def step(self, at: At, s: int, event: Start | Endless) -> Step[int, Endless]:
        if at.me == "a":
            return s, ()
        match event:
            case Start():
                return s + 1, send(Endless(s), to="a")
            case Endless():
                return s, ()

    def lies(self, liar: str) -> list[Endless]:
        return [Endless(7)]


def test_an_alphabet_without_end_is_an_error_that_names_the_alternative() -> None:
    with pytest.raises(BadWorld, match="b's own code could send too many messages to enumerate") as it:
        explore(system_of(Counting(), asynchronous(byzantine=("b",))))
    assert "--lies only" in it.value.next_step
    assert len(explore(system_of(Counting(), asynchronous(byzantine=("b",), lies="only")))) == 1


@pytest.mark.parametrize(
    ("model", "world", "message"),
    [
        (Told(), asynchronous(byzantine=("sender",), lies="only"), "no such method"),
        (Told("bare"), asynchronous(byzantine=("sender",), lies="types"), "not annotated"),
        (Counting(), asynchronous(byzantine=("b",), lies="types"), "infinitely many messages: field 'number'"),
    ],
)
def test_an_alphabet_that_is_missing_is_an_error(model: Any, world: World, message: str) -> None:
    with pytest.raises(BadWorld, match=message):
        explore(system_of(model, world))


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (Annotated[Value, "a bit"], [0, 1]),
        (NewType("Bit", bool), [False, True]),
        (tuple[Value, bool], [(0, False), (0, True), (1, False), (1, True)]),
        (tuple[()], [()]),
        (frozenset[Value], [frozenset(), frozenset({0}), frozenset({1}), frozenset({0, 1})]),
        (Message, [Message(0), Message(1), Send(0), Send(1), Commit(0), Commit(1)]),
        (Commit | None, [Commit(0), Commit(1), None]),
    ],
)
def test_the_values_of_a_type(kind: Any, values: list[Any]) -> None:
    assert list(values_of(kind)) == values


@pytest.mark.parametrize("kind", [int, tuple[Value, ...], frozenset[int], Endless])
def test_types_with_infinitely_many_values(kind: Any) -> None:
    with pytest.raises(BadWorld, match="infinitely many"):
        list(values_of(kind))
