"""Worlds with coins: closed forms, brute force over all schedulers, and a simulation."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest
from oracle.chance import Process as Decisions
from oracle.chance import expectations, least_within, maximal_ends

from benchmarks import ben_or
from flpcheck import HOLDS, VIOLATED, At, Event, Start, Step, asynchronous, protocol, record, system_of, toss
from flpcheck.analyse import analyse
from flpcheck.analyse.chance import Odds, end_components
from flpcheck.analyse.chance.process import Mdp
from flpcheck.analyse.chance.values import chances_by_round, expected_rounds
from flpcheck.authoring.process import Process, Processes
from flpcheck.authoring.property import termination
from flpcheck.explore import explore
from flpcheck.model import Model

HALF, THIRD = Fraction(1, 2), Fraction(1, 3)


@record
class Where:
    """A state of a process with coins, as a configuration; the goal is a decision."""

    state: int
    decision: int | None = None


@protocol
class Rolling:
    """Whatever a Markov decision process does, in rounds; who is at the goal has decided."""

    process: tuple[tuple[tuple[tuple[Fraction, int], ...], ...], ...] = ()
    goal: int = 0
    kind: str = "round"

    def names(self) -> list[str]:
        return ["p0"]

    def initial(self) -> Iterator[Where]:
        yield Where(0)

    def decisions(self, c: Where) -> dict[str, int | None]:
        return {"p0": c.decision}

    def successors(self, c: Where) -> Iterator[tuple[Event, Where]]:
        for number, action in enumerate(self.process[c.state] if c.decision is None else ()):
            for chance, to in action:
                after = Where(to, 1 if to == self.goal else None)
                yield Event(self.kind, message=f"action {number}", chance=chance), after


def rolling(process: Decisions, goal: int) -> Rolling:
    rows = tuple(tuple(tuple(action) for action in process[state]) for state in sorted(process))
    return Rolling(rows, goal)


def mdp_of(process: Decisions, goal: int) -> tuple[Mdp, list[int]]:
    """Return the process as the checker sees it, and the author's states by id."""
    graph = explore(system_of(rolling(process, goal), asynchronous()))
    return Mdp.of(graph), [graph.system.view(configuration).state for configuration in graph.configurations]


def test_two_coins_have_closed_forms() -> None:
    """The scheduler chooses a fair coin or one that falls well in a third of cases: 2 to 3 rounds, 1 - (2/3)^r."""
    process: Decisions = {0: [[(HALF, 0), (HALF, 1)], [(THIRD, 1), (1 - THIRD, 0)]], 1: []}
    analysis = analyse(explore(system_of(rolling(process, 1), asynchronous())), [termination])
    odds = analysis.odds
    assert odds is not None
    assert odds.slowest is not None
    assert odds.fastest is not None
    assert odds.slowest.low == odds.slowest.high == 3
    assert odds.fastest.low == odds.fastest.high == 2
    assert list(odds.by_round) == [1 - (1 - THIRD) ** r for r in range(5)]
    assert analysis.findings[0].verdict is HOLDS
    assert "probability one" in analysis.findings[0].because


def random_process(dice: random.Random) -> Decisions:
    """Five states; each action gets nearer to the goal with some probability, so that all schedulers arrive."""
    process: Decisions = {4: []}
    for state in range(4):
        process[state] = []
        for _ in range(dice.randint(1, 2)):
            cut = Fraction(dice.randint(1, 5), 6)
            process[state].append([(cut, dice.randint(state + 1, 4)), (1 - cut, dice.randint(0, state))])
    return process


@pytest.mark.parametrize("seed", range(30))
def test_expectations_and_chances_agree_with_all_schedulers(seed: int) -> None:
    process = random_process(random.Random(seed))
    mdp, _ = mdp_of(process, 4)
    least, most = expectations(process, 4)
    slowest, fastest = expected_rounds(mdp, max), expected_rounds(mdp, min)
    assert slowest is not None
    assert fastest is not None
    assert slowest.low <= most <= slowest.high
    assert fastest.low <= least <= fastest.high
    assert slowest.high - slowest.low <= most * Fraction(1, 10**8)
    assert chances_by_round(mdp, 4) == [least_within(process, 4, steps) for steps in range(5)]


@pytest.mark.parametrize("seed", range(40))
def test_end_components_agree_with_all_sets(seed: int) -> None:
    dice = random.Random(seed)
    process: Decisions = {5: []}
    for state in range(5):
        actions = [dice.sample(range(6), dice.randint(1, 2)) for _ in range(dice.randint(1, 3))]
        process[state] = [[(Fraction(1, len(found)), to) for to in found] for found in actions]
    mdp, states = mdp_of(process, 5)
    reachable = set(states)
    found = {frozenset(states[number] for number in numbers.tolist()) for numbers in end_components(mdp)}
    assert found == {end for end in maximal_ends(process) if end <= reachable}


@record
class Flipper:
    decision: int | None = None


@record
class Switch:
    on: bool = False
    input: int = 0


@protocol
class Distracted:
    """p0 tosses a coin until it shows heads, and p1 does nothing but go to and fro; one process or two."""

    apart: bool = True

    def names(self) -> list[str]:
        return ["p0", "p1"]

    def initial(self) -> Iterator[tuple[bool, int | None]]:
        yield (False, None)

    def decisions(self, c: tuple[bool, int | None]) -> dict[str, int | None]:
        return {"p0": c[1]}

    def successors(self, c: tuple[bool, int | None]) -> Iterator[tuple[Event, tuple[bool, int | None]]]:
        on, decision = c
        if decision is None and (self.apart or not on):
            yield Event("toss", "p0", chance=HALF), (on, 1)
            yield Event("toss", "p0", chance=HALF), c
        yield Event("switch", "p1" if self.apart else "p0", message=not on), (not on, decision)


def test_a_scheduler_that_never_lets_a_coin_be_tossed_is_unfair() -> None:
    found = analyse(explore(system_of(Distracted(), asynchronous())), [termination]).findings[0]
    assert found.verdict is HOLDS
    assert found.schedule is not None  # the run of probability zero
    assert found.schedule.loop is not None


def test_an_end_component_in_which_the_coin_is_put_away_again_is_a_violation() -> None:
    """The toss is not applicable all the time, so weak fairness does not promise it."""
    found = analyse(explore(system_of(Distracted(apart=False), asynchronous())), [termination]).findings[0]
    assert (found.verdict, found.stuck) == (VIOLATED, ("p0",))
    assert "whatever the results of the coin tosses" in found.because
    assert found.schedule is not None
    assert {step.event.kind for step in found.schedule.transitions} == {"switch"}


@protocol
class Once:
    """Heads or tails is decided; on its edge the coin decides nothing."""

    def processes(self) -> Processes[int]:
        return [Process("p0", self.flip, start=Flipper())]

    def flip(self, at: At, s: Flipper, event: Start) -> Step[Flipper, int]:
        if s.decision is not None:
            return s, ()
        return toss((THIRD, (Flipper(0), ())), (THIRD, (Flipper(1), ())), (THIRD, (Flipper(-1), ())))


def odds_of(process: Decisions, kind: str = "toss") -> tuple[Fraction | None, str]:
    """Return the least probability of deciding, and how it is said, where the steps are no rounds."""
    analysis = analyse(explore(system_of(Rolling(rolling(process, 9).process, 9, kind), asynchronous())), [termination])
    assert analysis.odds is not None
    return analysis.odds.least, analysis.findings[0].because


def test_without_rounds_the_scheduler_that_sees_all_picks_the_worse_coin() -> None:
    """It tosses a coin of 1/2 or one of 1/3, and if that falls well either decides, or tosses once more."""
    lost: list[list[tuple[Fraction, int]]] = []
    won: list[list[tuple[Fraction, int]]] = []
    once = {0: [[(HALF, 9), (HALF, 1)], [(THIRD, 9), (1 - THIRD, 1)]], 1: lost}
    twice = {0: [[(HALF, 2), (HALF, 1)]], 1: lost, 2: [[(THIRD, 9), (1 - THIRD, 1)], [(HALF, 9), (HALF, 1)]]}
    sure = {0: [[(HALF, 1), (HALF, 9)]], 1: [[(Fraction(1), 9)]]}
    assert [odds_of({**process, 9: won})[0] for process in (once, twice, sure)] == [THIRD, HALF * THIRD, 1]


@pytest.mark.parametrize(("kind", "words"), [("round", "under every round-rigid"), ("toss", "under every fair")])
def test_deciding_with_probability_one_names_the_schedulers_that_are_meant(kind: str, words: str) -> None:
    assert words in odds_of({0: [[(HALF, 9), (HALF, 1)]], 1: [[(Fraction(1), 9)]], 9: []}, kind)[1]


def test_the_trace_tells_how_likely_a_toss_was() -> None:
    found = analyse(explore(system_of(Once(), asynchronous())), [termination])
    assert found.odds == Odds(Fraction(1))
    assert [step.as_json()["chance"] for step in found.graph.transitions(0)] == ["1/3", "1/3", "1/3"]


def test_ben_or_takes_five_rounds_with_the_worst_scheduler() -> None:
    """A split ends with probability 1/4 in each round: 1 + 1/(1/4) rounds, and 1 - (3/4)^(r-1) after r of them."""
    odds = Model("ben_or_rounds", instance="split").examination.analysis.odds
    assert odds is not None
    assert odds.slowest is not None
    assert odds.fastest is not None
    assert odds.slowest.low == odds.slowest.high == 5
    assert odds.fastest.low == odds.fastest.high == 2
    assert list(odds.by_round[1:]) == [1 - Fraction(3, 4) ** (r - 1) for r in range(1, 5)]


@pytest.mark.parametrize(("scheduler", "expected"), [(ben_or.hostile, 5.0), (ben_or.friendly, 2.0)])
def test_a_simulation_of_ben_or_agrees(scheduler: ben_or.Scheduler, expected: float) -> None:
    found = ben_or.rounds_of(20_000, scheduler, seed=1)
    assert abs(found.mean() - expected) <= 5 * found.std() / np.sqrt(len(found))


def test_ben_or_without_a_coin_goes_on_for_ever() -> None:
    model = Model("ben_or_rounds", instance="no coins")
    found = next(f for f in model.examination.analysis.findings if f.claim is termination)
    assert found.verdict is VIOLATED
    assert found.schedule is not None
    assert found.schedule.loop == 0


@pytest.mark.long
def test_a_scheduler_of_messages_that_has_seen_a_coin_is_stronger_than_one_of_rounds() -> None:
    """It lets p1 and p2 hear of a proposal or of none according to the coin of p0: 1/8 instead of 1/4 by round 2."""
    odds = Model("ben_or", instance="two rounds").examination.analysis.odds
    assert odds == Odds(Fraction(1, 8))
