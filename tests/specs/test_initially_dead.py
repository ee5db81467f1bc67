"""FLP's Theorem 2: one protocol under three kinds of failures, with three different verdicts."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from flpcheck import StateGraph, asynchronous, load, system_of
from flpcheck.analyse import Valence
from flpcheck.explore import explore

DEAD = 2
"""Index of the process that never takes a step, where one is dead."""


@cache
def graph() -> StateGraph:
    return explore(system_of(load("initially_dead").protocol(), asynchronous()), engine="reference")


@cache
def waiting() -> dict[int, set[int]]:
    """For every configuration without a decision: who has an event that it can take."""
    found = graph()
    undecided = np.flatnonzero(found.marks.decided == 0).tolist()
    return {n: {t.mover for t in found.system.applicable(found.configurations[n])} for n in undecided}


@cache
def without_the_dead() -> set[int]:
    """What can be reached while one process takes no step; its mail piles up."""
    found = graph()
    reached, frontier = set(found.roots), list(found.roots)
    while frontier:
        here = found.out(frontier.pop())
        for target, mover in zip(found.targets[here].tolist(), found.movers[here].tolist(), strict=True):
            if mover != DEAD and target not in reached:
                reached.add(target)
                frontier.append(target)
    return reached


def test_three_initial_configurations_are_bivalent() -> None:
    assert len(graph()) == 38518
    census = Valence.of(graph()).census(np.array(graph().roots))
    assert (census.bivalent, sum(census.univalent.values()), census.none) == (3, 5, 0)


def test_all_runs_go_up() -> None:
    """There are no cycles, so a fair run that stays undecided ends where only faulty processes could still step."""
    edges = csr_matrix((np.ones(len(graph().targets)), graph().targets, graph().offsets), shape=(len(graph()),) * 2)
    edges.sum_duplicates()
    number, _ = connected_components(edges, directed=True, connection="strong")
    assert number == len(graph())


@pytest.mark.parametrize(("crashes", "undecided_for_ever"), [(0, 0), (1, 288)])
def test_a_death_in_mid_run_leaves_288_configurations_undecided_for_ever(crashes: int, undecided_for_ever: int) -> None:
    assert sum(len(movers) <= crashes for movers in waiting().values()) == undecided_for_ever


@pytest.mark.parametrize(("crashes", "undecided_for_ever"), [(0, 0), (1, 48)])
def test_one_dead_from_the_start_does_no_harm_but_one_more_death_does(crashes: int, undecided_for_ever: int) -> None:
    assert len(without_the_dead()) == 96
    stuck = [n for n in without_the_dead() & set(waiting()) if len(waiting()[n] - {DEAD}) <= crashes]
    assert len(stuck) == undecided_for_ever


def test_two_dead_from_the_start_block_all_eight_inputs() -> None:
    world = asynchronous(initially_dead=("p1", "p2"))
    blocked = explore(system_of(load("initially_dead").protocol(), world))
    assert len(set(blocked.roots)) == 8
    assert Valence.of(blocked).none.all()
