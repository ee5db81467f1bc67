"""Events that are put off for ever where events are left out: Valmari's ignoring problem.

An event may wait as long as the search goes on.  It goes on for ever in a terminal strongly connected component alone:
there every event that is possible must be expanded somewhere.  Otherwise one configuration of the component is expanded
fully, and the search begins again.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from flpcheck.budget import look, looking
from flpcheck.explore.graph import Bools, StateGraph
from flpcheck.reduce.dead_letters import Refuted


def unignored(graph: StateGraph) -> StateGraph:
    """Return a graph in which no event is put off for ever.

    Raises
    ------
    Refuted
        If one is: then the system knows which configurations to expand fully.  Cost: O(n + m), and stubborn sets in
        the terminal components that have more than one configuration.
    """
    stubborn = graph.system.stubborn
    if stubborn is None or graph.cut is not None:
        return graph
    before = len(stubborn.full)
    for members in terminal_components(graph):
        first = graph.configurations[members[0]]
        missing, _ = stubborn.selection(first)
        for number in looking(members):
            _, chosen = stubborn.selection(graph.configurations[number])
            missing = [events & ~its for events, its in zip(missing, chosen, strict=True)]
            if not any(missing):
                break
        if any(missing):
            stubborn.full[first] = None
    if len(stubborn.full) > before:
        raise Refuted
    return graph


def terminal_components(graph: StateGraph) -> Iterator[list[int]]:
    """Yield the strongly connected components of several configurations that no transition leaves, each in order."""
    endless = np.flatnonzero(~_coming_to_an_end(graph))
    number: dict[int, int] = {}
    closed: set[int] = set()
    for start in looking(endless.tolist()):
        if start not in number:
            yield from _components_from(graph, start, number, closed)


def _coming_to_an_end(graph: StateGraph) -> Bools:
    """bool[n]: from which configurations one without transitions can be reached."""
    order = np.argsort(graph.targets, kind="stable")
    sources = graph.sources[order]
    offsets = np.searchsorted(graph.targets[order], np.arange(len(graph) + 1))
    found: Bools = np.diff(graph.offsets) == 0
    here = np.flatnonzero(found).astype(np.int64)
    while len(here):
        look()
        sizes = offsets[here + 1] - offsets[here]
        edges = np.repeat(offsets[here] - (np.cumsum(sizes) - sizes), sizes) + np.arange(int(sizes.sum()))
        before = np.unique(sources[edges]).astype(np.int64)
        here = before[~found[before]]
        found[here] = True
    return found


def _components_from(graph: StateGraph, start: int, number: dict[int, int], closed: set[int]) -> Iterator[list[int]]:
    """Yield the terminal components found from a configuration on (Tarjan 1972)."""
    open_, path, low = list[int](), list[tuple[int, Iterator[int]]](), dict[int, int]()

    def enter(vertex: int) -> None:
        number[vertex] = low[vertex] = len(number)
        open_.append(vertex)
        path.append((vertex, iter(graph.targets[graph.out(vertex)].tolist())))

    enter(start)
    while path:
        vertex, targets = path[-1]
        target = next(targets, None)
        if target is None:
            path.pop()
            if path:
                low[path[-1][0]] = min(low[path[-1][0]], low[vertex])
            if low[vertex] == number[vertex]:
                members = open_[open_.index(vertex) :]
                del open_[-len(members) :]
                inside = set(members)
                if all(one in inside for member in members for one in graph.targets[graph.out(member)].tolist()):
                    yield sorted(members)
                closed |= inside
        elif target not in number:
            enter(target)
        elif target not in closed:
            low[vertex] = min(low[vertex], number[target])
