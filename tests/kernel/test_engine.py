"""Choosing an engine: what the kernel cannot do is done by the reference engine, and said."""

from __future__ import annotations

import subprocess
import sys

import pytest
from kernel.same_engines import assert_equal
from random_graphs import random_graph

from flpcheck import Bounds, asynchronous, load, system_of
from flpcheck.budget import resident_memory
from flpcheck.explore import Progress, explore
from flpcheck.explore import engine as seam
from flpcheck.system import System

pytest.importorskip("numba")


def two_phase(size: int) -> System:
    return system_of(load("tla/two_phase").protocol(resource_managers=size), asynchronous(network="set"))


def test_general_protocol_falls_back_and_says_so() -> None:
    graph = explore(system_of(random_graph(5), asynchronous()), engine="kernel")
    assert graph.engine == "reference"
    assert "general" in graph.fallback


def test_depth_first_order_falls_back_and_says_so() -> None:
    graph = explore(two_phase(3), engine="kernel", order="dfs")
    assert (graph.engine, graph.order) == ("reference", "dfs")
    assert "breadth-first" in graph.fallback


def test_where_the_kernel_does_not_fit_into_the_bounds_the_reference_engine_explores(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(sys.modules, "flpcheck.explore.native", raising=False)
    monkeypatch.setattr(seam, "compiled", lambda: False)
    late = explore(two_phase(3), Bounds(seconds=5), engine="kernel")
    assert (late.engine, "compiled first" in late.fallback) == ("reference", True)
    monkeypatch.setattr(seam, "compiled", lambda: True)
    large = explore(two_phase(3), Bounds(memory=resident_memory() + 50 * 2**20), engine="kernel")
    assert (large.engine, "of max-memory" in large.fallback) == ("reference", True)
    assert explore(two_phase(3), Bounds(memory=2**50, seconds=600), engine="kernel").engine == "kernel"


def test_without_numba_the_reference_engine_explores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seam, "find_spec", lambda _: None)
    assert explore(two_phase(3), engine="kernel").fallback == "numba is not installed"
    assert not explore(two_phase(3)).fallback


def test_auto_hands_over_what_it_outgrows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seam, "OUTGROWN", 500)
    graph = explore(two_phase(5))
    assert graph.engine == "kernel"
    assert not graph.fallback
    assert_equal(explore(two_phase(5), engine="reference"), graph)


def test_auto_waits_longer_for_a_kernel_that_must_be_compiled_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Progress] = []
    monkeypatch.setattr(seam, "OUTGROWN", 50)
    monkeypatch.setattr(seam, "compiled", lambda: True)
    assert explore(two_phase(3), report=told.append).engine == "kernel"
    assert not any(progress.news for progress in told)
    monkeypatch.setattr(seam, "compiled", lambda: False)
    assert explore(two_phase(3)).engine == "reference"
    assert explore(two_phase(5), report=told.append).engine == "kernel"
    assert [progress.news for progress in told if progress.news] == [
        "compiling the kernel for this machine, once; that takes some 20 seconds"
    ]


def test_small_models_never_load_numba() -> None:
    program = """
import sys
from flpcheck import Bounds, asynchronous, load, system_of
from flpcheck.budget import resident_memory
from flpcheck.explore import Progress, explore
graph = explore(system_of(load("wait_for_all").protocol(n=2), asynchronous()))
assert graph.engine == "reference" and "numba" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_iterating_and_indexing_packed_configurations() -> None:
    graph = explore(two_phase(3), engine="kernel")
    configurations = list(graph.configurations)
    assert configurations[-1] == graph.configurations[-1]
    assert configurations[10:13] == list(graph.configurations[10:13])
    with pytest.raises(IndexError):
        graph.configurations[len(graph)]
