"""Entering what workers have found into the space of the search."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from flpcheck.explore.kernel.arrays import (
    DONE,
    EDGES,
    FOUND,
    LEFT_OUT,
    NEXT,
    Batch,
    Layout,
    Numbers,
    Space,
    Word,
)
from flpcheck.explore.kernel.compile import kernel, part, prefetch
from flpcheck.explore.kernel.packing import bits_of
from flpcheck.explore.kernel.search import Limits, ProcessTables, expand
from flpcheck.explore.kernel.tuples import U, hashed, loaded, stored
from flpcheck.explore.kernel.visited import fetch, home, resolve


class Share(NamedTuple):
    """The configurations and transitions that a worker has found.

    Parameters
    ----------
    space
        Its own.
    first, last
        Which configurations it has expanded.
    ids
        int64[n]: room for the ids of the configurations that it has found.
    """

    space: Space
    first: int
    last: int
    ids: Numbers


@kernel
def adopt(
    layout: Layout,
    process_tables: ProcessTables,
    space: Space,
    share: Share,
    batch: Batch,
    limits: Limits,
    runs: int,
    shape: tuple[Word, ...],
) -> int:
    """Enter what a worker has found, in its order, and expand what it has left out.

    A run is what lies between two configurations that were left out.

    Parameters
    ----------
    runs
        Number of runs that have been entered already.

    Returns
    -------
    int
        How many runs are entered now.  If they are not all, either there was no room for more, or what was left out
        after the last one could not be expanded.
    """
    skips = share.space.tally[LEFT_OUT]
    candidate, edge = np.int64(0), np.int64(0)
    if runs > 0:
        left = share.space.skips[runs - 1]
        candidate, edge = left.found, left.edges
    while runs <= skips:
        source, candidates, edges = share.last, share.space.tally[FOUND], share.space.tally[EDGES]
        if runs < skips:
            left = share.space.skips[runs]
            source, candidates, edges = left.source, left.found, left.edges
        if (
            space.tally[FOUND] + candidates - candidate >= limits.capacity
            or space.tally[EDGES] + edges - edge >= limits.edge_capacity
        ):
            return runs
        _enter(space, share, batch, candidate, candidates, shape)
        _enter_transitions(space, share, edge, edges, source)
        candidate, edge = candidates, edges
        runs += 1
        if runs <= skips and expand(layout, process_tables, space, space, batch, limits, source + 1, shape) != DONE:
            return runs
    return runs


@part
def _enter(space: Space, share: Share, batch: Batch, first: int, last: int, shape: tuple[Word, ...]) -> None:
    width, bits, found, at = len(shape), bits_of(space.slots), U(space.tally[FOUND]), U(first)
    while at < U(last):
        count = min(U(len(batch.hashes)), U(last) - at)
        for entry in range(count):
            configuration = loaded(share.space.states, (at + entry) * U(width), shape)
            batch.hashes[entry] = hashed(configuration)
            stored(batch.words, entry * U(width), configuration)
            if len(space.asleep) > 0:
                batch.asleep[entry] = share.space.asleep[at + entry]
            prefetch(space.slots, home(batch.hashes[entry], bits))
        fetch(space, batch, count, bits, width)
        for entry in range(count):
            number = resolve(space, batch, entry, found, bits, width)
            share.ids[at + entry] = number
            if number == found:
                found += U(1)
        at += count
    space.tally[FOUND] = found


@part
def _enter_transitions(space: Space, share: Share, first: int, last: int, until: int) -> None:
    """Enter some transitions, those of the next configurations up to one; a target is an id, or -1 - a candidate."""
    shift = space.tally[EDGES] - first
    if len(space.targets) > 0:
        for edge in range(first, last):
            target = share.space.targets[edge]
            space.targets[shift + edge] = target if target >= 0 else np.int32(share.ids[-1 - np.int64(target)])
            space.movers[shift + edge] = share.space.movers[edge]
    if len(space.offsets) > 1:
        for source in range(space.tally[NEXT], until):
            space.offsets[source + 1] = shift + share.space.offsets[source + 1 - share.first]
    space.tally[EDGES] += last - first
    space.tally[NEXT] = until
