"""The reference engine: the search in plain Python, exact, with ids in order of discovery.

It defines what every other engine must find: the same configurations, ids, edges and depths.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from flpcheck.budget import OutOfBudget, looking
from flpcheck.errors import SpecError
from flpcheck.explore.bounds import Bounds, BudgetMonitor, Cut
from flpcheck.explore.graph import StateGraph, judging_bytes, judging_seconds
from flpcheck.explore.ignored import unignored
from flpcheck.explore.local_steps import PlainSteps, Settling, is_judged
from flpcheck.explore.progress import Progress
from flpcheck.explore.watching import PlainPiece, Watcher
from flpcheck.stops import StopReason
from flpcheck.system import Configuration, Initial, System, Transition

GLANCE, GLANCE_ORBITS = 256, 16
"""Number of expansions between two reports of progress; modulo symmetry each of them takes longer."""


class SwitchEngine(Exception):
    """Hands the search to another engine; this one may be run again, and resumes where it was."""


class Search:
    """One exploration: breadth-first or depth-first, which differ in the end of the frontier that is taken next.

    Parameters
    ----------
    system
        The system to explore.
    bounds
        When to stop.
    order
        `bfs` (depths are distances, parents give shortest schedules) or `dfs`.
    report
        Called from time to time with the progress.
    enough
        Whether to give up with `SwitchEngine`, given the configurations found so far and their depths; None to go on.
    monitor
        Who has looked at the clock since an earlier search began.
    watcher
        Looks at what is found, and may end the search.
    """

    def __init__(
        self,
        system: System,
        bounds: Bounds,
        order: str = "bfs",
        report: Callable[[Progress], None] | None = None,
        enough: Callable[[Sequence[Configuration], Sequence[int]], bool] | None = None,
        monitor: BudgetMonitor | None = None,
        watcher: Watcher | None = None,
    ) -> None:
        self.system = system
        self.bounds = bounds
        self.order = order
        self.report = report
        self.enough = enough
        self.glance = GLANCE if system.symmetry is None else GLANCE_ORBITS
        self.ids: dict[Configuration, int] = {}
        self.configurations: list[Configuration] = []
        self.depth, self.parent = array("i"), array("i")
        self.expanded, self.ends = array("i"), array("q")
        self.targets, self.movers = array("i"), array("h")
        self.cut: StopReason | None = None
        self.confined = 0
        self.monitor = monitor or BudgetMonitor(bounds)
        self.initial: list[Initial] = []
        self.roots: list[int] = []
        self.frontier: deque[int] = deque()
        self.watcher, self.looked = watcher, 0
        self.settling, self.level, self.stepped = Settling(system), 0, 0
        self.steps = PlainSteps(system) if system.dead_letters is not None else None

    def run(self) -> StateGraph:
        """Explore until nothing is left or a bound cuts, and return the graph.

        Cost: one call of `System.transitions` and one dictionary look-up per transition.
        """
        if not self.roots:
            self.begin()
        frontier = self.frontier
        end, take = (0, frontier.popleft) if self.order == "bfs" else (-1, frontier.pop)
        try:
            while frontier and self.cut is None:
                current = frontier[end]
                wanted = self._may_expand(current)
                take()
                if wanted:
                    frontier.extend(self.expand(current))
            if self.cut is None:
                self._look(frontier=False)
            if is_judged(self.system, self.cut):
                self._settle(at_once=True)
        except OutOfBudget as spent:  # while the transitions of a configuration were made, of which none is stored yet
            self.cut = spent.bound
        except SpecError as error:
            self._settle(at_once=True)  # else a shorter way there may be lacking
            error.schedule = self._schedule(current)
            raise
        return unignored(self.graph())

    def begin(self) -> None:
        """Enter the initial configurations."""
        self.initial = self.initial or self.system.initial()
        self.roots = [self._add(item.configuration, -1) for item in self.initial]
        self.frontier.extend(dict.fromkeys(self.roots))

    def expanded_components(self) -> Iterator[tuple[int, Any]]:
        """Yield each (faulty processes as a mask, component) of the configurations that were expanded, once."""
        worlds = (self.configurations[number] for number in self.expanded)
        yield from dict.fromkeys((now.world.faulty, component) for now in worlds for component in now.components)

    def _add(self, configuration: Configuration, parent: int) -> int:
        known = self.ids.get(configuration)
        if known is not None:
            return known
        number = self.ids[configuration] = len(self.configurations)
        self.configurations.append(configuration)
        self.parent.append(parent)
        self.depth.append(self.depth[parent] + 1 if parent >= 0 else 0)
        return number

    def _begins_level(self, current: int) -> bool:
        """Whether a configuration is the first of a level to be expanded."""
        begins = self.order == "bfs" and current >= self.level
        self.level = len(self.configurations) if begins else self.level
        return begins

    def _settle(self, *, at_once: bool) -> None:
        """Judge, where it is due, whether the letters dropped so far are dead."""
        if self.steps is None or not self.settling.is_due(len(self.configurations), at_once=at_once):
            return
        new = self.expanded[self.stepped :]
        self.steps.add(c for number in new for c in self.configurations[number].components)
        self.stepped = len(self.expanded)
        self.settling.settle(self.steps.taken, self.steps.guarded, len(self.steps.seen))

    def _may_expand(self, current: int) -> bool:
        if self._begins_level(current):
            self._settle(at_once=self.depth[current] == self.bounds.depth)
        if self.watcher is not None and self._is_seen_enough(self.watcher, current):
            self.cut = StopReason.FIRST_VIOLATION
            return False
        found, edges = len(self.configurations), len(self.targets)
        self.cut = self.monitor.exceeded(judging_bytes(found, edges), judging_seconds(found, edges, packed=False))
        if len(self.expanded) % self.glance == 0:
            if self.enough is not None and self.enough(self.configurations, self.depth):
                raise SwitchEngine
            if self.report is not None:
                self.report(self._progress(current))
        return self.cut is None and not self._is_confined(current) and not self._too_deep(current)

    def _is_seen_enough(self, watcher: Watcher, current: int) -> bool:
        """Whether what has been found is enough for a watcher, who looks where a level begins, or now and then."""
        due = current >= self.looked if self.order == "bfs" else len(self.expanded) % GLANCE == 0
        if not due:
            return False
        self._look(frontier=False)
        return watcher.enough()

    def _look(self, *, frontier: bool) -> None:
        """Let the watcher look at what is new."""
        new = self.configurations[self.looked :] if self.watcher is not None else []
        if self.watcher is not None and new:
            self.watcher.look(PlainPiece(self.system, new, self.looked, frontier))
            self.looked += len(new)

    def _is_confined(self, current: int) -> bool:
        confined = self.system.confined(self.configurations[current])
        self.confined += confined
        return confined

    def _too_deep(self, current: int) -> bool:
        """Whether the depth bound cuts here; a configuration without transitions has nothing to cut."""
        if self.bounds.depth is None or self.depth[current] < self.bounds.depth:
            return False
        return any(True for _ in self.system.transitions(self.configurations[current]))

    def expand(self, current: int) -> list[int]:
        """Add the successors of a configuration and return the new ones."""
        found = list(looking(self.system.transitions(self.configurations[current]), every=256))
        if self._too_many(found):
            self.cut = StopReason.MAX_CONFIGURATIONS
            return []
        before = len(self.configurations)
        self.targets.extend([self._add(transition.successor, current) for transition in found])
        self.movers.extend([transition.mover for transition in found])
        self.expanded.append(current)
        self.ends.append(len(self.targets))
        return list(range(before, len(self.configurations)))

    def _too_many(self, found: list[Transition]) -> bool:
        limit = self.bounds.configurations
        if limit is None or len(self.configurations) + len(found) <= limit:
            return False
        new = {t.successor for t in found if t.successor not in self.ids}
        return len(self.configurations) + len(new) > limit

    def _schedule(self, current: int) -> tuple[str, ...]:
        """Return how the search came to a configuration, as sentences: the reproducer of an error in the spec."""
        events: list[str] = []
        while self.parent[current] >= 0:
            parent = self.parent[current]
            wanted = self.configurations[current]
            step = next(t for t in self.system.transitions(self.configurations[parent]) if t.successor == wanted)
            events.append(str(step.event))
            current = parent
        return tuple(reversed(events))

    def graph(self) -> StateGraph:
        """Return what was found so far, looked at to its end."""
        with suppress(OutOfBudget):  # what is not looked at was cut
            self._look(frontier=True)
        n, order = len(self.configurations), np.array(self.expanded, dtype=np.int32)
        degrees = np.zeros(n + 1, dtype=np.int64)
        degrees[order + 1] = np.diff(np.array(self.ends, dtype=np.int64), prepend=0)
        frontier = np.ones(n, dtype=np.bool_)
        frontier[order] = False
        targets, movers = np.frombuffer(self.targets, dtype=np.int32), np.frombuffer(self.movers, dtype=np.int16)
        if self.order != "bfs":  # where expansions did not come in the order of ids
            sources = np.argsort(np.repeat(order, degrees[order + 1]), kind="stable")
            targets, movers = targets[sources], movers[sources]
        left = int(frontier.sum())
        beyond = StopReason.MAX_DEPTH if left > self.confined else StopReason.CONSTRAINT
        return StateGraph(
            system=self.system,
            configurations=self.configurations,
            initial=self.initial,
            roots=self.roots,
            offsets=np.cumsum(degrees),
            targets=targets,
            movers=movers,
            parent=np.array(self.parent, dtype=np.int32),
            depth=np.array(self.depth, dtype=np.int32),
            frontier=frontier,
            cut=Cut(self.cut or beyond, left) if left or self.cut else None,
            order=self.order,
            seconds=self.monitor.elapsed(),
        )

    def _progress(self, current: int) -> Progress:
        waiting = len(self.configurations) - len(self.expanded)
        found, edges = len(self.configurations), len(self.targets)
        return Progress(self.monitor.started, found, edges, self.depth[current], waiting, self.bounds)
