"""Events: of a process (`Start`, a message, `Timeout`, `Gather`), and of a configuration (`Event`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from functools import cached_property
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

from flpcheck.authoring.values import Key, key, record, show

Pid: TypeAlias = str
M = TypeVar("M")


@record
class Start:
    """The first step of a process, without a message.

    It stays applicable as long as the step changes something; a spec says in the state that it has started.
    """


@record
class Timeout:
    """The timer of a process fires: the null step of FLP, at any time while it would change something."""


@record
class Suspect:
    """The failure detector of a process suspects another one, wrongly where its class allows that.

    Chandra and Toueg, "Unreliable Failure Detectors for Reliable Distributed Systems" (1996), section 2.  A suspicion
    that changes nothing is no event.
    """

    process: Pid


@record
class Trust:
    """The failure detector Omega of a process says: this one is the leader.

    Chandra, Hadzilacos and Toueg, "The Weakest Failure Detector for Solving Consensus" (1996), section 3.
    """

    process: Pid


@record
class Recovered:
    """A process that had crashed is back: its stable fields are as they were, the others at their defaults.

    A step whose annotation takes it is the recovery itself: what it sends and chooses is part of the world event
    `recover`.  A step that does not take it is not asked.
    """


OWN = (Start, Timeout, Suspect, Trust, Recovered)
"""Events of a process that take no message."""


class Letter(NamedTuple, Generic[M]):
    """A message in a mailbox, with its sender."""

    sender: Pid
    message: M


@dataclass(frozen=True)
class Gather(Generic[M]):
    """A process takes several letters of its mailbox in one step, say one promise from each member of a quorum.

    Parameters
    ----------
    letters
        The sub-multiset that the process's `gather` guard accepted.  A multiset network consumes it, a set keeps it.
    """

    letters: tuple[Letter[M], ...]


@dataclass(frozen=True)
class Pattern:
    """The choices of the adversary in one round; an empty field means no interference of that kind.

    Parameters
    ----------
    number
        Number of the round; 0 where the protocol does not count rounds.
    crashes
        The processes that crash in this round, each with the receivers that its messages still reach.
    missed
        For each process that survives the round, the senders that it does not hear.
    lies
        For each Byzantine process and receiver, the message sent; None for silence.
    """

    number: int = 0
    crashes: tuple[tuple[Pid, tuple[Pid, ...]], ...] = ()
    missed: tuple[tuple[Pid, tuple[Pid, ...]], ...] = ()
    lies: tuple[tuple[Pid, Pid, object], ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """The choices of the adversary, as clauses.

        Examples
        --------
        >>> Pattern(1, crashes=(("p0", ("p1",)),), missed=(("p2", ("p1",)),)).words
        ('p0 crashes, reaching only p1', 'p2 does not hear p1')
        """
        crashes = [f"{pid} crashes, reaching {_only(to)}" for pid, to in self.crashes]
        missed = [f"{pid} does not hear {', '.join(senders)}" for pid, senders in self.missed]
        return (*crashes, *missed, *self._lies())

    def _lies(self) -> list[str]:
        heard: dict[tuple[Pid, str], list[Pid]] = {}
        for liar, to, message in self.lies:
            heard.setdefault((liar, "nothing" if message is None else show(message)), []).append(to)
        return [f"{liar} says {text} to {', '.join(to)}" for (liar, text), to in heard.items()]

    def as_json(self) -> dict[str, Any]:
        """Return the pattern for JSON output."""
        return {
            "crashes": {pid: list(reached) for pid, reached in self.crashes},
            "missed": {pid: list(senders) for pid, senders in self.missed},
            "lies": [[liar, to, None if m is None else show(m)] for liar, to, m in self.lies],
        }


def _only(reached: tuple[Pid, ...]) -> str:
    return f"only {', '.join(reached)}" if reached else "no process"


@dataclass(frozen=True, eq=False)
class Event:
    """Something that happens to a configuration; authors of general protocols make their own.

    Events are equal if their values are, as `key` tells values apart: the delivery of 1 is not that of True.

    Parameters
    ----------
    kind
        `start`, `timeout`, `suspect`, `trust`, `deliver`, `gather` (process events); `crash`, `recover`, `lose`,
        `duplicate`, `lie`, `omit`, `stabilise`, `heal` (world events); `round` (a step of all processes at once); or
        any name that a general protocol gives its transitions.
    process
        The process whose event it is; None for an event of the world.
    sender, message
        The letter that is taken, lost or duplicated; for `gather` the letters; for the answer of a detector whom it
        names; for `stabilise` who is trusted, or not suspected, from now on.
    world
        True for an event of the surroundings: fairness does not promise it, and gadgets do not count it.
    during
        For a crash in the middle of a step, or an omission: the event whose step was cut short.
    reached
        For a crash in the middle of a step, or an omission: whom the step's messages still reached.
    sent
        The message that each of them received, where a step sends some process different ones; else empty.
    chance
        For general protocols: the probability with which this transition is the outcome of its event.  The chances of
        the transitions that share an event (but for its chance) add up to one.
    pattern
        For a round: what the adversary does in it.
    written
        For a crash in the middle of a step, where processes come back: the stable fields that the step changed and
        that were written before the crash; None where nothing is ever read again.

    Examples
    --------
    >>> str(Event("deliver", "p0", sender="p1", message="hello"))
    "p0 receives 'hello' from p1"
    """

    kind: str
    process: Pid | None = None
    sender: Pid | None = None
    message: object = None
    world: bool = False
    during: Event | None = None
    reached: tuple[Pid, ...] = ()
    sent: tuple[object, ...] = ()
    chance: Fraction | None = None
    pattern: Pattern | None = None
    written: tuple[str, ...] | None = None

    @property
    def toss(self) -> Event:
        """The event that all outcomes of its coin share; itself where no coin is tossed."""
        return self if self.chance is None else replace(self, chance=None)

    @property
    def survives(self) -> str:
        """The part of a step that survives a crash, in words: fields written, and receivers reached.

        Examples
        --------
        >>> Event("crash", "v", reached=("c",), written=("term", "vote")).survives
        'having written term, vote, reaching c'
        >>> Event("crash", "v", written=()).survives
        'having written nothing, reaching no process'
        >>> Event("crash", "v", reached=("c",)).survives
        'reaching c'
        """
        written = "" if self.written is None else f"having written {', '.join(self.written) or 'nothing'}, "
        return f"{written}reaching {self.reaches}"

    @cached_property
    def name(self) -> Key:
        """The identity of the event."""
        return key(tuple(getattr(self, field) for field in _FIELDS))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Event) and (self is other or self.name == other.name)

    def __hash__(self) -> int:
        return hash(self.name)

    @property
    def letters(self) -> tuple[tuple[Pid, Any], ...]:
        """The messages that the process receives, each with its sender: one, or those that it gathers."""
        if self.kind == "gather" and isinstance(self.message, tuple):
            return tuple((letter[0], letter[1]) for letter in self.message)
        return ((self.sender or "", self.message),) if self.kind == "deliver" else ()

    @property
    def reaches(self) -> str:
        """The receivers that the messages of a cut step still reached, in words.

        Examples
        --------
        >>> Event("omit", "p0", reached=("p1", "p2")).reaches
        'p1, p2'
        >>> Event("omit", "p0", reached=("p1", "p2"), sent=("a", "b")).reaches
        "p1 ('a'), p2 ('b')"
        >>> Event("omit", "p0").reaches
        'no process'
        """
        texts = [f"{pid} ({show(message)})" for pid, message in zip(self.reached, self.sent, strict=False)]
        return ", ".join(texts or self.reached) or "no process"

    def __str__(self) -> str:
        return _SENTENCES.get(self.kind, _own_name)(self)


_FIELDS = tuple(field.name for field in fields(Event))


def _own_name(event: Event) -> str:
    parts = (event.process, event.kind, None if event.message is None else show(event.message))
    return " ".join(str(part) for part in parts if part)


def _crash(event: Event) -> str:
    if event.during is None:
        return f"{event.process} crashes"
    where = "in mid-broadcast" if event.written is None else "in the middle of a step"
    return f"{event.process} crashes {where} ({event.during}), {event.survives}"


def _stabilise(event: Event) -> str:
    if event.message is None:
        return "GST: from here on every live process hears every live process"
    return f"the world stabilises: {event.message} is reliable from now on"


def _omission(event: Event) -> str:
    if event.during is None:
        return f"{event.process} fails to receive {show(event.message)} from {event.sender}"
    return f"{event.during}, and what it sends reaches {'only ' if event.reached else ''}{event.reaches}"


def _gather(event: Event) -> str:
    letters = event.message if isinstance(event.message, tuple) else ()
    lies = ", some of which are lies" if event.world else ""
    return f"{event.process} gathers " + ", ".join(f"{show(letter[1])} from {letter[0]}" for letter in letters) + lies


def _round(event: Event) -> str:
    if event.pattern is None and event.message is not None:
        return f"a round: {event.message}"
    pattern = event.pattern or Pattern()
    number = f"round {pattern.number}" if pattern.number else "a round"
    return f"{number}: {'; '.join(pattern.words) or 'every process hears every process'}"


_SENTENCES: dict[str, Callable[[Event], str]] = {
    "start": lambda e: f"{e.process} starts",
    "timeout": lambda e: f"{e.process} times out",
    "deliver": lambda e: f"{e.process} receives {show(e.message)} from {e.sender}",
    "suspect": lambda e: f"{e.process} suspects {e.message}",
    "trust": lambda e: f"{e.process} trusts {e.message}",
    "stabilise": _stabilise,
    "gather": _gather,
    "crash": _crash,
    "round": _round,
    "heal": lambda _: "the partition heals",
    "recover": lambda e: f"{e.process} recovers",
    "lose": lambda e: f"{show(e.message)} from {e.sender} to {e.process} is lost",
    "lie": lambda e: f"{e.process} receives the lie {show(e.message)} from {e.sender}",
    "omit": _omission,
    "duplicate": lambda e: f"{show(e.message)} from {e.sender} to {e.process} is duplicated",
}
