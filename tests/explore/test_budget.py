"""What a run may spend: limits add up, time is counted once, and what does not fit is not begun."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from flpcheck import Bounds
from flpcheck.budget import (
    BudgetMonitor,
    OutOfBudget,
    accompany,
    afford,
    current_monitor,
    grace,
    kept,
    leave,
    look,
    looking,
    monitored,
    stage,
)
from flpcheck.explore.memory import HUGE, grown, zeros
from flpcheck.machine import resident_memory
from flpcheck.stops import StopReason


def test_without_a_monitor_everything_is_allowed() -> None:
    look(2**60)
    afford(1e9)
    with stage("analyse", "judging"), grace():
        assert list(looking(range(3))) == [0, 1, 2]


def test_time_that_is_up_ends_what_is_being_done_and_names_it() -> None:
    with monitored(BudgetMonitor(Bounds(seconds=1e-9))), stage("analyse", "judging agreement"):
        with pytest.raises(OutOfBudget, match="time was up while judging agreement") as error:
            look()
        assert error.value.bound is StopReason.MAX_SECONDS
        with pytest.raises(OutOfBudget):
            list(looking(range(3)))


def test_memory_that_would_be_used_up_is_refused_before_it_is_taken() -> None:
    with monitored(BudgetMonitor(Bounds(memory=resident_memory() + 100 * HUGE))), stage("explore", "exploring"):
        look(10 * HUGE)
        with pytest.raises(OutOfBudget, match="memory was used up while exploring") as error:
            look(200 * HUGE)
        assert error.value.bound is StopReason.MAX_MEMORY
        with pytest.raises(OutOfBudget):
            zeros(200 * HUGE, np.uint8)
        table = np.ones(60 * HUGE, np.uint8)
        with pytest.raises(OutOfBudget):
            grown(table, 0)


def test_what_grows_leaves_what_comes_afterwards_its_room() -> None:
    with monitored(BudgetMonitor(Bounds(memory=resident_memory() + 100 * HUGE))) as monitor:
        look(60 * HUGE)
        leave(60 * HUGE)
        assert monitor.bytes_left() < 41 * HUGE
        with pytest.raises(OutOfBudget, match="memory was used up"):
            look(60 * HUGE)
        with pytest.raises(OutOfBudget), monitored(BudgetMonitor(Bounds())):
            look(60 * HUGE)
        leave(0)
        look(60 * HUGE)


class Other:
    """Another process that works for this one."""

    def __init__(self, occupied: int) -> None:
        self.occupied = occupied

    def memory(self) -> int:
        return self.occupied

    def end(self) -> None:
        self.occupied = 0


def test_what_runs_beside_counts_and_is_ended_before_anything_is_cut() -> None:
    with monitored(BudgetMonitor(Bounds(memory=resident_memory() + 100 * HUGE))) as monitor:
        accompany(other := Other(50 * HUGE))
        assert monitor.bytes_left() < 51 * HUGE
        look(40 * HUGE)
        assert other.occupied
        look(60 * HUGE)
        assert not other.occupied
        with pytest.raises(OutOfBudget):
            look(200 * HUGE)


def test_what_cannot_be_ended_is_begun_only_if_it_fits() -> None:
    with monitored(BudgetMonitor(Bounds(seconds=60))):
        afford(1.0)
        with pytest.raises(OutOfBudget):
            afford(100.0)


def test_a_run_within_a_run_has_the_smaller_limits() -> None:
    with monitored(BudgetMonitor(Bounds(seconds=60, memory=2**40))):
        inner = BudgetMonitor(Bounds(seconds=600, memory=2**41))
        assert inner.left() <= 60
        assert inner.memory == 2**40
        assert BudgetMonitor(Bounds(seconds=1)).left() <= 1


def test_a_stage_uses_its_share_of_what_is_left() -> None:
    with monitored(BudgetMonitor(Bounds(seconds=100))):
        with stage("explore", "exploring", 0.5):
            assert 45 < current_monitor().left() <= 50
            assert BudgetMonitor(Bounds()).left() <= 50
        assert 95 < current_monitor().left() <= 100


def test_each_second_counts_for_one_part(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("flpcheck.budget.time", SimpleNamespace(monotonic=lambda: now[0], process_time=lambda: now[0]))
    with monitored(BudgetMonitor(Bounds())) as run:
        with stage("explore", "exploring"):
            now[0] += 2
            with monitored(BudgetMonitor(Bounds())), stage("analyse", "judging"):
                now[0] += 5
            now[0] += 1
        now[0] += 10
    assert run.ledger.seconds == {"explore": 3, "analyse": 5}


def test_what_was_found_is_put_into_words_for_a_moment_after_the_end() -> None:
    with monitored(BudgetMonitor(Bounds(seconds=1e-9))):
        with grace():
            look()
        with pytest.raises(OutOfBudget):
            look()


def test_what_was_found_by_then_is_kept_and_nothing_is_not() -> None:
    found: list[int] = []
    with monitored(BudgetMonitor(Bounds(seconds=1e-9))):
        with pytest.raises(OutOfBudget), kept(lambda: found):
            look()
        found.append(1)
        with kept(lambda: found):
            look()


def test_progress_is_reported_while_it_lasts() -> None:
    told: list[str] = []
    with monitored(BudgetMonitor(Bounds(), told.append)), stage("analyse", "judging termination"):
        look()
    assert told == ["judging termination"]
