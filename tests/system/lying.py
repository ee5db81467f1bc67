"""The smallest protocols that show what liars can say."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from typing import Any, Literal

from flpcheck import (
    At,
    Gather,
    Mail,
    Process,
    Recovered,
    Start,
    Step,
    invariant,
    protocol,
    record,
    replace,
    send,
    to_others,
)

Value = Literal[0, 1]


@record
class Message:
    """What all of them have in common."""

    value: Value


@record
class Send(Message):
    """A value."""


@record
class Commit(Message):
    """A value that is settled."""


@record
class Register:
    """An input and an output."""

    input: Value | None = None
    decision: Value | None = None


@protocol
class Told:
    """B1: a sender tells p1 and p2 its value, and they decide what they receive."""

    how: str = "annotated"  # how the event is annotated
    listed: tuple[int, ...] | None = None  # what `lies` lists

    def processes(self) -> list[Process[Register, Send]]:
        step = {"annotated": self.step, "bare": self.bare, "base": self.base}[self.how]
        sender = Process("sender", step, inputs={v: Register(v) for v in (0, 1)})
        return [sender, *(Process(name, step, start=Register()) for name in ("p1", "p2"))]

    def step(self, at: At, s: Register, event: Start | Send) -> Step[Register, Send]:
        return told(s, event)

    def bare(self, at, s, event):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
        return told(s, event)

    def base(self, at: At, s: Register, event: Start | Message) -> Step[Register, Send]:
        return told(s, event)


def told(s: Register, event: Any) -> Step[Register, Send]:
    match event:
        case Start() if s.input is not None and s.decision is None:
            return replace(s, decision=s.input), to_others(Send(s.input))
        case Send(v) if s.decision is None:
            return replace(s, decision=v), ()
        case _:
            return s, ()


@protocol
class Listed(Told):
    """B1 with `lies`."""

    def lies(self, liar: str) -> list[Send]:
        return [Send(v) for v in self.listed or ()]  # type: ignore[arg-type]


@protocol
class Forgotten:
    """B2: `lies` lists another message than the code sends and takes."""

    def processes(self) -> list[Process[Register, Any]]:
        sender = Process("sender", self.step, inputs={v: Register(v) for v in (0, 1)})
        return [sender, *(Process(name, self.step, start=Register()) for name in ("p1", "p2"))]

    def step(self, at: At, s: Register, event: Start | Send | Commit) -> Step[Register, Any]:
        match event:
            case Start() if s.input is not None and s.decision is None:
                return replace(s, decision=s.input), to_others(Commit(s.input))
            case Commit(v) if s.decision is None and at.sender == "sender":
                return replace(s, decision=v), ()
            case _:
                return s, ()

    def lies(self, liar: str) -> list[Send]:
        return [Send(0), Send(1)]


@record
class Signed:
    """A value with the name of who has signed it."""

    signer: str
    value: int


@record
class Relaying:
    """Whether the value was sent."""

    sent: bool = False
    decision: int | None = None


@protocol
class Replayed:
    """B3: a signs a value for the liar alone, and b decides what a has signed."""

    at_start: bool = False

    def processes(self) -> list[Process[Relaying, Signed]]:
        sent: Any = {"sent": send(Signed("a", 1), to="liar")} if self.at_start else {}
        return [
            Process("a", self.step, start=Relaying(self.at_start), **sent),
            *(Process(name, self.step, start=Relaying(sent=True)) for name in ("b", "liar")),
        ]

    def step(self, at: At, s: Relaying, event: Start | Signed) -> Step[Relaying, Signed]:
        match event:
            case Start() if not s.sent:
                return replace(s, sent=True), send(Signed("a", 1), to="liar")
            case Signed("a", v) if at.me == "b" and s.decision is None:
                return replace(s, decision=v), ()
            case _:
                return s, ()

    def lies(self, liar: str) -> list[Signed]:
        return [Signed(liar, 0)]

    def signatures(self, message: Signed) -> list[tuple[str, int]]:
        return [(message.signer, message.value)]


@protocol
class Gathering(Replayed):
    """B3, where b gathers what a has signed."""

    def processes(self) -> list[Process[Relaying, Signed]]:
        gatherer = Process("b", self.take, start=Relaying(sent=True), gather=self.signed)
        return [gatherer if process.name == "b" else process for process in Replayed.processes(self)]

    def signed(self, at: At, s: Relaying, mail: Mail[Signed]) -> Iterable[Mail[Signed]]:
        return ((letter,) for letter in mail if letter.message.signer == "a")

    def take(self, at: At, s: Relaying, event: Gather[Signed]) -> Step[Relaying, Signed]:
        return replace(s, decision=event.letters[0].message.value), ()


@protocol
class Echoing:
    """p says a value, and each process that receives it says that it is settled."""

    def processes(self) -> list[Process[Register, Any]]:
        return [Process(name, self.step, start=Register()) for name in ("p", "q")]

    def step(self, at: At, s: Register, event: Start | Send | Commit) -> Step[Register, Any]:
        match event:
            case Start():
                return s, to_others(Send(0))
            case Send():
                return s, to_others(Commit(0))
            case _:
                return s, ()


@record
class Voting:
    """What was heard."""

    input: Value | None = None
    sent: bool = False
    heard: frozenset[tuple[str, int]] = frozenset()
    decision: int | None = None


@protocol
class Collected:
    """B4: b passes on what p and q have both voted for, and r decides it."""

    inputs: tuple[int, ...] = (0, 1)

    def processes(self) -> list[Process[Voting, Any]]:
        inputs: Any = {v: Voting(v) for v in self.inputs}  # type: ignore[arg-type]
        voters = [Process(name, self.vote, inputs=inputs) for name in ("p", "q")]
        return [*voters, Process("b", self.collect, start=Voting()), Process("r", self.obey, start=Voting())]

    def vote(self, at: At, s: Voting, event: Start) -> Step[Voting, Any]:
        assert s.input is not None
        return (s, ()) if s.sent else (replace(s, sent=True), send(Send(s.input), to="b"))

    def collect(self, at: At, s: Voting, event: Send) -> Step[Voting, Any]:
        heard = s.heard | {(at.sender, event.value)}
        if not s.sent and {("p", event.value), ("q", event.value)} <= heard:
            return replace(s, heard=heard, sent=True), send(Commit(event.value), to="r")
        return replace(s, heard=heard), ()

    def obey(self, at: At, s: Voting, event: Commit) -> Step[Voting, Any]:
        return (replace(s, decision=event.value), ()) if at.sender == "b" and s.decision is None else (s, ())


@record
class Vote:
    """A vote that names its author."""

    voter: str
    value: Value


@protocol
class Named:
    """B5: c decides what a and b have both voted for."""

    choices: tuple[int, ...] = (0, 1)

    def processes(self) -> list[Process[Voting, Vote]]:
        mine: Any = {v: Voting(v) for v in self.choices}  # type: ignore[arg-type]
        return [
            Process("a", self.vote, start=Voting(0)),
            Process("b", self.vote, inputs=mine),
            Process("c", self.count, start=Voting()),
        ]

    def vote(self, at: At, s: Voting, event: Start) -> Step[Voting, Vote]:
        assert s.input is not None
        return (s, ()) if s.sent else (replace(s, sent=True), send(Vote(at.me, s.input), to="c"))

    def count(self, at: At, s: Voting, event: Vote) -> Step[Voting, Vote]:
        if event.voter != at.sender or s.decision is not None:
            return s, ()
        heard = s.heard | {(event.voter, event.value)}
        both = {("a", event.value), ("b", event.value)} <= heard
        return replace(s, heard=heard, decision=event.value if both else None), ()


@protocol
class Gathered:
    """G: p votes for 0 and q for 1, and r gathers two equal votes of different processes."""

    liar: bool = True
    careless: bool = False  # whether any two equal letters will do

    def processes(self) -> list[Process[Voting, Any]]:
        voters = [Process(name, self.vote, start=Voting(v)) for name, v in (("p", 0), ("q", 1))]  # type: ignore[arg-type]
        liar = [Process("b", self.vote, start=Voting(sent=True))] if self.liar else []
        return [*voters, *liar, Process("r", self.count, start=Voting(), gather=self.equal)]

    def vote(self, at: At, s: Voting, event: Start) -> Step[Voting, Any]:
        assert s.input is not None or s.sent
        return (s, ()) if s.sent else (replace(s, sent=True), send(Send(s.input), to="r"))  # type: ignore[arg-type]

    def equal(self, at: At, s: Voting, mail: Mail[Send]) -> Iterable[Mail[Send]]:
        for group in combinations(mail, 2):
            different = self.careless or group[0].sender != group[1].sender
            if s.decision is None and different and (self.careless or group[0].message == group[1].message):
                yield group

    def count(self, at: At, s: Voting, event: Gather[Send]) -> Step[Voting, Any]:
        return replace(s, decision=event.letters[0].message.value), ()


@record
class Back:
    """Said by a process that has come back, and by no other code."""


@record
class Heard:
    """A process that waits."""

    decision: int | None = None


@protocol
class SaidOnReturn:
    """What a correct process says when it has recovered, a liar can say from the beginning."""

    def processes(self) -> list[Process[Heard, Back]]:
        return [
            Process("a", self.return_to, start=Heard(), stable=()),
            Process("b", self.listen, start=Heard()),
            Process("liar", self.listen, start=Heard()),
        ]

    def return_to(self, at: At, s: Heard, event: Recovered | Back) -> Step[Heard, Back]:
        return s, (send(Back(), to="liar") if isinstance(event, Recovered) else ())

    def listen(self, at: At, s: Heard, event: Back) -> Step[Heard, Back]:
        return replace(s, decision=1), ()


# Bad is what these hold against.


@invariant
def supported(view: Any) -> bool:
    """R decides only what a process has voted for."""
    decided = view.outputs.get("r")
    return decided is None or decided in {view.states[name].input for name in ("p", "q")}


@invariant
def never_zero(view: Any) -> bool:
    """C does not decide 0."""
    return bool(view.outputs.get("c") != 0)


@invariant
def undecided(view: Any) -> bool:
    """B decides nothing."""
    return "b" not in view.outputs
