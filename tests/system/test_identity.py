"""Which values are one: fixtures whose messages and states are alike in name or for Python, on every engine."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

import pytest

from flpcheck import Event, agreement, load
from flpcheck.authoring.events import Letter
from flpcheck.authoring.quorum import gather_quorum, one_from_each
from flpcheck.authoring.values import record
from flpcheck.errors import BadValue
from flpcheck.examine import Examination, examine
from flpcheck.settle import Overrides, settle

HEAD = """
from flpcheck import *
from flpcheck import Gather, Event
"""
PARTS = {
    "lock_part.py": "from flpcheck import record\n\n@record\nclass Grant:\n    term: int\n",
    "vote_part.py": "from flpcheck import record\n\n@record\nclass Grant:\n    term: int\n",
}
CONSENSUS = """
@record
class V:
    value: object

@record
class S:
    done: bool = False
    decision: object = None

@protocol
class P:
    def processes(self):
        return [Process("a", self.sender, start=S()), *(Process(p, self.taker, start=S()) for p in "bc")]

    def sender(self, at: At, s: S, event: Start):
        return (s, ()) if s.done else (replace(s, done=True), (send({one}, "b"), send({other}, "c")))

    def taker(self, at: At, s: S, event: {kinds}):
        return (s, ()) if isinstance(event, Start) else (replace(s, decision={decision}), ())

INSTANCES = (Instance("x", P(), asynchronous(), {{agreement: HOLDS}}),)
"""
HIDES_BUG = """
import lock_part, vote_part

@record
class Node:
    started: bool = False
    votes: int = 0
    locked: bool = False

@protocol
class Both:
    def processes(self):
        return [Process("server", self.server, start=Node()), *(Process(c, self.client, start=Node()) for c in "ab")]

    def server(self, at: At, s: Node, event: Start):
        if s.started:
            return s, ()
        grants = [send(part.Grant(1), to=c) for part in (vote_part, lock_part) for c in "ab"]
        return replace(s, started=True), tuple(grants)

    def client(self, at: At, s: Node, event: vote_part.Grant | lock_part.Grant):
        if isinstance(event, vote_part.Grant):
            return replace(s, votes=s.votes + 1), ()
        return replace(s, locked=True), ()

@invariant
def exclusive(view) -> bool:
    return not (view["a"].locked and view["b"].locked)

INSTANCES = (Instance("it", Both(), asynchronous(), {exclusive: VIOLATED}),)
"""
SAME_STATE = """
import lock_part, vote_part

@protocol
class Turns:
    def names(self):
        return ["p"]

    def initial(self):
        yield lock_part.Grant(0)

    def successors(self, c):
        if isinstance(c, lock_part.Grant):
            yield Event("turns", "p"), vote_part.Grant(0)

@invariant
def never_a_vote(c) -> bool:
    return isinstance(c, lock_part.Grant)

INSTANCES = (Instance("it", Turns(), asynchronous(), {never_a_vote: VIOLATED}),)
"""
SAME_NAME = """
import lock_part, vote_part

@record
class Sender:
    sent: bool = False

@record
class Getter:
    votes: int = 0
    locks: int = 0

@protocol
class SameName:
    def processes(self):
        return [Process("g", self.getter, start=Getter()), Process("s", self.sender, start=Sender())]

    def sender(self, at: At, s: Sender, event: Start):
        if s.sent:
            return s, ()
        return replace(s, sent=True), (send(lock_part.Grant(1), to="g"), send(vote_part.Grant(1), to="g"))

    def getter(self, at: At, s: Getter, event: Start | lock_part.Grant | vote_part.Grant):
        if isinstance(event, lock_part.Grant):
            return replace(s, locks=s.locks + 1), ()
        if isinstance(event, vote_part.Grant):
            return replace(s, votes=s.votes + 1), ()
        return s, ()

@sometimes
def a_vote_arrives(view) -> bool:
    return view["g"].votes == 1

@invariant
def one_lock(view) -> bool:
    return view["g"].locks <= 1

INSTANCES = (Instance("it", SameName(), asynchronous(), {a_vote_arrives: HOLDS, one_lock: HOLDS}),)
"""
GATHERING = """
@record
class S:
    sent: bool = False
    decision: object = None

@record
class V:
    value: object

def each(at, s, mail):
    for letter in mail:
        yield (letter,)

@protocol
class P:
    def processes(self):
        gathering = [Process(p, self.taker, start=S(), gather=each) for p in "bc"]
        return [Process("a", self.sender, start=S()), *gathering]

    def sender(self, at: At, s: S, event: Start):
        return (s, ()) if s.sent else (replace(s, sent=True), (to_others(V(1)), to_others(V(True))))

    def taker(self, at: At, s: S, event: Start | Gather[V]):
        if isinstance(event, Start) or s.decision is not None:
            return s, ()
        return replace(s, decision="int" if type(event.letters[0].message.value) is int else "bool"), ()

INSTANCES = (Instance("x", P(), asynchronous(), {agreement: VIOLATED}),)
"""
BOOL_INT = """
@record
class S:
    input: object
    decision: object = None

@protocol
class P:
    def processes(self):
        return [Process(p, self.step, start=S(v)) for p, v in (("a", 1), ("b", True), ("c", 1.0))]

    def step(self, at: At, s: S, event: Start):
        return (replace(s, decision=s.input), ()) if s.decision is None else (s, ())

INSTANCES = (Instance("x", P(), asynchronous(), {agreement: VIOLATED}),)
"""
TWO_VOTES = CONSENSUS.format(
    one="lock_part.Grant(1)",
    other="vote_part.Grant(1)",
    kinds="Start | lock_part.Grant | vote_part.Grant",
    decision="0 if isinstance(event, lock_part.Grant) else 1",
)


def examined(folder: Path, text: str, engine: str = "auto") -> Examination:
    for name, content in PARTS.items():
        (folder / name).write_text(content)
    file = folder / "spec.py"
    file.write_text(HEAD + dedent(text))
    return examine(settle(load(str(file)), Overrides(engine=engine)))


class Expected(NamedTuple):
    text: str
    size: tuple[int, int]
    events: int | None
    engines: tuple[str, ...] = ("reference", "kernel")


FIXTURES = {
    "a class of one name hides a bug": Expected(HIDES_BUG, (17, 33), 3),
    "a configuration changes its class only": Expected(SAME_STATE, (2, 1), 1, ("reference",)),
    "two letters of one name": Expected(SAME_NAME, (5, 5), None),
    "two votes of one name": Expected("import lock_part, vote_part\n" + TWO_VOTES, (5, 5), 3),
    "1 and True in a mailbox that is gathered": Expected(GATHERING, (10, 13), 3),
    "1, True and 1.0 are decided": Expected(BOOL_INT, (8, 12), 2),
}


@pytest.mark.parametrize(
    ("name", "engine"), [(name, engine) for name, expected in FIXTURES.items() for engine in expected.engines]
)
def test_values_are_distinguished_by_class(tmp_path: Path, name: str, engine: str) -> None:
    expected = FIXTURES[name]
    found = examined(tmp_path, expected.text, engine)
    assert found.graph.engine == engine
    assert (len(found.graph), len(found.graph.targets)) == expected.size
    counterexamples = [f.schedule for f in found.analysis.findings if f.is_counterexample and f.schedule is not None]
    assert [len(schedule.transitions) for schedule in counterexamples] == [expected.events] * (
        expected.events is not None
    )


FACTORY = """
def part():
    @record
    class Ack:
        number: int
    return Ack

One, Other = part(), part()
""" + CONSENSUS.format(one="One(1)", other="Other(1)", kinds="Start | One | Other", decision="0").replace(
    'send(Other(1), "c")', 'send(Other(1), "b")'
)
ENUMS = """
from enum import Enum
A, B = Enum("Colour", "RED"), Enum("Colour", "RED")
""" + CONSENSUS.format(one="V(A.RED)", other="V(B.RED)", kinds="Start | V", decision="event.value is A.RED")
LOCAL_ENUM = """
from enum import Enum

def kind():
    class Status(Enum):
        OK = 1
    return Status

Lock, Vote = kind(), kind()

@record
class S:
    status: Enum = Lock.OK

@protocol
class P:
    def processes(self):
        return [Process("a", self.step, start=S())]

    def step(self, at: At, s: S, event: Timeout):
        return S(Vote.OK), ()

INSTANCES = (Instance("it", P(), asynchronous()),)
"""
HIDDEN = """
def tagged(v, tag):
    object.__setattr__(v, "tag", tag)
    return v
""" + CONSENSUS.format(one="tagged(V(1), 'x')", other="tagged(V(1), 'y')", kinds="Start | V", decision="event.tag")


def floats(other: str) -> str:
    return CONSENSUS.format(one="V(0.0)", other=f"V({other})", kinds="Start | V", decision="0")


@pytest.mark.sampled(4)
@pytest.mark.parametrize("engine", ["reference", "kernel"])
@pytest.mark.parametrize(
    ("text", "words"),
    [
        (FACTORY, ["two classes are called Ack: ", "spec.py:6", "part.<locals>.Ack is defined again by each call"]),
        (ENUMS, ["two classes are called Colour", "rename one"]),
        (LOCAL_ENUM, ["two classes are called Status", "kind.<locals>.Status is defined again by each call"]),
        (HIDDEN, ["V has an attribute 'tag' that is not a field", "make it a field"]),
        (floats("-0.0"), ["field 'value' of V", "-0.0 is equal to 0.0 and behaves differently"]),
        (floats("float('nan')"), ["field 'value' of V", "NaN is not equal to itself"]),
    ],
)
def test_values_that_cannot_be_distinguished_are_refused(
    tmp_path: Path, text: str, words: list[str], engine: str
) -> None:
    with pytest.raises(BadValue) as caught:
        examined(tmp_path, text, engine)
    for word in words:
        assert word in str(caught.value)


def test_a_spec_that_is_loaded_twice_is_no_conflict(tmp_path: Path) -> None:
    one = examined(tmp_path, "import lock_part, vote_part\n" + TWO_VOTES)
    other = examined(tmp_path, "import lock_part, vote_part\n" + TWO_VOTES)
    assert one.request.spec.module is not other.request.spec.module
    assert one.analysis.findings[0].claim == agreement
    assert len(one.graph) == len(other.graph) == 5


@record
class V:
    value: object


def test_events_are_equal_as_their_values_are() -> None:
    one, other = (Event("deliver", "p", sender="q", message=V(value)) for value in (1, True))
    assert V(1) == V(True)
    assert one != other
    assert len({one, other, Event("deliver", "p", sender="q", message=V(1))}) == 2
    assert one != "an event"


def test_guards_of_the_library_tell_letters_apart_as_values_are() -> None:
    mail = (Letter("a", V(1)), Letter("a", V(True)), Letter("b", V(1)))
    assert [group[0].message.value for group in one_from_each(mail, ["a"])] == [1, True]
    assert len(list(gather_quorum(mail, 2))) == 2
