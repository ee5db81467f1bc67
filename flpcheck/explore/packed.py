"""Packed configurations: a sequence that makes the configurations of the reference semantics on demand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from flpcheck.explore.graph import MarkArrays
from flpcheck.explore.intern import Interner
from flpcheck.explore.kernel.arrays import Layout
from flpcheck.explore.kernel.words import column
from flpcheck.explore.marks import marks_of
from flpcheck.system import Configuration
from flpcheck.system.configuration import MessagePassingConfiguration as Parts
from flpcheck.system.interface import WORLD
from flpcheck.system.oracles import WorldState


class PackedConfigurations(Sequence[Configuration]):
    """Configurations by id, each decoded when it is looked at.

    Parameters
    ----------
    interner
        The symbol tables of the numbers.
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
        self.beside = len(interner.seats) + 1 + len(interner.watched)
        """The first field beside those of the processes, the world and the observers."""
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
        watched = zip(interner.watched, numbers[processes + 1 : self.beside], strict=True)
        observers = tuple(states[n] for states, n in watched)
        return Parts(interner.world(numbers[processes], numbers[self.beside :]), components, observers)

    def part(self, numbers: NDArray[np.int64]) -> PackedConfigurations:
        """Return some of the configurations, in the order of these ids."""
        states = self.states.reshape(-1, self.width)[numbers].reshape(-1)
        return PackedConfigurations(self.interner, self.layout, self.width, states)

    def column(self, owner: int, *, observer: bool = False) -> NDArray[np.uint64]:
        """uint64[n]: the number of the component of a process, of the state of an observer, or of the `WORLD`."""
        if owner == WORLD:
            return self._worlds[1].astype(np.uint64)
        return self._field(owner + len(self.interner.seats) + 1 if observer else owner)

    def _field(self, field: int) -> NDArray[np.uint64]:
        found = np.zeros(len(self), np.uint64)
        column(self.states, self.layout, self.width, field, found)
        return found

    @cached_property
    def _worlds(self) -> tuple[list[WorldState], NDArray[np.int64]]:
        """The states of the world that occur, and which of them each configuration has."""
        fields = [len(self.interner.seats), *range(self.beside, len(self.fields))]
        if len(fields) == 1:
            numbers = self._field(fields[0]).astype(np.int64)
            occurs = np.bincount(numbers) > 0
            return [self.interner.world(one, []) for one in np.flatnonzero(occurs).tolist()], np.cumsum(occurs)[
                numbers
            ] - 1
        different, which = np.unique(np.stack([self._field(field) for field in fields]), axis=1, return_inverse=True)
        return [self.interner.world(number, beside) for number, *beside in different.T.tolist()], which.ravel()

    def member(self, owner: int, number: int, *, observer: bool = False) -> Any:
        """Return the component of a process, the state of an observer, or that of the `WORLD`, with a number."""
        if owner == WORLD:
            return self._worlds[0][number]
        return self.interner.watched[owner][number] if observer else self.interner.decoded(owner, number)

    def members(self, owner: int, *, observer: bool = False, mail: bool = True) -> tuple[list[Any], NDArray[np.int64]]:
        """Return components of a process, states of an observer or of the `WORLD`, and which of them each number is.

        If mailboxes do not matter, components that differ in nothing else are one.
        """
        if owner == WORLD:
            return self._worlds[0], np.arange(len(self._worlds[0]))
        if observer:
            return list(self.interner.watched[owner]), np.arange(len(self.interner.watched[owner]))
        if mail or self.interner.seats[owner].asker is None:
            held = self.interner.held(owner)
            numbers = np.flatnonzero(held).tolist()
            return [self.interner.decoded(owner, number) for number in numbers], np.cumsum(held) - 1
        locals_, which = np.unique(self.interner.locals_of(owner), return_inverse=True)
        states = self.interner.locals
        return [self.interner.parts.component(owner, states[local]) for local in locals_.tolist()], which

    def marks(self) -> MarkArrays:
        """Return the bit masks of all configurations.  Cost: one pass over the states, and part of another."""
        return marks_of(self.interner, self.layout, self.width, self.states)
