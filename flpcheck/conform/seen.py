"""Observations: steps of processes that the lines of a log tell of, and looks at their states."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from flpcheck.authoring.events import OWN, Pid, Start, Timeout
from flpcheck.authoring.values import show
from flpcheck.conform.like import Like, known_as_like

ObservedAs = Literal["deliver", "own", "effect", "state", "crash", "recover"]
Sent = tuple[tuple[Pid, Like], ...]


class LogPlace(NamedTuple):
    """A line of a log.

    Parameters
    ----------
    file, number
        The name of the file, and the number of the line, from 1.
    """

    file: str
    number: int

    def __str__(self) -> str:
        return f"{self.file}:{self.number}"


UNKNOWN = Like()
NOWHERE = LogPlace("", 0)


@dataclass(frozen=True)
class Seen:
    """One thing that a line of a log tells about one process.

    Parameters
    ----------
    process
        The process.
    how
        `deliver`: it takes a letter.  `own`: an event of its own, such as `Timeout()`, or one whose content the log
        supplies, such as a client's request.  `effect`: more about its latest step.  `state`: a look, no step.
        `crash` and `recover`.
    event
        What is known of the letter; the event itself if it is `own`.
    sender
        Who sent it; None if that is not known.
    before, after
        What is known of its state before and after.
    sent
        (receiver, what is known of the message) pairs: each is another letter that the step sends.
    only
        Whether the step sends nothing else.
    place
        The line.
    """

    process: Pid
    how: ObservedAs
    event: Any = None
    sender: Pid | None = None
    before: Like = UNKNOWN
    after: Like = UNKNOWN
    sent: Sent = ()
    only: bool = False
    place: LogPlace = NOWHERE

    @property
    def is_step(self) -> bool:
        """Whether it is a step, and not more about one or a look."""
        return self.how not in {"effect", "state"}

    def __str__(self) -> str:
        if self.how == "deliver":
            return f"{self.process} receives {self.event}" + (f" from {self.sender}" if self.sender else "")
        told = {"crash": "crashes", "recover": "recovers", "state": "has this state", "effect": "has done this"}
        known = ", ".join(_clauses(self))
        return f"{self.process} {told.get(self.how) or _own(self.event)}{': ' if known else ''}{known}"


def _own(event: Any) -> str:
    if isinstance(event, OWN):
        return {Start: "starts", Timeout: "times out"}.get(type(event), show(event))
    return f"takes {show(event)}"


def _clauses(seen: Seen) -> Iterator[str]:
    if seen.after != UNKNOWN:
        yield f"state {seen.after}"
    yield from (f"{message} sent to {to}" for to, message in seen.sent)


def deliver(
    process: Pid, message: Any, sender: Pid | None = None, *, before: Any = None, after: Any = None,
    sent: Sequence[tuple[Pid, Any]] = (), only: bool = False,
) -> Seen:  # fmt: skip
    """Return that a process took a letter.

    Parameters
    ----------
    process, sender
        The receiver and the sender; None if that is not known.
    message, before, after
        What is known of the message and of the receiver's state: a `Like`, or fields by path.
    sent
        What is known of the letters that the step sent, as (receiver, message) pairs.
    only
        Whether it sent nothing else.
    """
    return Seen(process, "deliver", known_as_like(message), sender, *_known(before, after), _sent(sent), only)


def own(
    process: Pid, event: Any, sender: Pid | None = None, *, before: Any = None, after: Any = None,
    sent: Sequence[tuple[Pid, Any]] = (), only: bool = False,
) -> Seen:  # fmt: skip
    """Return that an event of its own happened to a process, or one whose content the log supplies.

    Parameters
    ----------
    event
        `Timeout()`, `Start()`, or a record that the step function takes: a client's request, a choice of the author.
    sender
        For a record: who sends it, if not the process itself.
    process, before, after, sent, only
        As in `deliver`.
    """
    return Seen(process, "own", event, sender, *_known(before, after), _sent(sent), only)


def effect(process: Pid, *, after: Any = None, sent: Sequence[tuple[Pid, Any]] = ()) -> Seen:
    """Return more about the latest step of a process: its state afterwards, letters that it sent.

    Parameters
    ----------
    process, after, sent
        As in `deliver`; each letter is another one than those told of this step before.
    """
    return Seen(process, "effect", None, None, *_known(None, after), _sent(sent))


def look(process: Pid, state: Any) -> Seen:
    """Return what a log tells of the state of a process between two steps."""
    return Seen(process, "state", None, None, *_known(None, state))


def crash(process: Pid) -> Seen:
    """Return that a process crashed, between two steps."""
    return Seen(process, "crash")


def recover(process: Pid, *, after: Any = None) -> Seen:
    """Return that a process recovered, with what is known of its state then."""
    return Seen(process, "recover", None, None, *_known(None, after))


def _known(before: Any, after: Any) -> tuple[Like, Like]:
    return UNKNOWN if before is None else known_as_like(before), UNKNOWN if after is None else known_as_like(after)


def _sent(sent: Sequence[tuple[Pid, Any]]) -> Sent:
    return tuple((to, known_as_like(message)) for to, message in sent)
