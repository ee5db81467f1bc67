"""However small the kernel's tables are at first, what it finds is the same: everything grows in time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from generators.protocols import RandomTables, liars, protocols, random_protocol, worlds
from hypothesis import given, settings
from kernel.same_engines import assert_same

from flpcheck import Bounds, World, asynchronous, load, system_of
from flpcheck.budget import BudgetMonitor, monitored
from flpcheck.explore import again, native_storage, ranking, table_growth
from flpcheck.explore.component_front import ComponentFront
from flpcheck.explore.graph import judging_bytes
from flpcheck.explore.kernel import arrays as k
from flpcheck.explore.native import NativeSearch
from flpcheck.system.message_passing import MessagePassing

LARGE = 400
COUNTED = ["MOVES", "SENDS", "RUNS", "BOXES", "COMPONENTS", "ADDS", "ANSWERS", "LONGEST"]


@pytest.fixture(autouse=True, scope="module")
def tiny_tables() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table_growth, "SMALL", 4)
        patch.setattr(table_growth, "LONGEST", 64)
        patch.setattr(again, "AGAIN", 16)
        yield


@pytest.mark.long
@settings(max_examples=60, deadline=None)
@given(protocols, worlds)
def test_random_protocols(protocol: RandomTables, world: World) -> None:
    assert_same(lambda: system_of(protocol, world), Bounds(configurations=LARGE))


@settings(max_examples=20, deadline=None)
@given(liars)
def test_lies(chosen: tuple[RandomTables, World]) -> None:
    assert_same(lambda: system_of(*chosen), Bounds(configurations=LARGE))


@pytest.mark.parametrize("name", ["paxos", "raft", "tla/two_phase", "tla/paxos", "replicated_state_machine", "ben_or"])
def test_transitions_made_again_are_those_of_the_graph(name: str) -> None:
    """Without a graph, steps that slept are made for the first time when a way back is looked for."""
    instance = load(name).instances[0]
    graph = assert_same(lambda: system_of(instance.protocol, instance.world, instance.inputs))
    system = system_of(instance.protocol, instance.world, instance.inputs)
    assert isinstance(system, MessagePassing)
    front = ComponentFront(system)
    search = NativeSearch(front, Bounds(), keep=False)
    search.explore()
    front.interner.store.sizes[k.Size.ADDS] = len(front.interner.tables.adds)  # the next arrival finds its table full
    borders = list(pairwise([*search.levels, search.found]))
    for depth, ((first, last), (_, end)) in enumerate(pairwise(borders)):
        again = search.edges_into(depth, np.arange(last, end))
        here = slice(int(graph.offsets[first]), int(graph.offsets[last]))
        onward = graph.targets[here] >= last
        assert np.array_equal(again.sources, graph.sources[here][onward])
        assert np.array_equal(again.targets, graph.targets[here][onward])
        assert np.array_equal(again.movers, graph.movers[here][onward])


def two_phase(size: int) -> MessagePassing:
    system = system_of(load("tla/two_phase").protocol(resource_managers=size), asynchronous(network="set"))
    assert isinstance(system, MessagePassing)
    return system


def test_the_less_memory_is_left_the_sooner_a_search_looks_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native_storage, "LEAST_STRIDE", 16)
    search = NativeSearch(ComponentFront(two_phase(5)), Bounds())
    search.explore()
    assert search.stride(2**20, 100) == 2**20 + 2 * search.headroom
    search.left = 2**20
    assert search.stride(2**20, 100) == 2**20 // 200 + 2 * search.headroom
    search.left = -1.0
    assert search.stride(2**20, 100) == 16 + 2 * search.headroom


def test_a_search_leaves_what_judging_needs_beyond_the_visited_table() -> None:
    spare = list[tuple[int, int]]()
    with monitored(BudgetMonitor(Bounds())) as monitor:
        search = NativeSearch(ComponentFront(two_phase(7)), Bounds(), monitor=monitor)

        def note(_: object) -> None:
            needed = judging_bytes(search.found, int(search.space.tally[k.EDGES])) - search.space.slots.nbytes
            spare.append((monitor.spare, max(needed, 0)))

        search.report = note
        graph = search.run()
    assert all(left == needed for left, needed in spare)
    assert max(needed for _, needed in spare) > 2**20
    assert monitor.spare == 0
    assert len(search.space.slots) == 0
    assert graph.complete


def test_nothing_grows_where_there_is_capacity(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether there is capacity is looked up in one place, and what grows in another."""
    seen, holds = Counter[bool](), table_growth.Capacity.holds

    def checked(capacity: table_growth.Capacity, store: k.Store) -> bool:
        found = holds(capacity, store)
        seen[found] += 1
        if found:
            store_after, tables_after = table_growth.grown_tables(store, interner.tables)
            assert all(one is other for one, other in zip(store, store_after, strict=True))
            assert all(one is other for one, other in zip(interner.tables, tables_after, strict=True))
        return found

    monkeypatch.setattr(table_growth.Capacity, "holds", checked)
    for name in ("paxos", "ben_or", "tla/two_phase"):
        instance = load(name).instances[0]
        system = system_of(instance.protocol, instance.world, instance.inputs)
        assert isinstance(system, MessagePassing)
        front = ComponentFront(system)
        interner = front.interner
        NativeSearch(front, Bounds(configurations=3_000)).explore()
    assert min(seen[True], seen[False]) > 10


@pytest.mark.parametrize("apart", [1, 2, 2**32])
def test_envelopes_that_come_between_others_have_ranks_in_the_order_of_their_keys(
    monkeypatch: pytest.MonkeyPatch, apart: int
) -> None:
    monkeypatch.setattr(ranking, "APART", apart)
    for seed in range(6):
        system = system_of(random_protocol(seed), asynchronous(network="set"))
        assert isinstance(system, MessagePassing)
        front = ComponentFront(system)
        NativeSearch(front, Bounds(configurations=LARGE)).explore()
        known = front.interner.envelopes
        ranks = front.interner.store.envelopes["rank"][: len(known)].tolist()
        by_rank = sorted(range(len(known)), key=ranks.__getitem__)
        assert by_rank == sorted(range(len(known)), key=lambda number: known[number].key)
        assert len(set(ranks)) == len(known)


@pytest.mark.parametrize("size", [size for size in k.Size if size.name in COUNTED])
def test_up_to_its_limit_no_counter_makes_anything_grow(size: k.Size) -> None:
    instance = load("paxos").instances[0]
    system = system_of(instance.protocol, instance.world, instance.inputs)
    assert isinstance(system, MessagePassing)
    interner = ComponentFront(system).interner
    store, tables = interner.store, interner.tables
    capacity = table_growth.Capacity.of(store, tables)
    store.sizes[size] = capacity.sizes[size]
    assert capacity.holds(store)
    after = (*table_growth.grown_tables(store, tables)[0], *table_growth.grown_tables(store, tables)[1])
    assert all(one is other for one, other in zip((*store, *tables), after, strict=True))
    store.sizes[size] += 1
    assert not capacity.holds(store)
