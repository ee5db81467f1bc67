"""Blocking: configurations from which, with some processes crashed, a live process can never decide.

Where processes recover, lie or omit, nothing promises the steps that lead on; a run that stays where every correct
process has come to rest is admissible too, and its undecided processes are *stranded*.
"""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

import numpy as np

from flpcheck.analyse.silence import silent_budget
from flpcheck.analyse.sweep import backward
from flpcheck.authoring.events import Pid
from flpcheck.budget import look, looking
from flpcheck.explore.graph import Bools, Masks, StateGraph


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
    """uint64[n]: bit p: process p is live and has not decided, though it should."""
    found: Masks = np.uint64(graph.deciders) & ~graph.marks.crashed & ~graph.marks.decided
    return found


def blocked_configurations(graph: StateGraph) -> Blocked | None:
    """Return the blocked configurations, with the fewest silent processes that block one; None if there are none.

    Cost: one sweep for each choice of silent processes.
    """
    unknown = _reaches_the_frontier(graph)
    for size in range(silent_budget(graph.system.world) + 1):
        for silent in combinations(graph.system.crashable, size):
            look()
            found = _blocked_by(graph, silent, unknown)
            if found.where.any():
                return found
    return None


def _reaches_the_frontier(graph: StateGraph) -> Bools:
    """bool[n]: what follows is not known, because the search was cut."""
    if graph.complete:
        return np.zeros(len(graph), dtype=np.bool_)
    return backward(graph, graph.frontier.astype(np.uint64)) > 0


def _blocked_by(graph: StateGraph, silent: tuple[int, ...], unknown: Bools) -> Blocked:
    marks = graph.marks
    allowed = ~np.isin(graph.movers, silent) if silent else None
    can_decide = backward(graph, marks.decided, allowed)
    eligible = np.uint64(graph.deciders & ~sum(1 << index for index in silent))
    stuck = eligible & ~marks.crashed & ~can_decide
    stuck[unknown] = 0
    names = tuple(graph.system.names[index] for index in silent)
    return Blocked(names, stuck > 0, stuck)


def stranded_configurations(graph: StateGraph) -> Bools:
    """bool[n]: where no correct process has anything left to do, and some correct process has not decided.

    Without recoveries, lies and omissions these configurations are among the blocked ones, and none is returned.
    """
    crashed, failures = graph.marks.crashed, graph.system.world.failures
    if graph.system.in_rounds or not (failures.recoveries or failures.misbehaving):
        return np.zeros(len(graph), dtype=np.bool_)
    steps = graph.movers >= 0
    sources, movers = graph.sources[steps], graph.movers[steps].astype(np.uint64)
    busy = np.zeros(len(graph), dtype=np.bool_)
    busy[sources[(crashed[sources] >> movers & np.uint64(1)) == 0]] = True
    found: Bools = ~busy & ~graph.frontier & (waiting(graph) != 0)
    # a world that will stabilise, or heal, changes sooner or later
    numbers = looking(np.flatnonzero(found).tolist())
    found[found] = [graph.system.admissible(graph.configurations[number]) for number in numbers]
    return found
