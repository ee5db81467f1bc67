"""Steps that sleep are not looked up, and nothing changes by that: the same configurations, in the same order."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from generators.protocols import RandomTables, protocols, worlds
from hypothesis import given, settings
from hypothesis import strategies as st
from kernel.test_specs import QUICK, of_components

from flpcheck import Bounds, Instance, World, system_of
from flpcheck.explore.component_front import ComponentFront
from flpcheck.explore.kernel import arrays as k
from flpcheck.explore.native import NativeSearch
from flpcheck.system import Configuration
from flpcheck.system.message_passing import MessagePassing

LARGE = 2000


def searched(system: MessagePassing, bounds: Bounds, *, keep: bool) -> NativeSearch:
    search = NativeSearch(ComponentFront(system), bounds, keep=keep)
    search.explore()
    return search


def configurations(search: NativeSearch) -> list[Configuration]:
    states = search.space.states[: search.found * search.width]
    return list(search.front.configurations(search.layout, search.width, states))


def slept(search: NativeSearch) -> int:
    """Return in how many configurations something sleeps."""
    return int((search.space.asleep[: search.found] != 0).sum())


def assert_same(make: Callable[[], MessagePassing], bounds: Bounds) -> NativeSearch:
    """Compare what is found with and without sleep; both searches share a system, and so what stands for what."""
    system = make()
    kept, safe = (searched(system, bounds, keep=keep) for keep in (True, False))
    assert safe.found == kept.found
    assert [int(safe.space.tally[c]) for c in (k.EDGES, k.NEXT)] == [
        int(kept.space.tally[c]) for c in (k.EDGES, k.NEXT)
    ]
    assert (safe.levels, safe.cut) == (kept.levels, kept.cut)
    assert configurations(safe) == configurations(kept)
    return safe


@pytest.mark.sampled(3)
@pytest.mark.parametrize(("spec", "instance"), of_components(), ids=lambda part: getattr(part, "name", part))
def test_beginning_of_every_instance(spec: str, instance: Instance) -> None:
    def make() -> MessagePassing:
        system = system_of(instance.protocol, instance.world, instance.inputs)
        assert isinstance(system, MessagePassing)
        return system

    assert_same(make, Bounds(configurations=QUICK))


@pytest.mark.long
@settings(max_examples=30, deadline=None)
@given(protocols, worlds, st.data())
def test_random_protocols_in_random_worlds(protocol: RandomTables, world: World, data: st.DataObject) -> None:
    def make() -> MessagePassing:
        system = system_of(protocol, world)
        assert isinstance(system, MessagePassing)
        return system

    safe = assert_same(make, Bounds(configurations=LARGE))
    assert_same(make, Bounds(configurations=data.draw(st.integers(1, safe.found + 1))))
    assert_same(make, Bounds(configurations=LARGE, depth=data.draw(st.integers(0, 9))))


def test_something_sleeps_where_steps_commute() -> None:
    from flpcheck.spec import load

    instance = load("tla/two_phase").instances[0]
    system = system_of(instance.protocol, instance.world)
    assert isinstance(system, MessagePassing)
    search = searched(system, Bounds(), keep=False)
    assert slept(search) > search.found / 2
