"""Passive learners: what properties see of them, what is lost on the way to them, and what liars tell them."""

from __future__ import annotations

from typing import Any

import pytest

from flpcheck import (
    HOLDS,
    VIOLATED,
    At,
    Mail,
    PassiveLearner,
    Process,
    Processes,
    Property,
    Start,
    Step,
    asynchronous,
    integrity,
    invariant,
    protocol,
    record,
    send,
    sometimes,
    system_of,
    termination,
)
from flpcheck.analyse import analyse
from flpcheck.analyse.safety import examine_safety
from flpcheck.errors import BadProtocol, BadWorld
from flpcheck.explore import explore

BOTH = ("reference", "kernel")


@record
class Value:
    """A value that is learnt when it arrives."""

    value: int


@record
class Local:
    """How many values the process has sent."""

    spoken: int = 0


@protocol
class Learning:
    """A process tells a learner some values in one step, and the learner decides each of them."""

    values: tuple[int, ...] = (0, 1)

    def processes(self) -> Processes[Value]:
        return [Process("p", self.step, start=Local()), PassiveLearner("learner", self.learn)]

    def step(self, at: At, s: Local, event: Start) -> Step[Local, Value]:
        if s.spoken:
            return s, ()
        return Local(len(self.values)), tuple(send(Value(value), to="learner") for value in self.values)

    def learn(self, mail: Mail[Value]) -> frozenset[int]:
        return frozenset(letter.message.value for letter in mail)


@protocol
class Wavering(Learning):
    """The learner decides how many letters it has."""

    def learn(self, mail: Mail[Value]) -> frozenset[int]:
        return frozenset({len(mail)}) if mail else frozenset()


@protocol
class Slow(Wavering):
    """The values are sent one after the other."""

    def step(self, at: At, s: Local, event: Start) -> Step[Local, Value]:
        if s.spoken == len(self.values):
            return s, ()
        return Local(s.spoken + 1), send(Value(self.values[s.spoken]), to="learner")


@protocol
class Majority:
    """Three processes tell a learner 0, and it decides what two of them have told it."""

    careless: bool = False  # whether it counts letters, and not processes

    def processes(self) -> Processes[Value]:
        return [*(Process(f"p{i}", self.step, start=Local()) for i in range(3)), PassiveLearner("learner", self.learn)]

    def step(self, at: At, s: Local, event: Start) -> Step[Local, Value]:
        return (s, ()) if s.spoken else (Local(1), send(Value(0), to="learner"))

    def lies(self, liar: str) -> list[Value]:
        return [Value(1)]

    def learn(self, mail: Mail[Value]) -> frozenset[int]:
        letters = mail if self.careless else {(letter.sender, letter.message): letter for letter in mail}.values()
        votes = [letter.message.value for letter in letters]
        return frozenset(value for value in votes if votes.count(value) > 1)


@invariant
def never_one(view: Any) -> bool:
    """No process decides 1."""
    return bool(view.outputs.get("learner") != 1)


@invariant
def by_each(view: Any) -> bool:
    """No decision is 1, however it is looked at."""
    return 1 not in view.outputs.values()


@sometimes
def one_is_decided(view: Any) -> bool:
    """Some process decides 1."""
    return bool(view.outputs.get("learner") == 1)


@pytest.mark.parametrize("engine", BOTH)
@pytest.mark.parametrize(("claim", "verdict"), [(never_one, VIOLATED), (by_each, VIOLATED), (one_is_decided, HOLDS)])
def test_a_predicate_is_asked_for_each_decision_of_a_learner(claim: Property, verdict: Any, engine: str) -> None:
    system = system_of(Learning(), asynchronous())
    assert analyse(explore(system, engine=engine), [claim]).findings[0].verdict is verdict
    assert examine_safety(system_of(Learning(), asynchronous()), [claim], engine=engine).findings[0].verdict is verdict


@pytest.mark.parametrize("engine", BOTH)
@pytest.mark.parametrize(("model", "verdict"), [(Learning((0,)), HOLDS), (Wavering(), HOLDS), (Slow(), VIOLATED)])
def test_what_is_lost_on_the_way_to_a_learner_undoes_no_decision(model: Any, verdict: Any, engine: str) -> None:
    graph = explore(system_of(model, asynchronous(loss=1)), engine=engine)
    assert graph.engine == engine
    found = {finding.claim: finding.verdict for finding in analyse(graph, [integrity, termination]).findings}
    assert found == {integrity: verdict, termination: VIOLATED if model == Learning((0,)) else HOLDS}


@pytest.mark.parametrize("engine", BOTH)
@pytest.mark.parametrize(("model", "verdict"), [(Learning(), HOLDS), (Wavering(), HOLDS), (Slow(), VIOLATED)])
def test_a_learner_that_changes_its_decision_violates_integrity(model: Any, verdict: Any, engine: str) -> None:
    graph = explore(system_of(model, asynchronous()), engine=engine)
    assert analyse(graph, [integrity]).findings[0].verdict is verdict


@pytest.mark.parametrize(("liars", "verdict"), [(("p0",), HOLDS), (("p0", "p1"), VIOLATED)])
def test_liars_tell_a_learner_what_they_like(liars: tuple[str, ...], verdict: Any) -> None:
    graph = explore(system_of(Majority(), asynchronous(byzantine=liars)), engine="kernel")
    assert not graph.fallback
    assert analyse(graph, [never_one]).findings[0].verdict is verdict
    assert max(len(now.components[3].mailbox) for now in graph.configurations) == 2 * len(liars) + 3 - len(liars)


def test_a_learner_that_counts_letters_is_refused_beside_liars() -> None:
    with pytest.raises(BadProtocol, match="passive learner learner counts p0 more than once"):
        explore(system_of(Majority(careless=True), asynchronous(byzantine=("p0",))))


def test_a_learner_takes_letters_of_any_type_so_no_type_says_what_it_can_be_told() -> None:
    world = asynchronous(byzantine=("p0",), lies="types")
    with pytest.raises(BadWorld, match="learner takes messages of any type"):
        system_of(Majority(), world)
