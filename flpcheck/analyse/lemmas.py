"""The lemmas of the theorem, checked on the protocol at hand.

Fischer, Lynch, Paterson (1985), Lemma 1: schedules over disjoint sets of processes commute.  It holds by construction
where a step touches only its own process and sends messages; shared variables break it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

import numpy as np

from flpcheck.budget import looking
from flpcheck.explore.graph import StateGraph
from flpcheck.system import Transition

SAMPLE = 300
"""Default number of configurations in which Lemma 1 is checked."""


class Commutation(NamedTuple):
    """Result of checking Lemma 1.

    Parameters
    ----------
    pairs
        Number of pairs of events of different processes that were checked.
    failures
        Number of pairs that do not commute.
    complete
        Whether every configuration was looked at.
    example
        The first pair that does not commute, as text.
    """

    pairs: int
    failures: int
    complete: bool
    example: str


def commutation(graph: StateGraph, sample: int = SAMPLE) -> Commutation:
    """Try the pairs of events of different processes: either order must lead to the same configuration.

    Events that change nothing commute with everything and are left out.

    Parameters
    ----------
    graph
        The graph.
    sample
        In how many configurations, evenly spread over the graph.

    Returns
    -------
    Commutation
        Cost: the square of the number of events of a configuration, for each of the sample.
    """
    numbers = np.unique(np.linspace(0, len(graph) - 1, min(len(graph), sample)).astype(np.int64)).tolist()
    pairs, failures, example = 0, 0, ""
    for number in looking(numbers, every=1):
        for one, other, commute in _pairs(graph, number):
            pairs += 1
            if not commute:
                failures += 1
                example = example or f"in configuration {number}: {one.event}, {other.event}"
    return Commutation(pairs, failures, len(numbers) == len(graph), example)


def _pairs(graph: StateGraph, number: int) -> Iterator[tuple[Transition, Transition, bool]]:
    """Yield the pairs of events of different processes in a configuration, and whether they commute there."""
    here, system = graph.configurations[number], graph.system.plain
    found = [t for t in system.applicable(here) if t.mover >= 0 and t.successor != here]
    after = [{(t.event, t.outcome): t.successor for t in system.applicable(f.successor)} for f in found]
    for (one, after_one), (other, after_other) in combinations(zip(found, after, strict=True), 2):
        if one.mover != other.mover:
            first = after_one.get((other.event, other.outcome))  # None if it is not applicable there any more
            second = after_other.get((one.event, one.outcome))
            yield one, other, first is not None and first == second
