"""A search that is watched: its watcher sees every configuration once, and may end it.

A breadth-first search shows the configurations of a level, all of them, before any of them is expanded.  So what is
seen first is nearest, and all engines stop at the same place.  A depth-first search shows what is new now and then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from flpcheck.budget import looking
from flpcheck.errors import SpecError
from flpcheck.explore.graph import BatchMarks, Bools, MarkArrays, StateGraph
from flpcheck.system import Configuration, System


class Piece(Protocol):
    """A batch of configurations, examined together.

    Attributes
    ----------
    first
        The id of the first one.
    silent
        Processes that are taken to step no more, as bits.
    configurations
        The configurations.
    """

    first: int
    silent: int
    configurations: Sequence[Configuration]

    def marks(self) -> BatchMarks:
        """Return their bit masks."""

    def ended(self, among: Bools) -> Bools:
        """Return which of some of them are known to have no process event that leads elsewhere."""


class Watcher(Protocol):
    """Examines every configuration once."""

    def look(self, piece: Piece) -> None:
        """Examine some configurations."""

    def enough(self) -> bool:
        """Return whether to stop, now that a whole level was looked at."""


@dataclass
class PlainPiece:
    """Some configurations, in plain Python; nothing more is known of those that a bound leaves unexpanded."""

    system: System
    configurations: Sequence[Configuration]
    first: int
    frontier: bool
    silent: int = 0

    def marks(self) -> MarkArrays:
        """Return their bit masks."""
        rows = np.array([self.system.marks(c) for c in self.configurations], np.uint64).reshape(-1, 4)
        return MarkArrays(*rows.T)

    def ended(self, among: Bools) -> Bools:
        """Return which of some of them are known to have no process event that leads elsewhere."""
        pairs = zip((among & (not self.frontier)).tolist(), self.configurations, strict=True)
        return np.array([asked and ends(self.system, c) for asked, c in pairs], np.bool_)


class Whole:
    """All configurations of a graph as one piece."""

    first = 0

    def __init__(self, graph: StateGraph, silent: int = 0) -> None:
        self.graph, self.silent = graph, silent
        self.configurations = graph.configurations

    def marks(self) -> MarkArrays:
        """Return their bit masks."""
        return self.graph.marks

    def ended(self, among: Bools) -> Bools:
        """Return which of some of them are known to have no process event that leads elsewhere, but of the silent."""
        graph = self.graph
        asleep = [index for index in range(self.silent.bit_length()) if self.silent >> index & 1]
        leads_on = np.zeros(len(graph), dtype=np.bool_)
        leads_on[graph.sources[(graph.movers >= 0) & ~np.isin(graph.movers, asleep)]] = True
        found: Bools = among & ~leads_on & ~graph.frontier
        numbers = looking(np.flatnonzero(found).tolist())
        found[found] = [graph.system.admissible(graph.configurations[number]) for number in numbers]
        return found


def ends(system: System, configuration: Configuration) -> bool:
    """Return whether no process event leads elsewhere; where a step fails, that is reported when it is taken."""
    try:
        if system.confined(configuration):  # what would happen is not known
            return False
        stays = system.admissible(configuration)  # not so before the world has stabilised, or healed
        return stays and not any(transition.mover >= 0 for transition in system.transitions(configuration))
    except SpecError:
        return False
