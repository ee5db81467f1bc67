"""Renamings as the kernel has them: Python renames local states and envelopes, under generators, until none is new."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from flpcheck.authoring.renaming import Renaming
from flpcheck.authoring.values import key
from flpcheck.explore.kernel.renamings import Renamings
from flpcheck.explore.memory import grown
from flpcheck.explore.symbol_table import SymbolTable
from flpcheck.reduce.group import small
from flpcheck.reduce.images import renamed_local

ROWS = 2**10
"""Number of components for which there is room for images at first."""


class RenamingTable:
    """The images of what a symbol table numbers, under the renamings of a group.

    Parameters
    ----------
    symbols
        What is renamed.
    group
        The renamings, the identity first.
    """

    def __init__(self, symbols: SymbolTable, group: Sequence[Renaming]) -> None:
        self.symbols, self.group = symbols, group
        names, index = symbols.parts.names, symbols.parts.index
        to = np.array([[index[renaming.pid(name)] for name in names] for renaming in group], np.int64)
        points = _points(to, group)
        numbers = {name: number for number, name in enumerate(points)}
        self.generators = [group.index(renaming) for renaming in small(group)]
        self.own_inverse = [_then(points[number], points[number]) == points[0] for number in self.generators]
        self.ways = _ways(points, numbers, self.generators)
        moved = (to != np.arange(len(names))).any(axis=0)
        self.arrays = Renamings(
            to=to,
            back=np.argsort(to, axis=1),
            locals_=np.zeros((ROWS, len(group)), np.int32),
            envelopes=np.zeros((ROWS, len(group)), np.int32),
            rows=np.zeros(len(symbols.store.components), np.int32),
            images=np.zeros((ROWS, len(group)), np.int32),
            places=np.concatenate([np.flatnonzero(moved), np.flatnonzero(~moved)]),
            tally=np.zeros(1, np.int64),
            fields=np.zeros(len(names), np.int64),
            at=np.zeros(len(names), np.int64),
            least=np.zeros(len(names), np.int64),
            left=np.zeros(len(group), np.int64),
        )
        self._locals: list[list[int]] = [[] for _ in self.generators]
        self._envelopes: list[list[int]] = [[] for _ in self.generators]

    def close(self) -> None:
        """Rename what is new, and what that becomes, until all images are known."""
        symbols = self.symbols
        self._close("locals_", self._locals, lambda: len(symbols.locals), self._local)
        self._close("envelopes", self._envelopes, lambda: len(symbols.envelopes), self._envelope)
        symbols.rank()

    def _local(self, number: int, to: Renaming, places: Sequence[int]) -> int:
        owner = int(self.symbols.store.locals_["owner"][number])
        return self.symbols.local(places[owner], renamed_local(self.symbols.locals[number], to))

    def _envelope(self, number: int, to: Renaming, places: Sequence[int]) -> int:
        envelope = self.symbols.envelopes[number]
        image = self.symbols.parts.envelope(places[envelope.sender], to(envelope.letter.message))
        return self.symbols.envelope(image)

    def _close(
        self,
        name: str,
        known: list[list[int]],
        count: Callable[[], int],
        renamed: Callable[[int, Renaming, Sequence[int]], int],
    ) -> None:
        first = place = len(known[0])
        if first == count():
            return
        places = [self.arrays.to[generator].tolist() for generator in self.generators]
        while place < count():
            for number, generator in enumerate(self.generators):
                images = known[number]
                images += [-1] * (count() - len(images))
                if images[place] < 0:
                    image = renamed(place, self.group[generator], places[number])
                    images += [-1] * (count() - len(images))
                    images[place] = image
                    if self.own_inverse[number]:
                        images[image] = place
            place += 1
        self._enter(name, known, first)

    def _enter(self, name: str, known: list[list[int]], first: int) -> None:
        """Enter the images under generators, and those under what is composed of them."""
        last, table = len(known[0]), getattr(self.arrays, name)
        if last > len(table):
            table = grown(table, last)
            changes: dict[str, Any] = {name: table}
            self.arrays = self.arrays._replace(**changes)
        table[first:last, 0] = np.arange(first, last)
        for number, generator in enumerate(self.generators):
            table[first:last, generator] = known[number][first:]
        for renaming, before, generator in self.ways:
            table[first:last, renaming] = table[table[first:last, before], generator]

    def grow(self) -> None:
        """Make room for images where there are many, and for components as far as there is room for themselves."""
        arrays, components = self.arrays, len(self.symbols.store.components)
        if len(arrays.rows) < components:
            arrays = arrays._replace(rows=grown(arrays.rows, components))
        if 2 * int(arrays.tally[0]) + 2 * len(arrays.fields) > len(arrays.images):
            arrays = arrays._replace(images=grown(arrays.images, 0))
        self.arrays = arrays


def _points(to: Any, group: Sequence[Renaming]) -> list[tuple[int, ...]]:
    """Return each renaming as a permutation of the processes and of the values that some renaming exchanges."""
    values = list({name: None for renaming in group for name in renaming.values})
    places = {name: place for place, name in enumerate(values)}
    size = to.shape[1]
    return [
        (*row, *(size + places[key(renaming.values[name]) if name in renaming.values else name] for name in values))
        for row, renaming in zip(to.tolist(), group, strict=True)
    ]


def _then(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[int, ...]:
    """Return the permutation that does one after the other."""
    return tuple(second[place] for place in first)


def _ways(
    points: Sequence[tuple[int, ...]], numbers: dict[tuple[int, ...], int], generators: Sequence[int]
) -> list[tuple[int, int, int]]:
    """Return (renaming, one before it, generator that leads from there to it), nearest to the identity first."""
    found, ways, met = [0, *generators], list[tuple[int, int, int]](), {0, *generators}
    for before in found:
        for generator in generators:
            after = numbers[_then(points[before], points[generator])]
            if after not in met:
                met.add(after)
                found.append(after)
                ways.append((after, before, generator))
    return ways
