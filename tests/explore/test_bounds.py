"""Bounds cut the search and mark the frontier; they never change what was found before."""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest
from waiting import WaitForSome

from flpcheck import Bounds, StateGraph, asynchronous, system_of
from flpcheck.errors import BadRequest
from flpcheck.explore import Cut, Progress, explore, parse_size
from flpcheck.report.as_json.findings import cut_as_json
from flpcheck.stops import StopReason

ROOTS, ALL, DEEPEST = 4, 84, 5  # of the protocol below


def explored(bounds: Bounds | None = None, report: Callable[[Progress], None] | None = None) -> StateGraph:
    return explore(system_of(WaitForSome(), asynchronous(crashes=1)), bounds, report=report)


def described(graph: StateGraph) -> list[str]:
    return [str(graph.describe(number)) for number in range(len(graph))]


def marks_its_frontier(graph: StateGraph) -> None:
    """What is on the frontier has no transitions stored; everything else has all of them."""
    for number in range(len(graph)):
        stored = graph.targets[graph.out(number)]
        if graph.frontier[number]:
            assert len(stored) == 0
        else:
            assert len(stored) == len(graph.transitions(number))
    left = int(graph.frontier.sum())
    assert graph.complete == (left == 0)
    assert graph.cut is None or graph.cut.frontier == left


def test_without_bounds_nothing_is_cut() -> None:
    graph = explored()
    assert (len(graph), len(graph.roots), int(graph.depth.max())) == (ALL, ROOTS, DEEPEST)
    assert graph.complete
    marks_its_frontier(graph)


@pytest.mark.parametrize("limit", range(ROOTS, ALL + 2))
def test_configurations_are_a_prefix_of_the_whole_and_never_too_many(limit: int) -> None:
    graph, whole = explored(Bounds(configurations=limit)), explored()
    assert len(graph) <= limit
    assert described(graph) == described(whole)[: len(graph)]
    assert list(graph.depth) == list(whole.depth)[: len(graph)]
    assert graph.complete == (limit >= ALL)
    if not graph.complete:
        assert graph.cut is not None
        assert graph.cut.bound == "max-configurations"
    marks_its_frontier(graph)


@pytest.mark.parametrize("limit", range(DEEPEST + 2))
def test_depth_keeps_exactly_what_is_near_enough(limit: int) -> None:
    graph, whole = explored(Bounds(depth=limit)), explored()
    assert described(graph) == [d for d, depth in zip(described(whole), whole.depth, strict=True) if depth <= limit]
    assert graph.complete == (limit >= DEEPEST)
    if not graph.complete:
        assert graph.cut == Cut(StopReason.MAX_DEPTH, int(graph.frontier.sum()))
        assert {int(depth) for depth in graph.depth[graph.frontier]} == {limit}
    marks_its_frontier(graph)


@pytest.mark.parametrize(
    ("bounds", "stop"), [(Bounds(seconds=1e-9), StopReason.MAX_SECONDS), (Bounds(memory=1), StopReason.MAX_MEMORY)]
)
def test_time_and_memory_cut_and_are_named(bounds: Bounds, stop: StopReason) -> None:
    graph = explored(bounds)
    assert graph.cut == Cut(stop, len(graph))
    assert cut_as_json(graph.cut) == {"bound": stop.value, "frontier": ROOTS}
    marks_its_frontier(graph)


def test_time_and_memory_that_suffice_do_not_cut() -> None:
    assert explored(Bounds(seconds=600, memory=2**50)).complete


def test_interrupt_keeps_what_was_found() -> None:
    glances: list[Progress] = []

    def interrupt(progress: Progress) -> None:
        glances.append(progress)
        if len(glances) == 2:
            signal.raise_signal(signal.SIGINT)

    big = system_of(WaitForSome(n=3, wait=3), asynchronous(crashes=1))
    graph = explore(big, report=interrupt)
    assert graph.cut == Cut(StopReason.INTERRUPTED, int(graph.frontier.sum()))
    assert 256 < len(graph) < 1696
    marks_its_frontier(graph)
    first, second = glances
    assert (first.configurations, first.transitions, first.depth, first.frontier) == (8, 0, 0, 8)
    assert second.configurations - second.frontier == 256
    assert 0 < second.transitions <= len(graph.targets)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert explore(big).complete


def test_a_second_interrupt_interrupts_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flpcheck.explore.interrupts.ONE_PRESS", -1.0)  # however soon after the first it comes

    def interrupt(_: Progress) -> None:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        explore(system_of(WaitForSome(n=3, wait=3), asynchronous(crashes=1)), report=interrupt)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_two_interrupts_of_one_key_press_are_one() -> None:
    def interrupt(_: Progress) -> None:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    graph = explore(system_of(WaitForSome(n=3, wait=3), asynchronous(crashes=1)), report=interrupt)
    assert graph.cut is not None
    assert graph.cut.bound == "interrupted"


@pytest.mark.parametrize("bounds", [{"configurations": 0}, {"depth": -1}, {"seconds": 0}, {"memory": -5}])
def test_bounds_that_leave_nothing_are_refused(bounds: dict[str, int]) -> None:
    with pytest.raises(BadRequest, match="leaves nothing to explore"):
        Bounds(**bounds)


@pytest.mark.parametrize(
    ("text", "size"), [("1", 1), ("800M", 800 * 2**20), ("4GiB", 2**32), ("1.5 kB", 1536), ("2t", 2**41)]
)
def test_sizes_are_read(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "G", "4X", "four", "1e999"])
def test_sizes_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(BadRequest, match="is not a size"):
        parse_size(text)
