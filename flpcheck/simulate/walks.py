"""Making random runs: what they pass is kept as a graph, so that everything that judges graphs can judge it.

Of such a graph no configuration counts as expanded but those in which nothing can happen: whatever else could have
happened is unknown.  So no judge concludes anything from what is lacking.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np

from flpcheck.budget import BudgetMonitor, OutOfBudget
from flpcheck.errors import SpecError
from flpcheck.explore.bounds import Cut
from flpcheck.explore.graph import Bools, StateGraph, judging_bytes
from flpcheck.explore.progress import Progress
from flpcheck.explore.watching import PlainPiece, Watcher
from flpcheck.simulate.coverage import Coverage
from flpcheck.simulate.plan import RunPlan
from flpcheck.simulate.policies import POLICIES, Policy, policy_of
from flpcheck.stops import StopReason
from flpcheck.system import Configuration, Initial, System, Transition


@dataclass
class EndsKnown(PlainPiece):
    """Some configurations of random runs, of which it is known in which nothing more could happen."""

    ends: frozenset[int] = frozenset()

    def ended(self, among: Bools) -> Bools:
        """Return which of some of them are known to have no process event that leads elsewhere."""
        here = [number in self.ends for number in range(self.first, self.first + len(self.configurations))]
        return among & np.array(here, np.bool_)


class Walks:
    """Random runs of a system.

    Parameters
    ----------
    system
        The plain system.
    plan
        The runs to make.
    only
        From which initial configurations; runs that begin in another one are left out.
    watcher
        Looks at what is found, and may end it after any run.
    monitor, report
        The limits, and a listener to the progress.
    """

    def __init__(
        self,
        system: System,
        plan: RunPlan,
        only: Callable[[Initial], bool] | None,
        watcher: Watcher,
        monitor: BudgetMonitor,
        report: Callable[[Progress], None] | None = None,
    ) -> None:
        self.system, self.plan, self.watcher, self.monitor, self.report = system, plan, watcher, monitor, report
        self.initial = system.initial()
        self.allowed = [only is None or only(item) for item in self.initial]
        self.configurations: list[Configuration] = []
        self.ids: dict[Configuration, int] = {}
        self.depth, self.parent, self.found_in, self.visits = array("i"), array("i"), array("q"), array("q")
        self.sources, self.targets, self.movers = array("i"), array("i"), array("h")
        self.ends = set[int]()
        self.made = 0
        """Number of runs made."""
        self.coverage = Coverage(system)
        self.cut: StopReason | None = None
        self._edges = set[tuple[int, int, int]]()
        self._looked = 0
        self._number = 0
        self.roots = [self._entered(item.configuration, -1) for item in self.initial]

    @property
    def steps(self) -> int:
        """The number of events of all runs."""
        return sum(self.visits)

    @property
    def once(self) -> int:
        """The number of events that led to configurations where no other event did."""
        return Counter(self.visits)[1]

    def run(self) -> StateGraph:
        """Make the runs, and return what they have passed.

        Cost: one list of what may happen, and one successor, for each event.

        Raises
        ------
        SpecError
            If the protocol misbehaves, with the events of the run until then.
        """
        for number in self.plan.numbers:
            if self._is_over():
                break
            start = self.plan.chance(number).randrange(len(self.initial))
            if self.allowed[start]:
                self._make(number, start)
        return self._graph()

    def _is_over(self) -> bool:
        if self.watcher.enough():
            self.cut = StopReason.FIRST_VIOLATION
        self.cut = self.cut or self._exceeded()
        return self.cut is not None or (self.plan.until_covered and self.coverage.complete)

    def _exceeded(self) -> StopReason | None:
        found, most = len(self.configurations), self.monitor.bounds.configurations
        if most is not None and found >= most:
            return StopReason.MAX_CONFIGURATIONS
        return self.monitor.exceeded(judging_bytes(found, len(self.targets)))

    def _make(self, number: int, start: int) -> None:
        """Make one run, and have what is new looked at."""
        chance = self.plan.chance(number)
        chance.randrange(len(self.initial))
        choose = POLICIES[policy_of(number)](chance, self.plan.length)
        passed, here, self._number = list[Transition](), self.roots[start], number
        try:
            for _ in range(self.plan.length):
                self.cut = self._exceeded()
                step = self._next(here, choose, chance) if self.cut is None else None
                if step is None:
                    break
                passed.append(step)
                here = self._took(here, step)
        except OutOfBudget as spent:
            self.cut = spent.bound
        except SpecError as error:
            error.schedule = tuple(str(step.event) for step in passed)
            raise
        self.made += 1
        self._look()
        if self.report is not None:
            self.report(self._progress(len(passed)))

    def _next(self, here: int, choose: Policy, chance: Random) -> Transition | None:
        """Return what happens next in a run; None if nothing can, which is noted, or what does is not to be known."""
        configuration = self.configurations[here]
        if self.system.confined(configuration):
            return None
        possible = self.system.possible(configuration)
        while possible:
            steps = self.system.happen(configuration, possible.pop(choose(possible)))
            if steps:
                return chance.choice(steps)
        if here not in self.ends:
            self.ends.add(here)
            if here < self._looked:  # an earlier run was too long to go on from there
                self._show(here, [configuration])
        return None

    def _took(self, here: int, step: Transition) -> int:
        self.coverage.note(step)
        there = self._entered(step.successor, here)
        self.visits[there] += 1
        edge = here, there, step.mover
        if edge not in self._edges:
            self._edges.add(edge)
            for column, value in zip((self.sources, self.targets, self.movers), edge, strict=True):
                column.append(value)
        return there

    def _entered(self, configuration: Configuration, parent: int) -> int:
        number = self.ids.setdefault(configuration, len(self.configurations))
        if number == len(self.configurations):
            self.configurations.append(configuration)
            self.parent.append(parent)
            self.depth.append(self.depth[parent] + 1 if parent >= 0 else 0)
            self.found_in.append(self._number)
            self.visits.append(0)
        return number

    def _look(self) -> None:
        new = self.configurations[self._looked :]
        if new:
            self._show(self._looked, new)
            self._looked += len(new)

    def _show(self, first: int, some: Sequence[Configuration]) -> None:
        ends = frozenset(number for number in range(first, first + len(some)) if number in self.ends)
        self.watcher.look(EndsKnown(self.system, some, first, frontier=False, ends=ends))

    def _progress(self, length: int) -> Progress:
        found, edges = len(self.configurations), len(self.targets)
        return Progress(self.monitor.started, found, edges, length, self.plan.runs - self.made, self.monitor.bounds)

    def _graph(self) -> StateGraph:
        count = len(self.configurations)
        sources = np.array(self.sources, np.int32)
        order = np.argsort(sources, kind="stable")
        frontier = np.ones(count, np.bool_)
        frontier[list(self.ends)] = False
        return StateGraph(
            system=self.system,
            configurations=self.configurations,
            initial=self.initial,
            roots=self.roots,
            offsets=np.searchsorted(sources[order], np.arange(count + 1)).astype(np.int64),
            targets=np.array(self.targets, np.int32)[order],
            movers=np.array(self.movers, np.int16)[order],
            parent=np.array(self.parent, np.int32),
            depth=np.array(self.depth, np.int32),
            frontier=frontier,
            cut=Cut(self.cut or StopReason.RUNS, int(frontier.sum())),
            order="runs",
            engine="runs",
            seconds=self.monitor.elapsed(),
        )
