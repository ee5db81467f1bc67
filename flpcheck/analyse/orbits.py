"""Which analyses a quotient by symmetries supports, and which not.

Names change along its transitions.  What a configuration shows by itself (two decisions, a broken invariant, nothing
more to do) is the same in its whole orbit.  What can be decided from it is followed through the renamings of values.
What follows one process along a run is not read from it at all (TLC's combination of the two invents and misses
violations; Bosnacki, 2003, has one that is sound).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from flpcheck.analyse.sweep import BitExchange, TransitionArrays, backward, bits, spread
from flpcheck.budget import looking
from flpcheck.explore.graph import Masks, StateGraph
from flpcheck.system import System
from flpcheck.system.questions import Exchanges, Permutation


def values_reachable(graph: StateGraph) -> Masks:
    """Return which values can be decided from each configuration, under the names that they have there.

    Where values are exchanged along a transition, what can be decided after it is called as before it.

    Returns
    -------
    uint64[n]
        Cost: that of `backward`, times the number of orders if values are exchanged.
    """
    symmetry = graph.system.symmetry
    seed = graph.marks.values
    orders = symmetry.orders() if symmetry is not None else []
    known = sorted(set(orders))
    if symmetry is None or len(known) == 1:
        return backward(graph, seed)
    kinds = np.array([known.index(order) for order in orders], np.uint16)
    taken = graph.renamed if graph.renamed is not None else _renamings(graph, symmetry)
    return spread(TransitionArrays.of(graph), seed, BitExchange(kinds[taken], [_undone(order) for order in known]))


def _undone(order: Permutation) -> Permutation:
    return tuple(sorted(range(len(order)), key=order.__getitem__))


def _renamings(graph: StateGraph, symmetry: Exchanges) -> NDArray[np.int64]:
    """Return the number of the renaming along each transition."""
    found = np.zeros(len(graph.targets), dtype=np.int64)
    for source in looking(np.flatnonzero(np.diff(graph.offsets) > 0).tolist()):
        found[graph.out(source)] = symmetry.along(graph.configurations[source])
    return found


def spread_over_names(system: System, numbers: list[int]) -> list[int]:
    """Return how many plain configurations there are for each value, given how many have representatives with it.

    The values that are exchanged with each other share what they have together.
    """
    found = list(numbers)
    for bit in range(len(numbers)):
        alike = bits(under_all_names(system, 1 << bit))
        found[bit] = sum(numbers[other] for other in alike) // len(alike)
    return found


def under_all_names(system: System, mask: int) -> int:
    """Return some values with all that they are exchanged with: what is decided in one run is so in its images."""
    if system.symmetry is None:
        return mask
    return sum({1 << order[bit] for order in system.symmetry.orders() for bit in bits(mask)})
