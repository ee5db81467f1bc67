"""Interactive consistency on vectors that are right, wrong about another process, too short, or no vectors."""

from __future__ import annotations

from typing import Any

import pytest

from flpcheck import (
    HOLDS,
    VIOLATED,
    At,
    Process,
    Processes,
    Start,
    Step,
    asynchronous,
    interactive_consistency,
    protocol,
    record,
    system_of,
)
from flpcheck.analyse import analyse
from flpcheck.authoring.property import Verdict
from flpcheck.explore import explore


@record
class Knows:
    input: int
    decision: tuple[int, ...] | int | None = None


@protocol
class Vectors:
    """Two processes decide what they have been given."""

    vectors: tuple[Any, ...] = ()

    def processes(self) -> Processes[Any]:
        return [Process(f"p{i}", self.decide, inputs={i: Knows(i)}) for i in (0, 1)]

    def decide(self, at: At, s: Knows, event: Start) -> Step[Knows, Any]:
        return (Knows(s.input, self.vectors[s.input]), ()) if s.decision is None else (s, ())


@pytest.mark.parametrize(
    ("vectors", "verdict"),
    [
        (((0, 1), (0, 1)), HOLDS),
        (((0, 1), (0, 0)), VIOLATED),
        (((1, 1), (0, 1)), VIOLATED),
        (((0, 1), (0,)), VIOLATED),
        (((0, 1), 1), VIOLATED),
    ],
)
def test_a_vector_holds_the_inputs_of_all_correct_processes(vectors: tuple[Any, ...], verdict: Verdict) -> None:
    graph = explore(system_of(Vectors(vectors), asynchronous()))
    assert analyse(graph, [interactive_consistency]).findings[0].verdict is verdict


def test_one_configuration_is_enough_and_the_correct_and_their_decisions_are_named() -> None:
    graph = explore(system_of(Lonely(), asynchronous()))
    (finding,) = analyse(graph, [interactive_consistency]).findings
    assert (len(graph), finding.verdict) == (2, VIOLATED)
    assert finding.because == "p0 proposes 0; no process is faulty; p0 decides (1,)"


@protocol
class Lonely(Vectors):
    """A process decides a vector that does not hold its own input."""

    vectors: tuple[Any, ...] = ((1,),)

    def processes(self) -> Processes[Any]:
        return super().processes()[:1]
