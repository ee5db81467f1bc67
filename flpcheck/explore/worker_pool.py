"""Several workers inside one search, which find the same as one.

A worker expands some configurations of a level and looks successors up in the visited table of that moment, while
others are being entered.  So it may take for new what is known by then, but never the other way round.  What it takes
for new it keeps, in the order in which it came; the search adopts the shares of its workers in the order of the
configurations that were expanded, looking everything up again.  Hence ids, transitions and what sleeps are those of a
search without workers, however the workers were scheduled.

A worker learns nothing: where a process or an observer must be asked, or a mailbox is new, it leaves the configuration
to the search.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from flpcheck.explore.kernel import arrays as k
from flpcheck.explore.kernel.search import Limits, ProcessTables, expand
from flpcheck.explore.kernel.shares import Share, adopt
from flpcheck.explore.kernel.words import new_batch

if TYPE_CHECKING:
    from flpcheck.explore.native import NativeSearch

SHARE = 2**15
"""Number of configurations that a worker expands at a time."""
LEAST = 3
"""Minimum number of shares in a level for expanding it with workers."""
SLOTS, CANDIDATES, TRANSITIONS = 2**17, 2**16, 2**19
GLANCES = 4
"""Number of shares adopted between two checks of the time and the memory."""


class Order(NamedTuple):
    """A job for a worker: the state of the search, and where to put the results."""

    layout: k.Layout
    process_tables: ProcessTables
    origin: k.Space
    space: k.Space
    batch: k.Batch
    limits: Limits
    until: int
    shape: tuple[np.uint64, ...]

    @property
    def end(self) -> int:
        """The first configuration that was not expanded, once the order has been carried out."""
        return int(self.space.tally[k.NEXT])

    def carried_out(self) -> Order:
        """Expand as ordered; runs beside others, and touches nothing but the order's own space."""
        expand(*self)
        return self


Orders: TypeAlias = deque[Future[Order]]


class WorkerPool:
    """The workers of a search.

    Parameters
    ----------
    search
        Whose.
    process_tables
        What is known of single processes by now.
    workers
        How many.
    """

    def __init__(self, search: NativeSearch, process_tables: Callable[[], ProcessTables], workers: int) -> None:
        self.search = search
        self.process_tables = process_tables
        self.workers = workers
        self.spare: list[tuple[k.Space, k.Batch, int]] = []

    def expand_until(self, end: int, depth: int) -> None:
        """Expand a level in parallel while it is large enough and no bound is near."""
        with ThreadPoolExecutor(self.workers) as pool:
            self._expand(pool, end, depth)

    def _expand(self, pool: ThreadPoolExecutor, end: int, depth: int) -> None:
        orders: Orders = deque()
        search, adopted, ahead = self.search, 0, self.search.next
        while search.cut is None and (orders or end - search.next >= LEAST * SHARE):
            while len(orders) <= self.workers and ahead < end:
                orders.append(pool.submit(self._order(ahead, min(ahead + SHARE, end)).carried_out))
                ahead = min(ahead + SHARE, end)
            order = orders.popleft().result()
            if not self._adopt(order, depth):
                return
            self._free(order)
            if search.layout is not order.layout:
                self._recall(orders)
                ahead = search.next
            adopted += 1
            if adopted % GLANCES == 0:
                search.glance(depth)

    def _order(self, first: int, until: int) -> Order:
        search = self.search
        space, batch = self._free_space()
        space.slots[:] = 0
        space.tally[:] = 0
        space.tally[[k.NEXT, k.BASE]] = first, -1
        capacity = len(space.states) // search.width - search.headroom
        limits = search.limits(space, capacity)._replace(first=first, known=search.found)
        return Order(search.layout, self.process_tables(), search.space, space, batch, limits, until, search.shape)

    def _free_space(self) -> tuple[k.Space, k.Batch]:
        """Return a space for a worker: one that is free, unless it has become too small or too narrow."""
        search = self.search
        while self.spare:
            space, batch, width = self.spare.pop()
            large_enough = len(space.states) // width >= CANDIDATES + 2 * search.headroom
            fits = len(batch.agenda) >= len(search.batch.agenda) and len(batch.group) >= len(search.batch.group)
            if large_enough and fits and width == search.width:
                return space, batch
        return self._new_space()

    def _new_space(self) -> tuple[k.Space, k.Batch]:
        """Return an empty space for a worker, which has room for any four configurations at least."""
        search, more = self.search, 4 * self.search.headroom
        keep, candidates = search.keep, CANDIDATES + more
        space = k.Space(
            states=np.zeros(candidates * search.width, np.uint64),
            slots=np.zeros(max(SLOTS, 1 << (2 * candidates).bit_length()), np.uint32),
            offsets=np.zeros(SHARE + 1 if keep else 1, np.int64),
            targets=np.zeros(TRANSITIONS + more if keep else 0, np.int32),
            movers=np.zeros(TRANSITIONS + more if keep else 0, np.int16),
            tally=np.zeros(k.TALLIES, np.int64),
            asleep=np.zeros(0 if keep else candidates, np.uint32),
            renamed=np.zeros(0, np.uint16),
            skips=np.zeros(SHARE, k.SKIPS),
        )
        return space, new_batch(search.width, k.BATCH, len(search.batch.agenda), len(search.batch.group))

    def _adopt(self, order: Order, depth: int) -> bool:
        """Take over what a worker has found; return False if the level is to be expanded without workers from here on.

        What was left out is expanded in its turn.  If the layout changes by that, the rest of the share is void.
        """
        search, tally = self.search, order.space.tally
        found, transitions, skips = (int(tally[which]) for which in (k.FOUND, k.EDGES, k.LEFT_OUT))
        if search.found + found + (skips + 2) * search.headroom >= search.most:
            return False
        share = Share(order.space, int(order.limits.first), order.end, np.zeros(found, np.int64))
        runs = 0
        while runs <= skips:
            search.ensure_capacity(found, transitions)
            limits = search.limits(search.space, search.capacity())
            runs = int(
                adopt(order.layout, self.process_tables(), search.space, share, search.batch, limits, runs, order.shape)
            )
            if runs and runs <= skips:
                search.expand_alone(int(order.space.skips[runs - 1].source) + 1, depth)
            if search.cut is not None or search.layout is not order.layout:
                return search.cut is None
        search.expand_alone(order.until, depth)
        return search.cut is None

    def _recall(self, orders: Orders) -> None:
        """Wait for workers whose shares are void."""
        while orders:
            self._free(orders.popleft().result())

    def _free(self, order: Order) -> None:
        self.spare.append((order.space, order.batch, len(order.shape)))
