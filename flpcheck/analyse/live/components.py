"""Strongly connected components of a part of a graph, as lists of configurations."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from flpcheck.analyse.components import components_of
from flpcheck.analyse.live.asked import ComponentLabels
from flpcheck.analyse.sweep import bits, edges_of
from flpcheck.budget import afford, look
from flpcheck.explore.graph import Bools, Ints, StateGraph

SORTING = 1e-7
"""Processor seconds per configuration for bringing components into order."""


class Decomposer:
    """Decomposes sets of configurations; each that it yields has a label of its own.

    Parameters
    ----------
    graph
        The graph.
    usable
        bool[m]: the transitions that a run may take for ever; None for all.

    Attributes
    ----------
    label
        int32[n]: -1 outside of everything that was yielded.  A later label takes the place of an earlier one.
    """

    def __init__(self, graph: StateGraph, usable: Bools | None = None) -> None:
        self.graph, self.usable = graph, usable
        self.label: ComponentLabels = np.full(len(graph), -1, np.int32)
        self._next = 0

    def mark(self, members: Ints) -> None:
        """Give a set of configurations a label of its own."""
        self.label[members] = self._next
        self._next += 1

    def cycles(self, members: Ints, silent: int = 0) -> list[Ints]:
        """Return the strongly connected components with a cycle among some configurations, by first id.

        Parameters
        ----------
        members
            The configurations.
        silent
            Processes that take no steps, as bits.

        Returns
        -------
        list of int64[k]
            Cost: O(n + m) of what is among them, or of the graph if they are most of it.
        """
        if not len(members):
            return []
        numbers, looping = self._components(members, silent)
        if len(members) > 1 and numbers[0] == numbers.min() == numbers.max():
            self.mark(members)
            return [members]
        cyclic = (np.bincount(numbers) > 1)[numbers] | looping
        afford(SORTING * len(members), 24 * len(members))
        inside, numbers = members[cyclic], numbers[cyclic]
        order = np.argsort(numbers, kind="stable")
        inside, numbers = inside[order], numbers[order]
        groups = np.split(inside, np.flatnonzero(np.diff(numbers)) + 1) if len(inside) else []
        groups.sort(key=lambda group: int(group[0]))
        self.label[members] = -1
        for group in groups:
            self.mark(group)
        return groups

    def _components(self, members: Ints, silent: int) -> tuple[NDArray[np.integer], Bools]:
        """Return the number of each member's component, and which have a transition to themselves."""
        graph = self.graph
        if 2 * len(members) > len(graph):
            return self._of_most(members, silent)
        look(16 * len(members))
        edges = edges_of(graph, members)
        place = np.full(len(graph), -1, np.int32)
        place[members] = np.arange(len(members), dtype=np.int32)
        sources = np.repeat(np.arange(len(members)), graph.offsets[members + 1] - graph.offsets[members])
        targets = place[graph.targets[edges]]
        kept = targets >= 0 if self.usable is None else (targets >= 0) & self.usable[edges]
        if silent:
            kept &= ~np.isin(graph.movers[edges], bits(silent))
        sources, targets = sources[kept], targets[kept]
        offsets = np.searchsorted(sources, np.arange(len(members) + 1))
        looping = np.zeros(len(members), np.bool_)
        looping[sources[sources == targets]] = True
        return components_of(len(members), offsets, targets), looping

    def _of_most(self, members: Ints, silent: int) -> tuple[NDArray[np.integer], Bools]:
        graph, whole = self.graph, len(members) == len(self.graph)
        kept = self.usable
        if silent:
            steps = ~np.isin(graph.movers, bits(silent))
            kept = steps if kept is None else steps & kept
        if not whole:
            inside = np.zeros(len(graph), np.bool_)
            inside[members] = True
            kept = np.ones(len(graph.targets), np.bool_) if kept is None else kept.copy()
            for sources, edges in graph.pieces():
                kept[edges] &= inside[sources] & inside[graph.targets[edges]]
        looping = np.zeros(len(graph), np.bool_)
        for sources, edges in graph.pieces():
            again = graph.targets[edges] == sources
            looping[sources[again if kept is None else again & kept[edges]]] = True
        found = components_of(len(graph), graph.offsets, graph.targets, kept)
        return (found if whole else found[members]), looping[members]


def cyclic_components(graph: StateGraph, usable: Bools | None) -> list[Ints]:
    """Return the strongly connected components with a cycle of a graph, or of some of its transitions, by first id."""
    if is_acyclic_by_ids(graph):
        return []
    return Decomposer(graph, usable).cycles(np.arange(len(graph)))


def is_acyclic_by_ids(graph: StateGraph) -> bool:
    """Return whether every transition leads to a higher id, so that there are no cycles."""
    return all(bool((graph.targets[edges] > sources).all()) for sources, edges in graph.pieces())
