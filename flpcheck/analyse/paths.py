"""Shortest ways through what was reached, and which of them is shown.

Of the shortest ways to some configurations, those with the fewest context switches are the easiest to follow.  Of these
the one is taken that begins in the first initial configuration and takes, step by step, the first of the transitions
that lie on such ways, in canonical order.  So what is shown is a function of what was reached, and not of the order in
which it was found, or of who searched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import starmap
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from flpcheck.analyse.sweep import UNREACHED, distances, edges_of
from flpcheck.budget import grace, look, looking
from flpcheck.explore.content import by_content
from flpcheck.explore.graph import Edges, Reached, StateGraph

MOST = 50_000
"""Maximum number of candidates; with more, the way is found backwards, by the least configuration of each level,
whatever its switches."""
PORTION = 1_000_000
"""Number of configurations of a level that are examined at a time."""

Ints = NDArray[np.int64]
Ids = Iterable[int] | Ints
Into = Callable[[int, Ints], Edges]
"""From (level, configurations of the next level) to the transitions between them."""


def path_ids(found: Reached, targets: Ids, roots: Sequence[int] | None = None) -> list[int]:
    """Return the ids along the shortest way that is shown; empty if there is none.

    Parameters
    ----------
    found
        What was reached; a graph, if the way is to begin somewhere else, or the search was depth-first.
    targets
        Ids of the configurations to reach.
    roots
        Ids to start from; all initial configurations if None.

    Returns
    -------
    list of int
        Cost: the transitions of every level up to there, read or made again, and a pass over what lies on the shortest
        ways.
    """
    with grace():
        if roots is None and found.order == "bfs":
            goals = _ids(targets)
            return _nearest(found, goals, found.levels_of(goals), found.edges_into)
        assert isinstance(found, StateGraph)
        return path_by(found, distances(found, list(found.roots) if roots is None else list(roots)), targets)


def path_by(graph: StateGraph, away: NDArray[np.int32], targets: Ids) -> list[int]:
    """Return the same where it is known already how far each configuration is away from the start."""
    goals = _ids(targets)
    goals = goals[away[goals] != UNREACHED]

    def into(level: int, wanted: Ints) -> Edges:
        return _stored_into(graph, np.flatnonzero(away == level), wanted)

    return _nearest(graph, goals, away[goals].astype(np.int64), into)


def _ids(targets: Ids) -> Ints:
    return (targets if isinstance(targets, np.ndarray) else np.fromiter(targets, dtype=np.int64)).astype(np.int64)


def _nearest(found: Reached, goals: Ints, away: Ints, into: Into) -> list[int]:
    """Return the way to the nearest of some goals, given how far away they are."""
    return _path(found, goals[away == away.min()], int(away.min()), into) if len(goals) else []


def _stored_into(graph: StateGraph, level: Ints, wanted: Ints) -> Edges:
    goal = np.zeros(len(graph), dtype=np.bool_)
    goal[wanted] = True
    parts = [level[first : first + PORTION] for first in range(0, len(level), PORTION)]
    edges = (edges_of(graph, part) for part in parts)
    found = np.concatenate([some[goal[graph.targets[some]]] for some in edges])
    return Edges(graph.sources[found].astype(np.int64), graph.targets[found].astype(np.int64), graph.movers[found])


def _path(found: Reached, goals: Ints, length: int, into: Into) -> list[int]:
    """Walk backwards from some goals, and return the way that is shown."""
    layers: list[Edges] = []
    wanted, total = _few(found, np.unique(goals)), 0
    for level in reversed(range(length)):
        look()
        edges = into(level, wanted)
        total += len(edges.sources)
        if total > MOST:
            edges = _least_edges(found, edges)
        layers.append(edges)
        wanted = np.unique(edges.sources)
    begins = {start: place for place, start in reversed(list(enumerate(found.roots)))}
    starts = {start: begins.get(start, 0) for start in wanted.tolist()}
    return _fewest_switches(starts, [_hops(edges) for edges in reversed(layers)])


def _hops(edges: Edges) -> list[_Hop]:
    """Return transitions, ordered by source, with the place of each among those of its source."""
    sources = edges.sources
    places = np.arange(len(sources)) - np.searchsorted(sources, sources)
    return list(starmap(_Hop, zip(*(column.tolist() for column in (*edges, places)), strict=True)))


def _few(found: Reached, ids: Ints) -> Ints:
    """Return these configurations, or if they are too many the least of them."""
    return ids if len(ids) <= MOST else _least(found, ids)


def _least(found: Reached, ids: Ints) -> Ints:
    return by_content(found.system, found.configurations, np.unique(ids))[:1]


def _least_edges(found: Reached, edges: Edges) -> Edges:
    """Return the transitions from the least source to the least target."""
    some = Edges(*(column[edges.targets == _least(found, edges.targets)] for column in edges))
    return Edges(*(column[some.sources == _least(found, some.sources)] for column in some))


class _Hop(NamedTuple):
    source: int
    target: int
    mover: int
    place: int


class _Way(NamedTuple):
    """The best way found to a configuration whose last event was of a given mover: its switches, places and ids."""

    switches: int
    places: tuple[int, ...]
    ids: tuple[int, ...]


def _fewest_switches(starts: dict[int, int], layers: list[list[_Hop]]) -> list[int]:
    """Return the ids of the way through some layers that has the fewest switches, and the first places of those."""
    best: dict[int, dict[int | None, _Way]] = {s: {None: _Way(0, (place,), (s,))} for s, place in starts.items()}
    for layer in looking(layers, every=1):
        after: dict[int, dict[int | None, _Way]] = {}
        for source, target, mover, place in layer:
            for last, way in best.get(source, {}).items():
                switched = way.switches + (last is not None and last != mover)
                candidate = _Way(switched, (*way.places, place), (*way.ids, target))
                known = after.setdefault(target, {}).get(mover)
                if known is None or candidate < known:
                    after[target][mover] = candidate
        best = after
    return list(min(way for ways in best.values() for way in ways.values()).ids)
