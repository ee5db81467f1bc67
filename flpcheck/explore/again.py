"""Transitions of the kernel made once more, where they were not stored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from flpcheck.explore.graph import Edges
from flpcheck.explore.kernel import arrays as k

if TYPE_CHECKING:
    from flpcheck.explore.native import NativeSearch

AGAIN = 2**20
"""Transitions that are made at a time."""
FAR = 2**62
"""More than there can be of anything."""


def made_again(search: NativeSearch, first: int, last: int, targets: NDArray[np.int64]) -> Iterator[Edges]:
    """Expand configurations once more, some at a time, and yield the transitions to some others.

    Everything they lead to is known, so that nothing is entered.  But steps that slept are made for the first time,
    and what their messages make of a mailbox on the way may be new.
    """
    wanted = np.zeros(search.found, np.bool_)
    wanted[targets] = True
    capacity = AGAIN + 2 * search.headroom
    here, there, movers = first, np.zeros(capacity, np.int32), np.zeros(capacity, np.int16)
    while here < last:
        tally = np.zeros(k.TALLIES, np.int64)
        tally[[k.FOUND, k.NEXT, k.BASE]] = search.found, here, -1
        offsets = np.zeros(search.found + 1, np.int64)
        space = search.space._replace(
            offsets=offsets, targets=there, movers=movers, tally=tally,
            asleep=np.zeros(0, np.uint32), renamed=np.zeros(0, np.uint16),
        )  # fmt: skip
        stop = search.run_kernel(space, last, capacity=FAR, peek=False)
        after = int(tally[k.NEXT])
        hits = np.flatnonzero(wanted[there[: tally[k.EDGES]]])
        sources = np.searchsorted(offsets[here : after + 1], hits, side="right") - 1 + here
        yield Edges(sources, there[hits].astype(np.int64), movers[hits].copy())
        search.attend(stop, space)
        here = after
