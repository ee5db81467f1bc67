"""Graphs of rounds: which cycles never end, how long it takes to decide, and how long the adversary keeps it open."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from flpcheck import (
    At,
    Effects,
    Event,
    Heard,
    RoundProcess,
    World,
    asynchronous,
    broadcast,
    heard_of,
    load,
    partially_synchronous,
    protocol,
    record,
    replace,
    synchronous,
    system_of,
)
from flpcheck.analyse.case import Case
from flpcheck.analyse.live.search import FairComponent
from flpcheck.analyse.rounds import bivalent_chain, resting, rounds_to_decide
from flpcheck.analyse.verdict import flp_verdict
from flpcheck.explore import Bounds, StateGraph, explore


@record
class Waiting:
    side: int = 0
    decision: int | None = None


@protocol
class Waits:
    """Each process decides when it hears the other one; until then it rests, or changes sides."""

    fidgets: bool = False
    period = 1

    def processes(self) -> list[RoundProcess[Waiting, int]]:
        return [RoundProcess(name, self.send, self.receive, Waiting()) for name in ("p0", "p1")]

    def send(self, at: At, s: Waiting, round: int) -> Effects[int]:
        return broadcast(0)

    def receive(self, at: At, s: Waiting, round: int, heard: Heard[int]) -> Waiting:
        if s.decision is not None or heard.keys() - {at.me}:
            return replace(s, side=0, decision=0)
        return replace(s, side=1 - s.side) if self.fidgets else s


def found(model: Any, world: World, bounds: Bounds = Bounds()) -> StateGraph:  # noqa: B008
    return explore(system_of(model, world), bounds)


def undecided_cycles(graph: StateGraph) -> list[FairComponent]:
    return Case(graph).termination.components


def test_a_round_may_leave_an_undecided_configuration_as_it_is_for_ever() -> None:
    graph = found(Waits(), heard_of())
    waiting = [n for n, c in enumerate(graph.configurations) if any(part.local.decision is None for part in c.parts)]
    assert len(waiting) == 3
    assert resting(graph) == waiting
    assert [component.numbers.tolist() for component in undecided_cycles(graph)] == [[number] for number in waiting]
    assert resting(found(Waits(), heard_of(), Bounds(depth=0))) == []
    assert resting(found(Waits(fidgets=True), heard_of())) == []
    assert resting(found(Waits(), partially_synchronous())) == []
    assert rounds_to_decide(graph) is None


def test_a_cycle_of_rounds_is_endless_unless_all_have_decided_or_it_comes_before_gst() -> None:
    cycles = [component.numbers.tolist() for component in undecided_cycles(found(Waits(fidgets=True), heard_of()))]
    graph = found(Waits(fidgets=True), heard_of())
    undecided = {n for n, c in enumerate(graph.configurations) if any(part.local.decision is None for part in c.parts)}
    assert {number for numbers in cycles for number in numbers} == undecided
    assert undecided_cycles(found(Waits(fidgets=True), partially_synchronous())) == []


@pytest.mark.parametrize(
    ("world", "bounds", "rounds"),
    [
        (synchronous(), Bounds(), 1),
        (partially_synchronous(), Bounds(), 1),
        (heard_of(), Bounds(), None),
        (synchronous(), Bounds(depth=0), None),
    ],
)
def test_how_many_rounds_it_takes(world: World, bounds: Bounds, rounds: int | None) -> None:
    assert rounds_to_decide(found(Waits(), world, bounds)) == rounds


@pytest.mark.parametrize(("f", "events"), [(1, 0), (2, 1)])
def test_the_adversary_keeps_it_open_for_one_round_less_than_it_has_crashes(f: int, events: int) -> None:
    graph = found(load("floodset").protocol(n=3, rounds=f + 1), synchronous(crashes=f))
    bivalent = Case(graph).valence.bivalent
    chain = bivalent_chain(graph, bivalent)
    assert len(chain) == events + 1
    assert chain[0] in graph.roots
    assert all(after in graph.targets[graph.out(before)] for before, after in pairwise(chain))
    assert bivalent[chain].all()
    assert bivalent_chain(graph, np.zeros(len(graph), dtype=np.bool_)) == []


def test_a_chain_that_need_not_end_is_none() -> None:
    graph = found(Waits(), heard_of())
    assert bivalent_chain(graph, np.ones(len(graph), dtype=np.bool_)) == []


@protocol
class Retry:
    """p flips a coin until it falls on heads."""

    def names(self) -> list[str]:
        return ["p"]

    def initial(self) -> list[int]:
        return [0]

    def successors(self, c: int) -> Iterator[tuple[Event, int]]:
        if not c:
            yield from ((Event("flip", "p", chance=Fraction(1, 2)), side) for side in (0, 1))

    def decisions(self, c: int) -> dict[str, int | None]:
        return {"p": c or None}


def test_a_coin_that_always_falls_on_tails_is_luck_and_no_fair_run() -> None:
    graph = found(Retry(), asynchronous())
    assert Case(graph).termination.components == []
    assert [component.numbers.tolist() for component in Case(graph).termination.lucky] == [[0]]
    assert not found(Waits(), heard_of()).system.tosses


@protocol
class Decided(Waits):
    """Both have decided before the first round."""

    def processes(self) -> list[RoundProcess[Waiting, int]]:
        return [RoundProcess(name, self.send, self.receive, Waiting(decision=0)) for name in ("p0", "p1")]


def test_who_has_decided_from_the_start_needs_no_round() -> None:
    assert rounds_to_decide(found(Decided(), synchronous())) == 0


@protocol
class Parrots:
    """Each of two processes decides the least value that it hears within some rounds."""

    rounds: int = 1

    def processes(self) -> list[RoundProcess[Known, int]]:
        starts = {v: Known(v) for v in (0, 1)}
        return [RoundProcess(name, self.send, self.receive, inputs=starts) for name in ("p0", "p1")]

    def send(self, at: At, s: Known, round: int) -> Effects[int]:
        return broadcast(s.input)

    def receive(self, at: At, s: Known, round: int, heard: Heard[int]) -> Known:
        known = min((s.input, *heard.values()))
        return replace(s, input=known, decision=known if round == self.rounds else None)


@record
class Known:
    input: int = 0
    decision: int | None = None


@pytest.mark.parametrize(
    ("rounds", "predicate", "depth", "verdicts"),
    [
        (2, "complete", None, ("outside",)),
        (2, "any", None, ("disagrees",)),
        (1, "no_split", None, ("disagrees",)),
        (2, "any", 1, ("unknown",)),  # what is cut says nothing, neither of a horn nor of what is promised
    ],
)
def test_the_verdict_of_the_theorem_on_rounds_rests_on_what_was_found(
    rounds: int, predicate: str, depth: int | None, verdicts: tuple[str, ...]
) -> None:
    flp = flp_verdict(Case(found(Parrots(rounds), heard_of(predicate), Bounds(depth=depth))))
    assert flp is not None
    assert flp.verdicts == verdicts
