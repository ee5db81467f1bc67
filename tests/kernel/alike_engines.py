"""Explores a quotient by symmetries with both engines, whose representatives differ, and compares orbit by orbit."""

from __future__ import annotations

from typing import Any

import numpy as np

from flpcheck import StateGraph
from flpcheck.analyse import Valence
from flpcheck.analyse.sweep import popcount
from flpcheck.explore import Bounds, explore
from flpcheck.reduce import Orbits

SAMPLE = 40


def sizes(graph: StateGraph) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return the number of plain configurations that each representative stands for."""
    system: Any = graph.system
    return np.array([system.orbit_size(configuration) for configuration in graph.configurations])


def assert_same_orbits(system: Orbits, bounds: Bounds | None = None) -> StateGraph:
    """Compare what both engines find; return the graph of the kernel."""
    reference = explore(system, bounds, engine="reference")
    kernel = explore(system, bounds, engine="kernel")
    assert kernel.engine == "kernel"
    assert not kernel.fallback
    assert kernel.cut == reference.cut
    number = {configuration: n for n, configuration in enumerate(reference.configurations)}
    named = [number[system.least(configuration)[0]] for configuration in kernel.configurations]
    if reference.complete:
        assert sorted(named) == list(range(len(reference)))
        assert_same_graph(reference, kernel, np.array(named))
    return kernel


def assert_same_graph(reference: StateGraph, kernel: StateGraph, named: np.ndarray[Any, Any]) -> None:
    """Compare levels, transitions, sizes and valence, given which orbit of the one each of the other is."""
    assert np.array_equal(kernel.depth, reference.depth[named])
    assert [named[root] for root in kernel.roots] == list(reference.roots)
    edges = [
        sorted(
            zip(ends[graph.sources].tolist(), ends[graph.targets].tolist(), (graph.movers < 0).tolist(), strict=True)
        )
        for graph, ends in ((reference, np.arange(len(reference))), (kernel, named))
    ]
    assert edges[0] == edges[1]
    assert np.array_equal(sizes(kernel), sizes(reference)[named])
    mine, theirs = Valence.of(kernel), Valence.of(reference)
    for name in ("count", "bivalent", "univalent", "none", "critical", "disagreeing"):
        assert np.array_equal(getattr(mine, name), getattr(theirs, name)[named]), name
    assert mine.census() == theirs.census()
    for one, other in zip(kernel.marks, reference.marks, strict=True):
        assert np.array_equal(popcount(one), popcount(other)[named])
    assert kernel.deciding == reference.deciding
    _assert_decoded(kernel)


def _assert_decoded(kernel: StateGraph) -> None:
    """The transitions of the reference semantics lead along the stored ones, under the renamings that were kept."""
    system: Any = kernel.system
    assert kernel.renamed is not None
    for number in range(0, len(kernel), max(1, len(kernel) // SAMPLE)):
        successors = [transition.successor for transition in kernel.transitions(number)]
        assert successors == [kernel.configurations[target] for target in kernel.targets[kernel.out(number)]]
        kept = kernel.renamed[kernel.out(number)].tolist()
        assert system.along(kernel.configurations[number]) == kept
