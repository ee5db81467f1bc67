"""Graphs of rounds: every cycle is a run, and the time until all have decided is bounded.

There is no fairness between rounds: the adversary may repeat what the communication predicate allows for ever.  Only
the rounds before GST cannot go on for ever.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from flpcheck.analyse.sweep import bits, longest_ways
from flpcheck.budget import look, looking
from flpcheck.explore.graph import Bools, StateGraph
from flpcheck.system import WORLD


def undecided(graph: StateGraph) -> NDArray[np.uint64]:
    """uint64[n]: bit p: process p is correct and has not decided."""
    marks = graph.marks
    waiting: NDArray[np.uint64] = np.uint64(graph.deciders) & ~marks.crashed & ~marks.decided
    return waiting


def may_go_on(graph: StateGraph) -> Bools:
    """bool[n]: a run may go through this configuration for ever; before GST it may not."""
    return np.array(
        [graph.system.endless(configuration) for configuration in looking(graph.configurations)], dtype=np.bool_
    )


def resting(graph: StateGraph) -> list[int]:
    """Return the configurations with an undecided process that a round can leave as they are, for ever."""
    if graph.system.numbered:
        return []
    # Cost: one pass over the undecided configurations.
    candidates = np.flatnonzero((undecided(graph) != 0) & may_go_on(graph) & ~graph.frontier)
    found = []
    for number in looking(candidates.tolist()):
        here = graph.configurations[number]
        if any(transition.successor == here for transition in graph.system.applicable(here)):
            found.append(number)
    return found


def rounds_to_decide(graph: StateGraph) -> int | None:
    """Return after how many rounds at most every correct process has decided, counted from GST where there is one.

    Returns
    -------
    int or None
        None if some run never gets there, or the search was cut.  Cost: O(m) for each of these rounds.
    """
    waiting, eligible = undecided(graph) != 0, may_go_on(graph)
    inside = waiting[graph.sources] & eligible[graph.sources] & (graph.movers != WORLD)
    sources, targets = graph.sources[inside], graph.targets[inside]
    if not graph.complete or resting(graph) or np.setdiff1d(np.flatnonzero(waiting & eligible), sources).size:
        return None
    away = longest_ways(len(graph), sources, targets)
    return None if away is None else int(away[eligible].max(initial=0))


def bivalent_chain(graph: StateGraph, bivalent: Bools) -> list[int]:
    """Return the longest chain of bivalent configurations without a decision, from an initial one on.

    Dolev, Strong (1983) and Aguilera, Toueg (1999): with f crashes the adversary can keep an agreement protocol
    bivalent for f - 1 rounds, so that f + 1 are needed.  Cost: O(m) for each configuration of the chain.

    Parameters
    ----------
    graph
        The graph.
    bivalent
        bool[n]: which configurations are bivalent.

    Returns
    -------
    list of int
        Ids; empty if no initial configuration is bivalent, or if the chain need not end.
    """
    members = bivalent & (graph.marks.values == 0)
    inside = members[graph.sources] & members[graph.targets]
    sources, targets = graph.sources[inside], graph.targets[inside]
    rest = set(resting(graph))
    layers = [np.unique([root for root in graph.roots if members[root]]).astype(np.int64)]
    while len(layers[-1]):
        look()
        if len(layers) > len(graph) or set(layers[-1].tolist()) & rest:
            return []
        layers.append(np.unique(targets[np.isin(sources, layers[-1])]).astype(np.int64))
    chain: list[int] = []
    for layer in reversed(layers[:-1]):
        before = sources[targets == chain[0]] if chain else layer
        chain.insert(0, int(np.intersect1d(layer, before)[0]))
    return chain


def stuck_in(graph: StateGraph, number: int) -> tuple[int, ...]:
    """Return the correct processes that have not decided in a configuration."""
    return tuple(bits(int(undecided(graph)[number])))
