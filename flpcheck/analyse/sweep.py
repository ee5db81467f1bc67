"""Sweeps over the arrays of a state graph: what can still happen from where, and how far away things are."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from flpcheck.explore.graph import Bools, Masks, StateGraph

ALL = np.uint64(0xFFFF_FFFF_FFFF_FFFF)
BLOCK = 8192
UNREACHED = -1


def backward(graph: StateGraph, seed: Masks, allowed: Bools | None = None) -> Masks:
    """Return the least X with X[c] = seed[c] | OR of X[d] over the transitions c -> d: what is reachable from where.

    Parameters
    ----------
    graph
        The graph.
    seed
        uint64[n]: what each configuration has by itself.
    allowed
        bool[m]: which transitions may be used; None for all.

    Returns
    -------
    uint64[n]
        Cost: O(m) per sweep in descending ids; one sweep and a confirming one where every transition leads to a
        higher id, a few more where there are cycles.
    """
    reached = seed.copy()
    blocks = list(_blocks(graph))
    changed = True
    while changed:
        changed = False
        for first, last in reversed(blocks):
            changed |= _sweep_block(graph, reached, allowed, first, last)
    return reached


def _blocks(graph: StateGraph) -> Iterator[tuple[int, int]]:
    """Yield ranges of ids: the levels of a breadth-first graph, in pieces; so most transitions leave their block."""
    steps = np.flatnonzero(np.diff(graph.depth) != 0) + 1 if graph.order == "bfs" else np.array([], dtype=np.int64)
    borders = [0, *steps.tolist(), len(graph)]
    for first, last in itertools.pairwise(borders):
        for start in range(first, last, BLOCK):
            yield start, min(start + BLOCK, last)


def _sweep_block(graph: StateGraph, reached: Masks, allowed: Bools | None, first: int, last: int) -> bool:
    starts = graph.offsets[first : last + 1]
    busy = np.flatnonzero(np.diff(starts) > 0)
    if not len(busy):
        return False
    edges = slice(int(starts[0]), int(starts[-1]))
    found = reached[graph.targets[edges]]
    if allowed is not None:
        found = np.where(allowed[edges], found, np.uint64(0))
    joined = np.bitwise_or.reduceat(found, starts[busy] - starts[0])
    before = reached[first + busy]
    after = before | joined
    reached[first + busy] = after
    return bool((after != before).any())


def distances(graph: StateGraph, roots: Iterable[int], within: Bools | None = None) -> NDArray[np.int32]:
    """Return how many events each configuration is away from the nearest of some roots.

    Parameters
    ----------
    graph
        The graph.
    roots
        Ids of the configurations to start from.
    within
        bool[n]: the configurations that may be visited; None for all.

    Returns
    -------
    int32[n]
        -1 where nothing leads.  Cost: O(n + m).
    """
    distance = np.full(len(graph), UNREACHED, dtype=np.int32)
    level = np.unique(np.fromiter(roots, dtype=np.int64))
    steps = 0
    while len(level):
        distance[level] = steps
        after = np.unique(graph.targets[edges_of(graph, level)])
        fresh = distance[after] == UNREACHED
        if within is not None:
            fresh &= within[after]
        level = after[fresh]
        steps += 1
    return distance


def edges_of(graph: StateGraph, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the positions of the transitions out of some configurations."""
    starts, ends = graph.offsets[numbers], graph.offsets[numbers + 1]
    lengths = ends - starts
    shift = np.repeat(starts - np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths)
    return np.arange(int(lengths.sum()), dtype=np.int64) + shift


def popcount(masks: Masks) -> NDArray[np.uint8]:
    """Return how many bits of each mask are set.

    Examples
    --------
    >>> popcount(np.array([0, 5, 7], dtype=np.uint64)).tolist()
    [0, 2, 3]
    """
    if hasattr(np, "bitwise_count"):
        return np.bitwise_count(masks)
    octets = masks[:, None].view(np.uint8)
    counts: NDArray[np.uint8] = np.unpackbits(octets, axis=1).sum(axis=1).astype(np.uint8)
    return counts


def bits(mask: int) -> list[int]:
    """Return the numbers of the bits that are set.

    Examples
    --------
    >>> bits(0b101)
    [0, 2]
    """
    return [number for number in range(int(mask).bit_length()) if int(mask) >> number & 1]
