"""Passive learners whose author's function fails on a mailbox: found when it is made, blamed when it is reached."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from flpcheck.errors import SpecError
from flpcheck.explore.symbol_table import SymbolTable
from flpcheck.explore.voices import Failing


class Learners:
    """The passive learners of a system.

    Parameters
    ----------
    symbols
        The numbers of the system.

    Attributes
    ----------
    wrong
        The components, by process and number, on which one fails.  A configuration may hold one long after it was made:
        what a liar could say makes a mailbox wherever it is said.
    """

    def __init__(self, symbols: SymbolTable) -> None:
        self.symbols = symbols
        self.owners = {seat.index for seat in symbols.seats if seat.asker is None}
        self.wrong: dict[tuple[int, int], Failing] = {}
        self._looked_at = 0

    def told(self, components: NDArray[np.int64]) -> list[Failing]:
        """Return the components that fail when liars tell them something, each with the choices of liars that do."""
        found, symbols = list[Failing](), self.symbols
        for owner, number in self._among(components) if symbols.voices else ():
            for voice in symbols.voices:
                try:
                    symbols.system.faults.lies(symbols.decoded(owner, number), voice.liar, min(voice.crowds))
                except SpecError:
                    found.append(Failing(owner, number, frozenset(voice.crowds)))
        return found

    def failing(self, wanted: NDArray[np.int64]) -> list[Failing]:
        """Return all components on which a learner fails, whether a configuration holds them or not."""
        for owner, number in self._among(wanted[self._looked_at :]):
            try:
                self.symbols.decoded(owner, number)
            except SpecError:
                self.wrong[owner, number] = Failing(owner, number)
        self._looked_at = len(wanted)
        return list(self.wrong.values())

    def _among(self, components: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
        """Yield those of some components that belong to learners, by process and number."""
        store = self.symbols.store
        for component in components if self.owners else ():
            local, _, number, *_ = store.components[component].tolist()
            owner = int(store.locals_["owner"][local])
            if owner in self.owners:
                yield owner, number
