"""An author's predicate returns a bool, the same whenever it is asked, and sees the same view in every world."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from flpcheck import (
    HOLDS,
    VIOLATED,
    At,
    Effects,
    Heard,
    Process,
    Processes,
    Property,
    RoundProcess,
    Start,
    Step,
    View,
    World,
    asynchronous,
    broadcast,
    invariant,
    protocol,
    record,
    replace,
    sometimes,
    step_invariant,
    synchronous,
    system_of,
    to_others,
)
from flpcheck.analyse import analyse
from flpcheck.analyse.safety import examine_safety
from flpcheck.analyse.silence import silenced
from flpcheck.errors import BadProperty
from flpcheck.explore import explore


@record
class Value:
    """A value that is sent to the others."""

    value: int


@record
class State:
    """Who has been heard, and the decision."""

    input: int = 0
    sent: bool = False
    names: frozenset[str] = frozenset({"x", "y", "z"})
    decision: int | None = None

    def decided(self) -> bool:
        return self.decision is not None


@protocol
class Alone:
    """Each of two processes decides its own input."""

    def processes(self) -> Processes[Value]:
        return [Process(f"p{i}", self.step, start=State(i)) for i in range(2)]

    def step(self, at: At, s: State, event: Start) -> Step[State, Value]:
        match event:
            case Start() if s.decision is None:
                return replace(s, decision=s.input), ()
            case _:
                return s, ()


@protocol
class First:
    """Each of three tells the others its input, and decides the first value that it hears."""

    def processes(self) -> Processes[Value]:
        return [Process(f"p{i}", self.step, start=State(i)) for i in range(3)]

    def lies(self, at: At) -> Iterator[Value]:
        yield from (Value(0), Value(1))

    def step(self, at: At, s: State, event: Start | Value) -> Step[State, Value]:
        match event:
            case Start() if not s.sent:
                return replace(s, sent=True), to_others(Value(s.input))
            case Value(v) if s.decision is None:
                return replace(s, decision=v), ()
            case _:
                return s, ()


@protocol
class OneRound:
    """Three processes tell each other their inputs, once."""

    rounds = 1

    def processes(self) -> list[RoundProcess[State, int]]:
        return [RoundProcess(f"p{i}", self.send, self.receive, start=State(i), lies=self.lies) for i in range(3)]

    def send(self, at: At, s: State, round: int) -> Effects[int]:
        return broadcast(s.input)

    def receive(self, at: At, s: State, round: int, heard: Heard[int]) -> State:
        return replace(s, decision=0)

    def lies(self, at: At, round: int) -> Iterator[int | None]:
        yield from (None, 0)


WAYS: dict[str, Callable[[Any, World, Property], Any]] = {
    "reference": lambda p, w, claim: analyse(explore(system_of(p, w), engine="reference"), [claim]).findings,
    "kernel": lambda p, w, claim: analyse(explore(system_of(p, w), engine="kernel"), [claim]).findings,
    "safety": lambda p, w, claim: examine_safety(system_of(p, w), [claim], engine="reference").findings,
    "safety in the kernel": lambda p, w, claim: examine_safety(system_of(p, w), [claim], engine="kernel").findings,
}


def no_return(view: View[State]) -> Any:
    """Forget the return."""
    assert len(view.outputs) < 9


WRONG: dict[str, tuple[Callable[..., Any], str, str]] = {
    "no return": (no_return, "returned nothing", "is a return missing"),
    "a generator": (lambda view: (s.input < 9 for s in view.states.values()), "returned a generator", "all("),
    "a method": (
        lambda view: view["p0"].decided if "p0" in view.states else True,
        "returned a method",
        "() is missing",
    ),
    "a text": (lambda _: "no", "returned 'no', of type str", "must return True or False"),
    "a number": (lambda view: len(view.states), "returned 2, of type int", "must return True or False"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", [invariant, sometimes])
@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_bool_is_an_error_with_its_line(way: str, kind: Any, name: str) -> None:
    function, what, why = WRONG[name]
    claim = kind(function)
    with pytest.raises(BadProperty) as caught:
        WAYS[way](Alone(), asynchronous(), claim)
    assert what in caught.value.what
    assert why in caught.value.why
    assert str(caught.value.place).endswith(f"test_predicates.py:{function.__code__.co_firstlineno}")


@pytest.mark.parametrize("way", ["reference", "kernel"])
def test_of_steps_too(way: str) -> None:
    @step_invariant
    def forgot_the_call(before: State, after: State) -> Any:
        return after.decided

    with pytest.raises(BadProperty, match="forgot_the_call returned a method"):
        WAYS[way](Alone(), asynchronous(), forgot_the_call)


@pytest.mark.parametrize("way", WAYS)
def test_a_bool_of_numpy_is_one(way: str) -> None:
    @invariant
    def few(view: View[State]) -> Any:
        return np.array([len(view.outputs)]).max() < 2

    assert [finding.verdict for finding in WAYS[way](Alone(), asynchronous(), few)] == [VIOLATED]


def remembering() -> Callable[..., bool]:
    count = itertools.count()
    return lambda *_: next(count) < 7


def lucky() -> Callable[..., bool]:
    luck = random.Random(1)
    return lambda *_: luck.random() < 0.8


IMPURE: dict[str, Callable[[], Callable[..., bool]]] = {
    "chance": lucky,
    "memory": remembering,
    "order of a set": lambda: lambda view: not view.states or next(iter(_any(view).names)) == next(iter(State().names)),
    "order of processes": lambda: lambda view: not view.states or next(iter(view.states)) < "p1",
    "order of the faulty": lambda: lambda view: len(view.faulty) < 2 or [*view.faulty] == [*frozenset(view.faulty)],
}


def _any(view: View[State]) -> State:
    return view.states[min(view.states)]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", IMPURE)
def test_a_predicate_that_contradicts_itself_is_refused(way: str, name: str) -> None:
    claim = invariant(IMPURE[name]())
    with pytest.raises(BadProperty, match="is nondeterministic"):
        WAYS[way](First(), asynchronous(2), claim)


@pytest.mark.parametrize("way", ["reference", "kernel"])
def test_a_predicate_on_steps_that_contradicts_itself_is_refused(way: str) -> None:
    with pytest.raises(BadProperty, match="is nondeterministic"):
        WAYS[way](First(), asynchronous(), step_invariant(remembering()))


@invariant
def no_process_is_faulty(view: View[State]) -> bool:
    """No process is ever faulty."""
    return not view.faulty


@invariant
def no_process_crashes(view: View[State]) -> bool:
    """No process ever crashes."""
    return not view.crashed


@invariant
def some_process_is_faulty(view: View[State]) -> bool:
    """Some process is faulty."""
    return bool(view.faulty)


@invariant
def faulty_or_undecided(view: View[State]) -> bool:
    """If some process is faulty, none has decided."""
    return not view.faulty or not view.outputs


@pytest.mark.parametrize("way", WAYS)
def test_a_crashed_process_is_faulty(way: str) -> None:
    for claim in (no_process_is_faulty, no_process_crashes):
        (finding,) = WAYS[way](Alone(), asynchronous(1), claim)
        assert finding.verdict is VIOLATED
        assert len(finding.schedule) == 1


@pytest.mark.parametrize("engine", ["reference", "kernel"])
def test_counts(engine: str) -> None:
    crashing = explore(system_of(Alone(), asynchronous(1)), engine=engine)
    assert (len(crashing), len(crashing.targets)) == (12, 16)
    sizes = {"only": (64, 160), "spoken": (121, 308)}  # the code of p2 says Value(2), which `lies` does not list
    for lies, size in sizes.items():
        world = asynchronous(byzantine=("p2",), lies=lies)
        lying = explore(system_of(First(), world), engine=engine)
        assert (len(lying), len(lying.targets)) == size


@pytest.mark.parametrize("way", WAYS)
def test_a_liar_is_faulty(way: str) -> None:
    world = asynchronous(byzantine=("p2",))
    (always,) = WAYS[way](First(), world, some_process_is_faulty)
    (vacuous,) = WAYS[way](First(), world, faulty_or_undecided)
    assert always.verdict is HOLDS
    assert vacuous.verdict is VIOLATED
    assert len(vacuous.schedule) == 1


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("world", [asynchronous(byzantine=1), asynchronous(omission=1)])
def test_who_is_faulty_differs_from_run_to_run_where_the_adversary_chooses(way: str, world: World) -> None:
    for claim in (some_process_is_faulty, no_process_is_faulty):
        (finding,) = WAYS[way](First(), world, claim)
        assert finding.verdict is VIOLATED
        assert len(finding.schedule) == 0


EVERY_WORLD: dict[str, tuple[Any, World, set[str], set[str]]] = {
    "lies": (First(), asynchronous(byzantine=("p2",)), set(), {"p0", "p1"}),
    "omissions": (First(), asynchronous(omission=("p2",)), set(), {"p0", "p1", "p2"}),
    "dead from the start": (First(), asynchronous(initially_dead=("p2",)), {"p2"}, {"p0", "p1"}),
    "lies in rounds": (OneRound(), synchronous(byzantine=("p2",)), set(), {"p0", "p1"}),
    "omissions in rounds": (OneRound(), synchronous(omission=("p2",)), set(), {"p0", "p1", "p2"}),
}


@pytest.mark.parametrize("name", EVERY_WORLD)
def test_the_fields_of_a_view_mean_the_same_in_every_world(name: str) -> None:
    model, world, crashed, states = EVERY_WORLD[name]
    graph = explore(system_of(model, world))
    for configuration in graph.configurations:
        view = graph.system.view(configuration)
        assert view.faulty == {"p2"}
        assert view.crashed == crashed
        assert set(view.states) == states
        assert set(view.outputs) <= states
        marks = graph.system.marks(configuration)
        assert marks.crashed == 0b100
    assert graph.marks.crashed.tolist() == [0b100] * len(graph)


def test_a_process_that_omits_messages_and_crashes_in_a_round_is_crashed_too() -> None:
    graph = explore(system_of(OneRound(), synchronous(1, omission=("p2",))))
    seen = [graph.system.view(configuration) for configuration in graph.configurations]
    assert {(view.crashed, view.faulty) for view in seen} == {
        (frozenset(crashed), frozenset({*crashed, "p2"})) for crashed in ((), ("p0",), ("p1",), ("p2",))
    }


@step_invariant
def nothing_is_decided(before: State, after: State) -> bool:
    """No step makes a decision."""
    return after.decision is None


@pytest.mark.parametrize("way", ["reference", "kernel"])
def test_a_step_that_hears_a_lie_is_a_step(way: str) -> None:
    @step_invariant
    def two_is_never_decided(before: State, after: State) -> bool:
        return after.decision != 2

    world = asynchronous(byzantine=("p2",))
    (finding,) = WAYS[way](First(), world, two_is_never_decided)
    assert finding.verdict is VIOLATED
    assert len(finding.schedule) == 1


def test_all_processes_step_in_a_round() -> None:
    for world in (synchronous(), synchronous(byzantine=("p2",)), synchronous(1)):
        (finding,) = WAYS["reference"](OneRound(), world, nothing_is_decided)
        assert finding.verdict is VIOLATED
        assert len(finding.schedule) == 1


def test_a_process_that_has_silently_crashed_is_crashed_and_faulty_and_only_what_it_has_decided_is_seen() -> None:
    view: View[int] = View(
        {"a": 1, "b": 2, "c": 3}, {"a": 0}, frozenset(), {}, {"a": (), "b": ()}, faulty=frozenset("c")
    )
    after = silenced(view, frozenset("a"))
    assert (after.crashed, after.faulty) == (frozenset("a"), frozenset("ac"))
    assert (dict(after.states), dict(after.outputs)) == ({"b": 2, "c": 3}, {"a": 0})
