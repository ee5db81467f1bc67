"""Observers, and decisions that are names of processes, modulo symmetry: both engines, and the plain system."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from kernel.alike_engines import assert_same_orbits, sizes
from reduce.observed_alike import Electing, Observed

from flpcheck import HOLDS, VIOLATED, Property, View, agreement, asynchronous, invariant, system_of
from flpcheck.analyse import Valence, analyse
from flpcheck.authoring.property import any_input_validity, validity
from flpcheck.errors import ReductionRefused
from flpcheck.explore import Bounds, explore, obstacle
from flpcheck.reduce import Orbits, reduced

pytest.importorskip("numba")
SMALL = 900
WORLDS = {
    "plain": asynchronous(), "crashes": asynchronous(crashes=1), "fifo": asynchronous(network="fifo"),
    "loss": asynchronous(loss=1), "inside": asynchronous(crashes=1, mid_broadcast=True),
}  # fmt: skip


@pytest.fixture(params=["listed", "sorted"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Orbits are found by a list of all renamings, or by sorting."""
    if request.param == "sorted":
        monkeypatch.setattr("flpcheck.explore.orbit_table.LISTED", 1)
    return str(request.param)


def folded(model: Any, world: Any, inputs: Any = None) -> Orbits:
    system = reduced(system_of(model, world, inputs))
    assert isinstance(system, Orbits)
    assert not obstacle(system, "bfs")
    return system


def assert_same(model: Any, world: Any) -> bool:
    """Compare all orbits with both engines and with the plain system, if that is small."""
    system = folded(model, world)
    whole = explore(system.plain, Bounds(configurations=SMALL), engine="reference")
    if not whole.complete:
        return False
    graph = assert_same_orbits(system)
    assert np.array_equal(graph.weights, sizes(graph))
    assert graph.weights.sum() == len(whole)
    assert Valence.of(graph).census() == Valence.of(whole).census()
    assert len({verdict(g, agreement) for g in (graph, whole)}) == 1
    return True


def verdict(graph: Any, claim: Property) -> Any:
    (finding,) = analyse(graph, [claim]).findings
    return finding.verdict, finding.schedule and len(finding.schedule)


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("model", [Observed, Electing])
def test_both_engines_find_the_same_orbits(model: Any, world: str) -> None:
    done = 0
    for seed in range(24):
        done += done < 1 and assert_same(model(seed), WORLDS[world])
    assert done > 0


@pytest.mark.long
@pytest.mark.parametrize("model", [Observed, Electing])
@pytest.mark.parametrize("first", [100, 140])
def test_many_random_protocols(model: Any, first: int) -> None:
    assert sum(assert_same(model(seed), WORLDS[list(WORLDS)[seed % 5]]) for seed in range(first, first + 40)) > 8


def test_tables_that_start_minimal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flpcheck.explore.table_growth.SMALL", 2)
    monkeypatch.setattr("flpcheck.explore.orbit_table.ROWS", 1)
    monkeypatch.setattr("flpcheck.explore.native_storage.FIRST_SLOTS", 4)
    done = 0
    for seed in range(24):
        done += done < 1 and assert_same(Observed(seed), WORLDS["crashes"])
    assert done > 0


@pytest.mark.parametrize("crooked", ["least", "unsorted"])
@pytest.mark.parametrize("engine", ["reference", "kernel"])
def test_an_observer_that_prefers_a_name_is_refused(crooked: str, engine: str) -> None:
    refused = 0
    for seed in range(8):
        try:
            explore(folded(Observed(seed, crooked=crooked), WORLDS["plain"]), Bounds(configurations=60), engine=engine)
        except ReductionRefused as error:
            refused += "does not treat the declared names alike" in str(error) and "renamed=" in str(error)
    assert refused > 3


@invariant
def last_two_differ(view: View[Any]) -> bool:
    """No process has spoken twice in a row."""
    last = view.observers["last"]
    return len(set(last)) == len(last)


@invariant
def p0_was_not_last(view: View[Any]) -> bool:
    """p0 did not speak last, if all have decided."""
    return "p0" not in view.observers["last"][-1:]


@pytest.mark.parametrize("engine", ["reference", "kernel"])
def test_what_is_observed_is_judged_as_in_the_plain_system(engine: str, way: str) -> None:
    found = set[Any]()
    for seed in range(24):
        system = folded(Observed(seed), WORLDS["plain"])
        whole = explore(system.plain, Bounds(configurations=SMALL), engine="reference")
        if whole.complete and len(found) < 2:
            graph = explore(system, engine=engine)
            assert verdict(graph, last_two_differ) == verdict(whole, last_two_differ)
            found.add(verdict(graph, last_two_differ)[0])
            with pytest.raises(ReductionRefused, match="property p0_was_not_last changes when names are permuted"):
                analyse(graph, [p0_was_not_last])
    assert found <= {HOLDS, VIOLATED}
    assert found


def test_what_is_decided_is_no_input_that_is_followed() -> None:
    system = folded(Electing(1), WORLDS["plain"], dict.fromkeys(("p0", "p1", "p2"), "x"))
    assert not system.exchanges_values
    assert all(not system.unjudged(claim) for claim in (validity, any_input_validity))
