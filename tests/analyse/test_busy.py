"""Busy periods that never end: which configurations are in one, who waits in it, and what is not proved then."""

from __future__ import annotations

from typing import Any

import pytest
from timed import PingPong, Request, TwoTimeouts, never_dead, never_late

from flpcheck import HOLDS, INCOMPLETE, VIOLATED, Bounds, View, sometimes, synchronous, system_of
from flpcheck.analyse import analyse
from flpcheck.analyse.busy import endless_exchange
from flpcheck.budget import PARTS, BudgetMonitor, monitored
from flpcheck.explore import StateGraph, explore


def graph_of(model: Any) -> StateGraph:
    return explore(system_of(model, synchronous()))


def reachable(graph: StateGraph, start: int, among: set[int]) -> set[int]:
    """Return where one step or more lead within some configurations."""
    found: set[int] = set()
    waiting = [start]
    while waiting:
        after = set(graph.targets[graph.out(waiting.pop())].tolist()) & among - found
        found |= after
        waiting += after
    return found


def waits(graph: StateGraph, number: int) -> bool:
    """Whether c has started its timer in this busy period, and it has not gone off."""
    here = graph.configurations[number]
    due = graph.system.describe(here).get("world", {}).get("timers due", "")
    state = graph.system.view(here).states["c"]
    return bool(state.x and state.decision is None and "c" not in due)


def test_an_exchange_is_every_cycle_of_configurations_with_mail_in_which_a_timer_waits() -> None:
    graph = graph_of(PingPong())
    found = endless_exchange(graph)
    assert found is not None
    busy = {n for n, here in enumerate(graph.configurations) if any(graph.system.view(here).mail.values())}
    after = {number: reachable(graph, number, busy) for number in busy}
    cycles = {number: {other for other in after[number] if number in after[other]} for number in busy}
    inside = {number for number in busy if any(waits(graph, other) for other in cycles[number])}
    everywhere = set(range(len(graph)))
    leading = {number for number in everywhere if number in inside or reachable(graph, number, everywhere) & inside}
    assert found.inside == {graph.configurations[number] for number in inside}
    assert found.leading == {graph.configurations[number] for number in leading}
    assert found.waiting == ("c",)
    assert len(found.events) == len(set(found.events)) == 2


@sometimes
def some_process_is_late(view: View[Any]) -> bool:
    """Some process has waited too long."""
    return not never_late(view)


def test_only_what_a_schedule_shows_is_proved_beside_a_busy_period_that_never_ends() -> None:
    graph = graph_of(PingPong())
    verdicts = [finding.verdict for finding in analyse(graph, [never_late, some_process_is_late]).findings]
    assert verdicts == [INCOMPLETE, INCOMPLETE]


@pytest.mark.parametrize("model", [Request(), TwoTimeouts()])
def test_where_every_busy_period_ends_nothing_is_taken_back(model: Any) -> None:
    graph = graph_of(model)
    assert endless_exchange(graph) is None
    assert {finding.verdict for finding in analyse(graph, [never_dead]).findings} <= {HOLDS, VIOLATED}


def test_the_time_of_looking_for_it_counts_as_judging() -> None:
    graph = graph_of(PingPong())
    with monitored(BudgetMonitor(Bounds(seconds=600))) as monitor:
        analyse(graph, [never_late])
    assert set(monitor.ledger.seconds) == {"analyse"} <= set(PARTS)
