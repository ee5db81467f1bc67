"""The kernel's search without transitions, watched level by level."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cached_property, partial

import numpy as np

from flpcheck.budget import OutOfBudget
from flpcheck.explore.bounds import Cut, Watchman
from flpcheck.explore.checkpoint import Checkpoint
from flpcheck.explore.graph import Bools, Masks
from flpcheck.explore.kernel import arrays as k
from flpcheck.explore.kernel.masks import BUSY, CRASHES, DECIDED, LIVE, MOVES, VALUES
from flpcheck.explore.marks import PIECE, MarkTables, Packed
from flpcheck.explore.native import NativeSearch
from flpcheck.explore.packed import PackedConfigurations
from flpcheck.explore.progress import Progress
from flpcheck.explore.safely import STOPPED, Reached, Watcher, ends
from flpcheck.system import Configuration, Initial
from flpcheck.system.message_passing import MessagePassing


class PackedMarks:
    """The masks of some configurations, each found out when it is asked for."""

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

    def __init__(self, search: SafeNativeSearch, first: int, last: int, *, frontier: bool) -> None:
        self.search = search
        self.first = first
        self.frontier = frontier
        states = search.space.states[first * search.width : last * search.width]
        self.configurations: Sequence[Configuration] = PackedConfigurations(
            search.interner, search.layout, search.width, states
        )
        self._look = partial(search.marks.look, Packed(states, search.layout, search.width))
        self._marks = PackedMarks(self._look)

    def marks(self) -> PackedMarks:
        """Return their bit masks."""
        return self._marks

    def ended(self, among: Bools) -> Bools:
        """Return which of some of them have no process event that leads elsewhere.

        Where an event may lead elsewhere or not, the reference semantics is asked.
        """
        moves = self._look(MOVES)
        found: Bools = among & (moves == 0)
        unsure = among & (moves != 0) & (self._look(BUSY) == 0)
        for number in np.flatnonzero(unsure).tolist():
            found[number] = ends(self.search.system, self.configurations[number])
        return found


class SafeNativeSearch(NativeSearch):
    """The search of the kernel, watched level by level."""

    def __init__(
        self,
        system: MessagePassing,
        watchman: Watchman,
        watcher: Watcher,
        report: Callable[[Progress], None] | None = None,
        only: Callable[[Initial], bool] = lambda _: True,
        checkpoint: Checkpoint | None = None,
        workers: int = 1,
    ) -> None:
        super().__init__(system, watchman.bounds, report, watchman, keep=False, checkpoint=checkpoint, workers=workers)
        self.watcher = watcher
        self.initial = [item for item in system.initial() if only(item)]
        self.marks = MarkTables(self.interner, system.values.bit)
        self.looked = 0

    def _stops_here(self, depth: int) -> bool:
        self._look(self.levels[-1], frontier=False)
        if self.watcher.enough(depth):
            self.cut = STOPPED
        return self.cut is not None

    def _look(self, last: int, *, frontier: bool) -> None:
        if self.looked == last:
            return
        self.marks.update()
        if not frontier:
            self.marks.update_liveliness()
        for first in range(self.looked, last, PIECE):
            self.watcher.look(PackedPiece(self, first, min(first + PIECE, last), frontier=frontier))
            self.looked = min(first + PIECE, last)

    def reached(self) -> Reached:
        """Search, and return what was reached."""
        self.explore()
        with suppress(OutOfBudget):  # what is not looked at was cut
            self._look(self.found, frontier=True)
        left = self.found - int(self.space.tally[k.NEXT]) if self.cut != "max-depth" else len(self.unexpanded)
        return Reached(
            system=self.system,
            configurations=self.configurations(),
            initial=self.initial,
            roots=self.roots,
            levels=self._borders(),
            transitions=int(self.space.tally[k.EDGES]),
            cut=Cut(self.cut or "max-depth", left) if left else None,
            engine="kernel",
            seconds=self.watchman.elapsed(),
            fallback="",
            edges_into=self.edges_into,
        )

    def _borders(self) -> list[int]:
        return [*self.levels, self.found] if self.levels[-1] < self.found else self.levels
