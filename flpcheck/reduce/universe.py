"""The universe of a protocol: every local state and message that may occur, and some that do not.

From one initial configuration a message that may be sent may arrive at any time, and again; no message is ever used up.
So the local states, messages and steps of every run are among those found here, before anything is explored.  It is
closed: what follows from its local states by its messages is in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from flpcheck.budget import looking
from flpcheck.reduce.local_rows import FAILED, LocalEffect, LocalQuestion, LocalRows, Row
from flpcheck.reduce.places import Places
from flpcheck.system.interface import Initial
from flpcheck.system.message_passing import MessagePassing
from flpcheck.world.network import Envelope

MOST_ROWS = 50_000
"""Maximum number of rows.  Beyond, finding them costs more than most searches; a protocol may have no end of them."""


class TooManyRows(Exception):
    """The universe has more than `MOST_ROWS` rows."""


class LocalEvent(NamedTuple):
    """An event of a process by its number, and the question that it puts."""

    number: int
    question: LocalQuestion


class Universe:
    """The universe, in which the events of each process are numbered: its own ones first, then deliveries.

    Parameters
    ----------
    plain
        The plain system.

    Raises
    ------
    TooManyRows
        If it is too large.
    """

    def __init__(self, plain: MessagePassing) -> None:
        self.plain, self.parts = plain, plain.parts
        self.places = Places()
        self.rows = LocalRows(plain, self.places)
        processes = range(len(plain.names))
        self.own = [self._own_events(owner) for owner in processes]
        """The number of own events of each process."""
        self.questions: list[list[LocalQuestion]] = [list(range(count)) for count in self.own]
        """The events of each process, by number."""
        self.letters: list[dict[Envelope, int]] = [{} for _ in processes]
        """The number of the delivery of each message to each process."""
        self.possible: dict[int, int] = {}
        """The events that may occur in each place, as bits; a place of a process that takes no steps has none."""
        self._asked = 0
        for item in looking(plain.initial(), every=1):
            self._close(item)

    def _own_events(self, owner: int) -> int:
        seat = self.parts.seats[owner]
        return 0 if seat.asker is None else len(self.parts.own_events(seat))

    def event(self, owner: int, envelope: Envelope) -> int:
        """Return the number of the delivery of a message to a process."""
        known = self.letters[owner]
        found = known.get(envelope)
        if found is None:
            found = known[envelope] = len(self.questions[owner])
            self.questions[owner].append(envelope)
        return found

    def row(self, place: int, event: int) -> Row:
        """Return what happens in a place."""
        return self.rows.row(place, self.questions[self.places.states[place][0]][event])

    def steps(self, place: int) -> bool:
        """Return whether a process takes steps in a place: not if it is dead from the start, or learns passively."""
        owner, local = self.places.states[place]
        seat = self.parts.seats[owner]
        return seat.asker is not None and not self.parts.component(owner, local).crashed

    def _close(self, item: Initial) -> None:
        """Add what follows from an initial configuration."""
        reached = _Reached(self)
        for component in item.configuration.components:
            for envelope in component.mailbox:
                reached.arrives(component.owner, envelope)
            begins = self.places.number(component.owner, component.local)
            reached.comes(component.owner, begins)
        for place, event in looking(reached.taken(), every=256):
            self._count(place, event)
            for effect in self.row(place, event):
                if not has_failed(effect):
                    reached.comes(self.places.states[place][0], effect.after)
                    for to, envelope in effect.label[0]:
                        reached.arrives(to, envelope)

    def _count(self, place: int, event: int) -> None:
        if not self.possible[place] >> event & 1:
            self.possible[place] |= 1 << event
            self._asked += 1
            if self._asked > MOST_ROWS:
                raise TooManyRows

    def events(self, place: int) -> Iterator[LocalEvent]:
        """Yield the events that may occur in a place."""
        questions = self.questions[self.places.states[place][0]]
        yield from (LocalEvent(event, questions[event]) for event in bits(self.possible[place]))


class _Reached:
    """The places and events of each process from one initial configuration on; all pairs of them count."""

    def __init__(self, universe: Universe) -> None:
        self.universe = universe
        self.states: list[dict[int, None]] = [{} for _ in universe.own]
        self.events: list[dict[int, None]] = [dict.fromkeys(range(count)) for count in universe.own]
        self.waiting: list[tuple[int, int]] = []

    def comes(self, owner: int, place: int) -> None:
        """Add a place of a process."""
        self.universe.possible.setdefault(place, 0)
        if place not in self.states[owner]:
            self.states[owner][place] = None
            if self.universe.steps(place):
                self.waiting.extend((place, event) for event in self.events[owner])

    def arrives(self, to: int, envelope: Envelope) -> None:
        """Add a message to a process."""
        event = self.universe.event(to, envelope)
        if event not in self.events[to]:
            self.events[to][event] = None
            self.waiting.extend((place, event) for place in self.states[to] if self.universe.steps(place))

    def taken(self) -> Iterator[tuple[int, int]]:
        """Yield the pairs, those that are added meanwhile as well."""
        while self.waiting:
            yield self.waiting.pop()


def has_failed(effect: LocalEffect) -> bool:
    """Return whether a row says only that the step raises an error."""
    return effect.label == (FAILED,)


def bits(mask: int) -> Iterator[int]:
    """Yield the places of the bits that are set, the lowest first.

    Examples
    --------
    >>> list(bits(0b1011))
    [0, 1, 3]
    """
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest
