"""Strongly connected components, some steps at a time, so that a caller may look at the clock in between.

Pearce (2016), "A space-efficient algorithm for finding strongly connected components", without recursion.  A vertex
that has been entered has a number: up to `visited` while its component is open, and above all of these the number of
its component once that is closed.  Components are closed in the order of the numbers n, n - 1, ...
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from flpcheck.explore.kernel.arrays import Numbers
from flpcheck.explore.kernel.compile import kernel

# Entries of `DepthFirstState.tally`.
START, DEPTH, WAITING, VISITED, CLOSED = range(5)


class DepthFirstState(NamedTuple):
    """The state of a depth-first search.

    Parameters
    ----------
    number
        int32[n]: of each vertex, 0 as long as it was not entered.
    stacks
        int32[n]: the path of the walk from the left, vertices of open components that it has left from the right.
    cursors
        int64[n]: by place on the path, the next edge to follow.
    roots
        bool[n]: by place on the path, whether nothing shows yet that its component was entered before it.
    tally
        int64[5]: the next vertex to start from; how long the path and the stack on the right are; how many vertices
        of open components were entered; how many components are closed.
    """

    number: NDArray[np.int32]
    stacks: NDArray[np.int32]
    cursors: Numbers
    roots: NDArray[np.bool_]
    tally: Numbers

    @classmethod
    def over(cls, size: int) -> DepthFirstState:
        """Return a walk over a graph of some size, before its first step."""
        number, stacks = np.zeros((2, size), np.int32)
        return cls(number, stacks, np.zeros(size, np.int64), np.zeros(size, np.bool_), np.zeros(5, np.int64))


@kernel
def walk_on(
    offsets: Numbers, targets: NDArray[np.int32], kept: NDArray[np.bool_], walk: DepthFirstState, steps: int
) -> bool:
    """Go on for some steps, each an edge or a vertex; return whether all components are closed.

    Parameters
    ----------
    offsets, targets
        The edges out of v are `targets[offsets[v]:offsets[v + 1]]`.
    kept
        bool[m]: which edges count; without elements if all do.
    """
    number, stacks, cursors, roots, tally = walk.number, walk.stacks, walk.cursors, walk.roots, walk.tally
    size, some = len(number), len(kept) > 0
    start, depth, waiting, visited, closed = tally[START], tally[DEPTH], tally[WAITING], tally[VISITED], tally[CLOSED]
    while steps > 0 and (depth > 0 or start < size):
        steps -= 1
        fresh = -1
        if depth == 0:
            fresh = start if number[start] == 0 else -1
            start += 1
        else:
            vertex, edge = np.int64(stacks[depth - 1]), cursors[depth - 1]
            if edge == offsets[vertex + 1]:
                depth, waiting, first = depth - 1, waiting + 1, number[vertex]
                stacks[size - waiting] = vertex
                if roots[depth]:
                    while waiting > 0 and number[stacks[size - waiting]] >= first:
                        number[stacks[size - waiting]] = size - closed
                        waiting, visited = waiting - 1, visited - 1
                    closed += 1
                continue
            target = np.int64(targets[edge])
            if some and kept[edge] == 0:
                cursors[depth - 1] = edge + 1
            elif number[target] == 0:  # the edge is looked at again when the walk comes back
                fresh = target
            else:
                cursors[depth - 1] = edge + 1
                if number[target] < number[vertex]:
                    number[vertex], roots[depth - 1] = number[target], False
        if fresh >= 0:
            visited += 1
            number[fresh], stacks[depth], cursors[depth], roots[depth] = visited, fresh, offsets[fresh], True
            depth += 1
    tally[START], tally[DEPTH], tally[WAITING], tally[VISITED], tally[CLOSED] = start, depth, waiting, visited, closed
    return bool(depth == 0 and start == size)
