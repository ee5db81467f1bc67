"""Searches that keep no transitions and stop at the first level on which something bad shows.

A watcher sees the configurations of a level, all of them, before any of them is expanded.  So what is found first
is nearest, and both engines stop at the same place.  The way there is found backwards: the transitions of one level
at a time are made again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from flpcheck.budget import OutOfBudget, watched
from flpcheck.errors import SpecError
from flpcheck.explore import engine as seam
from flpcheck.explore.bounds import Bounds, Cut, Watchman
from flpcheck.explore.compiling import Handover
from flpcheck.explore.engine import (
    at_once,
    check_engine,
    close_alphabet,
    goes_on,
    hindrance,
    incompatible,
    may_write,
    searched_first,
)
from flpcheck.explore.garbage import uncollected
from flpcheck.explore.graph import Bools, Edges, MarkArrays, Marks, StateGraph
from flpcheck.explore.interrupts import patiently
from flpcheck.explore.limits import BeyondLimit, TooWide, refused
from flpcheck.explore.progress import Progress
from flpcheck.explore.reference import Search
from flpcheck.system import Configuration, Initial, System
from flpcheck.system.message_passing import MessagePassing

if TYPE_CHECKING:
    from flpcheck.explore.checkpoint import Checkpoint
    from flpcheck.explore.native_safely import SafeNativeSearch

STOPPED = "first-violation"


class Piece(Protocol):
    """Some configurations of one level.

    Attributes
    ----------
    first
        The id of the first one.
    frontier
        Whether they were left unexpanded by a bound.
    configurations
        The configurations.
    """

    first: int
    frontier: bool
    configurations: Sequence[Configuration]

    def marks(self) -> Marks:
        """Return their bit masks."""

    def ended(self, among: Bools) -> Bools:
        """Return which of some of them have no process event that leads elsewhere."""


class Watcher(Protocol):
    """Looks at every configuration once."""

    def look(self, piece: Piece) -> None:
        """Look at some configurations of a level."""

    def enough(self, depth: int) -> bool:
        """Return whether to stop, now that everything up to a depth was looked at."""


@dataclass(frozen=True, eq=False)
class Reached:
    """What a search without transitions leaves: configurations by id, level by level.

    Parameters
    ----------
    system, configurations, initial, roots
        As in a `StateGraph`.
    levels
        Where each level starts, and where the last one ends.
    transitions
        How many there were.
    cut, engine, seconds, fallback
        As in a `StateGraph`; a cut of `first-violation` says that the watcher had enough.
    edges_into
        `edges_into(depth, targets)`: the transitions from a level to some configurations of the next.
    graph
        The graph, where the engine has it all the same.
    """

    system: System
    configurations: Sequence[Configuration]
    initial: Sequence[Initial]
    roots: Sequence[int]
    levels: Sequence[int]
    transitions: int
    cut: Cut | None
    engine: str
    seconds: float
    fallback: str
    edges_into: Callable[[int, NDArray[np.int64]], Edges]
    graph: StateGraph | None = None

    def __len__(self) -> int:
        """Return the number of configurations."""
        return len(self.configurations)

    @property
    def complete(self) -> bool:
        """Whether everything reachable was expanded."""
        return self.cut is None

    @property
    def depth(self) -> int:
        """How far the farthest configuration is from the initial ones."""
        return len(self.levels) - 2

    def depth_of(self, number: int) -> int:
        """Return how far a configuration is from the initial ones."""
        return int(np.searchsorted(self.levels, number, side="right")) - 1


def search_safely(
    system: System,
    bounds: Bounds,
    watcher: Callable[[], Watcher],
    *,
    engine: str = "auto",
    report: Callable[[Progress], None] | None = None,
    only: Callable[[Initial], bool] = lambda _: True,
    checkpoint: Checkpoint | None = None,
    workers: int = 1,
) -> tuple[Reached, Any]:
    """Search level by level while a watcher looks on, without keeping transitions.

    Parameters
    ----------
    system, bounds, engine, report, checkpoint, workers
        As for `explore`.
    watcher
        Makes a watcher; `auto` may start over with another engine, and then with another watcher.
    only
        From which initial configurations.

    Returns
    -------
    (Reached, Watcher)
        Cost: for configurations of one word some 20 bytes each; a few nanoseconds per configuration and process for
        looking at it.
    """
    check_engine(engine)
    with patiently(), uncollected():
        return _search(system, bounds, watcher, engine, report, only, checkpoint, workers)


def _search(
    system: System,
    bounds: Bounds,
    watcher: Callable[[], Watcher],
    engine: str,
    report: Callable[[Progress], None] | None,
    only: Callable[[Initial], bool],
    checkpoint: Checkpoint | None,
    workers: int,
) -> tuple[Reached, Any]:
    """Search until nothing new is heard that liars can say; each search has a watcher of its own."""
    with watched(Watchman(bounds)) as watchman:
        while True:
            close_alphabet(system, watchman)
            search, reached = _searched(system, watchman, watcher, engine, report, only, checkpoint, workers)
            again, bound = goes_on(system, search, watchman)
            if bound is not None:
                return replace(reached, cut=Cut(bound, len(reached))), search.watcher
            if not again:
                return reached, search.watcher
            engine = "kernel" if reached.engine == "kernel" else engine


def _searched(
    system: System,
    watchman: Watchman,
    watcher: Callable[[], Watcher],
    engine: str,
    report: Callable[[Progress], None] | None,
    only: Callable[[Initial], bool],
    checkpoint: Checkpoint | None,
    workers: int,
) -> tuple[SafeSearch | SafeNativeSearch, Reached]:
    first = at_once(engine, checkpoint)
    why_not = "" if engine == "reference" else hindrance(system, "bfs", watchman, at_once=first)
    may_write(checkpoint, why_not or engine)
    if why_not or engine == "reference":
        search = SafeSearch(system, watchman, watcher(), report, only)
        return search, search.reached(search.run(), why_not)
    assert isinstance(system, MessagePassing)
    return _natively(system, watchman, watcher, engine, report, only, checkpoint, workers)


def _natively(
    system: MessagePassing,
    watchman: Watchman,
    watcher: Callable[[], Watcher],
    engine: str,
    report: Any,
    only: Callable[[Initial], bool],
    checkpoint: Checkpoint | None,
    workers: int,
) -> tuple[SafeSearch | SafeNativeSearch, Reached]:
    first, handover = at_once(engine, checkpoint), Handover(seam.OUTGROWN, watchman, report)
    search = SafeSearch(system, watchman, watcher(), report, only, handover.is_due)
    if (graph := searched_first(search, handover, at_once=first)) is not None:
        return search, search.reached(graph, graph.fallback)
    if why_not := incompatible():
        may_write(checkpoint, why_not)
        search.enough = None
        return search, search.reached(search.run(), why_not)
    from flpcheck.explore.native_safely import SafeNativeSearch

    native = SafeNativeSearch(system, watchman, watcher(), report, only, checkpoint, workers)
    native.follow(search, handover.words)
    del search  # whose memory is given back as soon as the kernel has come as far
    try:
        reached = native.reached()
    except TooWide as error:
        if isinstance(error, BeyondLimit) and first:
            raise refused(error) from error
        earlier = native.earlier
        search = earlier if isinstance(earlier, SafeSearch) else SafeSearch(system, watchman, watcher(), report, only)
        search.enough = None
        return search, search.reached(search.run(), str(error))
    if isinstance(native.further, SafeSearch):
        return native.further, native.further.reached(native.further.graph())
    return native, reached


@dataclass
class PlainPiece:
    """Some configurations, in plain Python."""

    system: System
    configurations: Sequence[Configuration]
    first: int
    frontier: bool

    def marks(self) -> MarkArrays:
        """Return their bit masks."""
        rows = np.array([self.system.marks(c) for c in self.configurations], np.uint64).reshape(-1, 4)
        return MarkArrays(*rows.T)

    def ended(self, among: Bools) -> Bools:
        """Return which of some of them have no process event that leads elsewhere."""
        return np.array(
            [asked and ends(self.system, c) for asked, c in zip(among.tolist(), self.configurations, strict=True)]
        )


def ends(system: System, configuration: Configuration) -> bool:
    """Return whether no process event leads elsewhere; where a step fails, that is reported when it is taken."""
    try:
        stays = system.admissible(configuration)  # not so before the world has stabilised, or healed
        return stays and not any(transition.mover >= 0 for transition in system.transitions(configuration))
    except SpecError:
        return False


class SafeSearch(Search):
    """The search of the reference engine, watched level by level."""

    def __init__(
        self,
        system: System,
        watchman: Watchman,
        watcher: Watcher,
        report: Callable[[Progress], None] | None = None,
        only: Callable[[Initial], bool] = lambda _: True,
        enough: Callable[[Sequence[Configuration], Sequence[int]], bool] | None = None,
    ) -> None:
        super().__init__(system, watchman.bounds, "bfs", report, enough, watchman)
        self.watcher = watcher
        self.only = only
        self.levels: list[int] = []
        self.looked = 0

    def _initial(self) -> list[Initial]:
        return [item for item in self.system.initial() if self.only(item)]

    def _may_expand(self, current: int) -> bool:
        if self.depth[current] == len(self.levels):
            self.levels.append(current)
            self._look(frontier=False)
            if self.watcher.enough(len(self.levels) - 1):
                self.cut = STOPPED
                return False
        return super()._may_expand(current)

    def _look(self, *, frontier: bool) -> None:
        new = self.configurations[self.looked :]
        if new:
            self.watcher.look(PlainPiece(self.system, new, self.looked, frontier))
        self.looked = len(self.configurations)

    def reached(self, graph: StateGraph, fallback: str = "") -> Reached:
        """Return what was reached: the graph of this search, looked at to its end."""
        with suppress(OutOfBudget):  # what is not looked at was cut
            self._look(frontier=True)
        depths = np.arange(int(graph.depth.max()) + 2)
        return Reached(
            system=self.system,
            configurations=graph.configurations,
            initial=graph.initial,
            roots=graph.roots,
            levels=np.searchsorted(graph.depth, depths).tolist(),
            transitions=len(graph.targets),
            cut=graph.cut,
            engine="reference",
            seconds=graph.seconds,
            fallback=fallback,
            edges_into=partial(_stored_edges, graph),
            graph=graph,
        )


def _stored_edges(graph: StateGraph, depth: int, targets: NDArray[np.int64]) -> Edges:
    first, last = np.searchsorted(graph.depth, [depth, depth + 1])
    stored = slice(int(graph.offsets[first]), int(graph.offsets[last]))
    hits = np.flatnonzero(np.isin(graph.targets[stored], targets)) + stored.start
    return Edges(graph.sources[hits].astype(np.int64), graph.targets[hits].astype(np.int64), graph.movers[hits])
