"""The seam: one call that explores, whichever engine does it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, partial
from importlib.metadata import version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from flpcheck.authoring.values import shorten
from flpcheck.budget import OutOfBudget, monitored
from flpcheck.errors import BadRequest, nearest
from flpcheck.explore.beside import code_of
from flpcheck.explore.bounds import Bounds, BudgetMonitor, Cut
from flpcheck.explore.compiling import LATE, MEMORY, NO_TIME, SECONDS, Handover
from flpcheck.explore.gc_pause import gc_paused
from flpcheck.explore.graph import Reached, StateGraph
from flpcheck.explore.interrupts import deferred_interrupts
from flpcheck.explore.kernel.cache import compiled
from flpcheck.explore.limits import TRIES, BeyondLimit, TooWide, refused
from flpcheck.explore.native_obstacles import NO_NUMBA, obstacle
from flpcheck.explore.progress import Progress
from flpcheck.explore.reference import Search, SwitchEngine
from flpcheck.explore.tries.shape import Broken
from flpcheck.explore.watching import Watcher
from flpcheck.machine import resident_memory
from flpcheck.reduce.dead_letters import Refuted
from flpcheck.stops import StopReason
from flpcheck.system import Configuration, Initial, System

if TYPE_CHECKING:
    from flpcheck.explore.checkpoint import Checkpoint
    from flpcheck.explore.front import FrontEnd
    from flpcheck.explore.native import NativeSearch

ENGINES = ("auto", "reference", "kernel")
ORDERS = ("bfs", "dfs")
SWITCH_AT = 30_000
"""Number of configurations that the reference engine explores before `auto` hands over: about what it explores in the
time that loading the kernel takes."""
SWITCH_AT_IMAGES = 15_000
"""The same modulo symmetry, as a number of images: each configuration is looked at under each renaming."""
NO_CHECKPOINT = "modulo the reductions that the spec declares it writes none"
NOT_LEFT_OUT = "where events are left out it writes none"
LOADING = 1.0
"""Processor seconds for loading the kernel."""
LOADED = 150 * 2**20
"""Bytes occupied by the kernel before it has found anything, once it has been compiled on this machine."""


@dataclass(frozen=True, kw_only=True)
class Exploration:
    """A search to be run.

    Parameters
    ----------
    system, engine, order, report, checkpoint, workers
        As for `explore`.
    watcher
        Makes a watcher; a search that begins again, maybe with another engine, has another one.
    keep
        Whether to keep transitions; the reference engine does in any case, and any engine where events are left out.
    only
        From which initial configurations; all if None.
    """

    system: System
    watcher: Callable[[], Watcher] | None = None
    keep: bool = True
    engine: str = "auto"
    order: str = "bfs"
    report: Callable[[Progress], None] | None = None
    only: Callable[[Initial], bool] | None = None
    checkpoint: Checkpoint | None = None
    workers: int = 1

    def __post_init__(self) -> None:
        for what, name, known in (("engine", self.engine, ENGINES), ("order", self.order, ORDERS)):
            if name not in known:
                raise BadRequest(f"no {what} {name!r}", why=nearest(name, known))

    @property
    def at_once(self) -> bool:
        """Whether the kernel starts the search: if it is asked for, or if the resumed search had used it."""
        return self.engine == "kernel" or (self.checkpoint is not None and self.checkpoint.resume)

    def plainly(
        self, monitor: BudgetMonitor, enough: Callable[[Sequence[Configuration], Sequence[int]], bool] | None = None
    ) -> Search:  # fmt: skip
        """Return the search in plain Python; whether it is `enough` depends on what it has found so far."""
        watcher = None if self.watcher is None else self.watcher()
        search = Search(self.system, monitor.bounds, self.order, self.report, enough, monitor, watcher)
        search.initial = self._initial(self.system)
        return search

    def natively(self, monitor: BudgetMonitor, front: FrontEnd) -> NativeSearch:
        """Return the search of the kernel."""
        from flpcheck.explore.native import NativeSearch

        search = NativeSearch(
            front, monitor.bounds, self.report, monitor, keep=self.keep or self.system.stubborn is not None,
            checkpoint=self.checkpoint, workers=self.workers, watcher=None if self.watcher is None else self.watcher(),
        )  # fmt: skip
        search.beginnings = partial(self._initial, front.system)
        return search

    def _initial(self, system: System) -> list[Initial]:
        return [item for item in system.initial() if self.only is None or self.only(item)]


def explore(
    system: System,
    bounds: Bounds | None = None,
    *,
    engine: str = "auto",
    order: str = "bfs",
    report: Callable[[Progress], None] | None = None,
    checkpoint: Checkpoint | None = None,
    workers: int = 1,
) -> StateGraph:
    """Return every configuration that a system can reach, and the transitions between them.

    Parameters
    ----------
    system
        A protocol in a world, from `system_of`.
    bounds
        Bounds of the search; without any, it ends when every configuration is expanded.
    engine
        `reference` is plain Python; `kernel` is compiled, for large models; `auto` starts with the first and hands
        over to the second when the model turns out to be large.  They find the same.
    order
        `bfs` for shortest schedules, `dfs` to go deep first.
    report
        Called from time to time with the progress.
    checkpoint
        File to which the kernel writes completed levels, and from which it resumes.
    workers
        Number of threads of the kernel; the result does not depend on it.

    Raises
    ------
    SpecError
        If the protocol misbehaves; the error carries the schedule that leads there.

    Examples
    --------
    >>> from flpcheck import asynchronous, load, system_of
    >>> from flpcheck.explore import explore
    >>> spec = load("wait_for_all")
    >>> len(explore(system_of(spec.protocol(n=2), asynchronous())))
    28
    """
    graph, _ = search(
        Exploration(system=system, engine=engine, order=order, report=report, checkpoint=checkpoint, workers=workers),
        bounds,
    )
    assert isinstance(graph, StateGraph)
    return graph


def search(exploration: Exploration, bounds: Bounds | None = None) -> tuple[Reached, Any]:
    """Search, with or without watchers, with or without keeping transitions.

    Returns
    -------
    (Reached, Watcher)
        Cost without transitions: for configurations of one word some 20 bytes each; a few nanoseconds per configuration
        and process for looking at it.
    """
    with deferred_interrupts(), gc_paused(), monitored(BudgetMonitor(bounds or Bounds())) as monitor:
        return _search(exploration, monitor)


def _search(exploration: Exploration, monitor: BudgetMonitor) -> tuple[Reached, Any]:
    """Search until nothing new is heard that liars can say; each search begins with what the one before has heard."""
    while True:
        if (liars := exploration.system.liars) is not None:
            liars.speech.close(lambda: monitor.exceeded() is not None)
        search, reached = _searched(exploration, monitor)
        again, bound = goes_on(exploration.system, search, monitor)
        if bound is not None:
            return replace(reached, cut=Cut(bound, len(reached))), search.watcher
        if not again:
            return reached, search.watcher
        exploration = replace(exploration, engine="kernel") if reached.engine == "kernel" else exploration


def goes_on(system: System, search: Search | NativeSearch, monitor: BudgetMonitor) -> tuple[bool, StopReason | None]:
    """Return whether a search has to begin again, and the bound that keeps it from that."""
    try:
        again = system.overheard(search.expanded_components())
    except OutOfBudget as spent:
        return True, spent.bound
    return again, monitor.exceeded() if again else None


def _searched(exploration: Exploration, monitor: BudgetMonitor) -> tuple[Search | NativeSearch, Reached]:
    forced = exploration.engine == "reference"
    why_not = "it was not asked for" if forced else hindrance(exploration, monitor)
    unwritten = NO_CHECKPOINT if _is_reduced(exploration.system) else ""
    unwritten = NOT_LEFT_OUT if exploration.system.stubborn is not None else unwritten
    refuse_unwritable(exploration.checkpoint, why_not or unwritten)
    if not why_not:
        return _searched_natively(exploration, monitor)
    search, graph = _run_on(exploration, monitor, exploration.plainly(monitor))
    possible = why_not == NO_NUMBA or not obstacle(exploration.system, exploration.order)
    missed = exploration.engine == "auto" and len(graph) > SWITCH_AT and possible
    return search, replace(graph, fallback=why_not) if missed or exploration.engine == "kernel" else graph


def _is_reduced(system: System) -> bool:
    """Whether a system is a quotient by what its protocol declares."""
    return system.symmetry is not None or system.renames_mail


def refuse_unwritable(checkpoint: Checkpoint | None, why_not: str) -> None:
    """Refuse a checkpoint for a search that the kernel cannot do."""
    if checkpoint is not None and why_not:
        raise unwritable(why_not)


def unwritable(why_not: str) -> BadRequest:
    """Return the error for a checkpoint of a search that the kernel cannot do."""
    return BadRequest(
        "only the kernel engine writes checkpoints",
        why=f"it cannot be used here: {why_not}",
        next_step="remove --checkpoint or --resume",
    )


def searched_first(search: Search, handover: Handover, *, at_once: bool) -> StateGraph | None:
    """Search in plain Python until nothing is left, a bound cuts, or the kernel is ready; then return None.

    Parameters
    ----------
    search
        The search in plain Python.
    handover
        When the kernel is ready.
    at_once
        Whether the kernel begins, so that its compiling is all that is awaited.
    """
    try:
        if not at_once:
            graph = search.run()
            return replace(graph, fallback=handover.why_not)
        search.begin()
        search.cut = handover.wait(search.configurations)
        if search.cut is None and not handover.why_not:
            return None
        return replace(search.run(), fallback=handover.why_not or "the kernel was not compiled in time")
    except SwitchEngine:
        return None


def hindrance(exploration: Exploration, monitor: BudgetMonitor) -> str:
    """Return why the kernel cannot be used in a run, as a phrase; empty if nothing is known against it."""
    known = obstacle(exploration.system, exploration.order) or crowded(monitor)
    return known or (incompatible() if exploration.at_once else "")


def crowded(monitor: BudgetMonitor) -> str:
    """Return why the kernel does not fit into the limits of a run, as a phrase; empty if it does."""
    if "flpcheck.explore.native" in sys.modules:
        return ""
    seconds, late = (LOADING, LATE.format("loaded", LOADING)) if compiled(1) else (SECONDS, NO_TIME)
    if monitor.exceeded(seconds=seconds) == StopReason.MAX_SECONDS:
        return late
    if monitor.memory is None:
        return ""
    needed = resident_memory() + (LOADED if compiled(1) else MEMORY)
    if needed <= monitor.memory:
        return ""
    mega = 2**20
    return f"the kernel alone would take {needed / mega:,.0f} MB of the {monitor.memory / mega:,.0f} MB of max-memory"


@cache
def incompatible() -> str:
    """Return why Numba cannot compile the kernel, as a phrase; empty if it can.

    The kernel uses parts of Numba that another version may lack, so they are tried before it is loaded.
    """
    if find_spec("numba") is None:
        return NO_NUMBA
    try:
        from flpcheck.explore.kernel.probe import SHAPE, probe

        probe(np.zeros(len(SHAPE), np.uint64), SHAPE)
    except Exception as error:  # whatever Numba raises where something of it is missing
        reason = str(error).strip().partition("\n")[0]
        return f"Numba {version('numba')} cannot compile the kernel ({type(error).__name__}: {shorten(reason, 200)})"
    return ""


def _searched_natively(exploration: Exploration, monitor: BudgetMonitor) -> tuple[Search | NativeSearch, Reached]:
    symmetry = exploration.system.symmetry
    first = exploration.at_once or not (symmetry is None or symmetry.listed)
    size = min(SWITCH_AT_IMAGES // (1 if symmetry is None else symmetry.most), SWITCH_AT // 10)
    size = size if _is_reduced(exploration.system) else SWITCH_AT
    code = code_of(exploration.system)
    handover = Handover(size, monitor, exploration.report, code)
    while True:
        search = exploration.plainly(monitor, handover.is_due)
        try:
            graph = searched_first(search, handover, at_once=first)
            break
        except Refuted:  # what was explored in vain counts
            handover.size -= len(search.configurations)
    if graph is not None:
        return search, graph
    if why_not := incompatible():
        refuse_unwritable(exploration.checkpoint, why_not)
        return _left_to_plain(exploration, monitor, search, why_not)
    return _by_kernel(exploration, monitor, search, handover)


def _run_on(exploration: Exploration, monitor: BudgetMonitor, search: Search) -> tuple[Search, StateGraph]:
    """Run a search in plain Python to its end, from the beginning if a letter that it dropped is not dead."""
    while True:
        with suppress(Refuted):
            return search, search.run()
        search = exploration.plainly(monitor)


def _left_to_plain(
    exploration: Exploration, monitor: BudgetMonitor, search: Search, why_not: str
) -> tuple[Search, StateGraph]:  # fmt: skip
    """Go on in plain Python after all."""
    search.enough = None
    search, graph = _run_on(exploration, monitor, search)
    return search, replace(graph, fallback=why_not)


def _by_kernel(
    exploration: Exploration, monitor: BudgetMonitor, search: Search | None, handover: Handover
) -> tuple[Search | NativeSearch, Reached]:
    """Search by the kernel from the beginning, while what another engine has found is kept.

    It begins again where a configuration breaks the shape that its front end has learnt.
    """
    from flpcheck.explore.fronts import front_of

    assert search is not None
    try:
        front = front_of(exploration.system, search.configurations, patient=exploration.at_once)
    except TooWide as error:
        return _handed_back(exploration, monitor, search, error)
    while True:
        native = exploration.natively(monitor, front)
        native.follow(search, handover.words % TRIES)
        search = None  # whose memory is given back as soon as the kernel has come as far
        try:
            reached = native.run()
        except Broken as broken:
            search, front = native.earlier, front.refined(broken.place)
            continue
        except Refuted:
            front = front.begun_again()
            continue
        except TooWide as error:
            return _handed_back(exploration, monitor, native.earlier or exploration.plainly(monitor), error)
        return (native, reached) if native.further is None else (native.further, native.further.graph())


def _handed_back(
    exploration: Exploration, monitor: BudgetMonitor, search: Search, error: TooWide
) -> tuple[Search, Reached]:  # fmt: skip
    """Search on in plain Python what does not fit into the kernel; raise that if nothing but the kernel may search."""
    symmetry = exploration.system.symmetry
    if isinstance(error, BeyondLimit) and (exploration.at_once or not (symmetry is None or symmetry.listed)):
        raise refused(error) from error
    return _left_to_plain(exploration, monitor, search, str(error))
