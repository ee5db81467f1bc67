"""Random protocols in random worlds: both engines find the same graph, whole or cut anywhere."""

from __future__ import annotations

import pytest
from generators.protocols import RandomTables, liars, protocols, worlds
from hypothesis import given, settings
from hypothesis import strategies as st
from kernel.same_engines import assert_same

from flpcheck import Bounds, World, system_of
from flpcheck.explore import explore

pytest.importorskip("numba")
LARGE = 2000


@pytest.mark.long
@settings(max_examples=60, deadline=None)
@given(protocols, worlds, st.data())
def test_both_engines_find_the_same_graph(protocol: RandomTables, world: World, data: st.DataObject) -> None:
    size = len(explore(system_of(protocol, world), Bounds(configurations=LARGE), engine="reference"))
    assert_same(lambda: system_of(protocol, world), Bounds(configurations=LARGE))
    assert_same(lambda: system_of(protocol, world), Bounds(configurations=data.draw(st.integers(1, size + 1))))


@settings(max_examples=30, deadline=None)
@given(protocols, worlds, st.integers(0, 9), st.sampled_from([None, 50, 500]))
def test_both_engines_cut_at_the_same_depth(protocol: RandomTables, world: World, depth: int, most: int | None) -> None:
    most = LARGE if most is None else most
    assert_same(lambda: system_of(protocol, world), Bounds(configurations=most, depth=depth))


@pytest.mark.long
@settings(max_examples=30, deadline=None)
@given(liars)
def test_both_engines_hear_the_same_lies(chosen: tuple[RandomTables, World]) -> None:
    assert_same(lambda: system_of(*chosen), Bounds(configurations=LARGE))
