"""Strongly connected components: by the kernel if it is loaded, by SciPy, or else by NetworkX, which is slower.

A call into SciPy cannot be ended, so it is begun only if it fits into the limits of the run; the kernel takes less
memory, and is asked to go on some steps at a time.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flpcheck.analyse.sweep import afford_components
from flpcheck.budget import look
from flpcheck.explore.graph import Bools

LARGE = 2**16
"""Minimum number of vertices for the kernel."""
STEPS = 2**22
"""Number of edges that the kernel follows between two checks of the limits."""
EACH = 17
"""Bytes that the kernel takes per vertex."""


def components_between(size: int, sources: NDArray[np.integer], targets: NDArray[np.integer]) -> NDArray[np.int32]:
    """Return the number of each vertex's strongly connected component, from the edges in any order."""
    order = np.argsort(sources, kind="stable")
    offsets = np.searchsorted(sources[order], np.arange(size + 1))
    return components_of(size, offsets, targets[order])


def components_of(
    size: int, offsets: NDArray[np.int64], targets: NDArray[np.integer], kept: Bools | None = None
) -> NDArray[np.int32]:
    """Return the number of each vertex's strongly connected component.

    Parameters
    ----------
    size
        Number of vertices.
    offsets, targets
        The successors of vertex v are `targets[offsets[v]:offsets[v + 1]]`.
    kept
        Edges to follow; all of them if None.
    """
    if size >= LARGE and targets.dtype == np.int32 and "flpcheck.explore.kernel.search" in sys.modules:
        return by_kernel(size, offsets, targets, kept)
    afford_components(size, len(targets))
    try:
        from scipy.sparse import csr_matrix
        from scipy.sparse.csgraph import connected_components
    except ImportError:
        return _by_networkx(size, offsets, targets, kept)
    ones = np.ones(len(targets), dtype=np.int32)
    matrix = csr_matrix((ones, targets, offsets), shape=(size, size), copy=True)
    if kept is not None:
        matrix.data[~kept] = 0
        matrix.eliminate_zeros()
    matrix.sum_duplicates()  # in place, hence the copy; scipy does not return on parallel transitions otherwise
    _, label = connected_components(matrix, directed=True, connection="strong")
    found: NDArray[np.int32] = label
    return found


def by_kernel(
    size: int, offsets: NDArray[np.int64], targets: NDArray[Any], kept: Bools | None = None
) -> NDArray[np.int32]:
    """Return the same as `components_of`, checking the limits of the run at intervals."""
    from flpcheck.explore.kernel.strong import DepthFirstState, walk_on

    look(EACH * size)
    walk, every = DepthFirstState.over(size), np.zeros(0, np.bool_)
    while not walk_on(offsets, targets, every if kept is None else kept, walk, STEPS):
        look()
    label: NDArray[np.int32] = size - walk.number
    return label


def _by_networkx(
    size: int, offsets: NDArray[np.int64], targets: NDArray[np.integer], kept: Bools | None
) -> NDArray[np.int32]:
    import networkx

    sources = np.repeat(np.arange(size), np.diff(offsets))
    counted = slice(None) if kept is None else kept
    graph = networkx.DiGraph()
    graph.add_nodes_from(range(size))
    graph.add_edges_from(zip(sources[counted].tolist(), targets[counted].tolist(), strict=True))
    label = np.zeros(size, dtype=np.int32)
    for number, members in enumerate(networkx.strongly_connected_components(graph)):
        label[list(members)] = number
    return label
