"""Several workers inside one search, which find the same as one.

They expand a portion of a level together: each takes configurations that no other has taken, and enters what it finds
into the visited table that all of them share, by compare-and-swap.  Which ids that gives depends on who was first.  So
each configuration keeps the least key of those by which it was reached (`kernel/portions.py`), and when the portion is
done ids are given again, in the order of these keys (`kernel/ranks.py`).  Hence ids, transitions and what sleeps are
those of one worker alone, however the workers were scheduled.

Only one thread may learn: where a process or an observer must be asked, or a mailbox is new, a worker leaves the
configuration out.  What was left out is expanded by one thread, in order, while the others rest.  So what is learnt is
learnt in the order in which one worker alone learns it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from flpcheck.errors import ReductionRefused, SpecError
from flpcheck.explore.again import FAR
from flpcheck.explore.kernel import arrays as k
from flpcheck.explore.kernel import portion as p
from flpcheck.explore.kernel.ranks import count_marks, gather, mark, rank
from flpcheck.explore.kernel.words import new_batch
from flpcheck.explore.memory import grown, reserve
from flpcheck.explore.native_errors import raise_with_schedule

if TYPE_CHECKING:
    from flpcheck.explore.native import NativeSearch

PORTION = 2**17
"""Maximum number of configurations that are expanded together; a key has 18 bits for one of them."""
LEAST = 2**12
"""Minimum number of configurations for expanding them together."""
SHARE = 2**9
"""Number of configurations that a worker is handed out at a time."""
HANDFUL = 2**12
"""Minimum number of ids, and of places for transitions, that a worker is given at a time."""
ALONE = 2**10
"""Number of configurations left out that one thread expands before the workers go on, or an eighth of them if more."""
MOST_TRANSITIONS = 2**13
"""Maximum number of transitions of a configuration that workers can expand; a key has 14 bits for one of them."""
RESERVED = 2**24
"""Number of ids that a portion may give before arrays have to grow."""
STRIDE = 2**20
"""Maximum number of ids that are given between two checks of the memory."""
SHORT = 2**14
"""Minimum number of ids that one thread ranks."""


class Worker:
    """The part of a search that a thread has for itself.

    Parameters
    ----------
    learns
        Whether it may learn.
    """

    def __init__(self, *, learns: bool) -> None:
        self.learns = learns
        self.batch = new_batch(1, k.BATCH, 0, 0)
        self.tally = np.zeros(k.TALLIES, np.int64)

    def begin(self, search: NativeSearch) -> None:
        """Take a new portion."""
        self.tally[:] = 0
        self.tally[k.BASE] = -1
        self.refit(search)

    def refit(self, search: NativeSearch) -> None:
        """Have a batch as large as that of the search."""
        mine, wanted = self.batch, search.batch
        if any(len(one) != len(other) for one, other in zip(mine, wanted, strict=True)):
            self.batch = new_batch(search.width, k.BATCH, len(wanted.agenda), len(wanted.group) // search.width)

    def expand(self, search: NativeSearch, space: k.Space, until: int) -> int:
        """Expand what is handed out, or up to a position, and return why it stopped."""
        limits = search.limits(search.space, FAR)._replace(edge_capacity=FAR, learns=self.learns)
        return search.front.expand(
            search.layout, space._replace(tally=self.tally), self.batch, limits, until, search.shape
        )


class WorkerPool:
    """The workers of a search.

    Parameters
    ----------
    search
        Whose.
    workers
        How many.
    """

    def __init__(self, search: NativeSearch, workers: int) -> None:
        self.search = search
        self.workers = [Worker(learns=False) for _ in range(workers)]
        self.learner = Worker(learns=True)
        self.keys, self.slots = reserve(RESERVED, np.uint64), reserve(RESERVED, np.uint32)
        held = 8 * RESERVED if search.keep else 0
        self.targets, self.movers = reserve(held, np.int32), reserve(held, np.int16)
        self.states = reserve(RESERVED, np.uint64)
        self.todo, self.left = np.zeros((2, PORTION), np.int64)
        self.starts, self.ends = np.zeros((2, PORTION if search.keep else 0), np.int64)
        self.marks, self.before = np.zeros(PORTION, np.uint64), np.zeros(PORTION, np.int64)
        self.threads: ThreadPoolExecutor | None = None

    def expand_until(self, end: int, depth: int) -> None:
        """Expand a level together while it is large enough and no bound is near."""
        with ThreadPoolExecutor(len(self.workers)) as threads:
            self.threads = threads
            try:
                self._expand_until(end, depth)
            finally:
                self.threads = None

    def _expand_until(self, end: int, depth: int) -> None:
        search = self.search
        while search.cut is None and end - search.next >= LEAST:
            search.glance(depth)
            last = min(search.next + PORTION, end)
            if search.cut is not None or search.found + last - search.next >= search.most:
                return
            if search.front.degree >= MOST_TRANSITIONS or not Together(self, search.next, last).expand():
                return

    def all_at_once(self, work: Callable[..., Any], items: Iterable[Any]) -> None:
        """Call a function with each of some items, in several threads; return when none of them runs any more."""
        assert self.threads is not None
        running = [self.threads.submit(work, item) for item in items]
        wait(running)
        for one in running:
            one.result()

    def in_parts(self, work: Callable[[int, int], None], count: int) -> None:
        """Call a function with ranges that make up all numbers below one: in several threads, if there are any."""
        size = max(SHORT, -(-count // (4 * len(self.workers))))
        ranges = [(first, min(first + size, count)) for first in range(0, count, size)]
        if self.threads is None or len(ranges) == 1:
            work(0, count)
        else:
            self.all_at_once(lambda part: work(*part), ranges)


class Together:
    """A portion that is being expanded.

    Parameters
    ----------
    pool
        By whom.
    first, last
        Which configurations.
    """

    def __init__(self, pool: WorkerPool, first: int, last: int) -> None:
        self.pool, self.search, self.first, self.last = pool, pool.search, first, last
        self.before = self.search.space.tally.copy()
        self.fresh, self.size = self.search.found, last - first
        self.counters = np.zeros(p.COUNTERS, np.int64)
        self.counters[[p.IDS, p.FRESH, p.FIRST, p.SHARE]] = self.fresh, self.fresh, first, SHARE
        self.undone = False

    def expand(self) -> bool:
        """Expand the portion; return False if nothing of it has been expanded, because one worker alone has to do it.

        Nothing of it has been expanded, either, where an error is raised.
        """
        pool, kept = self.pool, self.size if self.search.keep else 0
        portion = p.Portion(
            self.counters, pool.todo, pool.left, pool.keys, pool.slots, pool.starts[:kept], pool.ends[:kept]
        )
        self.search.space = self.search.space._replace(portion=portion)
        try:
            for worker in (*pool.workers, pool.learner):
                worker.begin(self.search)
            if self._expand_all() and self._rank():
                return True
        except BaseException:
            self._undo()
            raise
        self._undo()
        return False

    # Expanding.

    def _expand_all(self) -> bool:
        todo = self.pool.todo[: self.size]
        todo[:] = np.arange(self.first, self.last)
        while True:
            if not self._ensure_capacity():
                return False
            todo = self._side_by_side(todo)
            if not len(todo):
                return True
            few = min(len(todo), max(ALONE, len(todo) // 8))
            if not self._one_by_one(todo[:few]):
                return False
            todo = todo[few:]

    def _side_by_side(self, todo: NDArray[np.int64]) -> NDArray[np.int64]:
        """Let the workers expand some configurations; return those that they have left out."""
        if not len(todo):
            return todo
        self.counters[[p.HANDED, p.LEFT]] = 0
        space = self._space(todo)
        self.pool.all_at_once(lambda worker: worker.expand(self.search, space, 0), self.pool.workers)
        self._note_found()
        left = space.portion.left[: self.counters[p.LEFT]]
        return np.sort(np.concatenate([left, todo[self.counters[p.HANDED] :]]))

    def _one_by_one(self, todo: NDArray[np.int64]) -> bool:
        """Expand some configurations by one thread, which learns what it needs; return False if a limit is met."""
        learner, search = self.pool.learner, self.search
        learner.tally[k.NEXT] = 0
        while learner.tally[k.NEXT] < len(todo):
            if not self._ensure_capacity():
                return False
            space = self._space(todo)
            stop = learner.expand(search, space, len(todo))
            self._note_found()
            if stop == k.UNKNOWN:
                self._ask(space._replace(tally=learner.tally), int(todo[learner.tally[k.NEXT]]))
            elif stop != k.DONE:
                search.attend(stop)
        return True

    def _ask(self, space: k.Space, source: int) -> None:
        try:
            self.search.front.ask(self.search, space)
        except ReductionRefused:  # no step has failed
            raise
        except SpecError:
            self._undo()
            raise_with_schedule(self.search, source)
        self.search.widen()

    def _space(self, todo: NDArray[np.int64]) -> k.Space:
        space = self.search.space
        held = {"targets": self.pool.targets, "movers": self.pool.movers} if self.search.keep else {}
        return space._replace(portion=space.portion._replace(todo=todo), **held)

    def _note_found(self) -> None:
        """Let the search know which ids are given, so that they are kept whatever grows."""
        self.search.space.tally[k.FOUND] = self.counters[p.IDS]

    def _ensure_capacity(self) -> bool:
        """Let every worker have a handful of ids and places, and as many again as were given; return False at a limit.

        Before that, the clock and the memory are looked at.
        """
        search, pool, counters = self.search, self.pool, self.counters
        search.check_limits()
        if search.cut is not None or search.front.degree >= MOST_TRANSITIONS:
            return False
        counters[p.MARGIN] = search.headroom
        counters[p.HANDFUL] = max(HANDFUL, 2 * search.headroom)
        given = int(counters[p.IDS]) - self.fresh
        more = 2 * int(counters[p.HANDFUL]) * (len(pool.workers) + 1)
        search.ensure_capacity(max(more, min(given, search.stride(given, search.bytes_each()))))
        if len(pool.keys) < given + more:
            pool.keys, pool.slots = grown(pool.keys, given + more), grown(pool.slots, given + more)
            portion = search.space.portion._replace(keys=pool.keys, slots=pool.slots)
            search.space = search.space._replace(portion=portion)
        if search.keep and len(pool.targets) < counters[p.PLACES] + more:
            wanted = int(counters[p.PLACES]) + more
            pool.targets, pool.movers = grown(pool.targets, wanted), grown(pool.movers, wanted)
        stride = self.fresh + given + max(more, search.stride(STRIDE, search.bytes_each()))
        counters[p.LAST_ID] = min(search.capacity(), self.fresh + len(pool.keys), stride)
        counters[p.LAST_PLACE] = len(pool.targets)
        for worker in (*pool.workers, pool.learner):
            worker.refit(search)
        return True

    # Ranks.

    def _rank(self) -> bool:
        """Give everything found the id that one worker would have given; return False if it is too much for a bound."""
        search, pool = self.search, self.pool
        given, stride = int(self.counters[p.IDS]) - self.fresh, (search.front.degree >> 6) + 1
        if len(pool.marks) < self.size * stride:
            pool.marks, pool.before = grown(pool.marks, self.size * stride), grown(pool.before, self.size * stride)
        marks, before = pool.marks[: self.size * stride], pool.before
        marks[:] = 0
        portion = search.space.portion
        pool.in_parts(lambda first, last: mark(portion, marks, stride, first, last), given)
        found = int(count_marks(marks, before))
        if self.fresh + found > search.most:
            return False
        transitions = self._transitions()
        search.ensure_capacity(0, transitions)
        space, width, shape = search.space, search.width, search.shape
        if len(pool.states) < found * width:
            pool.states = grown(pool.states, found * width)
        states, start = pool.states, self.fresh * width
        pool.in_parts(lambda first, last: rank(space, marks, before, stride, states, first, last, shape), given)

        def copied(first: int, last: int) -> None:
            space.states[start + first : start + last] = states[first:last]

        pool.in_parts(copied, found * width)
        if search.keep:
            self._gather()
        edges = int(self.before[k.EDGES]) + transitions
        search.space = space._replace(portion=p.NO_PORTION)
        space.tally[[k.FOUND, k.EDGES, k.NEXT]] = self.fresh + found, edges, self.last
        return True

    def _transitions(self) -> int:
        if self.search.keep:
            portion = self.search.space.portion
            return int(portion.ends.sum() - portion.starts.sum())
        return sum(int(worker.tally[k.EDGES]) for worker in (*self.pool.workers, self.pool.learner))

    def _gather(self) -> None:
        """Store the transitions in the order of their sources."""
        pool, space, first = self.pool, self.search.space, self.first
        offsets = space.offsets[first + 1 : self.last + 1]
        np.subtract(space.portion.ends, space.portion.starts, out=offsets)
        np.cumsum(offsets, out=offsets)
        offsets += space.offsets[first]
        held = space._replace(targets=pool.targets, movers=pool.movers)
        pool.in_parts(lambda start, end: gather(space, held, first, start, end), self.size)

    def _undo(self) -> None:
        """Let it be as if nothing had been expanded; what was learnt remains."""
        if self.undone:
            return
        self.undone, search = True, self.search
        search.space = search.space._replace(portion=p.NO_PORTION)
        counters = [k.FOUND, k.EDGES, k.NEXT, k.BASE]
        search.space.tally[counters] = self.before[counters]
        search.space.slots[:] = 0
        search.rebuild()
