"""Schedules along ids and paths: who moves where several could, and errors that name the step."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from flpcheck import Event, asynchronous, protocol, system_of
from flpcheck.analyse.schedule import at_path, schedule_of
from flpcheck.errors import BadRequest
from flpcheck.explore import explore


@protocol
class Together:
    """Two processes count: first q, then either of them twice, and p at last."""

    def names(self) -> list[str]:
        return ["p", "q"]

    def initial(self) -> list[int]:
        return [0]

    def successors(self, count: int) -> Iterator[tuple[Event, int]]:
        for pid in {0: "q", 1: "pq", 2: "pq", 3: "p"}.get(count, ""):
            yield Event("counts", pid), count + 1

    def decisions(self, count: int) -> dict[str, int | None]:
        return {"p": None, "q": None}


def test_where_either_process_leads_on_the_one_that_moved_last_goes_on() -> None:
    graph = explore(system_of(Together(), asynchronous()))
    schedule = schedule_of(graph, range(5))
    assert [step.event.process for step in schedule.transitions] == ["q", "q", "q", "p"]
    assert schedule.context_switches == 1


def test_a_path_that_asks_for_too_much_is_refused_with_the_step_counted_from_one() -> None:
    system = system_of(Together(), asynchronous())
    assert len(at_path(system, 0, [0, 1, 0, 0])) == 4
    for path, what in (
        ([1], "step 1 of the path takes transition 1, but there are only 1"),
        ([0, 2], "step 2 of the path takes transition 2, but there are only 2"),
        ([0, 0, 0, 0, 0], "step 5 of the path takes transition 0, but there are only 0"),
    ):
        with pytest.raises(BadRequest) as caught:
            at_path(system, 0, path)
        assert caught.value.what == what
