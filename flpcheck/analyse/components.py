"""Strongly connected components: by SciPy, and by NetworkX, which is slower, where it is not installed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from flpcheck.analyse.sweep import afford_components
from flpcheck.explore.graph import Bools


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
        Which edges count; all of them if None.
    """
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
