"""Symmetry in the kernel: the orbits, levels, transitions, sizes and valence of the plain engine on the quotient."""

from __future__ import annotations

import dataclasses
from random import Random
from typing import Any

import numpy as np
import pytest
from kernel.alike_engines import assert_same_orbits, sizes
from reduce.test_alike import Alike
from reduce.test_symmetry import SMALL, AlikeManagers, AlikeProcesses

from flpcheck import asynchronous, load, system_of
from flpcheck.errors import ReductionRefused
from flpcheck.explore import Bounds, explore, obstacle
from flpcheck.reduce import Orbits, reduced

pytest.importorskip("numba")
EVENTS = sorted(set(SMALL) - {"voting"})
NETWORKS = {
    "multiset": asynchronous(crashes=1, loss=1, duplication=1),
    "set": asynchronous(network="set", crashes=1),
    "fifo": asynchronous(network="fifo", duplication=1),
    "stays": asynchronous(ignored="stays", crashes=1),
}


def folded(model: Any, world: Any, inputs: Any = None) -> Orbits:
    system = reduced(system_of(model, world, inputs))
    assert isinstance(system, Orbits)
    assert not obstacle(system, "bfs")
    return system


@pytest.mark.parametrize("name", EVENTS)
def test_both_engines_find_the_same_orbits(name: str) -> None:
    system = folded(*SMALL[name])
    graph = assert_same_orbits(system)
    assert sizes(graph).sum() == len(explore(system.plain))


@pytest.mark.parametrize("n", [2, 3, 4])
def test_two_phase_commit_has_the_same_orbits(n: int) -> None:
    assert_same_orbits(folded(AlikeManagers(resource_managers=n), asynchronous(network="set")))


@pytest.mark.parametrize("world", NETWORKS)
def test_both_engines_find_the_same_orbits_in_every_network(world: str) -> None:
    for seed in range(4):
        system = folded(Alike(seed), NETWORKS[world])
        if len(explore(system, Bounds(configurations=400), engine="reference")) < 400:
            graph = assert_same_orbits(system)
            assert sizes(graph).sum() == len(explore(system.plain, engine="reference"))


@pytest.mark.parametrize("world", NETWORKS)
def test_a_representative_is_that_of_all_images(world: str) -> None:
    system = folded(Alike(3), NETWORKS[world])
    kernel = explore(system, Bounds(configurations=300), engine="kernel")
    seen: Any = kernel.system
    plain = explore(system.plain, Bounds(configurations=2000), engine="reference")
    draw = Random(world)
    moved = 0
    for configuration in draw.sample(list(plain.configurations), 60):
        number = draw.randrange(len(system.group))
        image = system.images.image(configuration, number)
        moved += image != configuration
        least, to, _ = seen.least(configuration)
        assert seen.least(image)[0] == least == seen.least(least)[0]
        assert system.images.image(configuration, to) == least
        assert system.least(image)[0] == system.least(least)[0]
    assert moved > 20


def test_everything_grows_from_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    model, world, inputs = SMALL["fast"]
    usual = explore(folded(model, world, inputs), engine="kernel")
    monkeypatch.setattr("flpcheck.explore.table_growth.SMALL", 2)
    monkeypatch.setattr("flpcheck.explore.orbit_table.ROWS", 1)
    monkeypatch.setattr("flpcheck.explore.native_storage.FIRST_SLOTS", 4)
    graph = explore(folded(model, world, inputs), engine="kernel")
    assert np.array_equal(graph.targets, usual.targets)
    assert np.array_equal(graph.renamed, usual.renamed)


@pytest.mark.parametrize("unlike", ["name", "value", "sender"])
def test_an_asymmetric_protocol_is_refused(unlike: str) -> None:
    refused = 0
    for seed in range(6):
        system = folded(Alike(seed, unlike), asynchronous(crashes=seed % 2))
        try:
            explore(system, Bounds(configurations=2_000), engine="reference")
        except ReductionRefused:
            with pytest.raises(ReductionRefused, match="a declared reduction is wrong: a step"):
                explore(folded(Alike(seed, unlike), asynchronous(crashes=seed % 2)), engine="kernel")
            refused += 1
    assert refused > 2


def test_a_bound_cuts_where_the_plain_engine_cuts() -> None:
    model, world, inputs = SMALL["simplified"]
    for depth in (0, 3, 6):
        system = folded(model, world, inputs)
        graphs = [explore(system, Bounds(depth=depth), engine=engine) for engine in ("reference", "kernel")]
        assert len({(len(g), g.steps, int(g.frontier.sum()), g.cut) for g in graphs}) == 1
    for most in (1, 7, 50):
        graph = explore(folded(model, world, inputs), Bounds(configurations=most), engine="kernel")
        assert len(graph) == most


def test_auto_hands_over_sooner_than_without_symmetry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flpcheck.explore.engine.SWITCH_AT_ORBITS", 10)
    graph = explore(folded(*SMALL["simplified"]))
    assert graph.engine == "kernel"
    assert len(graph) == len(explore(folded(*SMALL["simplified"]), engine="reference"))


def test_recovered_processes_may_undo_decisions() -> None:
    """Nothing is kept in stable storage, so a decision is gone after a recovery: that no step shows."""
    model = AlikeProcesses(n=2, quorum=1)
    graph = explore(folded(model, asynchronous(crashes=1, recoveries=1)), engine="kernel")
    assert graph.system.symmetry is not None
    assert graph.system.symmetry.dropped
    graph = explore(folded(model, asynchronous(crashes=1)), engine="kernel")
    assert graph.system.symmetry is not None
    assert not graph.system.symmetry.dropped


@pytest.mark.long
def test_the_published_instance_of_fast_paxos() -> None:
    instance = load("tla/fast_paxos").instances[0]
    graph = explore(folded(instance.protocol, instance.world), engine="kernel")
    front: Any = graph.system
    stored: Any = graph.configurations
    weights = front.images.front.sizes(stored.layout, stored.width, stored.states)
    assert (len(graph), graph.steps, int(weights.sum())) == (25_617, 109_123, 3_043_684)
    assert dataclasses.is_dataclass(graph)
