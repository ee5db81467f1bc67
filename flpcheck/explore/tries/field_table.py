"""The images of all values of all fields under the renamings of a group, for the kernel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from flpcheck.explore.kernel.fields import FieldRenamings
from flpcheck.explore.limits import TooWide
from flpcheck.explore.memory import grown
from flpcheck.explore.products import Products
from flpcheck.explore.tries.moving import ABSENT, UNTRACED, Movement, fields_of
from flpcheck.explore.tries.shape import ConfigurationShape, ShapePlace
from flpcheck.explore.tries.tracing import Untraceable
from flpcheck.reduce.orbits import Orbits
from flpcheck.system.general import General

MOST_CRASHING = 12
"""Maximum number of processes that may crash modulo symmetry: each set of them has an image."""
SMALL = 2**8
BIT = 2
"""Number of values of a field that says whether a set holds an element."""


class FieldTable:
    """Pairs of a field and a value, numbered as they are met, and their images.

    Parameters
    ----------
    system, shape
        Whose configurations, and their places.
    orbits
        The quotient, with its group.
    processes
        How many processes may crash; field 0 has a bit for each.
    """

    def __init__(self, system: General, shape: ConfigurationShape, orbits: Orbits, processes: int) -> None:
        if processes > MOST_CRASHING:
            raise TooWide(f"modulo symmetry more than {MOST_CRASHING} processes may crash")
        self.system, self.shape, self.group, self.processes = system, shape, orbits.group, processes
        names = system.names
        self._to = [[names.index(to.pid(name)) for name in names] for to in self.group]
        movers = np.array(self._to, np.int64)
        self.products = Products(movers, self.group, orbits, listed=True)
        self._movements: list[Movement] = []
        self._places: dict[int, tuple[ShapePlace, Any]] = {}
        self._bits: dict[tuple[int, int], int] = {}
        self._pairs: list[tuple[int, int]] = []
        self._images: list[list[int]] = [[] for _ in self.products.generators]
        self._imaged = self._entered = 0
        self._numbers: list[list[int]] = []
        self._capacity: list[int] = []
        self._used = 0
        self._fields = np.zeros(SMALL, np.int64)
        count = len(self.group)
        self.arrays = FieldRenamings(
            movers=movers,
            back=np.zeros((count, 0), np.int32),
            first=np.zeros(0, np.int64),
            pairs=np.zeros(SMALL, np.int64),
            values=np.zeros(SMALL, np.int64),
            images=np.zeros((SMALL, count), np.int32),
            here=np.zeros(0, np.int64),
            least=np.zeros(0, np.int64),
            left=np.zeros(count, np.int64),
        )

    def close(self) -> None:
        """Rename values that are new, and what they become, until all images are known.

        Raises
        ------
        Untraceable
            If it cannot be told what becomes of a field.
        Broken
            If an image does not fit into the shape.
        """
        if not self._movements:
            renamings = [self.group[number] for number in self.products.generators]
            self._movements = [Movement(self.system, self.shape, to) for to in renamings]
        for field in range(len(self.shape.values)):
            self._pair(field, self._count(field) - 1)
        while self._imaged < len(self._pairs):
            for number, images in enumerate(self._images):
                if len(images) == self._imaged:  # else that was found before an interruption
                    images.append(self._pair(*self._image(number, *self._pairs[self._imaged])))
            self._imaged += 1
        if self._entered < self._imaged:
            self._enter(self._entered, self._imaged)

    def _count(self, field: int) -> int:
        """Return how many values a field has."""
        if field == 0:
            return 1 << self.processes
        return BIT if self._place(field)[1] is not ABSENT else len(self.shape.values[field].met)

    def _place(self, field: int) -> tuple[ShapePlace, Any]:
        if field not in self._places:
            self._places = fields_of(self.shape)
        return self._places[field]

    def _pair(self, field: int, value: int) -> int:
        """Return the number of a pair; it and those of lesser values are met with it."""
        while len(self._numbers) <= field:
            self._numbers.append([])
        known = self._numbers[field]
        while len(known) <= value:
            known.append(len(self._pairs))
            self._pairs.append((field, len(known) - 1))
        return known[value] if value >= 0 else -1

    def _image(self, generator: int, field: int, value: int) -> tuple[int, int]:
        """Return the field to which a value goes, and its number there."""
        if field == 0:
            to = self._to[self.products.generators[generator]]
            return 0, sum(1 << to[index] for index in range(self.processes) if value >> index & 1)
        place, element = self._place(field)
        if element is ABSENT:
            return self._movements[generator].image(place, element, self.shape.values[field].met[value])
        if (generator, field) not in self._bits:
            self.shape.strict_bit(place, element)
            self._bits[generator, field], _ = self._movements[generator].image(place, element, value=True)
        return self._bits[generator, field], value

    def image(self, row: Sequence[int], renaming: int) -> list[int]:
        """Return the numbers in the fields of a configuration under a renaming, given those before it."""
        found = [0] * len(row)
        for field, value in enumerate(row):
            there, number = self._pairs[int(self.arrays.images[self._numbers[field][value], renaming])]
            found[there] = number
        return found

    # Arrays.

    def _enter(self, first: int, last: int) -> None:
        """Enter the images under generators, and those under what is composed of them."""
        arrays = self.arrays
        if last > len(arrays.values):
            self._fields = grown(self._fields, last)
            arrays = arrays._replace(values=grown(arrays.values, last), images=grown(arrays.images, last))
        self._fields[first:last], arrays.values[first:last] = np.array(self._pairs[first:], np.int64).T
        images = arrays.images
        images[first:last, 0] = np.arange(first, last)
        for images_of, generator in zip(self._images, self.products.generators, strict=True):
            if len(set(images_of)) < last:
                raise Untraceable(UNTRACED)
            images[first:last, generator] = images_of[first:]
        for renaming, before, generator in self.products.ways:
            images[first:last, renaming] = images[images[first:last, before], generator]
        self.arrays = arrays
        self._index(first, last)
        self._entered = last

    def _index(self, first: int, last: int) -> None:
        """Let the pair of each value of a field be found, and from where each renaming takes what comes to it."""
        fields = len(self._numbers)
        more = fields - len(self._capacity)
        self._capacity += [0] * more
        starts = np.append(self.arrays.first, np.zeros(more, np.int64))
        pairs = self.arrays.pairs
        for field, value in self._pairs[first:last]:
            if value >= self._capacity[field]:
                self._capacity[field] = capacity = 2 * max(value, 1)
                if self._used + capacity > len(pairs):
                    pairs = grown(pairs, self._used + capacity)
                pairs[self._used : self._used + value] = self._numbers[field][:value]
                starts[field] = self._used
                self._used += capacity
            pairs[starts[field] + value] = self._numbers[field][value]
        self.arrays = self.arrays._replace(first=starts, pairs=pairs)
        if more:
            self._point_back()

    def _point_back(self) -> None:
        arrays, fields = self.arrays, len(self._numbers)
        to = self._fields[arrays.images[arrays.pairs[arrays.first]]]
        back = np.argsort(to, axis=0)
        if (np.take_along_axis(to, back, axis=0) != np.arange(fields)[:, None]).any():
            raise Untraceable(UNTRACED)
        scratch = [np.zeros(fields, np.int64) for _ in range(2)]
        self.arrays = arrays._replace(
            back=np.ascontiguousarray(back.T.astype(np.int32)), here=scratch[0], least=scratch[1]
        )
