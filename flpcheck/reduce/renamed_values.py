"""Values by number, and what renamings make of them: each distinct value is renamed and compared once."""

from __future__ import annotations

from typing import Any

from flpcheck.authoring.values import Key, key
from flpcheck.reduce.rename import Map, ballots_in, renamed


class RenamedValues:
    """Numbers of values, the same for equal ones, and the values that other ballots make of them.

    Attributes
    ----------
    values
        The values by number.
    """

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._numbers: dict[Key, int] = {}
        self._met: dict[int, tuple[Any, int]] = {}  # by id, which stays that of the value as long as this refers to it
        self._ballots: dict[int, tuple[int, ...]] = {}
        self._images: dict[tuple[int, tuple[int, ...]], int] = {}

    def number(self, value: Any) -> int:
        """Return the number of a value that lasts: it is remembered as an object, too."""
        met = self._met.get(id(value))
        if met is None:
            met = self._met[id(value)] = value, self._numbered(value)
        return met[1]

    def _numbered(self, value: Any) -> int:
        number = self._numbers.setdefault(key(value), len(self.values))
        if number == len(self.values):
            self.values.append(value)
        return number

    def ballots(self, number: int) -> tuple[int, ...]:
        """Return the ballots that stand in a value, in order."""
        found = self._ballots.get(number)
        if found is None:
            found = self._ballots[number] = tuple(sorted(ballots_in(self.values[number])))
        return found

    def under(self, number: int, ballots: Map) -> int:
        """Return the number of a value with its ballots mapped."""
        before = self.ballots(number)
        after = tuple(map(ballots, before))
        if after == before:
            return number
        found = self._images.get((number, after))
        if found is None:
            found = self._images[number, after] = self._numbered(renamed(self.values[number], ballots))
        return found
