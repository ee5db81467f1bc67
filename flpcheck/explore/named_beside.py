"""Fields beside components that name processes: states of observers, of the world, and of timers, under renamings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from flpcheck.authoring.renaming import Renaming
from flpcheck.explore.kernel.arrays import Numbers
from flpcheck.reduce.images import moved_bits, names_one, renamed_world
from flpcheck.world.oracle import TIMERS

if TYPE_CHECKING:
    from flpcheck.explore.symbol_table import SymbolTable


class NamedBeside:
    """The values of these fields, numbered among those of all.

    Parameters
    ----------
    symbols
        The numbers in each field.

    Attributes
    ----------
    fields
        The fields, observers first.
    met
        (which of the fields, the number in it) of each value.
    """

    def __init__(self, symbols: SymbolTable) -> None:
        self.symbols = symbols
        self.met: list[tuple[int, int]] = []
        self._ids: dict[tuple[int, int], int] = {}
        processes, oracle = len(symbols.seats), symbols.system.world.oracle
        self.observers = len(symbols.watched)
        self.fields = [processes + 1 + index for index in range(self.observers)]
        self.world = self.timers = -1
        if oracle.reliable and oracle.kind and oracle.kind != TIMERS:
            self.world = len(self.fields)
            self.fields.append(processes)
        if symbols.timers is not None:
            self.timers = len(self.fields)
            self.fields.append(int(symbols.store.rules.timers))

    def enter(self) -> None:
        """Meet all states of the world, and all sets of timers."""
        for number in range(len(self.symbols.budgets) if self.world >= 0 else 0):
            self.number(self.world, number)
        for due in range(1 << len(self.symbols.seats) if self.timers >= 0 else 0):
            self.number(self.timers, due)

    def number(self, which: int, value: int) -> int:
        """Return the number of a value of one of the fields among those of all."""
        found = self._ids.get((which, value))
        if found is None:
            found = self._ids[which, value] = len(self.met)
            self.met.append((which, value))
        return found

    def image(self, number: int, to: Renaming, places: Sequence[int]) -> int:
        """Return the number of a value under a renaming, given where that moves processes."""
        symbols, (which, value) = self.symbols, self.met[number]
        if which == self.timers:
            return self.number(which, moved_bits(value, places))
        if which == self.world:
            world = renamed_world(symbols.budgets[value], places, one=names_one(symbols.system.world))
            return self.number(which, symbols.budget_numbers[world])
        image = symbols.watch.renamed(symbols.watched[which][value], to)
        return self.number(which, symbols.state_of_observer(which, image))

    def laws(self, to: Numbers) -> Numbers:
        """int64[renamings, laws]: the law of a step under each renaming, given where these move processes."""
        laws = np.tile(np.arange(max(self.symbols.laws.base, 1)), (len(to), 1))
        if self.world >= 0 or (self.symbols.laws.active and self.symbols.laws.oracles.kind not in {"", TIMERS}):
            laws[:, 1 : 1 + to.shape[1]] = 1 + to
        return laws

    def row(self, numbers: Sequence[int]) -> list[int]:
        """Return the numbers among those of all, given the number in each field of a configuration."""
        return [self.number(which, numbers[field]) for which, field in enumerate(self.fields)]

    def written(self, numbers: list[int], found: Sequence[int]) -> list[int]:
        """Return a row of a configuration with other values in these fields, given by their numbers among all."""
        after: Any = list(numbers)
        for number in found:
            which, value = self.met[number]
            after[self.fields[which]] = value
        return list(after)
