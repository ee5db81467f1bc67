"""Protocols whose local states differ in one thing, which may tell them apart or not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from cli.test_commands import Cli, cli  # noqa: F401

from flpcheck import (
    Gather,
    Mail,
    Observer,
    Process,
    Recovered,
    Start,
    Step,
    Timeout,
    choose,
    gather_quorum,
    invariant,
    note,
    protocol,
    record,
    replace,
    send,
)
from flpcheck.reduce.equal_states import EqualStates


@record
class Word:
    said: str


@record
class Painter:
    colour: str = ""
    steps: int = 0
    decision: str | None = None


@protocol
class Painting:
    """A painter chooses a colour, waits for some time, and decides; by its colour only if it shows it."""

    waits: int = 2
    shows: bool = True

    def processes(self) -> list[Process[Any, Any]]:
        return [Process("p", self.painter, start=Painter())]

    def painter(self, at: Any, s: Painter, event: Timeout) -> Step[Painter, Word]:
        if not s.colour:
            return choose(*((replace(s, colour=colour), ()) for colour in ("blue", "red")))
        if s.steps < self.waits:
            return replace(s, steps=s.steps + 1), ()
        return replace(s, decision=s.colour if self.shows else "done"), ()


@contextmanager
def guessing(keep: Callable[[Any], bool]) -> Iterator[None]:
    """Let a guess forget all that it has found out, so that states are equal if they look so; only some are known."""
    ask = EqualStates._ask_about

    def forgetful(self: EqualStates, *known: Any) -> bool:
        asked = ask(self, *known)
        states = self.places.states
        self.rows.known = {place: {} for place in self.rows.known if keep(states[place][1])}
        return asked

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(EqualStates, "_ask_about", forgetful)
        yield


@invariant
def never_blue(view: Any) -> bool:
    """No process is blue."""
    return all(state.colour != "blue" for state in view.states.values())


@invariant
def never_red(view: Any) -> bool:
    """No process is red, wherever it has waited."""
    colours = view.each("colour")
    return not (view["p"].steps and colours["p"] == "red")


@invariant
def few_states(view: Any) -> bool:
    """The state as a whole is no text about anything blue."""
    return "blue" not in repr(view["p"])


@invariant
def decides(view: Any) -> bool:
    """Each decision is a value; no local state is read."""
    return all(view.outputs.values())


@record
class Voter:
    needs: int = 0
    sent: bool = False
    decision: int | None = None


@protocol
class Voting:
    """A counter chooses how many votes it needs, which shows only in what it may gather."""

    def processes(self) -> list[Process[Any, Any]]:
        voters = [Process(name, self.voter, start=Voter()) for name in ("a", "b")]
        return [*voters, Process("counter", self.counter, start=Voter(), gather=self.quorum)]

    def voter(self, at: Any, s: Voter, event: Start) -> Step[Voter, Word]:
        return (s, ()) if s.sent else (replace(s, sent=True, decision=0), send(Word("yes"), to="counter"))

    def counter(self, at: Any, s: Voter, event: Timeout | Gather[Word]) -> Step[Voter, Word]:
        if isinstance(event, Timeout):
            return (s, ()) if s.needs else choose(*((replace(s, needs=needs), ()) for needs in (3, 2)))
        return replace(s, decision=len(event.letters)), ()

    def quorum(self, at: Any, s: Voter, mail: Mail[Any]) -> Any:
        return gather_quorum(mail, s.needs) if s.needs and s.decision is None else ()


@protocol
class Telling:
    """What a painter says, or notes, or leaves behind when it crashes tells its colour."""

    how: str = "says"

    def processes(self) -> list[Process[Any, Any]]:
        return [Process("p", self.painter, start=Painter()), Process("q", self.hearer, start=Painter())]

    def observers(self) -> list[Observer[str, str]]:
        return [Observer("colour", "", lambda _, colour: colour)]

    def painter(self, at: Any, s: Painter, event: Timeout) -> Step[Painter, Word]:
        if not s.colour:
            return choose(*((replace(s, colour=colour), ()) for colour in ("blue", "red")))
        told = (send(Word(s.colour), to="q"),) if self.how == "says" else (note(s.colour),)
        return (replace(s, steps=1), told) if not s.steps else (s, ())

    def hearer(self, at: Any, s: Painter, event: Word) -> Step[Painter, Word]:
        return replace(s, decision=event.said), ()


@protocol
class Dying:
    """All that its colour changes is the input that is left of a process when it crashes."""

    def processes(self) -> list[Process[Any, Any]]:
        starts = {colour: Registers(colour) for colour in ("blue", "red")}
        idle = Process("q", self.painter, start=Registers("grey"), stable=())
        return [Process("p", self.painter, inputs=starts, stable=("input",)), idle]

    def painter(self, at: Any, s: Registers, event: Timeout) -> Step[Registers, Word]:
        return s, ()


@record
class Registers:
    input: str
    decision: str | None = None


@invariant
def nothing_left(view: Any) -> bool:
    """No process has crashed whose input was blue."""
    return not (view.crashed and view.inputs.get("p") == "blue")


@protocol
class Rising:
    """A process that comes back shows its colour, and no other does."""

    def processes(self) -> list[Process[Any, Any]]:
        return [Process(name, self.painter, start=Painter(), stable=("colour",)) for name in ("p", "q")]

    def painter(self, at: Any, s: Painter, event: Timeout | Recovered) -> Step[Painter, Word]:
        if isinstance(event, Recovered):
            return replace(s, decision=s.colour or "none"), ()
        if s.colour or at.me == "q":
            return s, ()
        return choose(*((replace(s, colour=colour), ()) for colour in ("blue", "red")))


@protocol
class Keeping:
    """The receiver either takes the word, which is then lost, or leaves it for later, when it decides by it."""

    ways: tuple[str, str] = ("leaves", "takes")

    def processes(self) -> list[Process[Any, Any]]:
        return [Process("sender", self.sender, start=Painter()), Process("receiver", self.receiver, start=Painter())]

    def sender(self, at: Any, s: Painter, event: Start) -> Step[Painter, Word]:
        return (s, ()) if s.steps else (replace(s, steps=1, decision="sent"), send(Word("now"), to="receiver"))

    def receiver(self, at: Any, s: Painter, event: Timeout | Word) -> Step[Painter, Word]:
        if isinstance(event, Word):
            if s.steps == 2:
                return replace(s, decision="late"), ()
            return (replace(s, colour="took"), ()) if s.colour == "takes" else (s, ())
        if not s.colour:
            return choose(*((replace(s, colour=colour), ()) for colour in self.ways))
        return (replace(s, steps=s.steps + 1), ()) if s.steps < 2 else (s, ())


@protocol
class Asked:
    """A painter is asked for its colour, whether it has one or not, and decides by it."""

    def processes(self) -> list[Process[Any, Any]]:
        return [Process("p", self.painter, start=Painter()), Process("q", self.asker, start=Painter())]

    def painter(self, at: Any, s: Painter, event: Timeout | Word) -> Step[Painter, Word]:
        if isinstance(event, Word):
            return replace(s, decision=s.colour or "none"), ()
        return (s, ()) if s.colour else choose(*((replace(s, colour=one), ()) for one in ("blue", "red")))

    def asker(self, at: Any, s: Painter, event: Start) -> Step[Painter, Word]:
        return (s, ()) if s.steps else (replace(s, steps=1), send(Word("which"), to="p"))


@protocol
class Noting:
    """A painter notes the colour that it chooses, and then decides by it."""

    def processes(self) -> list[Process[Any, Any]]:
        return [Process("p", self.painter, start=Painter())]

    def observers(self) -> list[Observer[str, str]]:
        return [Observer("colour", "", lambda _, colour: colour)]

    def painter(self, at: Any, s: Painter, event: Timeout) -> Step[Painter, Word]:
        if not s.colour:
            return choose(*((replace(s, colour=one), note(one)) for one in ("blue", "green", "red")))
        return replace(s, decision=s.colour), ()


@invariant
def as_noted(view: Any) -> bool:
    """What is decided was noted."""
    return all(view.observers["colour"] == decision for decision in view.outputs.values())
