"""Ways through a graph as a page writes them: the initial configuration, then the position of each transition."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from flpcheck.analyse.schedule import same_event
from flpcheck.explore import StateGraph
from flpcheck.system import Transition


@dataclass(frozen=True)
class ReplayPath:
    """A way from an initial configuration.

    Parameters
    ----------
    initial
        Which one, as a position in the list of all.
    positions
        Which transition is taken in each configuration; `flpcheck replay --path` numbers them likewise.
    numbers
        The ids of the configurations passed.
    loop
        The position from which on it repeats for ever; None without a loop.
    """

    initial: int
    positions: tuple[int, ...]
    numbers: tuple[int, ...]
    loop: int | None = None

    def __str__(self) -> str:
        return f"{self.initial}:" + ".".join(map(str, self.positions))


def way_to(graph: StateGraph, number: int) -> ReplayPath:
    """Return the way by which a configuration was found; the shortest after a breadth-first search."""
    numbers = [number]
    while graph.parent[numbers[-1]] >= 0:
        numbers.append(int(graph.parent[numbers[-1]]))
    return way_along(graph, numbers[::-1])


def way_along(
    graph: StateGraph, numbers: Sequence[int], transitions: Sequence[Transition] = (), loop: int | None = None
) -> ReplayPath:
    """Return the way along some ids; events that leave their configuration unchanged are left out.

    Parameters
    ----------
    graph
        The graph.
    numbers
        Each a successor of the one before, or the same.
    transitions
        The events to prefer, where several lead from one configuration to the next.
    loop
        Position of the first event that repeats for ever.
    """
    kept = kept_along(numbers)
    positions = [
        _position(graph, numbers[place - 1], numbers[place], transitions[place - 1] if transitions else None)
        for place in kept[1:]
    ]
    start = None if loop is None else step_of(kept, loop)
    passed = tuple(numbers[place] for place in kept)
    return ReplayPath(list(graph.roots).index(numbers[0]), tuple(positions), passed, start)


def kept_along(numbers: Sequence[int]) -> list[int]:
    """Return the positions among some ids that the way along them keeps: the first, and where the id changes.

    Examples
    --------
    >>> kept_along([7, 7, 8, 9, 9])
    [0, 2, 3]
    """
    changes = enumerate(itertools.pairwise(numbers), start=1)
    return [0, *(place for place, (source, target) in changes if source != target)]


def step_of(kept: Sequence[int], place: int) -> int:
    """Return which step of a way leads to a position among the ids, or to the same configuration before.

    Examples
    --------
    >>> [step_of([0, 2, 3], place) for place in range(5)]
    [0, 0, 1, 2, 2]
    """
    return bisect_right(kept, place) - 1


def _position(graph: StateGraph, source: int, target: int, wanted: Transition | None) -> int:
    found = np.flatnonzero(graph.targets[graph.out(source)] == target).tolist()
    if wanted is not None and len(found) > 1:
        labels = list(graph.system.transitions(graph.configurations[source]))
        found = [place for place in found if same_event(labels[place], wanted)] or found
    return int(found[0])
