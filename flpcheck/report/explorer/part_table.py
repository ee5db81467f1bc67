"""Configurations taken apart: for each process its state, its mailbox, and why it can do nothing where it cannot."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from flpcheck.authoring.values import shorten
from flpcheck.report.explorer.value_table import LONGEST, ValueTable
from flpcheck.system import Configuration, System

PartEntry = dict[str, Any]
BETWEEN = "between rounds"
SHORT = {
    "state": "s", "fields": "s", "faulty": "b", "mail": "m", "crashed": "x", "decided": "d", "held": "h", "why": "w"
}  # fmt: skip
"""Short keys in the rows of a page."""


class PartTable:
    """Numbers for the parts of configurations.

    Parameters
    ----------
    system
        The system of the configurations.
    values
        Where the values go that they hold.

    Attributes
    ----------
    names
        What the parts of every configuration are called, in order; those of the processes first.
    table
        The parts: `s` state, `m` mailbox as [sender, message] pairs, `x` crashed, `b` otherwise faulty, and how, `d`
        decisions, `w` why it cannot step, `h` which letters cannot be taken, and why.
    """

    def __init__(self, system: System, values: ValueTable) -> None:
        self.system = system.plain
        self.values = values
        self.table: list[PartEntry] = []
        self._numbers: dict[Hashable, int] = {}
        self._sections = self.system.sections()
        self.names = [*system.names, *(name or BETWEEN for name in self._sections)]

    def numbers(self, configuration: Configuration) -> list[int]:
        """Return the numbers of a configuration's parts, in the order of `names`.

        Cost: a look-up per part; a new part is stored.
        """
        return [
            found if (found := self._numbers.get(part)) is not None else self._number(part)
            for part in self.system.parts_of(configuration, self._sections)
        ]

    def _number(self, part: Hashable) -> int:
        row = {SHORT[what]: self._written(what, told) for what, told in self.system.told_of(part).items()}
        number = self._numbers[part] = len(self.table)
        self.table.append(row)
        return number

    def _written(self, what: str, told: Any) -> Any:
        """Return something that is said of a part as a page has it."""
        if what == "state":
            return self.values.number(told)
        if what == "fields":
            return self.values.fields(*told)
        if what == "mail":
            return [[sender, self.values.number(message)] for sender, message in told]
        return [shorten(str(value), LONGEST) for value in told] if what == "decided" else told
