"""Strongly connected components without SciPy are those that SciPy finds."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from flpcheck.analyse.components import components_between, components_of


def partition(label: np.typing.NDArray[np.int32]) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(label == number).tolist()) for number in np.unique(label)}


@pytest.mark.parametrize("seed", range(40))
def test_networkx_finds_what_scipy_finds(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    at = np.random.default_rng(seed)
    size = int(at.integers(1, 30))
    sources, targets = at.integers(0, size, (2, int(at.integers(0, 3 * size))))
    sources.sort()
    kept = at.random(len(sources)) < 0.7
    offsets = np.searchsorted(sources, np.arange(size + 1))
    shuffled = at.permutation(len(sources))
    by_scipy = partition(components_of(size, offsets, targets, kept))
    between = partition(components_between(size, sources[shuffled], targets[shuffled]))
    whole = partition(components_of(size, offsets, targets))
    monkeypatch.setitem(sys.modules, "scipy.sparse", None)
    assert partition(components_of(size, offsets, targets, kept)) == by_scipy
    assert partition(components_between(size, sources, targets)) == between == whole


def test_a_long_path_needs_no_recursion(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.sparse", None)
    there = np.arange(50_000)
    assert len(np.unique(components_between(50_001, there, there + 1))) == 50_001
    assert len(np.unique(components_between(50_000, there, (there + 1) % 50_000))) == 1
