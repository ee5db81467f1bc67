"""How termination is judged: who never decides and why, in words, and after how many events all have decided."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from analyse.test_rounds import Waits
from generators.timed import random_timed
from timed import FirstTimer, Request, SplitVote
from waiting import WaitForSome

from flpcheck import (
    HOLDS,
    VIOLATED,
    Bounds,
    Event,
    World,
    asynchronous,
    eventually_synchronous,
    heard_of,
    protocol,
    system_of,
    termination,
)
from flpcheck.analyse import Finding, analyse
from flpcheck.explore import StateGraph, explore


@protocol
class Swinging:
    """A state that swings to and fro by events of a kind; from one of its sides it can come to rest, and decide."""

    kind: str = "swing"

    def names(self) -> list[str]:
        return ["p"]

    def initial(self) -> list[int]:
        return [0]

    def successors(self, side: int) -> Iterator[tuple[Event, int]]:
        yield from [(Event(self.kind, "p"), 1 - side)] if side < 2 else ()
        yield from [(Event(self.kind, "p", message="last"), 2)] if side == 1 else ()

    def decisions(self, side: int) -> dict[str, int | None]:
        return {"p": 1 if side == 2 else None}


def judged(model: Any, world: World) -> Finding:
    (finding,) = analyse(explore(system_of(model, world)), [termination]).findings
    return finding


SWINGING = (
    "and this is fair: 'p swing 'last'' is not enabled at times; every other event that is owed to a correct process "
    "is taken"
)
ROUNDS = "and rounds like these may repeat for ever"


@pytest.mark.parametrize(
    ("model", "world", "because"),
    [
        (Swinging(), asynchronous(), f"p never decides, {SWINGING}"),
        (Swinging("round"), asynchronous(), f"p never decides, {ROUNDS}"),
        (Waits(fidgets=True), heard_of(), f"p0 and p1 never decide, {ROUNDS}"),
    ],
)
def test_a_run_that_goes_round_is_fair_by_steps_or_by_rounds(model: Any, world: World, because: str) -> None:
    finding = judged(model, world)
    assert (finding.verdict, finding.because) == (VIOLATED, because)
    assert finding.schedule is not None
    assert finding.schedule.loop is not None
    assert finding.because.startswith(" and ".join(finding.stuck))


@pytest.mark.parametrize("liars", [("p0",), ("p0", "p2")])
def test_where_a_liar_need_not_help_the_correct_that_have_not_decided_are_stuck(liars: tuple[str, ...]) -> None:
    finding = judged(WaitForSome(n=3, wait=3), asynchronous(byzantine=liars))
    assert finding.verdict is VIOLATED
    assert "may stay silent" in finding.because
    assert finding.schedule is not None
    view = system_of(WaitForSome(n=3, wait=3), asynchronous(byzantine=liars)).view(finding.schedule.configurations[-1])
    assert finding.faulty == liars
    assert finding.stuck == tuple(pid for pid in ("p0", "p1", "p2") if pid not in {*liars, *view.outputs})


def slowest(graph: StateGraph) -> int | None:
    """Return the length of the longest way through stable configurations in which some process is undecided."""
    system, known = graph.system, dict[int, int]()

    def undecided(number: int) -> bool:
        marks = system.marks(graph.configurations[number])
        return bool(graph.deciders & ~marks.crashed & ~marks.decided)

    def length(number: int, above: tuple[int, ...] = ()) -> int:
        if number in above:
            raise RecursionError
        if number not in known:
            after = graph.targets[graph.out(number)].tolist() if undecided(number) else []
            known[number] = max((1 + length(to, (*above, number)) for to in after), default=0)
        return known[number]

    try:
        return max(length(n) for n, here in enumerate(graph.configurations) if system.admissible(here))
    except RecursionError:
        return None


def test_within_how_many_events_all_decide_is_the_longest_way_after_the_world_has_stabilised() -> None:
    met = set()
    models = [FirstTimer(), Request(), SplitVote(), *(random_timed(seed)[0] for seed in range(40))]
    for model in models:
        graph = explore(system_of(model, eventually_synchronous(mistakes=1)), Bounds(configurations=150))
        (finding,) = analyse(graph, [termination]).findings if graph.complete and graph.deciders else [None]
        if finding is None or finding.verdict is not HOLDS:
            continue
        within = slowest(graph)
        assert finding.within == within
        if within is not None:
            assert f"within {within} event{'s' * (within != 1)} after the world stabilises" in finding.because
        met.add(within)
    assert len(met) > 2, met
