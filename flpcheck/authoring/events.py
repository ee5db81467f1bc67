"""What happens: to a process (`Start`, a message, `Timeout`, `Gather`), and to a configuration (`Event`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Generic, NamedTuple, TypeAlias, TypeVar

from flpcheck.authoring.values import record, show

Pid: TypeAlias = str
M = TypeVar("M")


@record
class Start:
    """A process takes a step of its own accord.

    It stays applicable as long as the step changes something; a spec says in the state that it has started.
    """


@record
class Timeout:
    """The timer of a process fires: the null step of FLP, at any time while it would change something."""


@record
class Suspect:
    """The failure detector of a process says: this one has crashed.  It may be wrong, as far as its class allows.

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


OWN = (Start, Timeout, Suspect, Trust)
"""What happens to a process without taking a message."""


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
class Event:
    """Something that happens to a configuration; authors of general protocols make their own.

    Parameters
    ----------
    kind
        `start`, `timeout`, `suspect`, `trust`, `deliver`, `gather` (process events); `crash`, `lose`, `duplicate`,
        `stabilise` (world events);
        or any name that a general protocol gives its transitions.
    process
        Whose event it is; None when it belongs to no process.
    sender, message
        The letter that is taken, lost or duplicated; for `gather` the letters; for the answer of a detector whom it
        names; for `stabilise` who is trusted, or not suspected, from now on.
    world
        True for an event of the surroundings: fairness does not promise it, and gadgets do not count it.
    during
        For a crash in mid-broadcast: the event whose step was cut short.
    reached
        For a crash in mid-broadcast: whom the step's messages still reached.
    chance
        For general protocols: the probability with which this transition is the outcome of its event.  The chances of
        the transitions that share an event (but for its chance) add up to one.

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
    chance: Fraction | None = None

    def __str__(self) -> str:
        return _SENTENCES.get(self.kind, _own_name)(self)


def _own_name(event: Event) -> str:
    parts = [event.process or "", event.kind, "" if event.message is None else show(event.message)]
    return " ".join(filter(None, parts))


def _crash(event: Event) -> str:
    if event.during is None:
        return f"{event.process} crashes"
    reached = ", ".join(event.reached) or "nobody"
    return f"{event.process} crashes in mid-broadcast ({event.during}), reaching {reached}"


def _stabilise(event: Event) -> str:
    whom = "" if event.message is None else f": {event.message} is reliable from now on"
    return f"the world stabilises{whom}"


def _gather(event: Event) -> str:
    letters = event.message if isinstance(event.message, tuple) else ()
    return f"{event.process} gathers " + ", ".join(f"{show(letter[1])} from {letter[0]}" for letter in letters)


_SENTENCES: dict[str, Callable[[Event], str]] = {
    "start": lambda e: f"{e.process} starts",
    "timeout": lambda e: f"{e.process} times out",
    "deliver": lambda e: f"{e.process} receives {show(e.message)} from {e.sender}",
    "suspect": lambda e: f"{e.process} suspects {e.message}",
    "trust": lambda e: f"{e.process} trusts {e.message}",
    "stabilise": _stabilise,
    "gather": _gather,
    "crash": _crash,
    "lose": lambda e: f"{show(e.message)} from {e.sender} to {e.process} is lost",
    "duplicate": lambda e: f"{show(e.message)} from {e.sender} to {e.process} is duplicated",
}
