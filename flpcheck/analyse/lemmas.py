"""The lemmas of the theorem, checked on the protocol at hand.

Fischer, Lynch, Paterson (1985), Lemma 1: schedules over disjoint sets of processes commute.  It holds by construction
where a step touches only its own process and sends messages; shared variables break it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from flpcheck.explore.graph import StateGraph
from flpcheck.system import Transition

SAMPLE = 2000
"""So many configurations are looked at, evenly spread over the graph; all of them if there are no more."""


class Commutation(NamedTuple):
    """What came of checking Lemma 1.

    Parameters
    ----------
    pairs
        How many pairs of events of different processes were tried.
    failures
        How many of them do not commute.
    complete
        Whether every configuration was looked at.
    example
        The first pair that does not commute, as text.
    """

    pairs: int
    failures: int
    complete: bool
    example: str

    def as_json(self) -> dict[str, Any]:
        """Return it for JSON output."""
        return {"pairs": self.pairs, "failures": self.failures, "complete": self.complete, "example": self.example}


def commutation(graph: StateGraph) -> Commutation:
    """Try the pairs of process events of different processes: either order must lead to the same configuration.

    Cost: the square of the number of events of a configuration, for a sample of configurations.
    """
    numbers = np.unique(np.linspace(0, len(graph) - 1, min(len(graph), SAMPLE)).astype(np.int64)).tolist()
    pairs, failures, example = 0, 0, ""
    for number in numbers:
        for one, other in _pairs(graph, number):
            pairs += 1
            if not _commute(graph, one, other):
                failures += 1
                example = example or f"in configuration {number}: {one.event}, {other.event}"
    return Commutation(pairs, failures, len(numbers) == len(graph), example)


def _pairs(graph: StateGraph, number: int) -> Iterator[tuple[Transition, Transition]]:
    found = [t for t in graph.system.applicable(graph.configurations[number]) if t.mover >= 0]
    return ((one, other) for one, other in combinations(found, 2) if one.mover != other.mover)


def _commute(graph: StateGraph, one: Transition, other: Transition) -> bool:
    first, second = _after(graph, one, other), _after(graph, other, one)
    return first is not None and first == second


def _after(graph: StateGraph, first: Transition, then: Transition) -> Any:
    """Return where the second event leads after the first; None if it is not applicable there any more."""
    for transition in graph.system.applicable(first.successor):
        if transition.event == then.event and transition.outcome == then.outcome:
            return transition.successor
    return None
