"""Properties claimed for each process in a quotient by symmetries: what is true of one has to go with its name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from flpcheck.analyse.case import Case
from flpcheck.analyse.claims import PredicateDetector
from flpcheck.analyse.finding import Finding
from flpcheck.analyse.live.by_orbits import violation
from flpcheck.analyse.live.search import Region
from flpcheck.analyse.live.truth import detector_of, differs_when_silent, processes_of, where_true
from flpcheck.analyse.live.unfolding import OrbitRegion, Unfolding, fair_run
from flpcheck.analyse.live.unheard import columns_of
from flpcheck.analyse.silence import BECAUSE
from flpcheck.authoring.events import Pid
from flpcheck.authoring.property import INCOMPLETE
from flpcheck.authoring.temporal import EVENTUALLY, EVENTUALLY_ALWAYS, Temporal
from flpcheck.authoring.values import place_of
from flpcheck.budget import looking
from flpcheck.errors import ReductionRefused
from flpcheck.explore.graph import Bools, StateGraph

SINGLED_OUT = "it is claimed for some of the processes that are exchanged with each other: use --no-reduction"
RETURNS = "what is claimed for each process does not stay true, and they change their names: use --no-reduction"
ADVICE = "explore with --no-reduction"


class EachByOrbits:
    """A property that is claimed for each process, judged in a quotient by symmetries.

    Parameters
    ----------
    case, claim
        The graph, and the property.

    Raises
    ------
    ReductionRefused
        If its predicate does not go with the names of processes.
    """

    def __init__(self, case: Case, claim: Temporal) -> None:
        self.case, self.graph, self.claim = case, case.graph, claim
        assert self.graph.system.symmetry is not None
        self.symmetry, self.system, self.predicate = self.graph.system.symmetry, self.graph.system, claim.predicates[0]
        self.pids = processes_of(self.graph, claim)
        self.index = {pid: self.system.names.index(pid) for pid in self.pids}
        self.detectors = {pid: detector_of(self.system, claim, self.predicate, pid) for pid in self.pids}

    def judged(self) -> Finding:
        """Return the verdict."""
        claimed = sum(1 << index for index in self.index.values())
        if self.symmetry.all_alike(claimed) != claimed:
            return Finding(self.claim, INCOMPLETE, SINGLED_OUT)
        self._confirm_names()
        columns = columns_of(self.graph)
        if any(differs_when_silent(self.graph, self.detectors[pid], columns, pid) for pid in self.pids):
            return Finding(self.claim, INCOMPLETE, BECAUSE)
        if self.claim.operator == EVENTUALLY and not self._stays():
            return Finding(self.claim, INCOMPLETE, RETURNS)
        asked = OrbitRegion(np.any([self._open(self.graph, pid) for pid in self.pids], axis=0), self._regions)
        found = fair_run(self.graph, asked)
        for detector in self.detectors.values():
            detector.predicate.confirm()
        if found is not None:
            return violation(self.graph, self.claim, asked, found)
        return self.case.safe(self.claim)

    def _regions(self, part: Unfolding) -> Sequence[Region]:
        who = tuple(1 << self.index[pid] for pid in self.pids)
        inside = ~part.graph.frontier
        if self.claim.operator != EVENTUALLY_ALWAYS:
            loop = np.zeros(len(inside), np.uint64)
            for pid in self.pids:
                loop |= (self._open(part.graph, pid) & inside).astype(np.uint64) << np.uint64(self.index[pid])
            return [Region(loop, tuple(1 << index for index in range(len(self.system.names))))]
        found = []
        for pid, mask in zip(self.pids, who, strict=True):
            bit = np.uint64(mask)
            loop = np.where(self._up(part.graph, pid) & inside, bit, np.uint64(0))
            names = tuple(1 << index for index in range(len(self.system.names)))
            found.append(Region(loop, names, (inside & ~self._true(part.graph, pid),)))
        return found

    def _open(self, graph: StateGraph, pid: Pid) -> Bools:
        """bool[n]: where a run may stay that violates it for a process."""
        up = self._up(graph, pid)
        return up if self.claim.operator == EVENTUALLY_ALWAYS else up & ~self._true(graph, pid)

    def _up(self, graph: StateGraph, pid: Pid) -> Bools:
        up: Bools = graph.marks.crashed >> np.uint64(self.index[pid]) & np.uint64(1) == 0
        return up

    def _true(self, graph: StateGraph, pid: Pid) -> Bools:
        name = ("true", self.claim.name, pid)
        if name not in graph.tables:
            graph.tables[name] = where_true(self._detector(graph, pid), columns_of(graph))
        found: Bools = graph.tables[name] & self._up(graph, pid)
        return found

    def _detector(self, graph: StateGraph, pid: Pid) -> PredicateDetector:
        """Return what asks the predicate in a graph: what is kept of the columns of one does not fit another."""
        return (
            self.detectors[pid] if graph is self.graph else detector_of(graph.system, self.claim, self.predicate, pid)
        )

    def _holds_for(self, configuration: Any, number: int) -> dict[Pid, bool]:
        view = self.system.view(configuration)
        up = (pid for pid in self.pids if pid not in getattr(view, "crashed", ()))
        return {pid: self.detectors[pid].holds_in(view, number) for pid in up}

    def _confirm_names(self) -> None:
        """Refuse a predicate that is true of a process, and not of the one in its place once names are permuted."""
        for number, here in enumerate(looking(self.graph.configurations)):
            true = self._holds_for(here, number)
            for to, other in zip(self.symmetry.group, self.symmetry.orbit(here), strict=True):
                image = self._holds_for(other, number)
                if image != {to.pid(pid): answer for pid, answer in true.items()}:
                    what = f"a declared symmetry is wrong: property {self.claim.name} changes when names are permuted"
                    why = f"in {self.system.describe(here)}"
                    raise ReductionRefused(what, place=place_of(self.predicate), why=why, next_step=ADVICE)

    def _stays(self) -> bool:
        """Whether what is true of a process stays true of it."""
        for number in looking(np.flatnonzero(~self.graph.frontier).tolist()):
            here = self.graph.configurations[number]
            true = [pid for pid, answer in self._holds_for(here, number).items() if answer]
            for step in self.system.unrenamed(here) if true else ():
                after = self._holds_for(step.successor, number)
                if not all(after.get(pid, True) for pid in true):
                    return False
        return True
