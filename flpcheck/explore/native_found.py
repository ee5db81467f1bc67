"""The result of a kernel search, with or without transitions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from flpcheck.explore.bounds import Cut
from flpcheck.explore.graph import Levels, StateGraph
from flpcheck.explore.kernel import arrays as k
from flpcheck.explore.kernel.visited import discoverers
from flpcheck.stops import StopReason

if TYPE_CHECKING:
    from flpcheck.explore.native import NativeSearch


def graph_of(search: NativeSearch) -> StateGraph:
    """Return what was found by a search that has kept transitions."""
    search.space = space = search.space._replace(slots=np.zeros(0, np.uint32))  # the memory is for judging
    found, roots = search.found, search.roots
    done, edges = int(space.tally[k.NEXT]), int(space.tally[k.EDGES])
    space.offsets[done + 1 : found + 1] = edges
    frontier = np.zeros(found, np.bool_)
    frontier[done:] = True
    if search.cut == StopReason.MAX_DEPTH:
        frontier[search.unexpanded] = True
    frontier |= search.front.confined(search.configurations())
    parent = np.full(found, -1, np.int32)
    discoverers(space, parent, max(roots) + 1 if roots else 0)
    sizes = np.diff([0, *search.levels[1:], found])
    return StateGraph(
        offsets=space.offsets[: found + 1],
        targets=space.targets[:edges],
        movers=space.movers[:edges],
        parent=parent,
        depth=np.repeat(np.arange(len(sizes), dtype=np.int32), sizes),
        frontier=frontier,
        renamed=space.renamed[:edges] if search.front.renames else None,
        **_common(search, int(frontier.sum())),
    )


def levels_of(search: NativeSearch) -> Levels:
    """Return what was found by a search that has kept no transitions."""
    left = np.zeros(search.found, np.bool_)
    left[search.next :] = True
    left[search.unexpanded] = search.cut == StopReason.MAX_DEPTH
    left |= search.front.confined(search.configurations())
    levels = [*search.levels, search.found] if search.levels[-1] < search.found else search.levels
    made = int(search.space.tally[k.EDGES])
    return Levels(levels=levels, made=made, made_again=search.edges_into, **_common(search, int(left.sum())))


def _common(search: NativeSearch, left: int) -> dict[str, Any]:
    """Return what a search has found in any case, given how many configurations it has left unexpanded."""
    return {
        "system": search.system,
        "configurations": search.configurations(),
        "initial": search.initial,
        "roots": search.roots,
        "cut": Cut(search.cut or StopReason.CONSTRAINT, left) if left else None,
        "engine": "kernel",
        "seconds": search.monitor.elapsed(),
    }
