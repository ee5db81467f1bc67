"""Judging the author's predicates over steps: asked once for each different step of a process, not once per transition.

A step is local, so it has few different (state before, state after) pairs, whatever the number of configurations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from flpcheck.analyse.views import Part, kinds_of
from flpcheck.explore.graph import Bools, Columned, StateGraph


def wrong_steps(graph: StateGraph, allowed: Callable[..., bool]) -> Bools:
    """Return which transitions are steps that a predicate over (before, after) does not allow.

    Parameters
    ----------
    graph
        The graph.
    allowed
        What it is asked for: the local states of the process that steps, before and after; for a general protocol,
        both configurations, whoever moves.

    Returns
    -------
    bool[m]
        Cost: a sort of the transitions, and one question per process and pair of local states.
    """
    found = np.zeros(len(graph.targets), np.bool_)
    if isinstance(graph.configurations, Columned):
        for owner in range(len(graph.system.names)):
            _of_process(graph, graph.configurations, owner, allowed, found)
        return found
    for number, (before, after) in enumerate(_pairs(graph)):
        found[number] = before is not None and not allowed(before, after)
    return found


def _of_process(graph: StateGraph, columns: Columned, owner: int, allowed: Callable[..., bool], found: Bools) -> None:
    own = np.flatnonzero(graph.movers == owner)
    state = kinds_of(columns, Part("states", owner))
    (members, _), column = columns.members(owner), columns.column(owner)
    before, after = (column[ends[own]] for ends in (graph.sources, graph.targets))
    code = state[before] * (len(members) + 1) + state[after]
    _, first, pair = np.unique(code, return_index=True, return_inverse=True)
    answers = [not allowed(members[before[i]].local, members[after[i]].local) for i in first.tolist()]
    found[own] = np.array(answers, np.bool_)[pair]


def _pairs(graph: StateGraph) -> Iterator[tuple[object, object]]:
    """Yield what to ask of each transition; (None, None) for an event of the world in an event-driven protocol."""
    system, general = graph.system, hasattr(graph.system.protocol, "successors")
    for source, target, mover in zip(
        graph.sources.tolist(), graph.targets.tolist(), graph.movers.tolist(), strict=True
    ):
        before, after = (system.view(graph.configurations[number]) for number in (source, target))
        if general:
            yield before, after
        elif mover < 0:
            yield None, None
        else:
            yield before.states[system.names[mover]], after.states[system.names[mover]]
