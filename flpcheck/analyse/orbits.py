"""Which analyses a quotient by symmetries supports, and which not.

Names change along its transitions.  What a configuration shows by itself (two decisions, a broken invariant, nothing
more to do) is the same in its whole orbit.  What can be decided from it is followed through the renamings of values.
What follows one process along a run is not read from it at all (TLC's combination of the two invents and misses
violations; Bosnacki, 2003, has one that is sound).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from flpcheck.analyse.sweep import TransitionArrays, backward, bits, blocks_between, spread
from flpcheck.budget import looking
from flpcheck.explore.graph import Masks, StateGraph
from flpcheck.system import System
from flpcheck.system.questions import Exchanges, Permutation


def values_reachable(graph: StateGraph) -> Masks:
    """Return which values can be decided from each configuration, under the names that they have there.

    Where values are exchanged along transitions, the sweep is over (configuration, order of the values).

    Returns
    -------
    uint64[n]
        Cost: that of `backward`, times the number of orders if values are exchanged.
    """
    symmetry = graph.system.symmetry
    orders = symmetry.orders() if symmetry is not None else []
    known = sorted(set(orders))
    if symmetry is None or len(known) == 1:
        return backward(graph, graph.marks.values)
    taken = np.array([known.index(order) for order in orders])[_renamings(graph, symmetry)]
    size = len(known)
    after = np.array([[known.index(_then_back(one, other)) for other in known] for one in known])
    degrees = np.repeat(np.diff(graph.offsets), size)
    offsets = np.concatenate([[0], np.cumsum(degrees)]).astype(np.int64)
    sources = np.repeat(np.arange(len(graph) * size), degrees)
    edges = np.arange(len(sources)) - offsets[sources] + graph.offsets[sources // size]
    targets = graph.targets[edges].astype(np.int64) * size + after[sources % size, taken[edges]]
    seed = np.stack([_permuted(graph.marks.values, order) for order in known], axis=1).reshape(-1)
    found = spread(TransitionArrays(offsets, targets, blocks_between([0, len(seed)])), seed)
    same = known.index(tuple(range(len(graph.system.values))))
    return np.ascontiguousarray(found.reshape(-1, size)[:, same])


def _then_back(one: Permutation, other: Permutation) -> Permutation:
    """Return the order that undoes `other` first and then does `one`."""
    undone = sorted(range(len(other)), key=other.__getitem__)
    return tuple(one[place] for place in undone)


def _permuted(masks: Masks, order: Permutation) -> Masks:
    found = np.zeros_like(masks)
    for bit, place in enumerate(order):
        found |= (masks >> np.uint64(bit) & np.uint64(1)) << np.uint64(place)
    return found


def _renamings(graph: StateGraph, symmetry: Exchanges) -> NDArray[np.int64]:
    """Return the number of the renaming along each transition."""
    found = np.zeros(len(graph.targets), dtype=np.int64)
    for source in looking(np.flatnonzero(np.diff(graph.offsets) > 0).tolist()):
        found[graph.out(source)] = symmetry.along(graph.configurations[source])
    return found


def under_all_names(system: System, mask: int) -> int:
    """Return some values with all that they are exchanged with: what is decided in one run is so in its images."""
    if system.symmetry is None:
        return mask
    return sum({1 << order[bit] for order in system.symmetry.orders() for bit in bits(mask)})
