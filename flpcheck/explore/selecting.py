"""The tables by which the kernel chooses stubborn sets: facts of single processes, each asked once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flpcheck.errors import InternalError, SpecError
from flpcheck.explore.intern import Interner
from flpcheck.explore.kernel import arrays as k
from flpcheck.explore.kernel.stubborn import (
    CODES,
    CONFLICTS,
    EVENTS,
    MIND,
    SENT,
    SETS,
    SHOWN,
    EventSelection,
    enter_facts,
)
from flpcheck.explore.memory import grown
from flpcheck.reduce.stubborn import Stubborn
from flpcheck.system.components import Component, Move
from flpcheck.system.configuration import MessagePassingConfiguration

FIRST = 2**10
"""Number of facts for which there is room at first."""
WORD_BITS = 64
FIRST_SHIFT, COUNT_SHIFT = 28, 8
"""Positions in a row of its first move, and of their number."""


class SelectionTables:
    """The tables of one system.

    Parameters
    ----------
    system
        The system.
    interner
        Numbers its components.
    """

    def __init__(self, system: Stubborn, interner: Interner) -> None:
        self.system, self.interner = system, interner
        self.quotient, self.conflicts = system.dead_letters, system.sets.conflicts
        universe, processes = self.quotient.universe, len(system.names)
        events = max(1, *map(len, universe.questions))
        self.words = -(-events // WORD_BITS)
        self.numbers: list[dict[Component, int]] = [{} for _ in range(processes)]
        """The number of each component within its process, of those that have rows."""
        self._entered = 0
        self.facts = 0
        self.arrays = EventSelection(
            places=np.zeros((processes, 1), np.int64),
            here=np.zeros((processes, 1, self.words), np.uint64),
            events=np.zeros(1, np.int32),
            senders=self._senders(events),
            heeded=self._heeded(),
            slots=np.zeros(4 * FIRST, np.int64),
            keys=np.zeros((FIRST, 2 + self.words), np.uint64),
            facts=np.zeros((FIRST, processes, self.words), np.uint64),
            question=np.zeros(3 + self.words, np.uint64),
            now=np.zeros((processes, 2), np.int64),
            sets=np.zeros((SETS, processes, self.words), np.uint64),
            free=np.zeros(self.words, np.uint64),
            full=np.zeros((0, 1), np.uint64),
            passes=system.sets.passes,
        )

    def _senders(self, events: int) -> NDArray[np.int64]:
        found = np.full((len(self.system.names), events), -1, np.int64)
        for owner, senders in enumerate(self.system.sets.senders):
            found[owner, : len(senders)] = senders
        return found

    def _heeded(self) -> NDArray[np.uint64]:
        found = np.zeros((len(self.quotient.places), self.words), np.uint64)
        for place in self.quotient.here:
            found[place] = self._split(self.system.sets.heeded(place))
        return found

    def _split(self, events: int) -> list[int]:
        """Return the words of a set of events."""
        return [events >> WORD_BITS * word & (1 << WORD_BITS) - 1 for word in range(self.words)]

    # Components.

    def enter(self) -> None:
        """Enter the components that have rows and are new."""
        store, tables = self.interner.store, self.interner.tables
        capacity = tables.rows.shape[2]
        if self.arrays.places.shape[1] < capacity:
            self._widen(capacity)
        if len(self.arrays.events) < len(tables.moves) // 2:
            self.arrays = self.arrays._replace(events=grown(self.arrays.events, len(tables.moves) // 2))
        for place in self.interner.wanted()[self._entered : self.interner.ready].tolist():
            local, _, number, *_ = store.components[place].tolist()
            owner = int(store.locals_["owner"][local])
            component = self.interner.decoded(owner, number)
            self.numbers[owner][component] = number
            self._enter(owner, number, component)
        self._entered = self.interner.ready

    def _widen(self, capacity: int) -> None:
        before, processes = self.arrays, len(self.numbers)
        places = np.zeros((processes, capacity), np.int64)
        here = np.zeros((processes, capacity, self.words), np.uint64)
        places[:, : before.places.shape[1]] = before.places
        here[:, : before.here.shape[1]] = before.here
        self.arrays = before._replace(places=places, here=here)

    def _enter(self, owner: int, number: int, component: Component) -> None:
        try:
            known = self.system.expandable(component)
        except SpecError:  # it has no row either, and is blamed where it is to be expanded
            return
        self.arrays.places[owner, number] = known.place
        self.arrays.here[owner, number] = self._split(known.here)
        row = int(self.interner.tables.rows[k.STEPS, owner, number])
        first, count = row >> FIRST_SHIFT, row >> COUNT_SHIFT & k.COUNT_MASK
        events = [event for event, move in known.moves if self._leads_on(component, move)]
        if count != len(events):
            raise InternalError("the kernel has other moves of a component than the reference engine")
        self.arrays.events[first : first + count] = events

    def _leads_on(self, component: Component, move: Move) -> bool:
        """Return whether a row has a move: not if it leaves its component as it is, and sends and notes nothing."""
        notes = move.notes and self.system.observers
        return bool(self.quotient.kept[move.after] is not component or move.puts or notes)

    def begin_again(self) -> None:
        """Forget the components, and no fact."""
        self.numbers, self._entered = [{} for _ in self.numbers], 0

    # Facts.

    def asked(self) -> bool:
        """Answer the question that the kernel has noted down; return whether there was one."""
        question = self.arrays.question
        if not question[0]:
            return False
        _, place, code, *words = question.tolist()
        question[0] = 0
        events = sum(word << WORD_BITS * number for number, word in enumerate(words))
        if self.facts == len(self.arrays.keys):
            self._grow()
        self.arrays.keys[self.facts] = [place, code, *words]
        answer = [self._split(mask) for mask in self._answer(place, code % CODES, code // CODES, events)]
        self.arrays.facts[self.facts, : len(answer)] = answer
        self.facts += 1
        enter_facts(self.arrays, self.facts - 1, self.facts)
        return True

    def _answer(self, place: int, kind: int, code: int, events: int) -> Iterator[int]:
        conflicts, (receiver, event) = self.conflicts, divmod(code, EVENTS)
        if kind == SENT:
            yield from conflicts.sent(place, events)
        elif kind == SHOWN:
            yield conflicts.shown(place, events)
        elif kind == MIND:
            yield int(conflicts.may_change_its_mind(place, events))
        elif receiver:
            yield conflicts.causes(place, events, receiver - 1, event)
        else:
            assert kind == CONFLICTS
            yield conflicts.conflicts(place, events, event)

    def _grow(self) -> None:
        before = self.arrays
        self.arrays = before._replace(
            slots=np.zeros(2 * len(before.slots), np.int64),
            keys=np.concatenate([before.keys, np.zeros_like(before.keys)]),
            facts=np.concatenate([before.facts, np.zeros_like(before.facts)]),
        )
        enter_facts(self.arrays, 0, self.facts)

    # Configurations of which nothing is left out.

    def with_full(self, layout: k.Layout, width: int) -> EventSelection:
        """Return the tables with these configurations, packed; those that hold a component not met yet are left out."""
        rows = [row for row in map(self._fields, self.system.full) if row is not None]
        full = np.zeros((len(rows), width), np.uint64)
        for place, row in enumerate(rows):
            for field, number in enumerate(row):
                full[place, int(layout.word[field])] |= np.uint64(number << int(layout.shift[field]))
        return self.arrays._replace(full=full)

    def _fields(self, configuration: MessagePassingConfiguration) -> list[int] | None:
        world, components, observers = configuration
        interner = self.interner
        found: list[Any] = [known.get(one) for known, one in zip(self.numbers, components, strict=True)]
        number, _ = interner.numbers_of_world(world)
        found += [number, *(interner.known_state_of_observer(state) for state in observers)]
        return None if None in found else found
