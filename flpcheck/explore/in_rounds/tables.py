"""Tables that grow as rounds are met, in the arrays that the kernel reads."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from flpcheck.explore.kernel import plans as p
from flpcheck.explore.kernel.vectors import Vectors, enter_vectors, look_up
from flpcheck.explore.memory import grown

SMALL = 2**10
"""Number of rows that a table has room for at first, at least 1."""


class Rows:
    """Rows of whole numbers, appended one after the other.

    Parameters
    ----------
    columns
        How many numbers a row has; none for one number that is no row.
    """

    def __init__(self, *columns: int) -> None:
        self.array = np.zeros((SMALL, *columns), np.int64)
        self.count = 0

    def put(self, number: int, row: Sequence[int]) -> None:
        """Write a row to any place; those before it may be missing."""
        if number >= len(self.array):
            self.array = grown(self.array, number + 1)
        self.array[number] = row
        self.count = max(self.count, number + 1)

    def append(self, row: Sequence[int] | int) -> int:
        """Append a row, and return its number."""
        if self.count == len(self.array):
            self.array = grown(self.array, self.count + 1)
        self.array[self.count] = row
        self.count += 1
        return self.count - 1


class Numbered:
    """Vectors of one length, numbered in the order in which they are entered.

    Parameters
    ----------
    length
        How long they are.
    """

    def __init__(self, length: int) -> None:
        self._keys = Rows(length)
        self._slots = np.zeros(2, np.int64)

    @property
    def vectors(self) -> Vectors:
        """The arrays."""
        return Vectors(self._slots, self._keys.array)

    def number(self, key: Sequence[int]) -> int:
        """Return the number of a vector; -1 if it was not entered."""
        return int(look_up(self.vectors, np.array(key, np.int64)))

    def enter(self, key: Sequence[int]) -> int:
        """Enter a vector that is new, and return its number."""
        number = self._keys.append(key)
        first = number
        if 2 * self._keys.count > len(self._slots):
            self._slots, first = np.zeros(4 * len(self._slots), np.int64), 0
        enter_vectors(self.vectors, first, number + 1)
        return number


class RoundTables:
    """The tables of rounds that the kernel reads.

    Parameters
    ----------
    processes
        How many there are.
    """

    def __init__(self, processes: int) -> None:
        self.settings, self.parts = Rows(), Rows(2)
        self.sendings, self.letters, self.told = Numbered(2), Rows(processes), Rows()
        self.plans, self.courses = Numbered(processes + 1), Rows(3)
        self.entries, self.kinds = Rows(4), Rows(processes)
        self.views, self.rows = Numbered(processes + 1), Numbered(2)
        self.spans, self.afters = Rows(2), Rows()
        self.told_apart = False
        """Whether some successors have to be told apart before they are entered."""
        numbers, parts, views, sendings = np.zeros((4, processes), np.int64)
        self.desk = p.Desk(
            numbers, parts, views, sendings,
            key=np.zeros(processes + 1, np.int64),
            rows=np.zeros((0, processes), np.int64),
            ways=np.zeros(0, np.int64),
            wheels=np.zeros((4, processes), np.int64),
            counts=np.zeros(2, np.int64),
            met=np.zeros(1, np.int64),
            entered=np.zeros(0, np.int64),
        )  # fmt: skip

    @property
    def wanted(self) -> int:
        """Maximum number of successors of one configuration so far."""
        return int(self.desk.counts[p.WANTED])

    def arrays(self) -> p.RoundArrays:
        """Return the arrays as they are now."""
        self._clear_desk()
        return p.RoundArrays(
            self.settings.array, self.parts.array, self.sendings.vectors, self.letters.array, self.told.array,
            self.plans.vectors, self.courses.array, self.entries.array, self.kinds.array, self.views.vectors,
            self.rows.vectors, self.spans.array, self.afters.array, self.desk,
        )  # fmt: skip

    def _clear_desk(self) -> None:
        """Make room for the longest plan, and for the successors that have to be told apart."""
        if self.told_apart and len(self.desk.entered) < self.wanted:
            slots = 2 ** (2 * self.wanted).bit_length()
            self.desk.counts[p.MET] = 0
            self.desk = self.desk._replace(met=np.zeros(slots, np.int64), entered=np.zeros(self.wanted, np.int64))

    def longest(self, entries: int) -> None:
        """Reserve space for a plan with this number of entries."""
        if entries > len(self.desk.ways):
            self.desk = self.desk._replace(rows=grown(self.desk.rows, entries), ways=grown(self.desk.ways, entries))
