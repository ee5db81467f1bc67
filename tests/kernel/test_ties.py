"""Names of one colour that are not alike: all their arrangements are tried, up to a bound."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest

from flpcheck import (
    At,
    Pid,
    Process,
    Processes,
    Reduction,
    Start,
    Step,
    Symmetric,
    asynchronous,
    choose,
    protocol,
    record,
    system_of,
)
from flpcheck.errors import BadRequest
from flpcheck.explore import explore
from flpcheck.reduce import reduced

pytest.importorskip("numba")
NAMES = tuple(f"p{i}" for i in range(8))


@record
class Hub:
    """The pairs that are made."""

    pairs: frozenset[frozenset[Pid]] = frozenset()


@record
class Idle:
    """Nothing."""


@protocol
class Pairs:
    """A hub makes pairs of eight processes: with each further pair more of them have one colour."""

    most: int = 4

    def processes(self) -> Processes[Any]:
        return [Process("hub", self.hub, start=Hub()), *(Process(name, self.idle, start=Idle()) for name in NAMES)]

    def hub(self, at: At, s: Hub, event: Start) -> Step[Hub, Any]:
        left = [name for name in NAMES if not any(name in pair for pair in s.pairs)]
        if len(s.pairs) == self.most:
            return s, ()
        return choose(*((Hub(s.pairs | {frozenset(pair)}), ()) for pair in combinations(left, 2)))

    def idle(self, at: At, s: Idle, event: Start) -> Step[Idle, Any]:
        return s, ()

    def reductions(self) -> list[Reduction]:
        return [Symmetric(NAMES)]


@pytest.mark.parametrize("engine", ["auto", "kernel"])
def test_ties_are_tried_up_to_a_bound_and_then_refused(engine: str) -> None:
    """Three pairs have 6! arrangements, and four 8!: weights would be wrong if not all were looked at."""
    graph = explore(reduced(system_of(Pairs(most=3), asynchronous())), engine=engine)
    assert graph.weights.tolist() == [1, 28, 210, 420]
    with pytest.raises(BadRequest, match="names that are exchanged can hardly be told apart") as refused:
        explore(reduced(system_of(Pairs(most=4), asynchronous())), engine=engine)
    assert "declare fewer processes" in str(refused.value)
    assert "--engine" not in str(refused.value)
