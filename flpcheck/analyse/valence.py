"""Valence: which decisions can still be reached from each configuration.

Fischer, Lynch, Paterson (1985), section 3: V(C) is the set of decision values of configurations reachable from C; C is
bivalent if there are two, univalent if there is one.  For protocols that are not known to be correct a third class is
needed: configurations from which no decision is reachable at all, called `none` here.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from flpcheck.analyse.orbits import spread_over_names, values_reachable
from flpcheck.analyse.sweep import backward, popcount
from flpcheck.authoring.values import key
from flpcheck.budget import look
from flpcheck.explore.graph import Bools, Masks, StateGraph


@dataclass(frozen=True)
class Census:
    """Number of configurations by valence; that of `unknown` ones depends on what lies beyond a bound.

    Modulo symmetry these are the configurations without it: which value a representative calls by which name says
    nothing, and all values of an orbit are equally frequent in it.
    """

    bivalent: int
    univalent: dict[str, int]
    none: int
    unknown: int


@dataclass(frozen=True, eq=False)
class Valence:
    """The valence of every configuration of a graph, with bounds where the search was cut.

    Parameters
    ----------
    graph
        The graph.
    values
        The decision values, in order; their positions are the bits of the masks.
    low
        uint64[n]: values that can certainly be reached.
    open
        bool[n]: whether a configuration can reach the frontier, so that other values may be reachable as well.
    """

    graph: StateGraph
    values: tuple[Hashable, ...]
    low: Masks
    open: Bools

    @classmethod
    def of(cls, graph: StateGraph) -> Valence:
        """Return the valence of every configuration.  Cost: two sweeps over the transitions, O(n + m)."""
        low = values_reachable(graph)
        reaches = np.zeros(len(graph), dtype=np.bool_)
        if not graph.complete:
            reaches = backward(graph, graph.frontier.astype(np.uint64)) > 0
        return cls(graph, tuple(graph.system.values), low, reaches)

    @classmethod
    def unknown(cls, graph: StateGraph) -> Valence:
        """Return what is known of valence where it was not looked at: any decision may be reached from anywhere."""
        ones = np.ones(len(graph), dtype=np.bool_)
        return cls(graph, tuple(graph.system.values), np.zeros(len(graph), dtype=np.uint64), ones)

    @cached_property
    def count(self) -> NDArray[np.uint8]:
        """uint8[n]: how many values can certainly be reached."""
        return popcount(self.low)

    @cached_property
    def bivalent(self) -> Bools:
        """bool[n]: two values or more can be reached."""
        bivalent: Bools = self.count > 1
        return bivalent

    @cached_property
    def univalent(self) -> Bools:
        """bool[n]: exactly one value can be reached, for certain."""
        univalent: Bools = (self.count == 1) & ~self.open
        return univalent

    @cached_property
    def none(self) -> Bools:
        """bool[n]: no decision can be reached, for certain."""
        none: Bools = (self.count == 0) & ~self.open
        return none

    @cached_property
    def disagreeing(self) -> Bools:
        """bool[n]: two different decisions have been made."""
        disagreeing: Bools = popcount(self.graph.marks.values) > 1
        return disagreeing

    @cached_property
    def critical(self) -> Bools:
        """bool[n]: bivalent, not two decisions yet, fully expanded, and every process event decides the outcome.

        At least one process event leads on, and every successor by a process event is univalent; events of the world
        and events that change nothing do not count.
        """
        graph = self.graph
        look(4 * len(graph))
        leads_on, leads_to_open = np.zeros((2, len(graph)), dtype=np.bool_)
        for sources, edges in graph.pieces():
            own = graph.movers[edges] >= 0
            leads_on[sources[own]] = True
            leads_to_open[sources[own & ~self.univalent[graph.targets[edges]]]] = True
        critical: Bools = self.bivalent & ~self.disagreeing & ~graph.frontier & leads_on & ~leads_to_open
        return critical

    def census(self, numbers: NDArray[np.int64] | None = None) -> Census:
        """Return how many configurations (all of them, or some) are of which valence."""
        chosen = np.arange(len(self.graph)) if numbers is None else numbers
        weights, certain = self.graph.weights[chosen], self.univalent[chosen]
        only = [
            int(weights[certain & (self.low[chosen] == np.uint64(1 << bit))].sum()) for bit in range(len(self.values))
        ]
        only = spread_over_names(self.graph.system, only)
        univalent = dict[str, int]()
        for bit, value in self.ordered():  # the number 1 and the text "1" share a line
            univalent[str(value)] = univalent.get(str(value), 0) + only[bit]
        bivalent, none = (int(weights[kind[chosen]].sum()) for kind in (self.bivalent, self.none))
        return Census(bivalent, univalent, none, int(weights.sum()) - bivalent - none - sum(only))

    def ordered(self) -> list[tuple[int, Hashable]]:
        """Return (bit, value) pairs in the order of the values."""
        return sorted(enumerate(self.values), key=lambda pair: key(pair[1]))

    def name(self, number: int) -> str:
        """Return the valence of a configuration as text: `0/1`, `0`, `none`, or with a question mark if unknown.

        Examples
        --------
        A bivalent configuration of binary consensus is called '0/1', a 1-valent one '1'.
        """
        text = self.words(int(self.low[number]))
        certain = bool(self.bivalent[number] or self.univalent[number] or self.none[number])
        return text if certain else ("?" if text == "none" else f"{text}?")

    def words(self, mask: int) -> str:
        """Return some values as text, separated by slashes; `none` if there are none."""
        return "/".join(str(value) for bit, value in self.ordered() if mask >> bit & 1) or "none"
