"""Several workers find what one finds, word by word, however small their portions are."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from os import environ
from pathlib import Path

import pytest
from generators.protocols import RandomTables, liars, protocols, worlds
from hypothesis import given, settings
from hypothesis import strategies as st
from kernel.same_workers import LITTLE, assert_same_together, searched, small_shares
from kernel.test_specs import QUICK, of_components

from flpcheck import Bounds, Instance, World, agreement, load, system_of
from flpcheck.analyse.safety import examine_safety
from flpcheck.explore import worker_pool
from flpcheck.explore.kernel import arrays as k
from flpcheck.system import System

LARGE = 2000
AS_THEY_ARE = {name: getattr(worker_pool, name) for name in LITTLE}
TESTS = Path(__file__).parents[1]


@pytest.fixture(autouse=True, scope="module")
def much_sharing() -> Iterator[None]:
    with small_shares():
        yield


@pytest.mark.sampled(3)
@pytest.mark.parametrize(("spec", "instance"), of_components(), ids=lambda part: getattr(part, "name", part))
def test_beginning_of_every_instance(spec: str, instance: Instance) -> None:
    bounds = Bounds(configurations=QUICK)
    assert_same_together(lambda: system_of(instance.protocol, instance.world, instance.inputs), bounds)


@pytest.mark.long
@settings(max_examples=60, deadline=None)
@given(protocols, worlds, st.sampled_from([2, 3]), st.sampled_from([LARGE, 300]))
def test_random_protocols(protocol: RandomTables, world: World, workers: int, most: int) -> None:
    assert_same_together(lambda: system_of(protocol, world), Bounds(configurations=most), workers)


@settings(max_examples=20, deadline=None)
@given(liars)
def test_lies(chosen: tuple[RandomTables, World]) -> None:
    assert_same_together(lambda: system_of(*chosen), Bounds(configurations=LARGE))


def managers(number: int) -> System:
    """Two-phase commit with some resource managers: 288 configurations with three, 1,745,408 with eight."""
    spec = load("tla/two_phase")
    return system_of(spec.protocol(resource_managers=number), spec.instances[0].world)


def test_the_workers_do_find_something() -> None:
    for keep in (True, False):
        pool = searched(managers(3), Bounds(), 3, keep=keep).pool
        assert pool is not None
        assert sum(int(worker.tally[k.FOUND]) for worker in pool.workers) > 0


def test_a_bound_cuts_at_the_same_place_and_a_portion_that_goes_beyond_it_is_undone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    undone: list[worker_pool.Together] = []
    undo = worker_pool.Together._undo

    def noted(portion: worker_pool.Together) -> None:
        undone.append(portion)
        undo(portion)

    monkeypatch.setattr(worker_pool.Together, "_undo", noted)
    system = managers(3)
    for most in (1, *range(20, 280, 26), 287, 288):
        assert_same_together(lambda: system, Bounds(configurations=most), 2)
    assert undone


@pytest.mark.parametrize("spec", ["broken/paxos_small_quorum", "broken/two_phase_commit_majority"])
def test_a_counterexample_is_the_same(spec: str) -> None:
    instance = load(spec).instances[0]
    told = []
    for workers in (1, 2, 3, 5):
        system = system_of(instance.protocol, instance.world, instance.inputs)
        found = examine_safety(system, [agreement], engine="kernel", workers=workers).findings[0]
        assert found.schedule is not None
        told.append((found.schedule.initial, found.schedule.as_json(), found.because))
    assert told[1:] == told[:1] * 3


@pytest.mark.long
def test_large_levels_with_portions_as_they_are() -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in AS_THEY_ARE.items():
            patch.setattr(worker_pool, name, value)
        assert_same_together(lambda: managers(8), Bounds(), 3)


@pytest.mark.long
def test_where_threads_switch_in_the_middle() -> None:
    """Kernels run as plain Python here, so that one thread stands still within any of them while others go on."""
    found = subprocess.run(
        [sys.executable, "-m", "kernel.switching_threads"],
        cwd=TESTS,
        env=environ | {"NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
