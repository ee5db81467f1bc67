"""Invariants of steps, judged once per pair of local states, against a look at every transition."""

from __future__ import annotations

from typing import Any

import pytest
from naive import Graph, TooLarge
from naive_analysis import enumerated
from random_protocols import random_protocol, random_world

from flpcheck import HOLDS, VIOLATED, load, protocol, step_invariant, system_of
from flpcheck.analyse import analyse
from flpcheck.errors import SpecError
from flpcheck.explore import explore


@step_invariant
def place_stays_even(before: Any, after: Any) -> bool:
    """No step leads from an even place to an odd one."""
    return bool(before.place % 2 == 1 or after.place % 2 == 0)


def naive_length(graph: Graph, names: tuple[str, ...]) -> int | None:
    """Return how many events the shortest schedule has whose last step is wrong.

    A process that is made to step by the world (it hears a lie, or omits a message) is one whose state changes.
    """
    lengths = []
    for edge in graph.edges:
        pairs = zip(edge.source.locals, edge.target.locals, strict=True)
        steps = [
            (before[1], after[1])
            for name, (before, after) in zip(names, pairs, strict=True)
            if before[0] == after[0] == "live" and (name == edge.by or (edge.by is None and before != after))
        ]
        if not all(place_stays_even(*step) for step in steps):
            lengths.append(graph.depth[edge.source] + 1)
    return min(lengths, default=None)


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
