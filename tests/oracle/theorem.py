"""The theorem's notions by plain search over a graph enumerated apart: silent valence, Lemma 3, gadgets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from itertools import combinations
from typing import Any, NamedTuple

from oracle.analysis import disagreeing, held, valences
from oracle.enumeration import Edge, Graph


class Failure(NamedTuple):
    """A bivalent configuration and an event that no detour keeps bivalent."""

    configuration: Any
    event: Hashable


def event_of(edge: Edge) -> Hashable:
    """Return the event of a process, whatever its outcome."""
    assert isinstance(edge.label, tuple)
    return edge.label[:-1]


def out_of(graph: Graph) -> dict[Any, list[Edge]]:
    found: dict[Any, list[Edge]] = defaultdict(list)
    for edge in graph.edges:
        found[edge.source].append(edge)
    return found


def is_crash(graph: Graph, edge: Edge) -> bool:
    return graph.crashed[edge.source] != graph.crashed[edge.target]


def silent_values(graph: Graph, silent: Iterable[str]) -> dict[Any, set[Any]]:
    """Return what can be decided from each configuration if some never step and, being granted that, none crashes."""
    gone = set(silent)
    out = out_of(graph)
    found = {}
    for start in graph.depth:
        seen, waiting, values = {start}, [start], set(held(graph, start))
        while waiting:
            for edge in out[waiting.pop()]:
                if edge.by in gone or (gone and is_crash(graph, edge)) or edge.target in seen:
                    continue
                seen.add(edge.target)
                waiting.append(edge.target)
                values |= held(graph, edge.target)
        found[start] = values
    return found


def lemma3_failures(graph: Graph) -> tuple[int, set[Failure]]:
    """Return the number of pairs (bivalent configuration, applicable event), and those for which the lemma fails."""
    out = {c: [e for e in edges if e.by is not None] for c, edges in out_of(graph).items()}
    bivalent = {c for c, values in valences(graph).items() if len(values) > 1}
    pairs, failing = 0, set()
    for start in bivalent:
        for event in {event_of(edge) for edge in out.get(start, [])}:
            pairs += 1
            if not can_be_delayed(start, event, out, bivalent):
                failing.add(Failure(start, event))
    return pairs, failing


def can_be_delayed(start: Any, event: Hashable, out: dict[Any, list[Edge]], bivalent: set[Any]) -> bool:
    """Whether some configuration reached without an event is such that the event leads to a bivalent one."""
    seen, waiting = {start}, [start]
    while waiting:
        here = waiting.pop()
        taken = [edge.target for edge in out.get(here, []) if event_of(edge) == event]
        if any(after in bivalent for after in (taken or [here])):  # without effect it leaves everything as it is
            return True
        for edge in out.get(here, []):
            if event_of(edge) != event and edge.target not in seen:
                seen.add(edge.target)
                waiting.append(edge.target)
    return False


class Places(NamedTuple):
    """Where the outcome is decided: (configuration, pivot) pairs, and configurations."""

    forks: set[tuple[Any, str]]
    hooks: set[tuple[Any, str]]
    corners: set[Any]


def gadgets(graph: Graph) -> Places:
    """Return all forks, hooks and corners, by trying every pair of events."""
    valence, out = valences(graph), out_of(graph)
    undecided = {c for c in graph.depth if len(valence[c]) > 1} - set(disagreeing(graph))
    found = Places(set(), set(), set())
    for here in undecided:
        steps = [edge for edge in out[here] if edge.by is not None]
        settling = [edge for edge in steps if len(valence[edge.target]) == 1]
        for one, other in combinations(settling, 2):
            if valence[one.target] != valence[other.target]:
                if one.by == other.by:
                    found.forks.add((here, str(one.by)))
                else:
                    found.corners.add(here)
        for first in settling:
            for second in steps:
                if second.by == first.by and event_of(second) != event_of(first) and second.target in undecided:
                    for third in out[second.target]:
                        again = third.by is not None and event_of(third) == event_of(first)
                        opposite = len(valence[third.target]) == 1 and valence[third.target] != valence[first.target]
                        if again and opposite:
                            found.hooks.add((here, str(first.by)))
    return found
