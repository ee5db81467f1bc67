"""Packed configurations: a sequence that makes the configurations of the reference semantics on demand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias, overload

import numpy as np
from numpy.typing import NDArray

from flpcheck.authoring.values import Key, key
from flpcheck.explore.graph import MarkArrays
from flpcheck.explore.intern import Interner
from flpcheck.explore.kernel.arrays import FLAGS, GONE, Layout
from flpcheck.explore.kernel.words import column
from flpcheck.system import Configuration
from flpcheck.system.components import written
from flpcheck.system.message_passing import Configuration as Parts

Decisions: TypeAlias = tuple[tuple[Key, Any], ...]


class PackedConfigurations(Sequence[Configuration]):
    """Configurations by id, each decoded when it is looked at.

    Parameters
    ----------
    interner
        What the numbers mean.
    layout, width
        Where the fields stand, and in how many words.
    states
        uint64[n * width].
    """

    def __init__(self, interner: Interner, layout: Layout, width: int, states: NDArray[np.uint64]) -> None:
        self.interner = interner
        self.layout = layout
        self.width = width
        self.states = states
        self.fields = list(zip(layout.word.tolist(), layout.shift.tolist(), layout.mask.tolist(), strict=True))

    def __len__(self) -> int:
        return len(self.states) // self.width

    @overload
    def __getitem__(self, number: int) -> Configuration: ...
    @overload
    def __getitem__(self, number: slice) -> list[Configuration]: ...
    def __getitem__(self, number: int | slice) -> Any:
        if isinstance(number, slice):
            return [self[one] for one in range(*number.indices(len(self)))]
        if not -len(self) <= number < len(self):
            raise IndexError(number)
        first = int(number) % len(self) * self.width
        return self._decoded(self.states[first : first + self.width].tolist())

    def __iter__(self) -> Iterator[Configuration]:
        return (self[number] for number in range(len(self)))

    def _decoded(self, words: list[int]) -> Configuration:
        numbers = [(words[word] >> shift) & mask for word, shift, mask in self.fields]
        interner = self.interner
        processes = len(interner.seats)
        components = tuple(interner.decoded(owner, number) for owner, number in enumerate(numbers[:processes]))
        observers = tuple(states[n] for states, n in zip(interner.watched, numbers[processes + 1 :], strict=True))
        return Parts(interner.budgets[numbers[processes]], components, observers)

    def column(self, owner: int, *, observer: bool = False) -> NDArray[np.uint64]:
        """uint64[n]: the number of the component of a process, or of the state of an observer."""
        found = np.zeros(len(self), np.uint64)
        field = owner + len(self.interner.seats) + 1 if observer else owner
        column(self.states, self.layout, self.width, field, found)
        return found

    def members(self, owner: int, *, observer: bool = False) -> list[Any]:
        """Return the components of a process, or the states of an observer, by their numbers."""
        if observer:
            return list(self.interner.watched[owner])
        return [self.interner.decoded(owner, number) for number in range(int(self.interner.store.counts[owner]))]

    def marks(self) -> MarkArrays:
        """Return the bit masks of all configurations.  Cost: two passes over the states per process."""
        self._number_values()
        size, number, bad = len(self), np.zeros(len(self), np.uint64), self._faulty()
        values, decided, crashed, live = (np.zeros(size, np.uint64) for _ in range(4))
        for owner in range(len(self.interner.seats)):
            masks = self._masks(owner)
            if not masks.any():
                continue
            column(self.states, self.layout, self.width, owner, number)
            for total, table in zip((values, decided, crashed), masks[:3], strict=True):
                if table.any():
                    np.bitwise_or(total, table[number], out=total)
            if masks[3].any():
                correct = ~(bad >> np.uint64(owner)) & np.uint64(1)
                np.bitwise_or(live, masks[3][number] * correct, out=live)
        return MarkArrays(values, decided, crashed | bad, live)

    def _faulty(self) -> NDArray[np.uint64]:
        """uint64[n]: bit p: process p misbehaves from the start."""
        masks = np.array([budget.faulty for budget in self.interner.budgets], np.uint64)
        if not masks.any():
            return np.zeros(len(self), np.uint64)
        number = np.zeros(len(self), np.uint64)
        column(self.states, self.layout, self.width, len(self.interner.seats), number)
        found: NDArray[np.uint64] = masks[number]
        return found

    def _number_values(self) -> None:
        """Give values numbers in the order in which configurations, and processes within them, decide them first."""
        firsts = sorted(self._first_decisions(), key=lambda first: first[:3])
        for *_, value in firsts:
            self.interner.system.bit(value)

    def _first_decisions(self) -> Iterator[tuple[int, int, int, Any]]:
        """Yield (configuration, process, position, value) where a process first decides what it decides."""
        number = np.zeros(len(self), np.uint64)
        for owner in range(len(self.interner.seats)):
            kinds = dict.fromkeys(_decisions(self.interner, owner))
            kinds.pop((), None)
            if kinds:
                column(self.states, self.layout, self.width, owner, number)
            for kind in kinds:
                held = np.array([decisions == kind for decisions in _decisions(self.interner, owner)])[number]
                first = int(held.argmax())
                if held[first]:
                    yield from ((first, owner, place, value) for place, (_, value) in enumerate(kind))

    def _masks(self, owner: int) -> NDArray[np.uint64]:
        """Return the values, decided, crashed and live values of each component of a process."""
        interner, bit = self.interner, np.uint64(1 << owner)
        decisions = _decisions(interner, owner)
        masks = np.zeros((4, max(len(decisions), 1)), np.uint64)
        bits = {key(value): 1 << place for place, value in enumerate(interner.system.values)}
        for number, kind in enumerate(decisions):  # a value that no configuration holds has no number
            masks[0, number] = sum(bits.get(name, 0) for name, _ in kind)
        masks[1] = np.where(masks[0] > 0, bit, np.uint64(0))
        dead = _crashed(interner, owner)
        masks[2, : len(dead)] = np.where(dead, bit, np.uint64(0))
        masks[3] = np.where(masks[2] > 0, np.uint64(0), masks[0])
        return masks


def _identified(decisions: Sequence[Any]) -> Decisions:
    return tuple((key(value), value) for value in decisions)


def _decisions(interner: Interner, owner: int) -> list[Decisions]:
    """Return what each component of a process has decided: the identities of the values, and the values.

    A passive learner is asked about the mailboxes that exist; where it failed, no configuration holds the mailbox,
    because otherwise the search has ended there.
    """
    if interner.seats[owner].asker is None:
        numbers = range(int(interner.store.counts[owner]))
        right = (None if (owner, n) in interner.wrong else interner.decoded(owner, n) for n in numbers)
        return [() if component is None else _identified(component.decisions) for component in right]
    locals_ = interner.locals_of(owner)
    by_local = {local: _identified(written(interner.locals[local])) for local in set(locals_)}
    return [by_local[local] for local in locals_]


def _crashed(interner: Interner, owner: int) -> NDArray[np.bool_]:
    """Return which components of a process have crashed."""
    dead: NDArray[np.bool_] = interner.store.locals_[interner.locals_of(owner), FLAGS] & GONE > 0
    return dead
