"""Explores with both engines and compares the graphs, array by array, and what the analyses can ask of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from flpcheck import Bounds, StateGraph, World
from flpcheck.analyse.claims import why_not
from flpcheck.analyse.finding import Finding, Judged
from flpcheck.authoring.property import STANDARD, VIOLATED
from flpcheck.explore import explore
from flpcheck.system import System

ARRAYS = ("offsets", "targets", "movers", "parent", "depth", "frontier")
SAMPLE = 60
Told = tuple[str, str, object, object]
JUDGED = tuple(claim for claim in STANDARD if not why_not(claim, World()))
"""What is judged without a graph."""


def assert_same(make: Callable[[], System], bounds: Bounds | None = None) -> StateGraph:
    """Compare the graphs that the two engines find; return that of the kernel."""
    reference = explore(make(), bounds, engine="reference")
    kernel = explore(make(), bounds, engine="kernel")
    assert kernel.engine == "kernel"
    assert not kernel.fallback
    assert_equal(reference, kernel)
    return kernel


def assert_equal(reference: StateGraph, kernel: StateGraph) -> None:
    """Compare two graphs of the same system."""
    assert len(kernel) == len(reference)
    for name in ARRAYS:
        left, right = getattr(reference, name), getattr(kernel, name)
        assert left.dtype == right.dtype, name
        assert np.array_equal(left, right), name
    assert kernel.cut == reference.cut
    assert list(kernel.roots) == list(reference.roots)
    assert [i.inputs for i in kernel.initial] == [i.inputs for i in reference.initial]
    for left, right in zip(reference.marks, kernel.marks, strict=True):
        assert np.array_equal(left, right)
    assert kernel.system.values == reference.system.values
    assert kernel.deciding == reference.deciding
    assert bool(kernel.system.overwritten) == bool(reference.system.overwritten)
    _assert_decoded(reference, kernel)


def _assert_decoded(reference: StateGraph, kernel: StateGraph) -> None:
    """Configurations decode to what the reference semantics makes, and its transitions lead along the stored ones."""
    for number in range(0, len(kernel), max(1, len(kernel) // SAMPLE)):
        assert kernel.describe(number) == reference.describe(number)
        if not kernel.frontier[number]:
            successors = [transition.successor for transition in kernel.transitions(number)]
            assert successors == [kernel.configurations[target] for target in kernel.targets[kernel.out(number)]]


def told(finding: Finding) -> Told:
    """What a finding says, without ids."""
    schedule = finding.schedule
    return (
        finding.verdict.value, finding.because if finding.verdict is VIOLATED else "",
        None if schedule is None else schedule.as_json(), None if schedule is None else schedule.initial,
    )  # fmt: skip


def same(one: Judged, other: Judged) -> None:
    """Both engines stop at the same place, and say the same."""
    assert (len(one.graph), one.graph.steps) == (len(other.graph), other.graph.steps)
    everywhere = np.arange(len(one.graph))
    assert np.array_equal(one.graph.levels_of(everywhere), other.graph.levels_of(everywhere))
    assert one.graph.cut == other.graph.cut
    assert [told(finding) for finding in one.findings] == [told(finding) for finding in other.findings]
