"""A mapping at work: what the lines of a log tell, checked against the processes and messages of the protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

from flpcheck.authoring.events import OWN
from flpcheck.authoring.values import place_of
from flpcheck.conform.like import ABSENT, Like, at
from flpcheck.conform.lines import FieldsRead, LogLine
from flpcheck.conform.machine import EventDriven
from flpcheck.conform.seen import NOWHERE, LogPlace, Seen
from flpcheck.conform.written import WrittenLog
from flpcheck.errors import BadRequest, FlpcheckError, Place, nearest
from flpcheck.failure import raised

MappingFunction = Callable[[Iterable[LogLine]], Iterable[Seen]]
NAME = "seen"
"""Name of the mapping in its file."""


@dataclass(frozen=True)
class Observations:
    """All that a log tells.

    Parameters
    ----------
    seens
        In the order of the lines.
    lines
        Number of lines.
    fields
        The fields of the log, and which of them were read.
    """

    seens: tuple[Seen, ...]
    lines: int
    fields: FieldsRead


def mapping_in(module: ModuleType, file: str) -> MappingFunction:
    """Return the mapping that a module defines.

    Raises
    ------
    BadRequest
        If it defines none.
    """
    found = getattr(module, NAME, None)
    if not callable(found):
        raise BadRequest(
            f"{file} has no mapping",
            why=f"it defines no function {NAME!r}",
            next_step=f"write `def {NAME}(lines: Iterable[LogLine]) -> Iterator[Seen]`",
        )
    return found  # type: ignore[no-any-return]


def written_by(system: EventDriven) -> MappingFunction:
    """Return the mapping of what `flpcheck.conform.log` writes."""
    return WrittenLog(_kinds(system))


def observe(
    system: EventDriven, mapping: MappingFunction, lines: Iterable[LogLine], fields: FieldsRead
) -> Observations:  # fmt: skip
    """Return what the lines of a log tell by a mapping.

    Parameters
    ----------
    system
        The protocol in its world.
    mapping
        Given the lines, it yields what they tell; each observation belongs to the line that was read last.
    lines, fields
        From `read_logs`.

    Raises
    ------
    BadRequest
        If the mapping raises an exception, or tells of processes, messages or fields that there are not; with its line
        and that of the log.
    """
    pulled, known = list[LogLine](), list(lines)  # read first: a mistake in the log is none of the mapping

    def one_by_one() -> Iterator[LogLine]:
        for line in known:
            pulled[:] = [line]
            yield line

    seens, check = list[Seen](), _Check(system, mapping, pulled)
    try:
        for told in mapping(one_by_one()):
            seens.append(check.checked(told))
    except FlpcheckError:
        raise
    except Exception as error:
        place = place_of(mapping)
        raise raised(BadRequest, "the mapping raised an exception", error, *check.where, place=place) from error
    return Observations(tuple(seens), len(known), fields)


class _Check:
    """Refuses what no run of a protocol can be like, since it is a mistake of the mapping."""

    def __init__(self, system: EventDriven, mapping: MappingFunction, pulled: list[LogLine]) -> None:
        self.system, self.mapping, self.pulled = system, mapping, pulled
        self.kinds = _kinds(system)
        seats = system.parts.seats
        self.states = {s.name: [state for _, state in s.asker.process.starts] if s.asker else [] for s in seats}

    @property
    def where(self) -> list[str]:
        """The line of the log, as text."""
        return [f"at {self.pulled[0]!r}"] if self.pulled else []

    def checked(self, told: Any) -> Seen:
        """Return an observation with its line."""
        if not isinstance(told, Seen):
            raise self._refused(f"it yields {told!r}", "yield what deliver(...), own(...), look(...) and others return")
        for pid in filter(None, (told.process, told.sender, *(to for to, _ in told.sent))):
            if pid not in self.system.parts.index:
                raise self._refused(f"there is no process {pid!r}: {nearest(str(pid), self.system.names)}")
        if not self.states[told.process]:
            raise self._refused(f"{told.process} takes no steps")
        self._check_event(told)
        for message in [what for _, what in told.sent]:
            self._check_message(message)
        for state in (told.before, told.after):
            self._check_state(state, self.states[told.process])
        if told.how == "recover" and not self.system.crashes.recoverable:
            raise self._refused("in this world no process recovers", "add --recoveries 1 --crashes 1")
        return replace(told, place=self.place) if told.place == NOWHERE else told

    @property
    def place(self) -> LogPlace:
        """The line of the log."""
        return self.pulled[0].place if self.pulled else NOWHERE

    def _check_event(self, told: Seen) -> None:
        asker = self.system.parts.seats[self.system.parts.index[told.process]].asker
        if told.how == "deliver":
            self._check_message(told.event)
        elif told.how == "own" and asker is not None and not asker.takes(type(told.event)):
            name = type(told.event).__name__
            raise self._refused(f"{told.process} takes no {name}: its step function does not admit that")

    def _check_message(self, message: Like) -> None:
        if not message.kind or not self.kinds:
            return
        if message.kind not in self.kinds:
            raise self._refused(f"there is no message {message.kind!r}: {nearest(message.kind, self.kinds)}")
        kind = self.kinds[message.kind]
        fields = getattr(kind, "__dataclass_fields__", None)
        for path, _ in message.fields:
            first = path.split(".")[0]
            if path and fields is not None and first not in fields and not hasattr(kind, first):
                raise self._refused(f"{message.kind} has no field {first!r}: {nearest(first, fields)}")

    def _check_state(self, state: Like, starts: list[Any]) -> None:
        kinds = {type(start) for start in starts}
        for path, _ in state.fields:
            first = path.split(".")[0]
            if len(kinds) == 1 and at(starts[0], first) is ABSENT:
                name, fields = type(starts[0]).__name__, getattr(type(starts[0]), "__dataclass_fields__", {})
                raise self._refused(f"{name} has no field {first!r}: {nearest(first, fields)}")

    def _refused(self, why: str, next_step: str = "") -> BadRequest:
        place = place_of(self.mapping) or Place(*self.place)
        return BadRequest(
            "the mapping does not fit the spec", place=place, why=why, details=self.where, next_step=next_step
        )


def _kinds(system: EventDriven) -> Mapping[str, type]:
    """Return the classes of messages, by name; none if some process takes anything."""
    books = system.parts.rulebooks
    if not all(book.kinds for book in books):
        return {}
    return {kind.__name__: kind for book in books for kind in book.kinds if kind not in OWN}
