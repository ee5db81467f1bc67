"""Counts that are known from elsewhere: a table by hand-made enumerators, and a closed form."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from oracle.analysis import (
    Census,
    Counts,
    blocked,
    census,
    counts,
    critical,
    disagreeing,
    enumerated,
    shortest_disagreement,
)
from oracle.same_graph import assert_same, sizes, texts
from waiting import EarlyListeners, WaitForSome

from flpcheck import asynchronous


class Row(NamedTuple):
    """A line of the published table: n, f, W, then what it must give."""

    n: int
    f: int
    wait: int
    configurations: int
    transitions: int
    valence: tuple[int, int, int, int]  # bivalent, 0, 1, none
    disagreeing: int
    initially: tuple[int, int, int]  # bivalent, 0, 1
    violated_after: int | None
    blocks: bool


TABLE = [
    Row(2, 0, 2, 28, 32, (0, 21, 7, 0), 0, (0, 3, 1), None, False),
    Row(2, 1, 2, 84, 120, (0, 51, 17, 16), 0, (0, 3, 1), None, True),
    Row(2, 1, 1, 68, 112, (26, 21, 21, 0), 16, (2, 1, 1), 2, False),
    Row(3, 0, 3, 640, 1800, (0, 320, 320, 0), 0, (0, 4, 4), None, False),
    Row(3, 1, 3, 1696, 5640, (0, 764, 764, 168), 0, (0, 4, 4), None, True),
    Row(3, 0, 2, 748, 2004, (300, 368, 80, 0), 168, (3, 4, 1), 5, False),
    Row(3, 1, 2, 2122, 6624, (759, 1106, 257, 0), 426, (3, 4, 1), 5, False),
    Row(3, 2, 1, 1624, 6456, (1104, 260, 260, 0), 948, (6, 1, 1), 2, False),
]


@pytest.mark.sampled(3)
@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"n{row.n}-f{row.f}-W{row.wait}")
def test_waiting_for_some_gives_the_published_table(row: Row) -> None:
    protocol, world = WaitForSome(n=row.n, wait=row.wait), asynchronous(crashes=row.f)
    graph = enumerated(protocol, world)
    bivalent, zero, one, none = row.valence
    assert counts(graph)[:2] == (row.configurations, row.transitions)
    assert census(graph) == Census(bivalent, {0: zero, 1: one}, none)
    assert len(disagreeing(graph)) == row.disagreeing
    assert census(graph, graph.initial) == Census(row.initially[0], {0: row.initially[1], 1: row.initially[2]}, 0)
    assert shortest_disagreement(graph) == row.violated_after
    assert bool(blocked(graph)) == row.blocks
    assert_same(protocol, world, graph)


@pytest.mark.parametrize("row", TABLE[:3], ids=lambda row: f"n{row.n}-f{row.f}-W{row.wait}")
def test_configurations_with_different_contents_print_differently(row: Row) -> None:
    graph = assert_same(*(case := (WaitForSome(n=row.n, wait=row.wait), asynchronous(row.f))), enumerated(*case))
    assert len(texts(graph)) == row.configurations


def test_waiting_for_all_has_no_bivalent_and_so_no_critical_configuration() -> None:
    assert critical(enumerated(WaitForSome(n=2, wait=2), asynchronous(crashes=1))) == []


@pytest.mark.parametrize(("n", "expected"), [(2, 36), (3, 1000)])
def test_early_listeners_give_the_closed_form(n: int, expected: int) -> None:
    protocol, world = EarlyListeners(n=n), asynchronous()
    graph = enumerated(protocol, world)
    assert expected == 2**n * (1 + 2 ** (n - 1)) ** n == len(graph.depth)
    assert sizes(assert_same(protocol, world, graph)) == counts(graph)


def test_counts_leave_self_loops_out_and_parallel_transitions_in() -> None:
    assert counts(enumerated(WaitForSome(n=2, wait=2), asynchronous())) == Counts(28, 32, 32, 4)
