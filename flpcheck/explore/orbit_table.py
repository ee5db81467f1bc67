"""Renamings as the kernel has them: Python renames local states and envelopes, under generators, until none is new."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from flpcheck.authoring.reduction import Symmetric, Symmetry
from flpcheck.authoring.renaming import Renaming
from flpcheck.explore.kernel.arrays import Numbers
from flpcheck.explore.kernel.colours import Points, flood
from flpcheck.explore.kernel.folding import Folding
from flpcheck.explore.kernel.renamings import Renamings
from flpcheck.explore.memory import grown
from flpcheck.explore.named_beside import NamedBeside
from flpcheck.explore.products import Products
from flpcheck.reduce.group import neighbours, size_of
from flpcheck.reduce.images import renamed_local
from flpcheck.reduce.orbits import Orbits

if TYPE_CHECKING:
    from flpcheck.explore.orbit_interner import OrbitInterner

ROWS = 2**10
"""Number of components for which there is room for images at first."""
LISTED = 200
"""Maximum size of a group all of whose renamings are listed; the orbits of a larger one are found by sorting, if it
consists of all permutations of some classes."""


class RenamingTable:
    """The images of what a symbol table numbers, under the renamings of a group, or under those that generate it.

    Parameters
    ----------
    symbols
        What is renamed.
    orbits
        The quotient, with its group.
    """

    def __init__(self, symbols: OrbitInterner, orbits: Orbits) -> None:
        self.symbols = symbols
        self.listed = orbits.listed and (orbits.most <= LISTED or orbits.most != size_of(orbits.classes))
        self.renamings = orbits.group if self.listed else neighbours(orbits.classes)
        names, index = symbols.parts.names, symbols.parts.index
        to = np.array([[index[renaming.pid(name)] for name in names] for renaming in self.renamings], np.int64)
        self.arrays = _empty(to, len(symbols.store.components), symbols.beside)
        self.points = points_of(() if self.listed else orbits.classes, names, ranked=orbits.listed)
        self.products = Products(to, self.renamings, orbits, listed=self.listed)
        self.generators = self.products.generators
        self.own_inverse = [self.products.is_own_inverse(number) for number in self.generators]
        self._flooded: dict[str, int] = {}
        self._numbered = 0
        self._locals: list[list[int]] = [[] for _ in self.generators]
        self._envelopes: list[list[int]] = [[] for _ in self.generators]
        self._states: list[list[int]] = [[] for _ in self.generators]
        self._notes: list[list[int]] = [[] for _ in self.generators]

    @property
    def folding(self) -> Folding:
        """The tables that the kernel reads."""
        return Folding(self.arrays, self.points)

    def close(self) -> None:
        """Rename what is new, and what that becomes, until all images are known."""
        symbols = self.symbols
        self._close("locals_", self._locals, lambda: len(symbols.locals), self._local)
        self._close("envelopes", self._envelopes, lambda: len(symbols.envelopes), self._envelope)
        symbols.rank()
        self._flood("locals_", len(symbols.locals))
        self._flood("envelopes", len(symbols.envelopes))
        if symbols.beside.fields:
            self._close("notes", self._notes, lambda: len(symbols.notes), self._note)
            self._close("states", self._states, lambda: len(symbols.beside.met), symbols.beside.image)
            self._flood("states", len(symbols.beside.met))
            self._number_states()

    def _number_states(self) -> None:
        """Let what is new in fields beside components be found by its numbers there."""
        arrays, met = self.arrays, self.symbols.beside.met
        while len(arrays.numbers) < len(met):
            arrays = arrays._replace(numbers=grown(arrays.numbers, 0), seen=np.hstack([arrays.seen, 0 * arrays.seen]))
        for place in range(self._numbered, len(met)):
            which, number = met[place]
            arrays.numbers[place], arrays.seen[which, number] = number, place
        self.arrays, self._numbered = arrays, len(met)

    def _flood(self, name: str, last: int) -> None:
        """Find the orbits of what is new, together with each point, where representatives are found by sorting."""
        first, size = self._flooded.get(name, 0), len(self.points.exchange)
        if first == last or not size:
            return
        orbits = getattr(self.points, name)
        if last > len(orbits):
            changes: dict[str, Any] = {name: (orbits := grown(orbits, last))}
            self.points = self.points._replace(**changes)
        flood(getattr(self.arrays, name), first, last, self.points, orbits, np.zeros((last - first) * size, np.int64))
        self._flooded[name] = last

    def _local(self, number: int, to: Renaming, places: Sequence[int]) -> int:
        owner = int(self.symbols.store.locals_["owner"][number])
        return self.symbols.local(places[owner], renamed_local(self.symbols.locals[number], to))

    def _envelope(self, number: int, to: Renaming, places: Sequence[int]) -> int:
        envelope = self.symbols.envelopes[number]
        image = self.symbols.parts.envelope(places[envelope.sender], to(envelope.letter.message))
        return self.symbols.envelope(image)

    def _note(self, number: int, to: Renaming, _: Sequence[int]) -> int:
        return self.symbols.note(to(self.symbols.notes[number]))

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
                    image = renamed(place, self.renamings[generator], places[number])
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
        if self.listed:
            table[first:last, 0] = np.arange(first, last)
        for number, generator in enumerate(self.generators):
            table[first:last, generator] = known[number][first:]
        for renaming, before, generator in self.products.ways:
            table[first:last, renaming] = table[table[first:last, before], generator]

    def grow(self) -> None:
        """Make room for images where there are many, and for components as far as there is room for themselves."""
        arrays, components = self.arrays, len(self.symbols.store.components)
        if len(arrays.rows) < components:
            arrays = arrays._replace(rows=grown(arrays.rows, components))
        if 2 * int(arrays.tally[0]) + 2 * len(arrays.fields) > len(arrays.images):
            arrays = arrays._replace(images=grown(arrays.images, 0))
            self.points = self.points._replace(colours=grown(self.points.colours, len(arrays.images)))
        self.arrays = arrays


def _empty(processes: Numbers, components: int, beside: NamedBeside) -> Renamings:
    """Return empty tables of images under some renamings, given where these move processes."""
    (renamings, count), more = processes.shape, len(beside.fields)
    to = np.hstack([processes, np.tile(np.arange(count, count + more), (renamings, 1))])
    moved = (to != np.arange(count + more)).any(axis=0)
    scratch = [np.zeros(count + more, np.int64) for _ in range(4)]
    tables = [np.zeros((ROWS, renamings), np.int32) for _ in range(5)]
    return Renamings(
        to=to,
        back=np.argsort(to, axis=1),
        locals_=tables[0],
        envelopes=tables[1],
        rows=np.zeros(components, np.int32),
        images=tables[2],
        states=tables[3],
        notes=tables[4],
        watches=(1,) if more else (),
        where=np.array(beside.fields, np.int64),
        laws=beside.laws(processes),
        seen=np.zeros((more, ROWS), np.int64),
        numbers=np.zeros(ROWS, np.int64),
        places=np.concatenate([np.flatnonzero(moved), np.flatnonzero(~moved)]),
        tally=np.zeros(1, np.int64),
        fields=scratch[0],
        at=scratch[1],
        work=scratch[2],
        least=scratch[3],
        left=np.zeros(renamings, np.int64),
    )


def points_of(classes: Sequence[Symmetry], names: Sequence[str], *, ranked: bool = False) -> Points:
    """Return the names of some classes as the kernel has them, values first; perhaps processes are ranked, too."""
    kinds = sorted(classes, key=lambda found: isinstance(found, Symmetric))
    sizes = [len(found.names) for found in kinds]
    borders = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    moved = [name for found in kinds for name in found.names]
    processes = [names.index(str(n)) if isinstance(f, Symmetric) else -1 for f in kinds for n in f.names]
    values = sum(len(found.names) for found in kinds if not isinstance(found, Symmetric))
    firsts = np.cumsum([0, *(len(found.names) - 1 for found in classes)]).tolist()
    number = {id(found): first for found, first in zip(classes, firsts, strict=False)}
    exchange = np.full(len(moved), -1, np.int64)
    for found, start, size in zip(kinds, borders.tolist(), sizes, strict=False):
        exchange[start : start + size - 1] = np.arange(size - 1) + number[id(found)]
    roles = np.arange(len(names)) + len(kinds)
    for place, process in enumerate(processes):
        if process >= 0:
            roles[process] = int(np.searchsorted(borders, place, side="right")) - 1
    count = len(moved)
    return Points(
        exchange=exchange,
        process=np.array(processes, np.int64),
        classes=borders,
        values=np.array([values], np.int64),
        ranked=np.array([count if ranked else values], np.int64),
        roles=roles,
        locals_=np.zeros((ROWS, count), np.int64),
        envelopes=np.zeros((ROWS, count), np.int64),
        states=np.zeros((ROWS, count), np.int64),
        colours=np.zeros((ROWS, count), np.int64),
        colour=np.zeros(count, np.int64),
        order=np.zeros(count, np.int64),
        best=np.zeros(count, np.int64),
        runs=np.zeros((count, 2), np.int64),
        turns=np.zeros((count, 2), np.int64),
    )
