"""The habits of a component read from arrays are those that asking each of its configurations finds."""

from __future__ import annotations

import pytest
from generators.protocols import RandomTables, protocols, worlds
from generators.timed import random_timed
from hypothesis import given, settings

from flpcheck import (
    At,
    Bounds,
    Process,
    Start,
    Step,
    Timeout,
    World,
    asynchronous,
    protocol,
    record,
    replace,
    system_of,
    termination,
    to_others,
)
from flpcheck.analyse import analyse, habits, lasso
from flpcheck.analyse.fair import cyclic_components
from flpcheck.analyse.habits import Habits
from flpcheck.explore import explore


@record
class Tick:
    """A message that is sent again and again, and may be there already."""


@record
class Hand:
    """How far a process has turned."""

    n: int = 0
    decision: int | None = None


@protocol
class Turning:
    """Processes that turn for ever; what they tell each other changes nothing, or is there already."""

    turning: int = 2
    k: int = 3

    def processes(self) -> list[Process[Hand, Tick]]:
        turners = [Process(f"w{i}", self.turn, start=Hand()) for i in range(self.turning)]
        return [*turners, Process("d", self.decide, start=Hand())]

    def turn(self, at: At, s: Hand, event: Timeout | Tick) -> Step[Hand, Tick]:
        match event:
            case Timeout():
                return replace(s, n=(s.n + 1) % self.k), to_others(Tick())
            case Tick():
                return s, ()

    def decide(self, at: At, s: Hand, event: Start | Tick) -> Step[Hand, Tick]:
        return (replace(s, decision=1) if isinstance(event, Start) else s), ()


def same_habits(made: object, world: World, engine: str) -> int:
    graph = explore(system_of(made, world), Bounds(configurations=400), engine=engine)
    if not graph.system.separate or graph.system.tosses:
        return 0
    components = cyclic_components(graph, None)
    for numbers in components:
        asked, read = Habits.of(graph, numbers, lucky=False), habits._by_component(graph, numbers)
        assert read == asked, numbers
    return len(components)


SEEN = {"components": 0}


@pytest.mark.long
@pytest.mark.sampled(1)
@pytest.mark.parametrize("engine", ["reference", "kernel"])
@settings(max_examples=150, deadline=None)
@given(made=protocols, world=worlds)
def test_on_random_protocols(engine: str, made: RandomTables, world: World) -> None:
    SEEN["components"] += same_habits(made, world, engine)


@pytest.mark.long
def test_some_of_them_went_round() -> None:
    assert SEEN["components"] > 10


@pytest.mark.parametrize("engine", ["reference", "kernel"])
def test_where_everything_turns(engine: str) -> None:
    assert same_habits(Turning(), asynchronous(network="set"), engine)


@pytest.mark.parametrize("engine", ["reference", "kernel"])
def test_a_lasso_in_a_large_component_is_as_long_as_in_a_small_one(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = explore(system_of(Turning(), asynchronous(network="set", crashes=1)), engine=engine)
    (small,) = analyse(graph, (termination,)).findings
    monkeypatch.setattr(habits, "LARGE", 1)
    monkeypatch.setattr(lasso, "LARGE", 1)
    (large,) = analyse(graph, (termination,)).findings
    assert small.schedule is not None
    assert large.schedule is not None
    assert small.verdict is large.verdict
    assert (len(small.schedule), small.schedule.loop) == (len(large.schedule), large.schedule.loop)


def test_where_the_world_or_a_coin_has_a_say_every_configuration_of_a_large_component_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    met = 0
    for seed in range(16):
        made, world = random_timed(seed)
        graph = explore(system_of(made, world), Bounds(configurations=150), engine="reference")
        for numbers in cyclic_components(graph, None):
            small = Habits.of(graph, numbers, lucky=False)
            with monkeypatch.context() as patch:
                patch.setattr(habits, "LARGE", 1)
                assert Habits.of(graph, numbers, lucky=False) == small
            met += small != habits._by_component(graph, numbers)
    assert met
