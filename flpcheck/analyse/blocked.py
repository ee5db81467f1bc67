"""Blocking: configurations from which, with some processes crashed, a live process can never decide."""

from __future__ import annotations

from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from flpcheck.analyse.silence import affording, silent_budget
from flpcheck.analyse.sweep import UNREACHED, backward, bits, distances
from flpcheck.authoring.events import Pid
from flpcheck.budget import look
from flpcheck.explore.graph import Bools, Masks, StateGraph

ALL_BITS = 2**64 - 1


class Blocked(NamedTuple):
    """The configurations in which some live process can never decide any more.

    Parameters
    ----------
    silent
        The processes that crash now and are never scheduled again (crashes elided); empty if crashes are events.
    where
        bool[n]: the configurations.
    stuck
        uint64[n]: bit p: process p is live, undecided, and can never decide.
    """

    silent: tuple[Pid, ...]
    where: Bools
    stuck: Masks


def waiting(graph: StateGraph) -> Masks:
    """uint64[n]: bit p: process p is live, and some way here leads through no configuration in which it had decided.

    A process that recovers may have lost its decision; it has decided all the same.  A passive learner decides by what
    is on its way to it: what is lost had not arrived, so it had not decided.
    """
    if "waiting" not in graph.tables:
        open_ = np.uint64(graph.deciders) & ~graph.marks.decided
        if _undecides(graph):
            open_ &= _undecided_so_far(graph, open_) | np.uint64(_learners(graph))
        graph.tables["waiting"] = open_
    found: Masks = graph.tables["waiting"] & ~graph.marks.crashed
    return found


def _learners(graph: StateGraph) -> int:
    """Return the passive learners, as bits."""
    parts = graph.system.plain.components
    return sum(1 << seat.index for seat in parts.seats if seat.asker is None) if parts is not None else 0


def undecided_ways(graph: StateGraph, index: int) -> Bools:
    """bool[n]: where process `index` may not have decided yet, live or not."""
    waiting(graph)
    found: Bools = graph.tables["waiting"] >> np.uint64(index) & np.uint64(1) != 0
    return found


def _undecides(graph: StateGraph) -> bool:
    """Return whether some transition takes a decision back."""
    decided: NDArray[Any] = graph.marks.decided & np.uint64(graph.deciders)
    if graph.deciders <= np.iinfo(np.uint8).max:
        decided = decided.astype(np.uint8)  # what stays in the cache is looked up faster
    if not decided.any():
        return False
    return any(bool((decided[sources] & ~decided[graph.targets[edges]]).any()) for sources, edges in graph.pieces())


def _undecided_so_far(graph: StateGraph, open_: Masks) -> Masks:
    """uint64[n]: bit p: a way from an initial configuration leads here on which bit p is open all along."""
    found = np.zeros_like(open_)
    for index in bits(graph.deciders):
        inside: Bools = open_ >> np.uint64(index) & np.uint64(1) != 0
        reached = distances(graph, [root for root in set(graph.roots) if inside[root]], inside) != UNREACHED
        found[reached] |= np.uint64(1 << index)
    return found


def blocked_configurations(graph: StateGraph) -> Blocked | None:
    """Return the blocked configurations, with the fewest silent processes that block one; None if there are none.

    Cost: one sweep for each choice of silent processes.
    """
    unknown = reaches_the_frontier(graph)
    for size in range(silent_budget(graph.system.world) + 1):
        for silent in combinations(graph.system.crashable, size):
            look()
            found = _blocked_by(graph, silent, unknown)
            if found.where.any():
                return found
    return None


def reaches_the_frontier(graph: StateGraph) -> Bools:
    """bool[n]: what follows is not known, because the search was cut."""
    if graph.complete:
        return np.zeros(len(graph), dtype=np.bool_)
    return backward(graph, graph.frontier.astype(np.uint64)) > 0


def _blocked_by(graph: StateGraph, silent: tuple[int, ...], unknown: Bools) -> Blocked:
    stuck = stuck_without(graph, silent)
    stuck[unknown | ~np.broadcast_to(affording(graph, silent), unknown.shape)] = 0
    names = tuple(graph.system.names[index] for index in silent)
    return Blocked(names, stuck > 0, stuck)


def stuck_without(graph: StateGraph, silent: tuple[int, ...]) -> Masks:
    """uint64[n]: bit p: process p is live and undecided, and never decides if some processes never step again.

    What a bound left unexpanded counts as if nothing followed.
    """
    allowed = ~np.isin(graph.movers, silent) if silent else None
    can_decide = backward(graph, graph.marks.decided, allowed)
    eligible = np.uint64(ALL_BITS & ~sum(1 << index for index in silent))
    found: Masks = waiting(graph) & eligible & ~can_decide
    return found
