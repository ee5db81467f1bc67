"""Failure detectors and timers: impossible ones are refused, each class says what it may, and coins add up."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
from waiting import WaitForSome

from flpcheck import VIOLATED, World, asynchronous, load, system_of, termination
from flpcheck.analyse.case import Case
from flpcheck.analyse.properties import judge
from flpcheck.authoring.events import Start, Suspect
from flpcheck.authoring.process import Process, Processes
from flpcheck.authoring.protocol import protocol
from flpcheck.authoring.step import At, Step, toss
from flpcheck.authoring.values import record
from flpcheck.errors import BadAnswer, BadWorld
from flpcheck.explore import explore
from flpcheck.explore.graph import StateGraph
from flpcheck.world import Oracle


@record
class Watching:
    input: int = 0
    suspects: frozenset[str] = frozenset()
    decision: int | None = None


@protocol
class Watchers:
    """Each process waits for p0 to be suspected, and then decides."""

    n: int = 3

    def processes(self) -> Processes[int]:
        return [Process(f"p{i}", self.watch, start=Watching()) for i in range(self.n)]

    def watch(self, at: At, s: Watching, event: Suspect) -> Step[Watching, int]:
        return Watching(s.input, s.suspects | {event.process}, 1 if event.process == "p0" else s.decision), ()


@protocol
class BadCoin:
    heads: float = 0.5
    tails: float = 0.25

    def processes(self) -> Processes[int]:
        return [Process("p0", self.flip, start=Watching())]

    def flip(self, at: At, s: Watching, event: Start) -> Step[Watching, int]:
        return toss((self.heads, (Watching(decision=0), ())), (self.tails, (Watching(decision=1), ())))


@pytest.mark.parametrize(
    ("make", "texts"),
    [
        (lambda: asynchronous(detector="omga"), ["no failure detector 'omga'", "Did you mean 'omega'?"]),
        (lambda: asynchronous(detector="omega", mistakes=-3), ["mistakes=-3 is negative", "or UNLIMITED"]),
        (lambda: asynchronous(detector="P", mistakes=1), ["failure detector P makes none"]),
        (lambda: asynchronous(1, detector="omega", crash_events="elided"), ["cannot be elided"]),
        (lambda: World(timing="synchronus"), ["no timing 'synchronus'"]),
    ],
)
def test_impossible_oracles_say_what_is_wrong(make: Callable[[], World], texts: list[str]) -> None:
    with pytest.raises(BadWorld) as caught:
        make()
    assert all(text in str(caught.value) for text in texts)


def test_a_detector_that_no_step_asks_is_refused() -> None:
    with pytest.raises(BadWorld, match="no step function uses failure detector P"):
        system_of(WaitForSome(), asynchronous(detector="P"))
    with pytest.raises(BadWorld, match="the steps take Suspect, the output of another detector"):
        system_of(Watchers(), asynchronous(detector="omega"))


@pytest.mark.parametrize("chances", [(0.5, 0.25), (1.5, -0.5), (1.0, 0.0)])
def test_a_coin_must_add_up(chances: tuple[float, float]) -> None:
    with pytest.raises(BadAnswer, match=r"(?s)test_oracles.py:\d+.*positive and add up to 1"):
        explore(system_of(BadCoin(*chances), asynchronous()))


def test_equal_outcomes_of_a_coin_are_one() -> None:
    graph = explore(system_of(BadCoin(0.1, 0.9), asynchronous()))
    assert [t.chance for t in graph.transitions(0)] == [Fraction(1, 10), Fraction(9, 10)]


def suspicions(world: World) -> tuple[StateGraph, set[tuple[bool, frozenset[str]]]]:
    """Return the graph, and who is suspected of what p1 suspects: (whether all of them have crashed, whom)."""
    graph = explore(system_of(Watchers(), world))
    found = set()
    for configuration in graph.configurations:
        view = graph.system.view(configuration)
        if "p1" in view.states:
            found.add((view.states["p1"].suspects <= view.crashed, view.states["p1"].suspects))
    return graph, found


def test_a_perfect_detector_suspects_the_crashed_only_and_all_of_them() -> None:
    graph, found = suspicions(asynchronous(crashes=1, detector="P"))
    assert all(right for right, _ in found)
    assert (True, frozenset({"p0"})) in found
    verdict = judge(Case(graph), termination)  # no process ever suspects p0 if it does not crash
    assert (verdict.verdict, len(verdict.schedule or [])) == (VIOLATED, 0)


def test_a_strong_detector_never_suspects_all_processes() -> None:
    graph = explore(system_of(Watchers(), asynchronous(crashes=1, detector="S")))
    for configuration in graph.configurations:
        view = graph.system.view(configuration)
        everybody = {pid for state in view.states.values() for pid in state.suspects} | view.crashed
        assert everybody != {"p0", "p1", "p2"}


def test_a_strong_detector_may_suspect_any_two_of_three() -> None:
    graph = explore(system_of(Watchers(), asynchronous(detector="S")))
    views = [graph.system.view(configuration) for configuration in graph.configurations]
    suspected = {frozenset(pid for s in view.states.values() for pid in s.suspects) for view in views}
    assert {frozenset(pair) for pair in (("p0", "p1"), ("p0", "p2"), ("p1", "p2"))} <= suspected


def test_who_is_relied_upon_does_not_crash_and_the_others_may() -> None:
    system = system_of(Watchers(), asynchronous(crashes=1, detector="diamond-S", mistakes=1))
    first = system.initial()[0].configuration
    assert system.describe(first)["world"] == {"stable": "no", "answers before": "0"}
    for stable in (t for t in system.transitions(first) if t.event.kind == "stabilise"):
        crashes = {t.event.process for t in system.transitions(stable.successor) if t.event.kind == "crash"}
        assert crashes == {"p0", "p1", "p2"} - {stable.event.message}
        assert system.describe(stable.successor)["world"] == {"stable": "yes", "reliable": stable.event.message}


def test_an_eventually_perfect_detector_may_be_wrong_before() -> None:
    _, found = suspicions(asynchronous(crashes=1, detector="diamond-P", mistakes=1))
    assert (False, frozenset({"p0"})) in found


def test_paxos_without_a_leader_and_chandra_toueg_without_accuracy_never_end() -> None:
    spec = load("chandra_toueg")
    instance = spec.instance("never accurate")
    system = system_of(instance.protocol, instance.world, instance.inputs)
    from flpcheck import Bounds

    case = Case(explore(system, Bounds(configurations=300)))
    run = case.termination.endless
    assert run is not None
    assert (run.rise, run.schedule.loop is not None) == (6, True)
    assert not any(system.marks(c).decided for c in run.schedule.configurations)


def test_a_detector_is_no_obstacle_for_the_kernel() -> None:
    from flpcheck.explore import obstacle

    never = asynchronous(detector="diamond-S", stabilises=False)
    assert obstacle(system_of(Watchers(), never), "bfs") == ""
    assert obstacle(system_of(Watchers(), asynchronous(detector="P")), "bfs") == ""
    assert str(Oracle()) == "a world without a failure detector"


def test_after_the_world_has_stabilised_timers_wait_for_messages() -> None:
    from flpcheck import eventually_synchronous

    system = system_of(load("guess_on_timeout").protocol(), eventually_synchronous(crashes=1, mistakes=1))
    graph = explore(system)
    early, late = 0, 0
    for number, configuration in enumerate(graph.configurations):
        for transition in graph.transitions(number):
            if transition.event.kind == "timeout" and configuration.world.reliable < 0:
                early += 1
            elif transition.event.kind == "timeout":
                late += 1
                kinds = {t.event.kind for t in graph.system.applicable(configuration)}
                assert "deliver" not in kinds or configuration.world.due >> transition.mover & 1
    assert min(early, late) > 0
