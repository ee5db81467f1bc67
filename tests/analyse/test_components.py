"""Strongly connected components without SciPy are those that SciPy finds."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from flpcheck.analyse import components
from flpcheck.analyse.components import by_kernel, components_between, components_of
from flpcheck.budget import OutOfBudget
from flpcheck.stops import StopReason


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


def canonical(label: np.typing.NDArray[np.int32]) -> list[int]:
    _, first, inverse = np.unique(label, return_index=True, return_inverse=True)
    return first[inverse].tolist()  # type: ignore[no-any-return]


@pytest.mark.parametrize("seed", range(40))
def test_the_kernel_finds_what_scipy_finds_however_often_it_is_interrupted(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("numba")
    at = np.random.default_rng(seed)
    monkeypatch.setattr(components, "STEPS", 1 + seed % 5)
    for _ in range(20):
        size = int(at.integers(1, 30))
        sources = np.sort(at.integers(0, size, int(at.integers(0, 3 * size))))
        targets = at.integers(0, size, len(sources)).astype(np.int32)
        kept = None if seed % 2 else at.random(len(sources)) < 0.7
        offsets = np.searchsorted(sources, np.arange(size + 1))
        label = by_kernel(size, offsets, targets, kept)
        assert canonical(label) == canonical(components_of(size, offsets, targets, kept))
        assert set(label.tolist()) == set(range(int(label.max()) + 1))


def test_a_large_graph_is_left_to_the_kernel_which_a_bound_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    import flpcheck.explore.kernel.search  # noqa: F401

    def refuse(*_: object) -> None:
        raise AssertionError

    looks = []

    def look(_: int = 0) -> None:
        looks.append(1)
        if len(looks) == 3:
            raise OutOfBudget(StopReason.MAX_SECONDS, "judging")

    monkeypatch.setattr(components, "afford_components", refuse)
    monkeypatch.setattr(components, "STEPS", 1000)
    size = components.LARGE
    ring = np.roll(np.arange(size, dtype=np.int32), -1)
    assert not components_of(size, np.arange(size + 1), ring).any()
    monkeypatch.setattr(components, "look", look)
    with pytest.raises(OutOfBudget):
        components_of(size, np.arange(size + 1), ring)


def test_a_long_path_needs_no_recursion(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.sparse", None)
    there = np.arange(50_000)
    assert len(np.unique(components_between(50_001, there, there + 1))) == 50_001
    assert len(np.unique(components_between(50_000, there, (there + 1) % 50_000))) == 1
