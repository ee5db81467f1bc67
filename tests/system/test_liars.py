"""What liars can say, on the smallest protocols that show it: counts and verdicts, on every engine that can run them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal, NewType

import pytest

from flpcheck import (
    At,
    Process,
    Start,
    Step,
    World,
    agreement,
    asynchronous,
    invariant,
    load,
    protocol,
    record,
    replace,
    send,
    system_of,
    to_others,
)
from flpcheck.analyse import analyse
from flpcheck.analyse.safety import examine_safety
from flpcheck.authoring.alphabet import values_of
from flpcheck.errors import BadProtocol, BadWorld
from flpcheck.explore import explore

BOTH = ("reference", "kernel")
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
    """B1: a sender tells p1 and p2 its value, and they decide what they are told."""

    how: str = "annotated"  # how the event is annotated
    listed: tuple[int, ...] | None = None  # what `lies` lists

    def processes(self) -> list[Process[Register, Send]]:
        step = {"annotated": self.step, "bare": self.bare, "base": self.base}[self.how]
        sender = Process("sender", step, inputs={v: Register(v) for v in (0, 1)})
        return [sender, *(Process(name, step, start=Register()) for name in ("p1", "p2"))]

    def step(self, at: At, s: Register, event: Start | Send) -> Step[Register, Send]:
        return told(s, event)

    def bare(self, at, s, event):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201, ARG002
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


# Bad is what these hold against.


@invariant
def supported(view: Any) -> bool:
    """R decides only what a process has voted for."""
    decided = view.outputs.get("r")
    return decided is None or decided in {view.states[name].input for name in ("p", "q")}


@invariant
def never_zero(view: Any) -> bool:
    """C does not decide 0."""
    return view.outputs.get("c") != 0


@invariant
def undecided(view: Any) -> bool:
    """B decides nothing."""
    return "b" not in view.outputs


ONE = asynchronous(byzantine=("sender",))
LYING_B = asynchronous(byzantine=("b",))
TYPES = replace(LYING_B, failures=replace(LYING_B.failures, alphabet="types"))
CASES = {
    "B1": (Told(), ONE, agreement, (9, 12), 2),
    "B1, not annotated": (Told("bare"), ONE, agreement, (9, 12), 2),
    "B1, a base class": (Told("base"), ONE, agreement, (9, 12), 2),
    "B1, lies lists nothing new": (Listed(listed=(0, 1)), ONE, agreement, (9, 12), 2),
    "B1, lies adds": (Listed(listed=(2,)), ONE, agreement, (16, 24), 2),
    "B1, lies adds, not annotated": (Listed("bare", (2,)), ONE, agreement, (16, 24), 2),
    "B2": (Forgotten(), ONE, agreement, (9, 12), 2),
    "B3": (Replayed(), asynchronous(byzantine=("liar",)), undecided, (4, 4), 1),
    "B4": (Collected(), LYING_B, supported, (48, 80), 1),
    "B4, all vote for 0": (Collected((0,)), LYING_B, supported, (8, 12), None),
    "B4, all vote for 0, any value": (Collected((0,)), TYPES, supported, (12, 20), 1),
    "B5, b votes for 1": (Named((1,)), LYING_B, never_zero, (6, 7), None),
    "B5": (Named(), LYING_B, never_zero, (12, 19), 3),
}


@pytest.mark.parametrize("engine", BOTH)
@pytest.mark.parametrize("name", CASES)
def test_liars_say_what_some_process_can_say(name: str, engine: str) -> None:
    model, world, claim, size, events = CASES[name]
    graph = explore(system_of(model, world), engine=engine)
    assert (len(graph), len(graph.targets)) == size
    assert graph.engine == engine
    found = analyse(graph, [claim]).findings[0]
    assert (None if found.schedule is None else len(found.schedule.transitions)) == events
    safe = examine_safety(system_of(model, world), [claim], engine=engine).findings[0]
    assert (None if safe.schedule is None else len(safe.schedule.transitions)) == events


@pytest.mark.parametrize(("at_start", "size", "events"), [(False, (3, 2), 2), (True, (2, 1), 1)])
def test_a_signed_message_is_known_from_its_sending_on(at_start: bool, size: tuple[int, int], events: int) -> None:  # noqa: FBT001
    world = asynchronous(byzantine=("liar",), authenticated=True)
    graph = explore(system_of(Replayed(at_start), world))
    assert (len(graph), len(graph.targets)) == size
    schedule = analyse(graph, [undecided]).findings[0].schedule
    assert schedule is not None
    assert len(schedule.transitions) == events


def test_a_signed_message_is_not_known_across_a_partition_until_that_heals() -> None:
    cut = asynchronous(byzantine=("liar",), authenticated=True, partition=(("a",),), heals=True)
    graph = explore(system_of(Replayed(), cut))
    schedule = analyse(graph, [undecided]).findings[0].schedule
    assert schedule is not None
    assert [transition.event.kind for transition in schedule.transitions] in (
        ["start", "heal", "lie"],
        ["heal", "start", "lie"],
    )
    for_ever = asynchronous(byzantine=("liar",), authenticated=True, partition=(("a",),))
    assert analyse(explore(system_of(Replayed(), for_ever)), [undecided]).findings[0].schedule is None


def test_the_alphabet_is_counted() -> None:
    sizes = {}
    for name, (model, world, *_) in CASES.items():
        system: Any = system_of(model, world)
        explore(system)
        sizes[name] = system.speech.size
    assert sizes["B2"] == 4
    assert {sizes[name] for name in ("B1", "B1, not annotated", "B1, a base class")} == {2}
    assert (sizes["B4"], sizes["B4, all vote for 0"], sizes["B4, all vote for 0, any value"]) == (4, 2, 2)
    assert (sizes["B5"], sizes["B5, b votes for 1"]) == (3, 2)


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
        ((("Sender", 0),), r"signatures(Send(0)) names 'Sender', and there is no such process: did you mean 'sender'?"),
        (((0, "sender"),), r"signatures(Send(0)) names 0, and there is no such process"),
        (("sender",), r"signatures(Send(0)) lists 'sender'"),
    ],
)
def test_signatures_are_checked(answer: Any, message: str) -> None:
    world = asynchronous(byzantine=("sender",), authenticated=True)
    with pytest.raises(BadProtocol, match=re.escape(message)):
        explore(system_of(Misread(answer=answer), world))


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
    with pytest.raises(BadWorld, match="what b's own code could say does not end") as it:
        explore(system_of(Counting(), asynchronous(byzantine=("b",))))
    assert "--lies only" in it.value.next_step
    assert len(explore(system_of(Counting(), asynchronous(byzantine=("b",), alphabet="only")))) == 1


@pytest.mark.parametrize(
    ("model", "world", "message"),
    [
        (Told(), asynchronous(byzantine=("sender",), alphabet="only"), "no such method"),
        (Told("bare"), asynchronous(byzantine=("sender",), alphabet="types"), "not annotated"),
        (Counting(), asynchronous(byzantine=("b",), alphabet="types"), "infinitely many things: field 'number'"),
    ],
)
def test_an_alphabet_that_is_missing_is_an_error(model: Any, world: World, message: str) -> None:
    with pytest.raises(BadWorld, match=message):
        explore(system_of(model, world))


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (Annotated[Value, "a bit"], [0, 1]),
        (NewType("Bit", bool), [False, True]),  # type: ignore[valid-newtype]
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
