"""Who decides is found from what was reached, and no verdict on decisions rests on there being none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from generators.protocols import random_protocol, random_world

from flpcheck import (
    HOLDS,
    INCOMPLETE,
    VIOLATED,
    At,
    Bounds,
    Effects,
    Event,
    Heard,
    Process,
    Processes,
    Property,
    RoundProcess,
    Start,
    Step,
    View,
    agreement,
    asynchronous,
    broadcast,
    deadlock_freedom,
    integrity,
    invariant,
    protocol,
    record,
    replace,
    send,
    synchronous,
    system_of,
    termination,
)
from flpcheck.analyse import analyse, standard_properties
from flpcheck.analyse.safety import examine_safety
from flpcheck.errors import NoDecider
from flpcheck.explore import StateGraph, explore


@record
class Go:
    """Go on."""


@record
class Idle:
    """A state without a decision."""

    asked: bool = False


@record
class Waiting:
    """A state in which the decision is not made yet."""

    asked: bool = False
    decision: int | None = None


@record
class Done:
    """A state with a decision."""

    decision: int


class Asks:
    """p asks q, and decides when q answers."""

    first: Any = Idle()

    def answer(self, at: At, s: Idle, event: Go) -> Step[Idle, Go]:
        return s, send(Go(), to="p")

    def asked(self, s: Any, event: Any) -> Any:
        match event:
            case Start() if not isinstance(s, Done) and not s.asked:
                return replace(s, asked=True), send(Go(), to="q")
            case Go():
                return Done(1), ()
            case _:
                return s, ()


@protocol
class Late(Asks):
    """Only the annotation tells that p will have a decision."""

    def processes(self) -> Processes[Go]:
        return [Process("p", self.ask, start=self.first), Process("q", self.answer, start=Idle())]

    def ask(self, at: At, s: Idle | Done, event: Start | Go) -> Step[Any, Go]:
        return self.asked(s, event)  # type: ignore[no-any-return]


@protocol
class LateUntold(Asks):
    """Only a state that is reached tells that p has a decision."""

    def processes(self) -> Processes[Go]:
        return [Process("p", self.ask, start=self.first), Process("q", self.answer, start=Idle())]

    def ask(self, at: At, s: Any, event: Start | Go) -> Step[Any, Go]:
        return self.asked(s, event)  # type: ignore[no-any-return]


@protocol
class Early(Late):
    """The first state has a decision, which is not made yet."""

    first = Waiting()


@protocol
class Nothing:
    """Two processes start, and have nothing to decide."""

    who_decides: bool | None = None

    def processes(self) -> Processes[Go]:
        return [Process(p, self.step, start=Idle(), decides=self.who_decides) for p in ("p", "q")]

    def step(self, at: At, s: Idle, event: Start) -> Step[Idle, Go]:
        return Idle(asked=True), ()


@protocol
class Never:
    """Two processes start, and never make their decisions."""

    who_decides: bool | None = None

    def processes(self) -> Processes[Go]:
        return [Process(p, self.step, start=Waiting(), decides=self.who_decides) for p in ("p", "q")]

    def step(self, at: At, s: Waiting, event: Start) -> Step[Waiting, Go]:
        return Waiting(asked=True), ()


@record
class Misnamed:
    """A state whose decision has another name."""

    decided: int | None = None


@protocol
class Renamed:
    """What it calls `decided` is not the decision."""

    def processes(self) -> Processes[Go]:
        return [Process("p", self.step, start=Misnamed())]

    def step(self, at: At, s: Misnamed, event: Start) -> Step[Misnamed, Go]:
        return Misnamed(1), ()


def graph_of(model: Any, crashes: int = 0, engine: str = "auto") -> StateGraph:
    return explore(system_of(model, asynchronous(crashes, faulty=("q",) if crashes else None)), engine=engine)


@pytest.mark.parametrize("engine", ["reference", "kernel"])
@pytest.mark.parametrize("model", [Late(), LateUntold(), Early()])
def test_a_process_that_decides_late_decides(model: Any, engine: str) -> None:
    graph = graph_of(model, 1, engine)
    assert (len(graph), len(graph.targets), graph.deciders) == (8, 9, 0b01)
    (finding,) = analyse(graph, [termination]).findings
    assert finding.verdict is VIOLATED
    assert finding.schedule is not None
    assert len(finding.schedule) == 1


WAYS: dict[str, Callable[[Any, Property], Any]] = {
    "reference": lambda model, claim: analyse(graph_of(model, 0, "reference"), [claim]).findings[0],
    "kernel": lambda model, claim: analyse(graph_of(model, 0, "kernel"), [claim]).findings[0],
    "safety": lambda model, claim: examine_safety(system_of(model, asynchronous()), [claim]).findings[0],
    "safety in the kernel": lambda model, claim: examine_safety(
        system_of(model, asynchronous()), [claim], engine="kernel"
    ).findings[0],
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("claim", [agreement, termination])
def test_where_no_process_decides_there_is_no_verdict(way: str, claim: Property) -> None:
    with pytest.raises(NoDecider, match="no process decides: no state has a field 'decision'"):
        WAYS[way](Nothing(), claim)
    with pytest.raises(NoDecider) as caught:
        WAYS[way](Renamed(), claim)
    assert caught.value.why == "in Misnamed, the state of p, field 'decided' looks like the decision"
    assert str(caught.value.place).split(":")[0].endswith("test_deciders.py")


@invariant
def no_process_starts(view: View[Idle]) -> bool:
    """No process starts."""
    return not any(state.asked for state in view.states.values())


@pytest.mark.parametrize("engine", ["reference", "kernel"])
def test_a_search_for_safety_ends_at_the_first_violation_where_no_process_decides(engine: str) -> None:
    found = examine_safety(system_of(Nothing(), asynchronous()), [no_process_starts], engine=engine)
    assert found.violated
    assert found.findings[0].schedule is not None
    assert found.graph.farthest == len(found.findings[0].schedule) == 1
    assert not examine_safety(system_of(Never(), asynchronous()), [agreement], engine=engine).violated


def test_where_there_are_no_inputs_there_is_no_validity() -> None:
    assert standard_properties(graph_of(Early())) == (agreement, integrity, termination)


def test_where_no_process_decides_only_dead_ends_are_judged() -> None:
    assert standard_properties(graph_of(Nothing())) == (deadlock_freedom,)
    assert termination in standard_properties(graph_of(LateUntold()))


def test_a_cut_search_does_not_know_that_no_process_decides() -> None:
    graph = explore(system_of(LateUntold(), asynchronous()), Bounds(depth=1))
    findings = analyse(graph, [agreement, termination]).findings
    assert [finding.verdict for finding in findings] == [INCOMPLETE, INCOMPLETE]


@pytest.mark.parametrize("way", WAYS)
def test_agreement_without_any_decision_says_so(way: str) -> None:
    finding = WAYS[way](Never(), agreement)
    assert finding.verdict is HOLDS
    assert finding.because.endswith("(no process ever decides)")


@pytest.mark.parametrize("engine", ["reference", "kernel"])
def test_termination_without_any_decision_is_violated(engine: str) -> None:
    graph = graph_of(Never(), engine=engine)
    assert (len(graph), len(graph.targets)) == (4, 4)
    (finding,) = analyse(graph, [termination]).findings
    assert finding.verdict is VIOLATED
    assert finding.schedule is not None
    assert len(finding.schedule) == 0


@pytest.mark.parametrize("engine", ["reference", "kernel"])
def test_the_author_has_the_last_word(engine: str) -> None:
    obliged = graph_of(Nothing(who_decides=True), engine=engine)
    assert analyse(obliged, [termination]).findings[0].verdict is VIOLATED
    free = graph_of(Never(who_decides=False), engine=engine)
    assert free.deciders == 0
    assert analyse(free, [agreement]).findings[0].verdict is HOLDS
    assert analyse(free, [deadlock_freedom]).findings[0].verdict is HOLDS
    assert termination not in standard_properties(free)
    with pytest.raises(NoDecider, match="every process has decides=False"):
        analyse(free, [termination])


@pytest.mark.parametrize("way", WAYS)
def test_a_dead_end_is_one_only_for_who_decides(way: str) -> None:
    assert WAYS[way](LateUntold(), deadlock_freedom).verdict is HOLDS
    assert WAYS[way](Never(), deadlock_freedom).verdict is VIOLATED


@protocol
class LateInRounds:
    """p0 has a decision from the second round on, if it hears all others in the first."""

    rounds = 1

    def processes(self) -> list[RoundProcess[Any, int]]:
        return [RoundProcess(f"p{i}", self.send, self.receive, start=Idle()) for i in range(2)]

    def send(self, at: At, s: Any, round: int) -> Effects[int]:
        return broadcast(1)

    def receive(self, at: At, s: Any, round: int, heard: Heard[int]) -> Any:
        return Done(1) if at.me == "p0" and len(heard) == 2 else Waiting() if at.me == "p0" else s


def test_in_rounds() -> None:
    graph = explore(system_of(LateInRounds(), synchronous(1)))
    assert graph.system.deciders == 0
    assert graph.deciders == 0b01
    assert analyse(graph, [termination]).findings[0].verdict is VIOLATED


@protocol
class LateInGeneral:
    """A counter, of which it is said from 2 on what has been decided."""

    most: int = 3

    def names(self) -> list[str]:
        return ["p", "q"]

    def initial(self) -> list[int]:
        return [0]

    def successors(self, count: int) -> Iterator[tuple[Event, int]]:
        if count < self.most:
            yield Event("step", "p"), count + 1

    def decisions(self, count: int) -> Mapping[str, int | None]:
        return {"q": count if count == 3 else None} if count >= 2 else {}


def test_in_general_protocols() -> None:
    graph = explore(system_of(LateInGeneral(), asynchronous()))
    assert graph.deciders == 0b10
    assert analyse(graph, [termination]).findings[0].verdict is HOLDS
    assert (
        analyse(explore(system_of(LateInGeneral(most=2), asynchronous())), [termination]).findings[0].verdict
        is VIOLATED
    )
    with pytest.raises(NoDecider, match="decisions"):
        analyse(explore(system_of(LateInGeneral(most=1), asynchronous())), [termination])


def test_of_random_protocols_both_engines_find_who_has_a_decision_in_what_was_reached() -> None:
    for seed in range(12):
        model, world = random_protocol(seed), random_world(seed)
        for engine in ("reference", "kernel"):
            system = system_of(model, world)
            system.deciders = 0  # nothing is known before
            graph = explore(system, Bounds(configurations=150), engine=engine)
            views = map(system.view, graph.configurations)
            able = {pid for view in views for pid, state in view.states.items() if hasattr(state, "decision")}
            assert {pid for bit, pid in enumerate(system.names) if graph.deciding >> bit & 1} == able
