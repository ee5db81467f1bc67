"""Which of several shortest ways is shown depends on what was reached, and not on how it was found."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import pytest
from generators.protocols import random_protocol, random_world

from flpcheck import Bounds, system_of
from flpcheck.analyse import paths
from flpcheck.analyse.paths import path_ids
from flpcheck.analyse.schedule import Schedule, schedule_of
from flpcheck.explore import explore
from flpcheck.explore.engine import Exploration, search
from flpcheck.explore.graph import Reached, StateGraph
from flpcheck.system import System

SEEDS = range(24)


def shuffled(graph: StateGraph, at: Random) -> tuple[StateGraph, np.ndarray[Any, np.dtype[np.int64]]]:
    """Return a graph with its ids exchanged within each level, and the new id of each old one."""
    order = sorted(range(len(graph)), key=lambda number: (int(graph.depth[number]), at.random()))
    new = np.empty(len(graph), np.int64)
    new[order] = np.arange(len(graph))
    outs = [graph.out(number) for number in order]
    degrees = [out.stop - out.start for out in outs]
    other = replace(
        graph,
        configurations=[graph.configurations[number] for number in order],
        roots=[int(new[root]) for root in graph.roots],
        offsets=np.concatenate([[0], np.cumsum(degrees)]).astype(np.int64),
        targets=np.concatenate([new[graph.targets[out]] for out in outs]).astype(np.int32),
        movers=np.concatenate([graph.movers[out] for out in outs]),
        depth=graph.depth[order],
        frontier=graph.frontier[order],
        _labels={},
    )
    return other, new


def told(schedule: Schedule) -> Any:
    return schedule.initial, schedule.as_json()


def some_goals(graph: StateGraph, at: Random) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return configurations of one level, because two of them are what makes the choice hard."""
    level = np.flatnonzero(graph.depth == at.randrange(int(graph.depth.max()) + 1))
    return np.array(sorted(at.sample(level.tolist(), min(len(level), at.choice([1, 3, 20])))), np.int64)


@pytest.mark.parametrize("most", [paths.MOST, 4, 0])
def test_the_ids_do_not_matter(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "MOST", most)
    for seed in SEEDS:
        at = Random(seed)
        graph = explore(system_of(random_protocol(seed), random_world(seed)), Bounds(configurations=300))
        goals = some_goals(graph, at)
        other, new = shuffled(graph, at)
        wanted = told(schedule_of(graph, path_ids(graph, goals)))
        assert told(schedule_of(other, path_ids(other, new[goals]))) == wanted, seed


def levels_of(system: System, engine: str) -> Reached:
    """Return what a search without transitions finds."""
    return search(Exploration(system=system, keep=False, engine=engine), Bounds(configurations=300))[0]


@pytest.mark.parametrize("most", [paths.MOST, 4])
@pytest.mark.parametrize("engine", ["reference", "kernel"])
def test_transitions_made_again_lead_the_same_way(engine: str, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    if engine == "kernel":
        pytest.importorskip("numba")
    monkeypatch.setattr(paths, "MOST", most)
    for seed in SEEDS[:12]:
        system = system_of(random_protocol(seed), random_world(seed))
        graph = explore(system_of(random_protocol(seed), random_world(seed)), Bounds(configurations=300))
        reached = levels_of(system, engine)
        goals = some_goals(graph, Random(seed))
        wanted = told(schedule_of(graph, path_ids(graph, goals)))
        assert told(schedule_of(reached, path_ids(reached, goals))) == wanted, seed
