"""The arrays of a state graph agree with each other and with the system they were made from."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from generators.graphs import random_graph
from generators.protocols import random_protocol, random_world
from waiting import WaitForSome

from flpcheck import Bounds, StateGraph, World, asynchronous, load, system_of
from flpcheck.errors import BadRequest
from flpcheck.explore import explore

TWO_PHASE = load("tla/two_phase").instances[0]
CASES: list[tuple[Any, World]] = [
    (WaitForSome(), asynchronous(crashes=1)),
    (TWO_PHASE.protocol, TWO_PHASE.world),
    (random_graph(11), asynchronous(crashes=1)),
    *((random_protocol(seed), random_world(seed)) for seed in range(12)),
]
FEW = Bounds(configurations=400)


def graphs(order: str = "bfs") -> list[StateGraph]:
    return [explore(system_of(protocol, world), FEW, order=order) for protocol, world in CASES]


def test_every_stored_transition_is_regenerated_by_its_label() -> None:
    for graph in graphs():
        for number in np.flatnonzero(~graph.frontier):
            where, labels = graph.out(int(number)), graph.transitions(int(number))
            assert [graph.configurations[t] for t in graph.targets[where]] == [label.successor for label in labels]
            assert list(graph.movers[where]) == [label.mover for label in labels]
            assert set(graph.sources[where]) <= {number}


def test_no_self_loops_and_no_label_twice() -> None:
    for graph in graphs():
        assert not (graph.sources == graph.targets).any()
        for number in np.flatnonzero(~graph.frontier):
            labels = [(label.event, label.outcome, label.successor) for label in graph.transitions(int(number))]
            assert len(labels) == len(set(labels))


def test_parents_are_predecessors_one_event_nearer() -> None:
    for graph in graphs():
        for number, parent in enumerate(graph.parent):
            if parent < 0:
                assert number in graph.roots
                assert graph.depth[number] == 0
            else:
                assert number in graph.targets[graph.out(parent)]
                assert graph.depth[number] == graph.depth[parent] + 1


def test_breadth_first_depths_are_distances_and_ids_follow_them() -> None:
    for graph in graphs():
        assert (np.diff(graph.depth) >= 0).all()
        assert (graph.depth[graph.targets] <= graph.depth[graph.sources] + 1).all()


def test_configurations_are_distinct_and_initial_ones_come_first() -> None:
    for graph in graphs():
        assert len(set(graph.configurations)) == len(graph)
        assert list(dict.fromkeys(graph.roots)) == list(range(len(set(graph.roots))))
        assert [graph.configurations[root] for root in graph.roots] == [i.configuration for i in graph.initial]


def test_edges_are_distinct_pairs() -> None:
    for graph in graphs():
        assert graph.edges == len(set(zip(graph.sources.tolist(), graph.targets.tolist(), strict=True)))


def test_marks_only_grow_in_decided_values() -> None:
    """Outputs are write-once here, and who has crashed stays crashed where no process recovers."""
    for graph in graphs():
        learners = sum(1 << bit for bit, name in enumerate(graph.system.names) if name == "learner")
        if not hasattr(graph.configurations[0], "components"):
            continue  # a random graph may take a decision back
        lasting = () if graph.system.world.failures.recoveries else (graph.marks.crashed,)
        for mask in (graph.marks.decided, *lasting):
            before, after = mask[graph.sources], mask[graph.targets]
            assert not (before & ~after & ~np.uint64(learners)).any()


def test_the_same_exploration_gives_the_same_ids() -> None:
    for one, other in zip(graphs(), graphs(), strict=True):
        assert [one.describe(i) for i in range(len(one))] == [other.describe(i) for i in range(len(other))]
        for name in ("offsets", "targets", "movers", "parent", "depth", "frontier"):
            assert np.array_equal(getattr(one, name), getattr(other, name))


@pytest.mark.parametrize("case", range(len(CASES)))
def test_depth_first_finds_the_same_graph(case: int) -> None:
    system = system_of(*CASES[case])
    breadth, depth = (
        explore(system, Bounds(configurations=3000)),
        explore(system, Bounds(configurations=3000), order="dfs"),
    )
    assert breadth.complete == depth.complete
    assert depth.order == "dfs"
    if breadth.complete:
        assert set(breadth.configurations) == set(depth.configurations)
        assert _pairs(breadth) == _pairs(depth)


def _pairs(graph: StateGraph) -> list[tuple[int, int]]:
    """Return the edges of a graph with configurations numbered by their hash order in the first graph."""
    rank = {configuration: i for i, configuration in enumerate(sorted(graph.configurations, key=repr))}
    ends = zip(graph.sources.tolist(), graph.targets.tolist(), strict=True)
    return sorted((rank[graph.configurations[a]], rank[graph.configurations[b]]) for a, b in ends)


def test_depth_first_goes_deep_first() -> None:
    graph = explore(system_of(WaitForSome(), asynchronous()), Bounds(configurations=9), order="dfs")
    assert graph.depth.max() > explore(system_of(WaitForSome(), asynchronous()), Bounds(configurations=9)).depth.max()


def test_networkx_excerpt_has_the_labels_of_what_is_inside() -> None:
    graph = explore(system_of(WaitForSome(), asynchronous()))
    whole = graph.to_networkx(range(len(graph)))
    assert (whole.number_of_nodes(), whole.number_of_edges()) == (28, 32)
    for source, target, data in whole.edges(data=True):
        labels = [
            (t.event, t.outcome) for t in graph.transitions(source) if t.successor == graph.configurations[target]
        ]
        assert (data["event"], data["outcome"]) in labels
    excerpt = graph.to_networkx([0, int(graph.targets[0])])
    assert [(a, b, str(d["event"])) for a, b, d in excerpt.edges(data=True)] == [(0, graph.targets[0], "p0 starts")]


def test_networkx_excerpt_of_a_cut_graph_leaves_the_frontier_without_edges() -> None:
    graph = explore(system_of(WaitForSome(), asynchronous()), Bounds(depth=1))
    excerpt = graph.to_networkx(range(len(graph)))
    assert excerpt.number_of_edges() == len(graph.targets)
    assert all(excerpt.out_degree(int(number)) == 0 for number in np.flatnonzero(graph.frontier))


@pytest.mark.parametrize(("option", "text"), [("engine", "no engine 'fast'"), ("order", "no order 'fast'")])
def test_unknown_engines_and_orders_list_the_known_ones(option: str, text: str) -> None:
    with pytest.raises(BadRequest, match=text) as caught:
        explore(system_of(WaitForSome(), asynchronous()), **{option: "fast"})  # type: ignore[arg-type]
    assert "available: " in caught.value.why


def test_schedules_of_parents_lead_where_they_say() -> None:
    graph = explore(system_of(WaitForSome(), asynchronous(crashes=1)))
    for number in range(len(graph)):
        path = [number]
        while graph.parent[path[-1]] >= 0:
            path.append(int(graph.parent[path[-1]]))
        for after, before in pairwise(path):
            assert graph.configurations[after] in [t.successor for t in graph.transitions(before)]
