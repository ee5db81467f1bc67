"""Demands read from tables are those that asking each configuration finds; components are those of networkx."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import networkx
import numpy as np
import pytest
from generators.protocols import random_protocol, random_world

from flpcheck import (
    UNLIMITED,
    At,
    Bounds,
    Fairness,
    Process,
    Start,
    Step,
    Timeout,
    World,
    asynchronous,
    choose,
    protocol,
    record,
    replace,
    system_of,
    to_others,
)
from flpcheck.analyse.live import moves, rows
from flpcheck.analyse.live.asked import AskedTable
from flpcheck.analyse.live.components import Decomposer
from flpcheck.analyse.live.rows import RowTable, is_deterministic, reads_components
from flpcheck.explore import StateGraph, explore
from flpcheck.explore.graph import Ints


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
    """Processes that turn for ever, or stay where they are; what they tell each other may be there already."""

    turning: int = 2
    k: int = 3
    hesitates: bool = False

    def processes(self) -> list[Process[Hand, Tick]]:
        turners = [Process(f"w{i}", self.turn, start=Hand()) for i in range(self.turning)]
        return [*turners, Process("d", self.decide, start=Hand())]

    def turn(self, at: At, s: Hand, event: Timeout | Tick) -> Step[Hand, Tick]:
        match event:
            case Timeout():
                on = replace(s, n=(s.n + 1) % self.k), to_others(Tick())
                return choose((s, to_others(Tick())), on) if self.hesitates else on
            case Tick():
                return s, ()

    def decide(self, at: At, s: Hand, event: Start | Tick) -> Step[Hand, Tick]:
        return (replace(s, decision=1) if isinstance(event, Start) else s), ()


def named(table: AskedTable, numbers: Any) -> Counter[tuple[int, str, str]]:
    """Return demands under names that do not depend on the order in which they were met."""
    demands = [table.demand(number) for number in numbers]
    return Counter((d.owner, d.strength, str(d.event)) for d in demands)


def parts_of(graph: StateGraph, at: Random) -> list[Ints]:
    """Return sets of configurations to weigh: the cycles, and some at random."""
    expanded = np.flatnonzero(~graph.frontier)
    chosen = [np.sort(at.sample(expanded.tolist(), k=min(len(expanded), size))) for size in (2, 3, 5, 20, 60)]
    return [*Decomposer(graph).cycles(expanded), *(np.array(numbers, np.int64) for numbers in chosen)]


def compared(made: Any, world: World, engine: str, at: Random, seen: Counter[str]) -> None:
    graph = explore(system_of(made, world), Bounds(configurations=300), engine=engine)
    if not reads_components(graph):
        return
    asked, read = AskedTable(graph), RowTable(graph)
    every = np.flatnonzero(~graph.frontier)
    assert asked.pending(every).tolist() == read.pending(every).tolist()
    seen["deterministic"] += is_deterministic(graph)
    parts = [part for part in parts_of(graph, at) if len(part)]
    label = np.full(len(graph), -1, np.int32)
    for number, part in enumerate(parts):
        label[:] = -1
        label[part] = number
        (found,) = read.weigh_all([part], label)
        expected = asked.weigh(part, label)
        assert found.starving == expected.starving, (number, part.tolist())
        assert named(read, found.hungry) == named(asked, expected.hungry)
        assert read.weigh(part, label)[0] == expected.starving
        offers = {n for c in part.tolist() for n in asked.offer(c).waiting}
        some = {n for n in offers if at.random() < 0.5}
        same = {n: m for m, d in enumerate(read.book.demands) for n in some if asked.demand(n) == d}
        mine = set(same.values())
        assert read.enabling(part, mine).tolist() == asked.enabling(part, same).tolist()
        assert read.lacking(part, mine).tolist() == asked.lacking(part, set(same)).tolist()
        hops = [[(c, hop.target, hop.transition.event) for c, hop in table.taking(part, label, of)]
                for table, of in ((read, mine), (asked, set(same)))]  # fmt: skip
        assert hops[0] == hops[1]
        seen["parts"] += 1
        seen["hungry"] += bool(expected.hungry)
        seen["starving"] += bool(expected.starving)


@pytest.mark.parametrize("engine", ["reference", "kernel"])
def test_on_random_protocols(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: Counter[str] = Counter()
    for seed in range(24):
        at = Random(seed)
        monkeypatch.setattr(rows, "ALONE", at.choice([1, 4096]))
        monkeypatch.setattr(rows, "PORTION", at.choice([3, 2**16]))
        monkeypatch.setattr(moves, "WORD", at.choice([2, 64]))
        world = random_world(seed)
        fairness = Fairness(letters=at.choice(["weak", "received", "strong"]))
        compared(random_protocol(seed), World(world.network, world.failures, fairness=fairness), engine, at, seen)
    assert min(seen["parts"], seen["starving"]) > 15, seen
    assert seen["hungry"] > 0, seen
    assert bool(seen["deterministic"]) is (engine == "kernel"), seen


@pytest.mark.parametrize("engine", ["reference", "kernel"])
@pytest.mark.parametrize("hesitates", [False, True])
@pytest.mark.parametrize("network", ["set", "multiset"])
def test_where_everything_turns(engine: str, network: str, hesitates: bool) -> None:
    world = asynchronous(network=network, loss=UNLIMITED if network == "set" else 0)
    model = Turning(hesitates=hesitates) if network == "set" else Turning(turning=0)
    seen: Counter[str] = Counter()
    compared(model, world, engine, Random(1), seen)
    assert seen["parts"]


@pytest.mark.parametrize("engine", ["reference", "kernel"])
def test_components_of_parts_are_those_of_networkx(engine: str) -> None:
    cyclic = 0
    for seed in range(16):
        graph = explore(system_of(random_protocol(seed), random_world(seed)), Bounds(configurations=300), engine=engine)
        at = Random(seed)
        usable = np.array([at.random() < 0.8 for _ in graph.targets])
        decomposer = Decomposer(graph, at.choice([None, usable]))
        for share in (1.0, 0.9, 0.3):
            members = np.flatnonzero([at.random() < share for _ in range(len(graph))])
            found = decomposer.cycles(members)
            assert [group.tolist() for group in found] == expected_components(graph, decomposer.usable, members)
            labels = [set(decomposer.label[group].tolist()) for group in found]
            assert len({label for some in labels for label in some}) == len(found)
            assert all(len(some) == 1 for some in labels)
            assert set(np.flatnonzero(decomposer.label[members] >= 0)) == {
                int(np.searchsorted(members, n)) for group in found for n in group
            }
            cyclic += len(found)
    assert cyclic > 20


def expected_components(graph: StateGraph, usable: Any, members: Ints) -> list[list[int]]:
    inside, directed = set(members.tolist()), networkx.DiGraph()
    directed.add_nodes_from(inside)
    for edge, (source, target) in enumerate(zip(graph.sources.tolist(), graph.targets.tolist(), strict=True)):
        if {source, target} <= inside and (usable is None or usable[edge]):
            directed.add_edge(source, target)
    groups = [sorted(group) for group in networkx.strongly_connected_components(directed)]
    return sorted(group for group in groups if len(group) > 1 or directed.has_edge(group[0], group[0]))
