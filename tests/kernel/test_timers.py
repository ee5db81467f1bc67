"""Timers that wait for messages, in the kernel: both engines find the same, whatever is known of the timers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from bad_specs import Lonely
from generators.timed import random_timed
from hypothesis import given, settings
from hypothesis import strategies as st
from kernel.same_engines import JUDGED, assert_equal, assert_same, same
from kernel.same_workers import assert_same_together, small_shares
from kernel.test_errors import told
from timed import FirstTimer, Greeting, Heartbeat, Lease, Overtake, PingPong, Request, SplitVote, TwoTimeouts, Views

from flpcheck import (
    UNLIMITED,
    At,
    Bounds,
    Observer,
    Process,
    Start,
    Step,
    Timeout,
    World,
    asynchronous,
    eventually_synchronous,
    note,
    protocol,
    record,
    replace,
    send,
    synchronous,
    system_of,
)
from flpcheck.analyse.safety import examine_safety
from flpcheck.explore import explore, obstacle, table_growth
from flpcheck.explore.lawbook import Lawbook
from flpcheck.explore.spending import budgets
from flpcheck.explore.timer_field import TimerField
from flpcheck.system.message_passing import MessagePassing
from flpcheck.system.oracles import WorldState
from flpcheck.system.patience import EARLIER

pytest.importorskip("numba")
from flpcheck.explore.checkpoint import Checkpoint

SMALL = Bounds(configurations=400)
KINDS = [FirstTimer, SplitVote, Request, Overtake, TwoTimeouts, PingPong, Greeting, Heartbeat, Lease, Views]
PROTOCOLS = [*(kind() for kind in KINDS), Heartbeat(patience=1), Lease(patience=1)]
WORLDS = [
    synchronous(),
    synchronous(network="set"),
    synchronous(crashes=1, network="fifo"),
    eventually_synchronous(mistakes=1),
    eventually_synchronous(mistakes=UNLIMITED, crashes=1, mid_broadcast=True),
]
random = st.integers(0, 2**64 - 1).map(random_timed)


@pytest.mark.parametrize("world", WORLDS, ids=str)
@pytest.mark.parametrize("made", PROTOCOLS, ids=str)
def test_protocols_that_a_rule_for_timers_decides(made: Any, world: World) -> None:
    assert_same(lambda: system_of(made, world), Bounds(configurations=3000))


@settings(max_examples=12, deadline=None)
@given(random)
def test_random_protocols(chosen: tuple[Any, World]) -> None:
    """The graph, the verdicts without a graph, and what several workers find."""
    assert_same(lambda: system_of(*chosen), SMALL)
    same(*(examine_safety(system_of(*chosen), JUDGED, SMALL, engine=engine) for engine in ("reference", "kernel")))
    with small_shares():
        assert_same_together(lambda: system_of(*chosen), SMALL)


@settings(max_examples=15, deadline=None)
@given(random, st.integers(0, 9))
def test_searches_that_end_at_a_depth(chosen: tuple[Any, World], depth: int) -> None:
    assert_same(lambda: system_of(*chosen), Bounds(configurations=400, depth=depth))


def test_tables_that_start_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_growth, "SMALL", 4)
    monkeypatch.setattr(table_growth, "LONGEST", 64)
    for seed in range(20):
        assert_same(lambda seed=seed: system_of(*random_timed(seed)), SMALL)  # type: ignore[misc]


def test_among_random_protocols_are_all_kinds() -> None:
    """Patience that differs, timers that wait from the start or later, partitions that heal, liars."""
    systems = [system_of(*random_timed(seed)) for seed in range(40)]
    clocks = [system.laws.clock for system in systems if isinstance(system, MessagePassing)]
    assert len(clocks) == len(systems)
    assert all(clock.active for clock in clocks)
    assert {clock.ordered for clock in clocks} == {False, True}
    assert {system.world.oracle.kind for system in systems} == {"", "timers"}
    assert any(system.world.network.heals for system in systems)
    assert any(system.world.failures.byzantine for system in systems)


@pytest.mark.parametrize("seed", range(8))
def test_searches_are_resumed(tmp_path: Path, seed: int) -> None:
    chosen, file = random_timed(seed), tmp_path / "file"
    bounds = Bounds(configurations=100)
    explore(system_of(*chosen), bounds, engine="kernel", checkpoint=Checkpoint(file, {}, every=0))
    resumed = explore(system_of(*chosen), SMALL, checkpoint=Checkpoint(file, {}, resume=True, every=0))
    assert_equal(explore(system_of(*chosen), SMALL, engine="reference"), resumed)


@pytest.mark.parametrize("patience", [(0, 0, 0), (0, 1, 1)])
def test_what_the_field_of_timers_holds(patience: tuple[int, ...]) -> None:
    system = system_of(replace(random_timed(0)[0], patience=patience), eventually_synchronous())
    assert isinstance(system, MessagePassing)
    processes = len(system.names)
    field = TimerField(system.laws.clock, processes)
    stable = WorldState(reliable=0)
    ages = [(0,) * processes, (EARLIER, *(processes + 1 - place for place in range(processes - 1)))]
    for due in range(1 << processes):
        for world in [stable._replace(due=due, ages=age) for age in (ages if any(patience) else [()])]:
            assert field.world(stable, field.number(world)) == world
            assert field.number(world) < 1 << field.width
    assert field.world(WorldState(), 0) == WorldState()


def test_one_law_says_whether_timers_wait() -> None:
    system = system_of(random_timed(0)[0], eventually_synchronous(mistakes=1))
    assert isinstance(system, MessagePassing)
    laws = Lawbook(system.laws)
    states = laws.states(budgets(system.world, ()))
    waits = [[*laws.of(world)][laws.waiting].after is not None for world in states]
    assert waits == [system.laws.clock.runs(world) for world in states]
    assert set(waits) == {False, True}
    assert laws.table(states).shape[0] == laws.count


@record
class Doubt:
    """A message on which every step fails."""


@record
class Waiting:
    """Whether a timer has fired."""

    fired: bool = False


def fails_when_it_fired(at: At, s: Waiting, event: Start | Timeout | Doubt) -> Step[Waiting, Doubt]:
    match event:
        case Timeout() if not s.fired:
            return replace(s, fired=True), send(Doubt(), to="p0")
        case Doubt():
            raise ZeroDivisionError("division by zero")
        case _:
            return s, ()


@pytest.mark.parametrize("world", [synchronous(), synchronous(crashes=1), eventually_synchronous(mistakes=1)], ids=str)
def test_both_engines_fail_at_the_same_place(world: World) -> None:
    """Where timers wait, a step is asked for as soon as a configuration has its letter, and fails one event earlier."""
    alone = Lonely(step=fails_when_it_fired, start=Waiting())
    kernel = told(alone, world, "kernel")
    assert kernel == told(alone, world, "reference")
    if world == synchronous():
        assert len(kernel[2]) < len(told(alone, asynchronous(), "kernel")[2])


@protocol
class Insisting:
    """a starts again and again, and tells b or the observer; timers of a and c fire again and again, and tell d."""

    noting: bool = False

    def processes(self) -> list[Process[Waiting, Doubt]]:
        return [Process(name, self.step, start=Waiting()) for name in ("a", "b", "c", "d")]

    def observers(self) -> list[Observer[int, int]]:
        return [Observer("total", 0, lambda total, more: min(total + more, 2))] if self.noting else []

    def step(self, at: At, s: Waiting, event: Start | Timeout | Doubt) -> Step[Waiting, Doubt]:
        match event:
            case Start() if at.me == "a":
                return s, note(1) if self.noting else send(Doubt(), to="b")
            case Timeout() if at.me == "b":
                return replace(s, fired=True), ()
            case Timeout() if at.me in {"a", "c"}:
                return s, send(Doubt(), to="d")
            case _:
                return s, ()


@protocol
class Many:
    """Each of many processes has a timer, the first one possibly a longer one."""

    n: int = 2
    patience: int = 0

    def processes(self) -> list[Process[Any, Any]]:
        return [Process(f"p{i}", self.step, start=Waiting(), patience=self.patience * (i == 0)) for i in range(self.n)]

    def step(self, at: At, s: Waiting, event: Timeout) -> Step[Waiting, Doubt]:
        return replace(s, fired=True), ()


@pytest.mark.parametrize("noting", [False, True])
def test_a_step_that_only_sends_keeps_the_others_waiting_while_that_changes_anything(noting: bool) -> None:
    """In a set network b has the message, or the observer has heard enough, after a while; then all is quiet."""
    graph = assert_same(lambda: system_of(Insisting(noting), synchronous(network="set")))
    fired = [any(part.local.fired for part in one.components) for one in graph.configurations]
    assert graph.depth[fired.index(True)] == (3 if noting else 2)
    assert assert_same(lambda: system_of(Insisting(noting), synchronous()), SMALL).cut or noting


def test_timers_longer_than_a_number_of_delays_are_left_to_the_reference_engine() -> None:
    world = synchronous(timers="after-delays:2")
    assert obstacle(system_of(FirstTimer(), world), "bfs") == "timers are longer than a number of delays"
    assert not obstacle(system_of(FirstTimer(), synchronous()), "bfs")


@pytest.mark.parametrize(("patience", "processes", "fits"), [(0, 40, True), (1, 10, True), (1, 20, False)])
def test_ages_that_do_not_fit_into_a_word_are_refused(patience: int, processes: int, fits: bool) -> None:
    system = system_of(Many(processes, patience), synchronous())
    assert ("the ages of timers" in obstacle(system, "bfs")) == (not fits)
    if fits:
        assert_same(lambda: system_of(Many(processes, patience), synchronous()), Bounds(configurations=50))
