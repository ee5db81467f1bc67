"""Time to decide after stabilisation: the longest path to the last decision, in events.

Dwork, Lynch, Stockmeyer (1988), section 2.3: nothing is promised before the unknown time, so only what comes after it
can be bounded.  Every configuration in which the world may stabilise is a starting point.
"""

from __future__ import annotations

import numpy as np

from flpcheck.analyse.components import components_between
from flpcheck.analyse.sweep import longest_ways
from flpcheck.budget import looking
from flpcheck.explore.graph import StateGraph


def events_to_decide(graph: StateGraph) -> int | None:
    """Return how many events after the world has stabilised every correct process has decided, in the slowest run.

    Parameters
    ----------
    graph
        The graph.

    Returns
    -------
    int or None
        None if the world does not stabilise, if the search was cut, or if some run goes round in circles before
        all have decided (if that is unfair, termination may hold all the same).  Cost: O(m) for each event.
    """
    if not graph.system.world.oracle.turns_reliable or not graph.complete:
        return None
    marks = graph.marks
    waiting = (np.uint64(graph.deciders) & ~marks.crashed & ~marks.decided) != 0
    stable = np.array([graph.system.admissible(c) for c in looking(graph.configurations)], dtype=np.bool_)
    inside = (waiting & stable)[graph.sources]
    sources, targets = graph.sources[inside], graph.targets[inside]
    if not _acyclic(len(graph), sources, targets):
        return None
    away = longest_ways(len(graph), sources, targets)
    return None if away is None else int(away[stable].max(initial=0))


def _acyclic(size: int, sources: np.typing.NDArray[np.int32], targets: np.typing.NDArray[np.int32]) -> bool:
    count = len(np.unique(components_between(size, sources, targets)))
    return bool(count == size) and not (sources == targets).any()
