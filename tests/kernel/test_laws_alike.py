"""Worlds that remember names, modulo symmetry in the kernel: whom a detector trusts or suspects, whose timer is due."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from kernel.alike_engines import assert_same_orbits, sizes
from reduce.test_alike_worlds import WORLDS, Table
from reduce.test_timed import AlikeViews

from flpcheck import World, synchronous, system_of
from flpcheck.explore import Bounds, explore, obstacle
from flpcheck.explore.beside import code_of
from flpcheck.explore.compiling import _model
from flpcheck.explore.limits import BESIDE, ORBITS, OUTDATED
from flpcheck.reduce import Orbits, reduced

pytest.importorskip("numba")
SMALL = 600


@pytest.fixture(params=["listed", "sorted"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Orbits are found by a list of all renamings, or by sorting."""
    if request.param == "sorted":
        monkeypatch.setattr("flpcheck.explore.orbit_table.LISTED", 1)
    return str(request.param)


def assert_same(model: Any, world: World) -> bool:
    """Compare all orbits with the reference engine and with the plain system, if that is small."""
    system = reduced(system_of(model, world))
    assert isinstance(system, Orbits)
    assert not obstacle(system, "bfs")
    whole = explore(system.plain, Bounds(configurations=SMALL), engine="reference")
    if whole.complete:
        graph = assert_same_orbits(system)
        assert np.array_equal(graph.weights, sizes(graph))
        assert graph.weights.sum() == len(whole)
    return whole.complete


@pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS)
def test_both_engines_find_the_same_orbits(world: World) -> None:
    assert sum(assert_same(Table(seed), world) for seed in range(8)) > 4


@pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS)
def test_tables_that_start_minimal(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flpcheck.explore.table_growth.SMALL", 2)
    monkeypatch.setattr("flpcheck.explore.orbit_table.ROWS", 1)
    monkeypatch.setattr("flpcheck.explore.native_storage.FIRST_SLOTS", 4)
    assert sum(assert_same(Table(seed), world) for seed in range(8, 11)) > 1


def test_due_timers_are_renamed_with_their_processes() -> None:
    assert assert_same(AlikeViews(), synchronous())


@pytest.mark.parametrize("stale", [False, True])
def test_there_is_an_example_to_compile_for(*, stale: bool) -> None:
    system = _model(ORBITS + BESIDE + OUTDATED * stale)
    assert code_of(system) == ORBITS + BESIDE + OUTDATED * stale
    assert_same_orbits(system)  # type: ignore[arg-type]
