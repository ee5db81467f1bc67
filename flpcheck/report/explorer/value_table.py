"""Values as numbers: each value that occurs in some configuration is stored once, with its parts as numbers.

So a page of ten thousand configurations stays small, and two values are equal exactly if their numbers are: what has
changed in a step is found by comparing numbers, however deep it lies.
"""

from __future__ import annotations

import dataclasses
from enum import Enum
from typing import Any

from flpcheck.authoring.values import Key, key, shorten, show

LONGEST = 2000
"""Maximum length of a text, in characters; longer ones are cut in their middle: a page is to be read."""
TUPLE, SET = -1, -2


class ValueTable:
    """A table of values.

    Attributes
    ----------
    table
        A text for a plain value; for others a list: the number of the kind (`TUPLE`, `SET`, or a place in `kinds`) and
        the numbers of the parts.
    kinds
        The kinds of records: name and field names.
    """

    def __init__(self) -> None:
        self.table: list[str | list[int]] = []
        self.kinds: list[list[str]] = []
        self._numbers: dict[Key, int] = {}
        self._kinds: dict[tuple[str, ...], int] = {}

    def number(self, value: object) -> int:
        """Return the number of a value.  Cost: linear in its size, unless it is known.

        Examples
        --------
        >>> values = ValueTable()
        >>> values.number((1, (1,))), values.table
        (2, ['1', [-1, 0], [-1, 0, 1]])
        """
        name = key(value)
        found = self._numbers.get(name)
        if found is None:
            written = self._written(value)
            found = self._numbers[name] = len(self.table)
            self.table.append(written)
        return found

    def text(self, text: str) -> int:
        """Return the number of a value that is known only as text."""
        name = (-1, text)
        if name not in self._numbers:
            self._numbers[name] = len(self.table)
            self.table.append(shorten(text, LONGEST))
        return self._numbers[name]

    def fields(self, name: str, fields: dict[str, str]) -> int:
        """Return the number of a state that is known only as texts by field name."""
        parts = [self.text(text) for text in fields.values()]
        identity: Key = (-2, name, *fields, *parts)
        if identity not in self._numbers:
            self._numbers[identity] = len(self.table)
            self.table.append([self._kind(name, tuple(fields)), *parts])
        return self._numbers[identity]

    def shown(self, number: int, *, named: bool = False) -> str:
        """Return a value of the table as text; `named` with the names of a record's own fields."""
        row = self.table[number]
        if isinstance(row, str):
            return row
        parts = [self.shown(part) for part in row[1:]]
        if row[0] == SET:
            return "{" + ", ".join(parts) + "}"
        if row[0] == TUPLE:
            return f"({parts[0]},)" if len(parts) == 1 else f"({', '.join(parts)})"
        name, *fields = self.kinds[row[0]]
        if named:
            parts = [f"{field}={part}" if field else part for field, part in zip(fields, parts, strict=True)]
        return f"{name}({', '.join(parts)})"

    def _written(self, value: Any) -> str | list[int]:
        if isinstance(value, frozenset):
            return [SET, *(self.number(item) for item in sorted(value, key=key))]
        if isinstance(value, tuple):
            return [TUPLE, *map(self.number, value)]
        if dataclasses.is_dataclass(value) and not isinstance(value, (type, Enum)):
            names = tuple(field.name for field in dataclasses.fields(value))
            return [self._kind(type(value).__name__, names), *(self.number(getattr(value, name)) for name in names)]
        return shorten(show(value), LONGEST)

    def _kind(self, name: str, fields: tuple[str, ...]) -> int:
        if (name, *fields) not in self._kinds:
            self._kinds[name, *fields] = len(self.kinds)
            self.kinds.append([name, *fields])
        return self._kinds[name, *fields]


def legible(data: Any) -> Any:
    """Return nested data with long texts cut in their middle.

    Examples
    --------
    >>> len(legible({"why": ["x" * 1_000_000]})["why"][0]) <= LONGEST
    True
    """
    if isinstance(data, str):
        return shorten(data, LONGEST)
    if isinstance(data, dict):
        return {legible(name): legible(item) for name, item in data.items()}
    return [legible(item) for item in data] if isinstance(data, list) else data
