"""Sweeps over the arrays of a state graph: what can still happen from where, and how far away things are."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from flpcheck.budget import afford, look, looking
from flpcheck.explore.graph import Bools, Masks, StateGraph

ALL = np.uint64(0xFFFF_FFFF_FFFF_FFFF)
BLOCK = 8192
UNREACHED = -1
COMPONENT, COMPONENT_EDGE = 1e-7, 6e-8
"""Seconds per configuration and per transition for finding strongly connected components with SciPy."""


class TransitionArrays(NamedTuple):
    """Transitions as arrays, with the order in which a sweep takes them.

    Parameters
    ----------
    offsets, targets
        Those out of i are `targets[offsets[i]:offsets[i + 1]]`.
    blocks
        Ranges of sources that are done in one go, in ascending order.
    """

    offsets: NDArray[np.int64]
    targets: NDArray[Any]
    blocks: list[tuple[int, int]]

    @classmethod
    def of(cls, graph: StateGraph) -> TransitionArrays:
        """Return the transitions of a graph; its levels do not share a block, so most transitions leave theirs."""
        steps = np.flatnonzero(np.diff(graph.depth) != 0) + 1 if graph.order == "bfs" else np.array([], dtype=np.int64)
        return cls(graph.offsets, graph.targets, blocks_between([0, *steps.tolist(), len(graph)]))


def blocks_between(borders: Iterable[int]) -> list[tuple[int, int]]:
    """Return the ranges between some borders, in pieces of at most `BLOCK`.

    Examples
    --------
    >>> blocks_between([0, 1, 3])
    [(0, 1), (1, 3)]
    """
    pairs = itertools.pairwise(borders)
    return [(start, min(start + BLOCK, last)) for first, last in pairs for start in range(first, last, BLOCK)]


class Passage(Protocol):
    """Maps of bits along transitions."""

    def passed(self, found: Masks, edges: slice) -> Masks:
        """Return what passes along some transitions, given what is reached where they lead."""


class Filter(NamedTuple):
    """Which bits pass along which transition: `masks[kinds[e]]` for transition e."""

    kinds: NDArray[Any]
    masks: Masks

    def passed(self, found: Masks, edges: slice) -> Masks:
        """Return what passes along some transitions."""
        passed: Masks = found & self.masks[self.kinds[edges]]
        return passed


class BitExchange(NamedTuple):
    """Which bits take each other's place along which transition: bit b goes to `orders[kinds[e]][b]`."""

    kinds: NDArray[Any]
    orders: Sequence[Sequence[int]]

    def passed(self, found: Masks, edges: slice) -> Masks:
        """Return what is reached under the names that are valid before some transitions."""
        kinds, after = self.kinds[edges], np.zeros_like(found)
        for kind, order in enumerate(self.orders):
            these = np.flatnonzero(kinds == kind)
            for bit, place in enumerate(order) if len(these) else ():
                after[these] |= (found[these] >> np.uint64(bit) & np.uint64(1)) << np.uint64(place)
        return after


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
        Cost: that of `spread`.
    """
    through = None if allowed is None else Filter(allowed.view(np.uint8), np.array([0, ALL], dtype=np.uint64))
    return spread(TransitionArrays.of(graph), seed, through)


def spread(arrows: TransitionArrays, seed: Masks, through: Passage | None = None) -> Masks:
    """Return the least X with X[c] = seed[c] | OR of (X[d] & what passes) over the transitions c -> d.

    Parameters
    ----------
    arrows
        The transitions.
    seed
        uint64[n]: what each source has by itself.
    through
        What becomes of bits along which transition; None if they stay.

    Returns
    -------
    uint64[n]
        Cost: O(m) per sweep in descending ids; one sweep and a confirming one where every transition leads to a
        higher id, a few more where there are cycles.
    """
    look(seed.nbytes)
    reached = seed.copy()
    changed = True
    while changed:
        changed = False
        for first, last in looking(reversed(arrows.blocks), every=8):
            changed |= _sweep_block(arrows, reached, through, first, last)
    return reached


def _sweep_block(arrows: TransitionArrays, reached: Masks, through: Passage | None, first: int, last: int) -> bool:
    starts = arrows.offsets[first : last + 1]
    busy = np.flatnonzero(np.diff(starts) > 0)
    if not len(busy):
        return False
    edges = slice(int(starts[0]), int(starts[-1]))
    found = reached[arrows.targets[edges]]
    if through is not None:
        found = through.passed(found, edges)
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
        look()
        distance[level] = steps
        after = _distinct(graph.targets[edges_of(graph, level)], len(graph))
        fresh = distance[after] == UNREACHED
        if within is not None:
            fresh &= within[after]
        level = after[fresh]
        steps += 1
    return distance


def _distinct(numbers: NDArray[Any], size: int) -> NDArray[Any]:
    """Return some numbers below a size, ascending and each once: by marking them where they are many."""
    if len(numbers) < size // 16:
        return np.unique(numbers)
    marked = np.zeros(size, dtype=np.bool_)
    marked[numbers] = True
    return np.flatnonzero(marked)


def edges_of(graph: StateGraph, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the positions of the transitions out of some configurations."""
    starts, ends = graph.offsets[numbers], graph.offsets[numbers + 1]
    lengths = ends - starts
    shift = np.repeat(starts - np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths)
    return np.arange(int(lengths.sum()), dtype=np.int64) + shift


def afford_components(size: int, transitions: int) -> None:
    """Look whether the strongly connected components of a graph can be found within the limits of the run."""
    afford(COMPONENT * size + COMPONENT_EDGE * transitions, 24 * size + 28 * transitions)


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


def longest_ways(size: int, sources: NDArray[np.int32], targets: NDArray[np.int32]) -> NDArray[np.int64] | None:
    """int64[size]: how many transitions can follow one another from each; None if they can go round in circles.

    Cost: O(m) for each transition of the longest way; for each configuration if there is a circle.
    """
    away = np.zeros(size, dtype=np.int64)
    for _ in range(size):
        look()
        after = away.copy()
        np.maximum.at(after, sources, away[targets] + 1)
        if np.array_equal(after, away):
            return away
        away = after
    return None
