"""Interning where successors are replaced by representatives: only what configurations hold is asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from flpcheck.explore.intern import Interner
from flpcheck.explore.kernel.renamings import hold
from flpcheck.explore.memory import grown
from flpcheck.explore.outdated_table import OutdatedTable
from flpcheck.reduce.quotient import Quotient
from flpcheck.system.message_passing import MessagePassing

if TYPE_CHECKING:
    from flpcheck.explore.native import NativeSearch


class HeldInterner(Interner):
    """The numbers of one system, most of whose components no configuration holds: these have numbers, and no rows.

    Parameters
    ----------
    plain
        The plain system.
    quotient
        Its quotient by ballots and stale mail; None if there is none.
    """

    def __init__(self, plain: MessagePassing, quotient: Quotient | None = None) -> None:
        self.outdated: OutdatedTable | None = None  # growing begins with the tables of the plain system
        super().__init__(plain)
        self.outdated = None if quotient is None else OutdatedTable(self, quotient)
        self._held = np.zeros(len(self.store.components), np.int64)
        self._marked = np.zeros(len(self.store.components), np.bool_)
        self._count = self._scanned = 0

    def hold(self, search: NativeSearch) -> None:
        """Take note of the components that the configurations found by now hold."""
        if len(self._held) < len(self.store.components):
            self._held, self._marked = (grown(a, len(self.store.components)) for a in (self._held, self._marked))
        states = search.space.states[self._scanned * search.width : search.found * search.width]
        self._count = int(hold(states, search.layout, search.width, self.store, self._held, self._marked, self._count))
        self._scanned = search.found

    def begin_again(self) -> None:
        """Forget all components, and which are held."""
        super().begin_again()
        self._marked[:] = False
        self._count = self._scanned = 0

    def want(self, owner: int, number: int) -> None:
        """Take note of a component that is asked about although no configuration holds it, for the sake of timers."""
        component = int(self.store.index[owner, number])
        if component >= len(self._held):
            self._held, self._marked = (grown(a, component + 1) for a in (self._held, self._marked))
        if not self._marked[component]:
            self._held[self._count], self._marked[component] = component, True
            self._count += 1

    def wanted(self) -> NDArray[np.int64]:
        """Return the components that configurations hold, in the order in which they were found."""
        return self._held[: self._count]

    def held(self, owner: int) -> NDArray[np.bool_]:
        """bool[n]: whether some configuration holds each component of a process."""
        components = self.store.index[owner, : int(self.store.counts[owner])]
        return np.isin(components, self.wanted())

    def grow(self, longest: int = 0) -> None:
        """Give every array that is more than half full twice the capacity."""
        super().grow(longest)
        if self.outdated is not None:
            self.outdated.grow()

    def close(self) -> None:
        """Enter what the kernel needs to know of local states and envelopes that are new."""
        if self.outdated is not None:
            self.outdated.close()

    def asked_while_expanding(self) -> bool:
        """Have Python answer what is outdated, and questions about letters on their way; return if there were any."""
        return (self.outdated is not None and self.outdated.answer()) or super().asked_while_expanding()

    def _is_thorough(self, owner: int) -> bool:
        """Whether to ask twice: always where rows are verified, because only such answers are kept as rows."""
        return self.outdated is not None or super()._is_thorough(owner)
