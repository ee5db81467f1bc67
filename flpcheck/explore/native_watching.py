"""The view of a kernel search that watchers get."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np

from flpcheck.explore.graph import Bools, Masks
from flpcheck.explore.kernel.masks import CRASHES, DECIDED, LIVE, VALUES
from flpcheck.explore.marks import PIECE, Packed
from flpcheck.explore.watching import Watcher

if TYPE_CHECKING:
    from flpcheck.explore.native import NativeSearch


class PackedMarks:
    """The masks of some configurations, each computed at its first use."""

    def __init__(self, look: Callable[[int], Masks]) -> None:
        self._look = look

    @cached_property
    def values(self) -> Masks:
        """Bit v: some process has decided value number v."""
        return self._look(VALUES)

    @cached_property
    def decided(self) -> Masks:
        """Bit p: process p has decided."""
        return self._look(DECIDED)

    @cached_property
    def crashed(self) -> Masks:
        """Bit p: process p is faulty."""
        return self._look(CRASHES)

    @cached_property
    def live_values(self) -> Masks:
        """Bit v: some live, not faulty process has decided value number v."""
        return self._look(LIVE)


class PackedPiece:
    """Some configurations as the kernel has them."""

    silent = 0

    def __init__(self, watched: WatchedSearch, first: int, last: int, *, frontier: bool) -> None:
        search = watched.search
        self.first = first
        self.frontier = frontier
        self._packed = Packed(
            search.space.states[first * search.width : last * search.width], search.layout, search.width
        )
        self.configurations = search.front.configurations(search.layout, search.width, self._packed.states)
        self._look = watched.tables
        self._marks = PackedMarks(partial(self._look.masks, self._packed))

    def marks(self) -> PackedMarks:
        """Return their bit masks."""
        return self._marks

    def ended(self, among: Bools) -> Bools:
        """Return which of some of them are known to have no process event that leads elsewhere."""
        if self.frontier:
            return np.zeros_like(among)
        return self._look.ended(self._packed, self.configurations, among)


class WatchedSearch:
    """A search of the kernel, and how far its watcher has looked."""

    def __init__(self, search: NativeSearch, watcher: Watcher) -> None:
        self.search, self.watcher = search, watcher
        self.tables = search.front.look(search.system.values.bit)
        self.looked = 0

    def look(self, last: int, *, frontier: bool) -> None:
        """Let the watcher look at what it has not seen, up to an id."""
        if self.looked == last:
            return
        self.tables.update(expanded=not frontier)
        for first in range(self.looked, last, PIECE):
            self.watcher.look(PackedPiece(self, first, min(first + PIECE, last), frontier=frontier))
            self.looked = min(first + PIECE, last)
