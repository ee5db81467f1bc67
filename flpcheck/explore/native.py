"""The kernel engine: breadth-first search level by level, with Python's questions between the levels.

It finds what the reference engine finds: the same configurations with the same ids, transitions, depths and cuts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flpcheck.budget import OutOfBudget, leave
from flpcheck.errors import ReductionRefused, SpecError
from flpcheck.explore.again import FAR, made_again
from flpcheck.explore.bounds import Bounds, BudgetMonitor
from flpcheck.explore.checkpoint import Checkpoint
from flpcheck.explore.compiling import announce
from flpcheck.explore.front import FrontEnd
from flpcheck.explore.graph import Edges, Reached, judging_seconds
from flpcheck.explore.ignored import unignored
from flpcheck.explore.kernel import arrays as k
from flpcheck.explore.kernel.cache import compiled, note_compiled
from flpcheck.explore.kernel.search import Limits
from flpcheck.explore.kernel.visited import enter
from flpcheck.explore.kernel_steps import KernelSteps
from flpcheck.explore.limits import MOST_CONFIGURATIONS
from flpcheck.explore.local_steps import is_judged
from flpcheck.explore.native_errors import raise_with_schedule
from flpcheck.explore.native_found import graph_of, levels_of
from flpcheck.explore.native_storage import LOAD, NativeStorage
from flpcheck.explore.native_watching import WatchedSearch
from flpcheck.explore.progress import Progress
from flpcheck.explore.reference import Search
from flpcheck.explore.watching import Watcher
from flpcheck.explore.worker_pool import WorkerPool
from flpcheck.stops import StopReason
from flpcheck.system import Configuration, Initial

GLANCE = 2**17
"""Maximum number of expansions between two checks of the time and the memory."""
STRIDE, EDGE_STRIDE = 2**20, 2**22
"""Maximum number of configurations, and of transitions, found between two checks of the limits."""


class NativeSearch(NativeStorage):
    """One exploration by the kernel.

    Parameters
    ----------
    front
        Numbers what is explored, and asks its protocol.
    bounds
        When to stop.
    report
        Called from time to time with the progress.
    monitor
        Who has looked at the clock since the search began, if another engine began it.
    keep
        Whether transitions are stored; without them there are levels, but no graph.
    checkpoint
        File to which completed levels are written, and from which they are read.
    workers
        Number of worker threads; the result does not depend on it.
    watcher
        Looks at what is found, and may end the search.
    """

    def __init__(
        self,
        front: FrontEnd,
        bounds: Bounds,
        report: Callable[[Progress], None] | None = None,
        monitor: BudgetMonitor | None = None,
        *,
        keep: bool = True,
        checkpoint: Checkpoint | None = None,
        workers: int = 1,
        watcher: Watcher | None = None,
    ) -> None:
        super().__init__(front, keep=keep)
        self.pool = WorkerPool(self, workers) if workers > 1 and front.side_by_side else None
        self.bounds = bounds
        self.report = report
        self.checkpoint = checkpoint
        self.monitor = monitor or BudgetMonitor(bounds)
        self.watcher = watcher
        self.watched = None if watcher is None else WatchedSearch(self, watcher)
        self.initial: list[Initial] = []
        self.beginnings: Callable[[], list[Initial]] = self.system.initial
        self.cut: StopReason | None = None
        self.levels: list[int] = [0]
        self.unexpanded = np.zeros(0, np.int64)
        self.earlier: Search | None = None
        self.steps = KernelSteps(self) if self.system.dead_letters is not None else None

    # The search.

    def follow(self, earlier: Search | None, words: int) -> None:
        """Begin where the search of another engine ends, which is kept until this one has come as far.

        Parameters
        ----------
        earlier
            That search.
        words
            The least number of words of a configuration.
        """
        self.earlier, self.words = earlier, words

    def run(self) -> Reached:
        """Explore until nothing is left or a bound cuts, and return what was found, looked at to its end."""
        self.explore()
        with suppress(OutOfBudget):  # what is not looked at was cut
            self._look(self.found, frontier=True)
        return unignored(graph_of(self)) if self.keep else levels_of(self)

    def explore(self) -> None:
        """Expand level after level; what was left free for judging may be used afterwards."""
        try:
            self._explore()
        finally:
            leave(0)

    def _explore(self) -> None:
        self.initial = self.initial or self.beginnings()
        self.roots = self._enter_roots(self.initial)
        depth = 0
        if self.checkpoint is not None:
            self.checkpoint.begin(self)
        while self.levels[-1] < self.found and self.cut is None:
            self.levels.append(self.found)
            try:
                self._expand_level(depth)
            except OutOfBudget as spent:  # what was being asked, or should have grown, is unchanged
                self.cut = spent.bound
            depth += 1
            if self.cut is None:
                self._complete()
        self.front.finish(self)
        if is_judged(self.system, self.cut):
            self._settle(at_once=True)
        note_compiled(self.width + self.front.code)
        if self.checkpoint is not None:
            self.checkpoint.flush(self)

    @property
    def further(self) -> Search | None:
        """The search of another engine, if it had come further than this one when that was cut."""
        earlier = self.earlier
        if self.cut is None or not self.cut.ends_run or earlier is None or len(earlier.expanded) <= self.next:
            return None
        earlier.cut = self.cut
        return earlier

    def _in_parts(self, work: Callable[[int, int], None]) -> None:
        if self.pool is None:
            super()._in_parts(work)
        else:
            self.pool.in_parts(work, self.found)

    def _lay_out(self) -> None:
        super()._lay_out()
        if not compiled(self.width + self.front.code):
            announce(self.report, self.monitor, "the search continues afterwards")

    def _complete(self) -> None:
        """Attend to what is due when a level has been expanded."""
        if self.checkpoint is not None:
            self.checkpoint.note(self)
        self._forget_sleep()

    def _enter_roots(self, initial: list[Initial]) -> list[int]:
        numbers = self.front.numbers([item.configuration for item in initial])
        self._lay_out()
        self._new_space()
        self.ensure_capacity()
        roots = []
        for fields in numbers:
            self.ensure_capacity()
            self.batch.words[:] = 0
            for field, number in enumerate(fields):
                word, shift = int(self.layout.word[field]), int(self.layout.shift[field])
                self.batch.words[word] |= np.uint64(number << shift)
            roots.append(int(enter(self.space, self.batch, self.shape)))
        return roots

    def _expand_level(self, depth: int) -> None:
        self.glance(depth)
        if self.cut is not None:
            return
        self._settle(at_once=depth == self.bounds.depth)
        failing = self._prepare()
        if self._is_seen_enough():
            return
        end = self.levels[-1] if failing is None else failing
        if self.bounds.depth is not None and depth >= self.bounds.depth:
            self._peek(end)
        elif self.checkpoint is None or not self.checkpoint.recall(self, self.most):
            self._expand_until(end, depth)
        if failing is not None and self.cut in {None, StopReason.MAX_DEPTH}:
            self._settle(at_once=True)  # else a shorter way there may be lacking
            raise_with_schedule(self, failing)

    def _is_seen_enough(self) -> bool:
        """Let the watcher look at a level before it is expanded; return whether what has been found is enough."""
        self._look(self.levels[-1], frontier=False)
        if self.watcher is not None and self.watcher.enough():
            self.cut = StopReason.FIRST_VIOLATION
        return self.cut is not None

    def _settle(self, *, at_once: bool) -> None:
        """Judge, where it is due, whether the letters dropped so far are dead."""
        if self.steps is not None:
            self.steps.settle(at_once=at_once)

    def _look(self, last: int, *, frontier: bool) -> None:
        if self.watched is not None:
            self.watched.look(last, frontier=frontier)

    def _expand_until(self, end: int, depth: int) -> None:
        if self.pool is not None:
            self.pool.expand_until(end, depth)
        self.expand_alone(end, depth)

    def expand_alone(self, end: int, depth: int) -> None:
        """Expand configurations without help, attending to whatever stands in the way."""
        while self.cut is None and self.next < end:
            stop = self._expand(min(end, self.next + GLANCE), peek=False)
            self.attend(stop)
            self.glance(depth)

    def _prepare(self) -> int | None:
        failing = self.front.prepare(self)
        self.widen()
        self.ensure_capacity()
        return failing

    def _expand(self, until: int, *, peek: bool) -> int:
        stride = self.found + self.stride(STRIDE, self.bytes_each())
        return self.run_kernel(self.space, until, capacity=min(self.capacity(), stride), peek=peek)

    def capacity(self) -> int:
        """Return how many configurations fit before something has to grow."""
        capacities = [LOAD * len(self.space.slots), len(self.space.states) // self.width - self.headroom]
        if len(self.space.offsets) > 1:
            capacities.append(len(self.space.offsets) - self.headroom)
        return int(min(capacities))

    def run_kernel(self, space: k.Space, until: int, *, capacity: int, peek: bool) -> int:
        """Let the kernel expand configurations up to an id, and return why it stopped."""
        limits = self.limits(space, capacity)._replace(peek=peek)
        if peek:
            limits = limits._replace(edge_capacity=FAR)
        if capacity != FAR:
            limits = limits._replace(tight=max(self.most - self.headroom, 0), most=self.most)
        return self.front.expand(self.layout, space, self.batch, limits, until, self.shape)

    @property
    def most(self) -> int:
        """Maximum number of configurations found: what the bound allows, and what can be numbered."""
        bound = self.bounds.configurations
        return MOST_CONFIGURATIONS if bound is None else min(int(bound), MOST_CONFIGURATIONS)

    def limits(self, space: k.Space, capacity: int) -> Limits:
        """Return how far to go into a space that for `capacity` configurations."""
        return self.front.limits(
            Limits(
                capacity=capacity,
                edge_capacity=self._edge_capacity(space),
                tight=FAR,
                most=FAR,
                crashes=0,
                distinct=False,
                omits=False,
                peek=False,
                channel_bits=0,
                beside=(),
                knowledge=0,
                waking=0,
                learns=True,
            )
        )

    def _edge_capacity(self, space: k.Space) -> int:
        stride = int(space.tally[k.EDGES]) + self.stride(EDGE_STRIDE, self.bytes_each_transition)
        return min(stride, len(space.targets) - self.headroom) if len(space.targets) else stride

    def attend(self, stop: int, space: k.Space | None = None) -> None:
        """Remove the reason for which the kernel stopped, as given in its tally."""
        if stop == k.FULL:
            self.front.grow()
            self.ensure_capacity()
        elif stop == k.WIDE:
            self.front.grow()
            self.widen()
            self.ensure_capacity()
        elif stop == k.UNKNOWN:
            try:
                self.front.ask(self, space or self.space)
            except ReductionRefused:  # no step has failed
                raise
            except SpecError:
                raise_with_schedule(self, self.next)
            self.widen()
            self.ensure_capacity()
        elif stop == k.CUT:
            self.cut = StopReason.MAX_CONFIGURATIONS

    def _peek(self, last: int) -> None:
        """Cut at the depth bound: configurations that have transitions are left as the frontier."""
        first = self.levels[-2]
        if not self.keep:
            self.space = self.space._replace(offsets=np.zeros(self.found + 2 * self.headroom, np.int64))
            self.space.offsets[first] = self.space.tally[k.EDGES]
        space = self.space
        try:
            while int(space.tally[k.NEXT]) < last:
                self.attend(self._expand(last, peek=True))
                space = self.space
        except OutOfBudget:  # nothing of the level counts as expanded
            self.space.tally[[k.NEXT, k.EDGES]] = first, self.space.offsets[first]
            raise
        leads_on = np.diff(space.offsets[first : last + 1]) > 0
        space.offsets[first + 1 : last + 1] = space.offsets[first]
        space.tally[k.EDGES] = space.offsets[first]
        self.unexpanded = np.flatnonzero(leads_on) + first
        if not self.keep:
            self.space = space._replace(offsets=np.zeros(1, np.int64))
        if len(self.unexpanded):
            self.cut = StopReason.MAX_DEPTH

    def glance(self, depth: int) -> None:
        """Look at the clock and the memory, and report how far the search has come."""
        if self.earlier is not None and self.next > len(self.earlier.expanded):
            self.earlier = None
        self.check_limits()
        if self.report is not None:
            found, edges, done = (int(self.space.tally[which]) for which in (k.FOUND, k.EDGES, k.NEXT))
            sizes = np.diff([0, *self.levels[1:]]).tolist()
            progress = Progress(self.monitor.started, found, edges, depth, found - done, self.bounds, sizes)
            self.report(progress._replace(bytes_each=self.bytes_each()))

    def check_limits(self) -> None:
        """Look at the clock and the memory."""
        if self.cut is None:
            self.leave_for_judging(len(self.space.slots))
            self.cut = self.monitor.exceeded(seconds=self._judging_seconds(), at_once=True)
            self.left = self.monitor.bytes_left()

    def _judging_seconds(self) -> float:
        """Return the processor seconds that it will take to judge what was found."""
        return judging_seconds(self.found, int(self.space.tally[k.EDGES]), packed=True) if self.keep else 0.0

    # Looking back.

    def expanded_components(self) -> Iterator[tuple[int, Any]]:
        """Yield (faulty processes as a mask, component) of expanded configurations: those that say something new."""
        return self.front.heard(self)

    @property
    def first_inner(self) -> int:
        """The first configuration that is no initial one."""
        return self.levels[1] if len(self.levels) > 1 else self.found

    def configurations(self) -> Sequence[Configuration]:
        """Return the configurations found so far."""
        states = self.space.states[: self.found * self.width]
        return self.front.configurations(self.layout, self.width, states)

    def edges_into(self, depth: int, targets: NDArray[np.int64]) -> Edges:
        """Return the transitions from a level to some configurations of the next one, made once more."""
        first, last = self.levels[depth], self.levels[depth + 1]
        return Edges.joined(list(made_again(self, first, min(last, self.next), targets)))
