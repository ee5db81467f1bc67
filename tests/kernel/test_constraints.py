"""Constraints of general protocols: what lies outside is found and judged, and not expanded, by both engines."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from generators.guards import random_guards
from kernel.same_engines import assert_same

from flpcheck import (
    HOLDS,
    INCOMPLETE,
    VIOLATED,
    Action,
    Bounds,
    Event,
    agreement,
    asynchronous,
    deadlock_freedom,
    invariant,
    protocol,
    system_of,
)  # fmt: skip
from flpcheck.analyse.case import Case
from flpcheck.analyse.properties import judge
from flpcheck.analyse.safety import examine_safety
from flpcheck.errors import BadAnswer, SpecError
from flpcheck.explore import Cut, explore
from flpcheck.stops import StopReason

pytest.importorskip("numba")


@protocol
class Climb:
    """Two counters that nothing bounds, within a constraint."""

    most: int = 3
    broken: Any = None

    def names(self) -> list[str]:
        return ["p0", "p1"]

    def initial(self) -> list[tuple[int, int]]:
        return [(0, 0)]

    def actions(self) -> list[Action]:
        return [Action(self.climbs, i) for i in (0, 1)]

    def climbs(self, c: tuple[int, int], i: int) -> Iterator[tuple[Event, tuple[int, int]]]:
        assert max(c) <= self.most, "asked outside the constraint"
        yield Event("climbs", f"p{i}"), (c[0] + 1, c[1]) if i == 0 else (c[0], c[1] + 1)

    def constraint(self, c: tuple[int, int]) -> bool:
        return max(c) <= self.most if self.broken is None else self.broken(c)

    def decisions(self, c: tuple[int, int]) -> dict[str, int | None]:
        return {"p0": 1 if c[0] > 1 else None, "p1": 1 if c[1] > 1 else None}


@invariant
def low(c: tuple[int, int]) -> bool:
    """Neither counter exceeds three."""
    return max(c) <= 3


@invariant
def lower(c: tuple[int, int]) -> bool:
    """Neither counter exceeds four."""
    return max(c) <= 4


def test_what_lies_outside_a_constraint_is_found_and_not_expanded() -> None:
    graph = assert_same(lambda: system_of(Climb(), asynchronous(crashes=1)))
    inside, outside = 3 * 16, 8 + 4 + 4  # no process, p0 or p1 has crashed: then only the other one climbs
    assert graph.cut == Cut(StopReason.CONSTRAINT, outside)
    assert len(graph) == inside + outside
    for bounds in (Bounds(depth=3), Bounds(depth=5), Bounds(configurations=30)):
        cut = assert_same(lambda: system_of(Climb(), asynchronous()), bounds).cut
        assert cut is not None
    assert assert_same(lambda: system_of(Climb(), asynchronous()), Bounds(depth=7)).confined


@pytest.mark.parametrize("which", ["reference", "kernel"])
def test_verdicts_within_a_constraint(which: str) -> None:
    graph = explore(system_of(Climb(), asynchronous()), engine=which)
    verdicts = {claim: judge(Case(graph), claim) for claim in (lower, low, agreement, deadlock_freedom)}
    assert (verdicts[lower].verdict, verdicts[lower].because) == (HOLDS, "within the constraint")
    assert verdicts[agreement].verdict is HOLDS
    assert verdicts[low].verdict is VIOLATED  # outside, one step away
    assert verdicts[deadlock_freedom].verdict is INCOMPLETE
    found = examine_safety(system_of(Climb(), asynchronous()), [lower, agreement], engine=which)
    assert [(f.verdict, f.because) for f in found.findings] == [(HOLDS, "within the constraint")] * 2


@pytest.mark.parametrize("broken", [lambda c: c[0] // 0, lambda c: max(c) if c[0] > 1 else True])
def test_constraints_that_fail_are_blamed(broken: Any) -> None:
    told = []
    for which in ("reference", "kernel"):
        with pytest.raises(SpecError) as caught:
            explore(system_of(Climb(broken=broken), asynchronous()), engine=which)
        told.append((type(caught.value), str(caught.value), caught.value.schedule))
    assert told[0] == told[1]
    assert told[0][0] is BadAnswer or "raised an exception" in told[0][1]


def test_what_a_constraint_keeps_back_goes_beyond_no_bound() -> None:
    """All four initial configurations lie outside the constraint, and there may be three."""
    seed = 600597
    make = partial(system_of, random_guards(seed, confined=True), asynchronous(crashes=1))
    graph = assert_same(make, Bounds(configurations=3))
    assert graph.cut == Cut(StopReason.CONSTRAINT, 4)
