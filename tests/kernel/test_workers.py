"""Several workers find what one finds, word by word, however small their shares are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kernel.test_specs import QUICK, instances
from random_protocols import RandomTables, liars, protocols, worlds

from flpcheck import Bounds, Instance, World, system_of
from flpcheck.explore import crew
from flpcheck.explore.kernel import arrays as k
from flpcheck.explore.native import NativeSearch
from flpcheck.system.message_passing import MessagePassing

LARGE = 2000
COUNTERS = [k.FOUND, k.EDGES, k.NEXT]


@pytest.fixture(autouse=True, scope="module")
def small_shares() -> Iterator[None]:
    """Give workers little to do at a time, and room for little, so that small models need many shares."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"SHARE": 5, "LEAST": 1, "CANDIDATES": 16, "TRANSITIONS": 32, "GLANCES": 2}.items():
            patch.setattr(crew, name, value)
        yield


def searched(system: MessagePassing, bounds: Bounds, workers: int, *, keep: bool) -> NativeSearch:
    search = NativeSearch(system, bounds, keep=keep, workers=workers)
    search.explore()
    return search


def arrays(search: NativeSearch) -> Iterator[Any]:
    space, found, edges = search.space, search.found, int(search.space.tally[k.EDGES])
    yield space.states[: found * search.width]
    yield search.layout
    if search.keep:
        yield space.offsets[: search.next + 1]
        yield space.targets[:edges]
        yield space.movers[:edges]
    else:
        yield space.asleep[:found]


def assert_same(make: Callable[[], MessagePassing], bounds: Bounds, workers: int = 2) -> None:
    for keep in (True, False):
        alone, together = (searched(make(), bounds, n, keep=keep) for n in (1, workers))
        assert together.space.tally[COUNTERS].tolist() == alone.space.tally[COUNTERS].tolist()
        assert (together.levels, together.cut) == (alone.levels, alone.cut)
        for one, other in zip(arrays(alone), arrays(together), strict=True):
            assert np.array_equal(one, other)


@pytest.mark.parametrize(("spec", "instance"), instances(), ids=lambda part: getattr(part, "name", part))
def test_beginning_of_every_instance(spec: str, instance: Instance) -> None:
    def make() -> MessagePassing:
        system = system_of(instance.protocol, instance.world, instance.inputs)
        assert isinstance(system, MessagePassing)
        return system

    assert_same(make, Bounds(configurations=QUICK))


@settings(max_examples=60, deadline=None)
@given(protocols, worlds, st.sampled_from([2, 3]), st.sampled_from([LARGE, 300]))
def test_random_protocols(protocol: RandomTables, world: World, workers: int, most: int) -> None:
    def make() -> MessagePassing:
        system = system_of(protocol, world)
        assert isinstance(system, MessagePassing)
        return system

    assert_same(make, Bounds(configurations=most), workers)


@settings(max_examples=20, deadline=None)
@given(liars)
def test_lies(chosen: tuple[RandomTables, World]) -> None:
    def make() -> MessagePassing:
        system = system_of(*chosen)
        assert isinstance(system, MessagePassing)
        return system

    assert_same(make, Bounds(configurations=LARGE))
