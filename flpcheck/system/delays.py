"""Timers that are longer than k delays: for each letter in flight and each armed timer, by how many delays it arrives.

The *level* of a letter for a timer is the number of delays after the arming of that timer within which it arrives: 1 if
it was in flight then, or sent by that very step; for one that was sent later, 1 more than the least level of those in
flight at that moment.  Beyond k delays, and where nothing is in flight that was, nothing is known: level 0.  A timer
may fire as soon as no letter has a level for it.  A process that can start counts as a letter.  A letter that its
receiver does not take yet counts as arrived.  In tests a zone graph reaches the same configurations in dense real time.

The copies of a letter are received in the order in which they were sent: any other order allows less.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from flpcheck.authoring.events import Event
from flpcheck.system.components import Component, Components
from flpcheck.system.configuration import MessagePassingConfiguration
from flpcheck.system.partition import Partition

TimerLevels = tuple[int, ...]
"""For each process the level of a letter for its timer."""
DelayLevels = tuple[tuple[TimerLevels, ...], ...]
"""For each process the levels of its start (none if it cannot start), then those of the letters in its mailbox."""


class Delays:
    """The delays of a world.

    Parameters
    ----------
    most
        How many delays each timer is longer than: k.
    parts
        The components of the processes.
    partition
        Which letters have come through.
    armed
        `armed(components)`: whose timers are armed, as bits.
    """

    def __init__(
        self, most: int, parts: Components, partition: Partition, armed: Callable[[tuple[Component, ...]], int]
    ) -> None:
        self.most, self.parts, self.partition, self.armed = most, parts, partition, armed
        self.size = len(parts.seats)
        self.unknown: TimerLevels = (0,) * self.size

    def due(self, configuration: MessagePassingConfiguration) -> int:
        """Return whose timer may fire, as bits."""
        held = _least(configuration.world.levels, self.size)
        armed = self.armed(configuration.components)
        return sum(1 << p for p in range(self.size) if armed >> p & 1 and not held[p])

    def begun(self, configuration: MessagePassingConfiguration, *, known: bool) -> DelayLevels:
        """Return the levels of what is in flight when all timers were armed just now, or at an unknown time."""
        armed = self.armed(configuration.components) if known else 0
        fresh = tuple(armed >> p & 1 for p in range(self.size))
        flight = (((fresh, *(fresh for _ in c.mailbox))) for c in configuration.components)
        return self._waiting(configuration, tuple(flight))

    def after(
        self, before: MessagePassingConfiguration, event: Event, after: MessagePassingConfiguration, anew: int
    ) -> DelayLevels:
        """Return the levels after an event; `anew` has the bits of the timers that it arms, though armed before."""
        flight, least = before.world.levels, _least(before.world.levels, self.size)
        armed = self.armed(after.components)
        anew = armed & (anew | ~self.armed(before.components))
        sent = tuple((low + 1) * (0 < low < self.most) for low in least)
        moved = []
        for old, new, levels in zip(before.components, after.components, flight, strict=True):
            moved.append(tuple(self._moved(event, old, new, levels, sent)))
        kept = tuple(tuple(self._of(levels, armed, anew) for levels in one) for one in moved)
        return self._waiting(after, kept)

    def _of(self, levels: TimerLevels, armed: int, anew: int) -> TimerLevels:
        return tuple(1 if anew >> p & 1 else level * (armed >> p & 1) for p, level in enumerate(levels))

    def _moved(
        self, event: Event, old: Component, new: Component, levels: tuple[TimerLevels, ...], sent: TimerLevels
    ) -> Iterator[TimerLevels]:
        """Yield the levels of a process's start and mailbox after an event, as if no timer had been armed by it."""
        here = event.process == self.parts.names[old.owner]
        yield sent if here and (event.during or event).kind == "start" else levels[0]
        known: dict[object, list[TimerLevels]] = {}
        for envelope, level in zip(old.mailbox, levels[1:], strict=True):
            known.setdefault(envelope, []).append(level)
        if here and event.kind == "duplicate":
            twin = self.parts.envelope(self.parts.index[str(event.sender)], event.message)
            known[twin].insert(0, known[twin][0])
        for sender, message in _taken(event) if here else ():
            known[self.parts.envelope(self.parts.index[sender], message)].pop(0)
        for envelope in new.mailbox:
            left = known.get(envelope)
            yield left.pop(0) if left else sent

    def _waiting(self, configuration: MessagePassingConfiguration, flight: DelayLevels) -> DelayLevels:
        """Return the levels without those of letters that are not taken, and of processes that cannot start."""
        return tuple(
            tuple(self._taken_here(configuration, component, levels))
            for component, levels in zip(configuration.components, flight, strict=True)
        )

    def _taken_here(
        self, configuration: MessagePassingConfiguration, component: Component, levels: tuple[TimerLevels, ...]
    ) -> Iterator[TimerLevels]:
        moves = [
            m.event for m in self.parts.moves(component) if not self.partition.blocks(configuration.world, m.event)
        ]
        yield levels[0] if any(event.kind == "start" for event in moves) else self.unknown
        takes = {self.parts.envelope(self.parts.index[s], m) for event in moves for s, m in _taken(event)}
        for envelope, level in zip(component.mailbox, levels[1:], strict=True):
            yield level if envelope in takes else self.unknown


def _taken(event: Event) -> list[tuple[str, object]]:
    """Return the letters that an event takes from the mailbox of its process."""
    if event.kind == "omit" and event.during is not None:
        return _taken(event.during)
    if event.kind == "gather" and isinstance(event.message, tuple):
        return [(letter.sender, letter.message) for letter in event.message]
    return [(str(event.sender), event.message)] if event.kind in {"deliver", "lose", "omit"} else []


def _least(flight: DelayLevels, size: int) -> TimerLevels:
    """Return for each timer the least level of what is in flight; 0 if nothing has one."""
    found = [0] * size
    for letters in flight:
        for levels in letters:
            for p, level in enumerate(levels):
                if level and (not found[p] or level < found[p]):
                    found[p] = level
    return tuple(found)
