"""Storage of the kernel engine, and how it grows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from flpcheck.budget import leave, look
from flpcheck.explore.front import FrontEnd
from flpcheck.explore.graph import judging_bytes
from flpcheck.explore.kernel import arrays as k
from flpcheck.explore.kernel.portion import NO_PORTION
from flpcheck.explore.kernel.visited import rebuild
from flpcheck.explore.kernel.words import new_batch, repack
from flpcheck.explore.layout import first_fields, layout_for, with_fields
from flpcheck.explore.limits import TooWide
from flpcheck.explore.memory import give_back, grown, reserve, zeros

LOAD = 0.7
FIRST_SLOTS = 2**16
MANY_SLOTS = 2**24
LEAST_STRIDE = 2**14
"""Minimum number of configurations, or of transitions, found between two checks, however little memory is left."""


class Finds(NamedTuple):
    """Configurations that an earlier search has found in one level, and how it went.

    Parameters
    ----------
    layout, width, states
        The configurations, and where their fields stand.
    edges, expanded
        How many transitions there are after the level, and how many configurations are expanded.
    offsets, targets, movers
        The transitions of the level, if they are stored.
    asleep
        The sleep sets of the configurations, if transitions are not stored.
    """

    layout: k.Layout
    width: int
    states: NDArray[np.uint64]
    edges: int
    expanded: int
    offsets: NDArray[np.int64]
    targets: NDArray[np.int32]
    movers: NDArray[np.int16]
    asleep: NDArray[np.uint32]


class NativeStorage:
    """Configurations, packed, and perhaps the transitions between them.

    Parameters
    ----------
    front
        Whose configurations: what it numbers stands in their fields.
    keep
        Whether transitions are stored.
    """

    words = 1
    """Minimum number of words per configuration: for each number there is machine code of its own."""

    def __init__(self, front: FrontEnd, *, keep: bool) -> None:
        self.front = front
        self.system = front.system
        self.keep = keep
        self.forgotten = 0
        self.left = float("inf")
        """Bytes that the run might still take when it last looked."""

    def _lay_out(self) -> None:
        found = layout_for(self.front.widths(), self.front.fixed, self.words)
        if found is None:
            raise TooWide("its configurations need more bits than the kernel has")
        self.layout, self.width = found
        self.shape = (np.uint64(0),) * self.width
        self.batch = new_batch(self.width, k.BATCH, 0, 0)

    def _new_space(self) -> None:
        tally = np.zeros(k.TALLIES, np.int64)
        tally[k.BASE] = -1
        self.space = k.Space(
            states=reserve(2**30 * self.width, np.uint64),
            slots=zeros(FIRST_SLOTS, np.uint32),
            offsets=reserve(2**30, np.int64) if self.keep else np.zeros(1, np.int64),
            targets=reserve(2**33 if self.keep else 0, np.int32),
            movers=reserve(2**33 if self.keep else 0, np.int16),
            tally=tally,
            asleep=reserve(2**30 if self._sleeps else 0, np.uint32),
            renamed=reserve(2**33 if self._renames else 0, np.uint16),
            portion=NO_PORTION,
        )
        self.space.offsets[0] = 0

    @property
    def _sleeps(self) -> bool:
        """Whether it is written down what sleeps."""
        return self.front.sleeps and not self.keep

    @property
    def _renames(self) -> bool:
        """Whether it is kept which renaming each transition applies."""
        return self.front.renames and self.keep

    @property
    def found(self) -> int:
        """Number of configurations found."""
        return int(self.space.tally[k.FOUND])

    @property
    def next(self) -> int:
        """The first configuration that is not expanded."""
        return int(self.space.tally[k.NEXT])

    def bytes_each(self) -> float:
        """Return about how many bytes a configuration takes: itself, its slot, its transitions or what sleeps in it.

        Where transitions are kept, what is needed to judge them counts as well.

        The visited table is between half and wholly as full as it may be; transitions are counted as far as they are
        known; what sleeps is kept for the last two levels, say a quarter of all.
        """
        slot = 1.5 * self.space.slots.itemsize / LOAD
        if not self.keep:
            return 8 * self.width + slot + self.space.asleep.itemsize / 4
        degree = int(self.space.tally[k.EDGES]) / max(int(self.space.tally[k.NEXT]), 1)
        itself = 8 * self.width + slot + self.space.offsets.itemsize + judging_bytes(1, 0)
        return itself + degree * self.bytes_each_transition

    @property
    def bytes_each_transition(self) -> int:
        """Bytes per kept transition, with what is needed to judge it."""
        renamed = self.space.renamed.itemsize * self._renames
        return self.space.targets.itemsize + self.space.movers.itemsize + renamed + judging_bytes(0, 1)

    def stride(self, most: int, each: float) -> int:
        """Return how many things of some bytes each may be found before the next look: they take half of what is left.

        At least as many are needed for one more configuration and its transitions.
        """
        return int(min(most, max(self.left / 2 / each, LEAST_STRIDE))) + 2 * self.headroom

    def leave_for_judging(self, slots: int) -> None:
        """Let whatever grows leave what it takes to judge the graph; the visited table, given back first, is part."""
        if self.keep:
            needed = judging_bytes(self.found, int(self.space.tally[k.EDGES]))
            leave(max(needed - slots * self.space.slots.itemsize, 0))

    def _repack(self) -> None:
        """Give every field the bits that it needs now, and room to grow."""
        before, width, space = self.layout, self.width, self.space
        look(8 * self.found * (width + 1))  # until the copy is complete, both arrays exist
        self._lay_out()
        states = reserve(max(2**30, len(space.states) // width) * self.width, np.uint64)
        while len(states) < (self.found + k.BATCH) * self.width:
            states = grown(states, 0)
        self._copy(space.states, before, width, states)
        slots = len(space.slots)
        self.space = space._replace(states=states)
        del space
        self._rehash(slots)

    def _copy(self, states: NDArray[np.uint64], before: k.Layout, width: int, into: NDArray[np.uint64]) -> None:
        """Copy everything that is found from a former layout into the present one."""
        after, wider = self.layout, self.width
        self._in_parts(lambda first, last: repack(states, before, width, into, after, wider, first, last))

    def _rehash(self, slots: int) -> None:
        """Make a visited table of some size; the caller holds no other reference to the old one."""
        self.space = self.space._replace(slots=np.zeros(0, np.uint32))
        self.leave_for_judging(slots)
        self.space = self.space._replace(slots=zeros(slots, np.uint32))
        self.rebuild()

    def rebuild(self) -> None:
        """Enter everything that is found into a visited table without any of it."""
        space, shape = self.space, self.shape

        def entered(first: int, last: int) -> None:
            rebuild(space, new_batch(len(shape), k.BATCH, 0, 0), shape, first, last)

        self._in_parts(entered)

    def _in_parts(self, work: Callable[[int, int], None]) -> None:
        """Do something for all ids from a first one to a last one; side by side, where several threads are at hand."""
        work(0, self.found)

    def ensure_capacity(self, configurations: int = 0, transitions: int = 0) -> None:
        """Grow for these, and for at least one more configuration and its transitions, whatever it is."""
        needed = self.found + configurations + 2 * self.headroom
        slots = len(self.space.slots)
        while LOAD * slots <= needed:
            slots *= 2 if slots >= MANY_SLOTS else 4
        if slots != len(self.space.slots):
            self._rehash(slots)
        space, changes = self.space, dict[str, Any]()
        edges = int(space.tally[k.EDGES]) + transitions + 2 * self.headroom
        wanted = {"states": needed * self.width, "offsets": needed + 1 if len(space.offsets) > 1 else 0}
        wanted |= {"targets": edges, "movers": edges} if self.keep else {"asleep": needed * self._sleeps}
        wanted |= {"renamed": edges} if self._renames else {}
        for name, count in wanted.items():
            if len(getattr(space, name)) < count:
                changes[name] = grown(getattr(space, name), count)
        if changes:
            self.space = self.space._replace(**changes)
        largest = self.front.largest
        if len(self.batch.agenda) < self.headroom or len(self.batch.group) < largest * self.width:
            self.batch = new_batch(self.width, k.BATCH, 2 * self.headroom, 2 * largest)

    @property
    def headroom(self) -> int:
        """Maximum number of transitions of one configuration, and of those that wait in the batch."""
        return self.front.degree + 2 * k.BATCH

    def widen(self) -> None:
        """Repack if some field has become too narrow."""
        needs = self.front.widths()
        self.layout = with_fields(self.layout, len(needs))
        widths = [int(mask).bit_length() for mask in self.layout.mask]
        if any(need > width for need, width in zip(needs, widths, strict=True)):
            self._repack()

    def _forget_sleep(self) -> None:
        """Give back what slept in the level that has been expanded: it was read for the last time."""
        if self._sleeps:
            self.forgotten = give_back(self.space.asleep, self.forgotten, int(self.space.tally[k.NEXT]))

    def take(self, finds: Finds) -> None:
        """Take over the expansion of the next level from an earlier search."""
        self.widen()
        first, count = self.found, len(finds.states) // finds.width
        self.ensure_capacity(count, len(finds.targets))
        space, sources, edges = self.space, int(self.space.tally[k.NEXT]), int(self.space.tally[k.EDGES])
        into, before = space.states[first * self.width :], first_fields(finds.layout, len(self.layout.word))
        repack(finds.states, before, finds.width, into, self.layout, self.width, 0, count)
        if self.keep:
            space.offsets[sources + 1 : finds.expanded + 1] = finds.offsets
            space.targets[edges : finds.edges] = finds.targets
            space.movers[edges : finds.edges] = finds.movers
        elif self._sleeps:
            space.asleep[first : first + count] = finds.asleep
        space.tally[[k.FOUND, k.EDGES, k.NEXT]] = first + count, finds.edges, finds.expanded
        rebuild(space, self.batch, self.shape, first, first + count)
