"""The errors: each has fields for what is wrong, where, why, what else is involved, and what to do.

FlpcheckError
├── SpecError                 the author's file is at fault (exit code 2)
│   ├── SpecNotFound          no such file, no such bundled spec
│   ├── SpecUnreadable        it does not import: syntax error, exception at import
│   ├── BadProtocol           processes, instances or parameters do not fit together
│   ├── BadValue              a state or message is mutable, unhashable or not deterministic to print
│   ├── BadProperty           a property raised an exception, returned no bool, or contradicted itself
│   ├── ReductionRefused      a declared reduction is contradicted by a row of the protocol's own table
│   └── StepError             a step function misbehaved; carries process, state and event
│       ├── StepRaised        it raised an exception
│       ├── NondeterministicStep   two calls with equal arguments gave different results
│       ├── UnhandledMessage  no case matched, or the receiver does not know the kind
│       └── BadAnswer         it returned something that is not a step
├── BadWorld                  the surroundings do not fit the protocol (exit code 2)
├── BadRequest                an option, property, instance or schedule that does not exist (exit code 2)
│   └── NoDecider             a property of decisions, and no process decides
└── InternalError             flpcheck contradicts itself: please report it (exit code 4)
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Place:
    """A line of a file; its text names the file as seen from the working directory, if it lies below.

    Examples
    --------
    >>> str(Place("specs/paxos.py", 81))
    'specs/paxos.py:81'
    """

    file: str
    line: int

    def __str__(self) -> str:
        return f"{from_here(self.file)}:{self.line}"


def from_here(file: str) -> str:
    """Return a path relative to the working directory if it lies below, with forward slashes."""
    path, here = Path(file), Path.cwd()
    return (path.relative_to(here) if path.is_relative_to(here) else path).as_posix()


@dataclass(frozen=True)
class Related:
    """Another line that an error has to do with, and what stands there.

    Examples
    --------
    >>> str(Related(Place("specs/paxos.py", 81), "the message is sent here"))
    'specs/paxos.py:81: the message is sent here'
    """

    place: Place
    what: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}"


class Explained:
    """The parts of an error message, and how they are put into words.

    Attributes
    ----------
    what
        One sentence: what happened.
    place
        The file and line to open first, if there is one.
    why
        The reason in a sentence; empty if there is no more to say.
    details
        Evidence, one item after the other: values, the line that was running, the names available.
    related
        Other lines that it has to do with.
    next_step
        What the reader can do about it; may be empty.
    schedule
        How exploration got there, event by event.
    """

    what: str
    place: Place | None
    why: str
    details: tuple[str, ...]
    related: tuple[Related, ...]
    next_step: str
    schedule: tuple[str, ...]

    @property
    def message(self) -> str:
        """The error and the first line of why, in one line."""
        return f"{self.what} ({self.why.splitlines()[0]})" if self.why else self.what

    @property
    def brief(self) -> str:
        r"""The place, the error and the first line of why, in one line.

        Examples
        --------
        >>> FlpcheckError("it broke", place=Place("a.py", 3), why="ValueError:\nx", details=("in `f(x)`",)).brief
        'a.py:3: it broke (ValueError:)'
        """
        return f"{self.place}: {self.message}" if self.place else self.message

    @property
    def text(self) -> str:
        """All of it, in lines for people.

        Examples
        --------
        >>> called = Related(Place("a.py", 9), "called in `f(0)`")
        >>> print(FlpcheckError("it broke", place=Place("a.py", 3), why="ValueError", related=(called,)).text)
        a.py:3: it broke
          why: ValueError
               a.py:9: called in `f(0)`
        """
        head = f"{self.place}: {self.what}" if self.place else self.what
        reasons = filter(None, [self.why, *self.details, *map(str, self.related)])
        events = [f"  {number:>3}  {event}" for number, event in enumerate(self.schedule, start=1)]
        tail = ["  the schedule that leads there:", *events] if events else []
        return "\n".join([head, *_aligned("why", reasons), *_aligned("next", filter(None, [self.next_step])), *tail])


def _aligned(label: str, texts: Iterable[str]) -> list[str]:
    """Return texts in lines below each other, the first one after a label."""
    lines = [line for text in texts for line in text.split("\n")]
    return [f"  {label}: {line}" if not n else " " * (len(label) + 4) + line for n, line in enumerate(lines)]


class FlpcheckError(Exception, Explained):
    """Something that flpcheck can explain; its parameters are those of `Explained`."""

    def __init__(
        self,
        what: str,
        *,
        place: Place | None = None,
        why: str = "",
        details: Iterable[str] = (),
        related: Iterable[Related] = (),
        next_step: str = "",
    ) -> None:
        super().__init__(what)
        self.what = what
        self.place = place
        self.why = why
        self.details, self.related = tuple(details), tuple(related)
        self.next_step = next_step
        self.schedule = ()

    def __str__(self) -> str:
        return self.text


class SpecError(FlpcheckError):
    """The author's file is at fault."""


class SpecNotFound(SpecError):
    """There is no such file and no bundled spec of that name."""


class SpecUnreadable(SpecError):
    """The file does not import."""


class BadProtocol(SpecError):
    """The parts of a protocol do not fit together."""


class BadValue(SpecError):
    """A state, message or note that cannot be part of a configuration."""


class BadProperty(SpecError):
    """A property raised an exception, returned something other than a bool, or contradicted itself."""


class ReductionRefused(SpecError):
    """A reduction that the spec declares is wrong, or cannot be used here."""


class StepError(SpecError):
    """A step function misbehaved."""


class StepRaised(StepError):
    """A step function raised an exception."""


class NondeterministicStep(StepError):
    """A step function gave two results for equal arguments."""


class UnhandledMessage(StepError):
    """A message reached a process whose step function has no case for it."""


class BadAnswer(StepError):
    """A step function returned something that is not a step."""


class BadWorld(FlpcheckError):
    """A world that does not fit the protocol."""


class BadRequest(FlpcheckError):
    """An option, property, instance or schedule that does not exist."""


class NoDecider(BadRequest):
    """A property of decisions was requested for a protocol in which no process decides."""


class InternalError(FlpcheckError):
    """flpcheck contradicts itself."""


LISTED = 16
"""Maximum number of names that an error lists."""
NEAR = 3
"""Maximum number of names that may have been meant."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return what is available, as sentences, and which of it may have been meant; of many names the nearest ones.

    Names are quoted where one of them is more than a word.

    Examples
    --------
    >>> nearest("agrement", ["agreement", "validity"])
    "available: agreement, validity. Did you mean 'agreement'?"
    >>> nearest("x", map(str, range(8, 99)))
    'available: 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23 and 75 more.'
    >>> nearest("31.5", map(str, range(8, 99)))
    "the nearest names are '35', '31', '15'."
    >>> nearest("patient", ["patient, one crash", "timeouts"])
    "available: 'patient, one crash', 'timeouts'."
    """
    names = list(map(str, known))
    close = difflib.get_close_matches(str(name), names, n=NEAR)
    if close and len(names) > LISTED:
        return (
            f"the nearest names are {', '.join(map(repr, close))}." if len(close) > 1 else f"Did you mean {close[0]!r}?"
        )
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    shown = list(map(repr, names)) if any({",", " "} & set(name) for name in names) else names
    listing = f"available: {', '.join(shown[:LISTED])}{more}" if names else "none available"
    return f"{listing}. Did you mean {close[0]!r}?" if close else f"{listing}."
