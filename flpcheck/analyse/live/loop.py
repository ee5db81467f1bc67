"""Lassos: from a fair component to one run that a person can follow, a stem and a loop.

The loop is a greedy walk: from the entry to the nearest step or configuration that meets a demand not met yet, until
none is left, then home.  The shortest fair loop is NP-hard to find (Clarke, Grumberg, McMillan, Zhao 1995); of the
walks from the entries that are nearest to an initial configuration the shortest is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from flpcheck.analyse.live.account import DemandTally
from flpcheck.analyse.live.asked import AskedTable, Hop
from flpcheck.analyse.live.demands import Offer
from flpcheck.analyse.live.search import FairComponent
from flpcheck.analyse.sweep import edges_of
from flpcheck.budget import OutOfBudget, look
from flpcheck.errors import InternalError
from flpcheck.explore.graph import Bools, Ints, StateGraph
from flpcheck.system import EVERYBODY, WORLD
from flpcheck.system.configuration import MessagePassingConfiguration

ENTRIES = 32
"""Maximum number of entries from which a loop is tried."""


class _Walked:
    """A walk so far: its steps, the configurations visited, and what it has met."""

    def __init__(self, table: AskedTable, faulty: int, entry: int, mail: bool) -> None:  # noqa: FBT001
        self.table, self.mail, self.here = table, mail, entry
        self.tally, self.hops, self.visited = DemandTally(table.book, faulty), list[Hop](), list[int]()

    def visit(self, number: int, offer: Offer) -> None:
        """Arrive at a configuration."""
        self.tally.visit(offer)
        self.visited.append(number)
        self.here = number

    def take(self, hop: Hop, offer: Offer) -> None:
        """Take a step."""
        self.tally.take(self.table.book.met_by(hop.transition, mail=self.mail))
        self.hops.append(hop)
        self.visit(hop.target, offer)


class LoopWalk:
    """The walk round a fair component.

    Parameters
    ----------
    graph, component
        The graph, and a fair component.
    table
        The demands.
    musts
        Sets of configurations that the loop has to visit.
    """

    def __init__(
        self, graph: StateGraph, component: FairComponent, table: AskedTable, musts: Sequence[Bools] = ()
    ) -> None:
        self.graph, self.table, self.musts = graph, table, musts
        self.label = np.full(len(graph), -1, np.int32)
        self.label[component.numbers] = 0
        self.alone = len(component.numbers) == 1
        self.mail = isinstance(graph.configurations[0], MessagePassingConfiguration)
        crashed = int(graph.marks.crashed[int(component.numbers[0])])
        elided = graph.system.world.failures.events == "elided"
        self.silent = list(component.faulty) if elided else []
        self.faulty = crashed | sum(1 << index for index in component.faulty)
        self._offers: dict[int, Offer] = {}

    def run(self, entry: int, most: int | None = None) -> list[Hop] | None:
        """Return a loop through a configuration; None if it would have more than `most` steps."""
        walked = _Walked(self.table, self.faulty, entry, self.mail)
        walked.visit(entry, self._offer(entry))
        while (way := self._next(walked, entry)) is not None:
            if most is not None and len(walked.hops) + len(way) > most:
                return None
            for hop in way:
                walked.take(hop, self._offer(hop.target))
        return walked.hops

    def _next(self, walked: _Walked, entry: int) -> list[Hop] | None:
        """Return where to go next; None if the loop is closed and nothing is left to do."""
        if unmet := walked.tally.unmet():
            return self._found(self._to_meet(walked.here, unmet), "a fair component has no fair loop")
        for must in self.musts:
            if not must[walked.visited].any():
                return self._found(self._to_place(walked.here, must), "a fair component misses what it has to visit")
        if walked.here == entry and (walked.hops or self.alone):
            return self._kept_going(entry) if not walked.hops else None
        home = np.zeros(len(self.graph), np.bool_)
        home[entry] = True
        way = self._to_place(walked.here, home) if walked.here != entry else self._round(entry, home)
        return self._found(way, "a component is not strongly connected")

    def _kept_going(self, entry: int) -> list[Hop] | None:
        """Return a step without effect of no process, or of all, where such steps go on; None if the run may rest."""
        hops = self.table.hops(entry, self.label)
        return [hop for hop, _ in hops if hop.transition.mover in {WORLD, EVERYBODY}][:1] or None

    @staticmethod
    def _found(way: list[Hop] | None, otherwise: str) -> list[Hop]:
        if way is None:
            raise InternalError(otherwise, next_step="please report this with the spec")
        return way

    def _offer(self, number: int) -> Offer:
        if number not in self._offers:
            self._offers[number] = self.table.offer(number)
        return self._offers[number]

    def _to_meet(self, start: int, unmet: set[int]) -> list[Hop] | None:
        """Return a shortest walk that meets one of some demands."""
        for level, came in self._levels(start):
            off = level[self.table.lacking(level, unmet)]
            if len(off):
                return self._way(start, int(off[0]), came)
            hit = next(iter(self.table.taking(level, self.label, unmet)), None)
            if hit is not None:
                return [*self._way(start, hit[0], came), hit[1]]
        return None

    def _to_place(self, start: int, goal: Bools) -> list[Hop] | None:
        """Return a shortest walk to one of some configurations."""
        for level, came in self._levels(start):
            there = level[goal[level]]
            if len(there):
                return self._way(start, int(there[0]), came)
        return None

    def _round(self, start: int, goal: Bools) -> list[Hop] | None:
        """Return a shortest walk of at least one step to one of some configurations."""
        for level, came in self._levels(start):
            sources, edges = self._edges(level)
            hits = np.flatnonzero(goal[self.graph.targets[edges]])
            if len(hits):
                source = int(sources[hits[0]])
                return [*self._way(start, source, came), self._hop(source, int(edges[hits[0]]))]
        return None

    def _levels(self, start: int) -> Iterator[tuple[Ints, dict[int, int]]]:
        """Yield the configurations of the component, level by level, and by which transition each was reached."""
        came = {start: -1}
        seen = np.zeros(len(self.graph), np.bool_)
        seen[start] = True
        level = np.array([start], np.int64)
        while len(level):
            look()
            yield level, came
            _, edges = self._edges(level)
            targets = self.graph.targets[edges]
            fresh = ~seen[targets]
            reached, first = np.unique(targets[fresh], return_index=True)
            order = np.argsort(first)
            level = reached[order].astype(np.int64)
            seen[level] = True
            came.update(zip(level.tolist(), edges[fresh][first[order]].tolist(), strict=True))

    def _edges(self, level: Ints) -> tuple[Ints, Ints]:
        """Return the transitions inside the component out of some configurations, and where they start."""
        graph = self.graph
        edges = edges_of(graph, level)
        sources = np.repeat(level, graph.offsets[level + 1] - graph.offsets[level])
        inside = self.label[graph.targets[edges]] == 0
        if self.silent:
            inside &= ~np.isin(graph.movers[edges], self.silent)
        if graph.system.tosses and not self.table.lucky:
            inside &= self._chosen(level)
        return sources[inside], edges[inside]

    def _chosen(self, level: Ints) -> Bools:
        """bool[k]: which transitions out of some configurations no coin may turn away from the component."""
        allowed = list[bool]()
        for number in level.tolist():
            events = {hop.transition.event for hop, _ in self.table.hops(number, self.label)}
            steps = self.graph.system.transitions(self.graph.configurations[number])
            allowed += [step.chance is None or step.event in events for step in steps]
        return np.array(allowed, np.bool_)

    def _way(self, start: int, end: int, came: dict[int, int]) -> list[Hop]:
        hops: list[Hop] = []
        while end != start:
            edge = came[end]
            source = int(np.searchsorted(self.graph.offsets, edge, side="right")) - 1
            hops.append(self._hop(source, edge))
            end = source
        return hops[::-1]

    def _hop(self, source: int, edge: int) -> Hop:
        steps = list(self.graph.system.transitions(self.graph.configurations[source]))
        return Hop(int(self.graph.targets[edge]), steps[edge - int(self.graph.offsets[source])])


def shortest_loop(
    graph: StateGraph, component: FairComponent, table: AskedTable, musts: Sequence[Bools] = ()
) -> tuple[int, list[Hop]]:
    """Return the entry and the hops of a loop round a fair component, of small length together with the way to it."""
    numbers = component.numbers
    away = graph.depth[numbers]
    entries = numbers[np.argsort(away, kind="stable")[:ENTRIES]].tolist()
    walk = LoopWalk(graph, component, table, musts)
    best = (entries[0], walk.run(entries[0]) or [])
    for entry in entries[1:]:
        longest = int(graph.depth[best[0]]) + len(best[1]) - int(graph.depth[entry])
        if longest <= 0:
            break
        try:
            hops = walk.run(entry, longest)
        except OutOfBudget:
            break
        if hops is not None and len(hops) < longest:
            best = (entry, hops)
    return best
