"""Worlds that stabilise or heal: their laws are those of the reference semantics, and both engines find the same."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from generators.detectors import RandomDetecting, detecting, random_detecting
from hypothesis import given, settings
from kernel.same_engines import JUDGED, assert_equal, assert_same, same
from kernel.same_workers import assert_same_together, small_shares

from flpcheck import UNLIMITED, Bounds, Event, Oracle, World, asynchronous, replace, system_of
from flpcheck.analyse.safety import examine_safety
from flpcheck.explore import explore, obstacle, table_growth
from flpcheck.explore.component_front import ComponentFront
from flpcheck.explore.kernel import arrays as k
from flpcheck.explore.lawbook import Lawbook
from flpcheck.explore.spending import budgets
from flpcheck.system.components import remains
from flpcheck.system.message_passing import MessagePassing
from flpcheck.world.oracle import DETECTORS, EVENTUAL, TIMERS

pytest.importorskip("numba")
from flpcheck.explore.checkpoint import Checkpoint
from flpcheck.explore.native import NativeSearch

SMALL = Bounds(configurations=400)
Chosen = tuple[RandomDetecting, World]
WORLDS = [
    replace(asynchronous(1, partition=partition, heals=bool(partition)), oracle=Oracle(kind, mistakes))
    for kind, mistakes, partition in product(("", TIMERS, *DETECTORS), (0, 2, UNLIMITED), ((), (("p0",),)))
    if (kind or partition) and (not mistakes or kind in EVENTUAL)
]


def make(chosen: Chosen) -> MessagePassing:
    system = system_of(*chosen)
    assert isinstance(system, MessagePassing)
    return system


def three_processes() -> RandomDetecting:
    """Return some protocol in which three processes can crash and use the detector."""
    return next(
        tables for tables, _ in map(random_detecting, range(99)) if tables.shape.roles == ((1, False, False),) * 3
    )


def lets(row: Any, gone: int) -> bool:
    """Whether a law lets an event happen, given who has crashed; written apart from the kernel."""
    needed, forbidden, covered, change = (int(part) for part in row)
    dead = {process for process in range(9) if gone >> process & 1}
    some = not covered or any(covered >> process & 1 and process not in dead for process in range(9))
    return (
        change != k.FORBIDDEN
        and some
        and all(
            (not needed >> process & 1 or process in dead) and not (forbidden >> process & 1 and process in dead)
            for process in range(9)
        )
    )


def cases(system: MessagePassing, world: Any, gone: int) -> Iterator[Any]:
    """Yield what the reference semantics says of each law in its order: the world afterwards, or None."""
    oracles, partition, names = system.laws.oracles, system.laws.partition, system.names
    parts = system.initial()[0].configuration.components
    dead = [system.parts.component(index, remains(part.local)) for index, part in enumerate(parts)]
    components = tuple(dead[index] if gone >> index & 1 else parts[index] for index in range(3))
    kind = {"omega": "trust", "timers": "timeout"}.get(oracles.kind, "suspect")
    answers = [oracles.after(world, Event(kind, "p0", message=name), components) for name in names if oracles.kind]
    steps = [world, *(answers or [world] * len(names))]
    steps += [None if partition.blocks(world, Event("deliver", "p1", "p0")) else world]
    yield from steps
    for index in range(3):
        for after in steps:
            yield after if after is not None and oracles.may_crash(after, index, components) else None
    turned = {event.message: after for event, after in oracles.stabilisations(world, components)}
    if oracles.oracle.turns_reliable:
        yield from [turned.get(name) for name in names] if oracles.leads else [next(iter(turned.values()), None)]
    if system.world.network.heals:
        yield next((after for _, after in partition.healings(world)), None)


@pytest.mark.parametrize("world", WORLDS, ids=str)
def test_every_law_in_every_state_of_the_world_for_every_set_of_crashed_processes(world: World) -> None:
    system = make((three_processes(), world))
    laws = Lawbook(system.laws)
    states = laws.states(budgets(world, ()))
    table = laws.table(states)
    for place, state in enumerate(states):
        for gone in range(8):
            expected = list(cases(system, state, gone))
            found = [states[place ^ int(row[k.CHANGE])] if lets(row, gone) else None for row in table[:, place]]
            assert found == expected, (state, gone)
    assert table.size <= 4 * laws.size(len(budgets(world, ())))
    assert (table[..., k.CHANGE] == k.FORBIDDEN).any() or world.oracle.mistakes == UNLIMITED or laws.oracles.kind == "P"


@pytest.mark.long
@settings(max_examples=25, deadline=None)
@given(detecting)
def test_random_protocols(chosen: Chosen) -> None:
    """The graph, the verdicts without a graph, and what several workers find."""
    assert_same(lambda: system_of(*chosen), SMALL)
    same(*(examine_safety(system_of(*chosen), JUDGED, SMALL, engine=engine) for engine in ("reference", "kernel")))
    with small_shares():
        assert_same_together(lambda: system_of(*chosen), SMALL)


def test_tables_that_start_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_growth, "SMALL", 4)
    monkeypatch.setattr(table_growth, "LONGEST", 64)
    for seed in range(20):
        assert_same(lambda seed=seed: system_of(*random_detecting(seed)), SMALL)  # type: ignore[misc]


def test_no_process_sleeps_where_a_law_may_wake_it() -> None:
    chosen = three_processes(), asynchronous(1, detector="diamond-S", mistakes=1)
    search = NativeSearch(ComponentFront(make(chosen)), SMALL, keep=False)
    search.explore()
    assert search.found > 100
    assert not search.space.asleep[: search.found].any()
    plain = NativeSearch(ComponentFront(make((chosen[0], replace(chosen[1], oracle=Oracle())))), SMALL, keep=False)
    plain.explore()
    assert plain.space.asleep[: plain.found].any()


@pytest.mark.parametrize("seed", range(8))
def test_searches_are_resumed(tmp_path: Path, seed: int) -> None:
    chosen, file = random_detecting(seed), tmp_path / "file"
    explore(make(chosen), Bounds(configurations=100), engine="kernel", checkpoint=Checkpoint(file, {}, every=0))
    resumed = explore(make(chosen), SMALL, checkpoint=Checkpoint(file, {}, resume=True, every=0))
    assert_equal(explore(make(chosen), SMALL, engine="reference"), resumed)


def test_too_many_states_of_the_world_are_refused_by_name() -> None:
    world = asynchronous(1, detector="omega", mistakes=10**6)
    assert "mistakes are too large" in obstacle(make((three_processes(), world)), "bfs")
    assert not obstacle(make((three_processes(), asynchronous(1, detector="omega", mistakes=10**3))), "bfs")
