"""Invariants of steps, judged once per pair of local states, against a look at every transition."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from generators.protocols import random_liars, random_protocol, random_world
from oracle.analysis import enumerated
from oracle.enumeration import Graph, TooLarge

from flpcheck import (
    HOLDS,
    VIOLATED,
    At,
    Gather,
    Mail,
    Process,
    Start,
    Step,
    asynchronous,
    gather_quorum,
    load,
    protocol,
    send,
    step_invariant,
    system_of,
)
from flpcheck.analyse import analyse
from flpcheck.errors import SpecError
from flpcheck.explore import explore


@step_invariant
def place_stays_even(before: Any, after: Any) -> bool:
    """No step leads from an even place to an odd one."""
    return bool(before.place % 2 == 1 or after.place % 2 == 0)


def naive_length(graph: Graph, names: tuple[str, ...], claim: Any = place_stays_even) -> int | None:
    """Return how many events the shortest schedule has whose last step is wrong.

    A process that is made to step by the world (it hears a lie, or omits a message) is one whose state changes, or that
    hears a lie.
    """
    lengths = []
    for edge in graph.edges:
        pairs = zip(edge.source.locals, edge.target.locals, strict=True)
        steps = [
            (before[1], after[1])
            for name, (before, after) in zip(names, pairs, strict=True)
            if before[0] == after[0] == "live"
            and (name == edge.by or (edge.by is None and (before != after or lied_to(edge.label) == name)))
        ]
        if not all(claim(*step) for step in steps):
            lengths.append(graph.depth[edge.source] + 1)
    return min(lengths, default=None)


def lied_to(label: Any) -> str | None:
    """Return the process that hears a lie in an event of the world."""
    return str(label[1]) if label[0] in {"lie", "gather"} else None


@step_invariant
def never_stays(before: Any, after: Any) -> bool:
    """Every step leads to another state."""
    return bool(before != after)


@protocol
class Answering:
    """B asks, and a passes on to c what it is asked, alone or gathered, without changing its state."""

    gathers: bool = False
    answers: bool = True

    def processes(self) -> list[Process[int, str]]:
        guard = self.one if self.gathers else None
        others = [Process("b", self.ask, start=0), Process("c", self.ask, start=1)]
        return [Process("a", self.answer, start=0, gather=guard), *others]

    def ask(self, at: At, s: int, event: Start | str) -> Step[int, str]:
        return (1, send("ask", to="a")) if s == 0 else (s, ())

    def answer(self, at: At, s: int, event: Gather[str] | str) -> Step[int, str]:
        return s, (send("answer", to="c") if self.answers else ())

    def one(self, at: At, s: int, mail: Mail[str]) -> Any:
        return gather_quorum(mail, 1)


@pytest.mark.parametrize("engine", ["reference", "kernel"])
@pytest.mark.parametrize(
    ("model", "verdict"),
    [(Answering(), VIOLATED), (Answering(gathers=True), VIOLATED), (Answering(answers=False), HOLDS)],
)
def test_a_lie_that_changes_no_state_but_is_answered_is_a_step(model: Answering, verdict: Any, engine: str) -> None:
    graph = explore(system_of(model, asynchronous(byzantine=("b",), network="set")), engine=engine)
    assert graph.engine == engine
    assert analyse(graph, [never_stays]).findings[0].verdict is verdict


@pytest.mark.sampled(2)
@pytest.mark.parametrize("engine", ["reference", "kernel"])
@pytest.mark.parametrize("claim", [place_stays_even, never_stays])
def test_shortest_wrong_steps_beside_liars(claim: Any, engine: str) -> None:
    found: Counter[Any] = Counter()
    for seed in range(60):
        model, world = random_liars(seed)
        try:
            expected = enumerated(model, world, 100)
        except TooLarge:
            continue
        graph = explore(system_of(model, world), engine=engine)
        finding = analyse(graph, [claim]).findings[0]
        length = naive_length(expected, graph.system.names, claim)
        assert ((None if finding.schedule is None else len(finding.schedule)), seed) == (length, seed)
        found[finding.verdict] += 1
    assert min(found[HOLDS], found[VIOLATED]) > 3


@pytest.mark.long
@pytest.mark.sampled(1)
@pytest.mark.parametrize("engine", ["reference", "kernel"])
def test_shortest_wrong_steps_of_random_protocols(engine: str) -> None:
    found = {HOLDS: 0, VIOLATED: 0}
    for seed in range(80):
        model, world = random_protocol(seed), random_world(seed)
        try:
            expected = enumerated(model, world, 200)
        except TooLarge:
            continue
        graph = explore(system_of(model, world), engine=engine)
        finding = analyse(graph, [place_stays_even]).findings[0]
        length = naive_length(expected, graph.system.names)
        assert (None if finding.schedule is None else len(finding.schedule)) == length
        found[finding.verdict] += 1
    assert min(found.values()) > 5


def test_a_predicate_that_fails_is_explained() -> None:
    @step_invariant
    def careless(before: Any, after: Any) -> bool:
        return bool(before.nothing == after.nothing)

    instance = load("wait_for_all").instances[0]
    with pytest.raises(SpecError, match="property careless raised an exception"):
        analyse(explore(system_of(instance.protocol, instance.world)), [careless])


def test_steps_of_a_general_protocol() -> None:
    @protocol
    class Countdown:
        start: int = 3

        def initial(self) -> list[int]:
            return [self.start]

        def successors(self, now: int) -> list[tuple[Any, int]]:
            from flpcheck import Event

            return [(Event("counts"), now - 1)] if now else []

    @step_invariant
    def never_zero(_: int, after: int) -> bool:
        return after > 0

    from flpcheck import asynchronous

    finding = analyse(explore(system_of(Countdown(), asynchronous())), [never_zero]).findings[0]
    assert finding.verdict is VIOLATED
    assert finding.schedule is not None
    assert len(finding.schedule) == 3
