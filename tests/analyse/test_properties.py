"""Verdicts on properties: from every initial configuration, by the nearest way there, in words about the correct."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from generators.protocols import random_protocol, random_world

from flpcheck import (
    HOLDS,
    INCOMPLETE,
    VIOLATED,
    At,
    Bounds,
    Process,
    Processes,
    Property,
    Start,
    Step,
    View,
    World,
    agreement,
    any_input_validity,
    asynchronous,
    invariant,
    protocol,
    record,
    replace,
    send,
    system_of,
    uniform_agreement,
    validity,
)
from flpcheck.analyse import Finding, analyse
from flpcheck.analyse.safety import examine_safety
from flpcheck.errors import BadRequest
from flpcheck.explore import explore


@record
class State:
    input: int = 0
    decision: int | None = None


@protocol
class Stubborn:
    """Each of two processes decides the same value, whatever its input."""

    value: int = 0

    def processes(self) -> Processes[int]:
        return [Process(f"p{i}", self.step, inputs={v: State(v) for v in (0, 1)}) for i in range(2)]

    def step(self, at: At, s: State, event: Start) -> Step[State, int]:
        return (replace(s, decision=self.value) if s.decision is None else s), ()


@protocol
class Telling:
    """The first process decides 0 and tells one of the others 0 and the other one 1, which they decide."""

    def processes(self) -> Processes[int]:
        return [
            Process("a", self.hear, start=State()),
            Process("b", self.hear, start=State()),
            Process("teller", self.tell, start=State()),
        ]

    def tell(self, at: At, s: State, event: Start) -> Step[State, int]:
        if s.decision is not None:
            return s, ()
        return State(decision=0), (send(0, to="a"), send(1, to="b"))

    def hear(self, at: At, s: State, event: int) -> Step[State, int]:
        return State(decision=event), ()


def in_graph(model: Any, world: World, claim: Property, inputs: dict[str, Any] | None = None) -> Finding:
    return analyse(explore(system_of(model, world, inputs)), [claim]).findings[0]


def in_safety_mode(model: Any, world: World, claim: Property, inputs: dict[str, Any] | None = None) -> Finding:
    return examine_safety(system_of(model, world, inputs), [claim]).findings[0]


WAYS: list[Callable[..., Finding]] = [in_graph, in_safety_mode]


@pytest.mark.parametrize("judged", WAYS)
@pytest.mark.parametrize("value", [0, 1])
@pytest.mark.parametrize("claim", [validity, any_input_validity])
def test_validity_is_judged_from_every_initial_configuration(claim: Property, value: int, judged: Any) -> None:
    """Where a value is always decided, this is wrong only where all propose the other one."""
    finding = judged(Stubborn(value), asynchronous(), claim)
    other = 1 - value
    assert finding.verdict is VIOLATED
    assert finding.because == f"p0 proposes {other}, p1 proposes {other}, and {value} is decided"


@pytest.mark.parametrize("judged", WAYS)
@pytest.mark.parametrize("claim", [validity, any_input_validity])
def test_validity_is_judged_where_all_inputs_are_given(claim: Property, judged: Any) -> None:
    for inputs, verdict in (({"p0": 1, "p1": 1}, VIOLATED), ({"p0": 0, "p1": 1}, HOLDS), ({"p0": 0, "p1": 0}, HOLDS)):
        finding = judged(Stubborn(0), asynchronous(), claim, inputs)
        assert finding.verdict is verdict
        if verdict is VIOLATED:
            assert finding.because == "p0 proposes 1, p1 proposes 1, and 0 is decided"


@pytest.mark.parametrize("judged", WAYS)
def test_agreement_is_about_the_correct_and_uniform_agreement_about_all(judged: Any) -> None:
    world = asynchronous(omission=("teller",))
    assert judged(Telling(), world, agreement).because == "a decides 0 while b decides 1"
    uniform = judged(Telling(), world, uniform_agreement)
    assert uniform.because == "b decides 1 while teller decides 0, crashed processes included"


@invariant
def no_process_crashes(view: View[Any]) -> bool:
    """No process ever crashes."""
    return not view.crashed


@pytest.mark.parametrize("judged", WAYS)
def test_a_crash_that_no_configuration_shows_leaves_a_verdict_open(judged: Any) -> None:
    verdicts = [
        judged(Stubborn(), world, no_process_crashes).verdict
        for world in (asynchronous(), asynchronous(1), asynchronous(1, crash_events="elided"))
    ]
    assert verdicts == [HOLDS, VIOLATED, INCOMPLETE]


def test_an_engine_that_does_not_exist_is_refused_in_every_mode() -> None:
    for search in (lambda s: explore(s, engine="kernle"), lambda s: examine_safety(s, [agreement], engine="kernle")):
        with pytest.raises(BadRequest, match="no engine 'kernle'"):
            search(system_of(Stubborn(), asynchronous()))


def few_pings(most: int) -> Property:
    @invariant
    def few_wait(view: View[Any]) -> bool:
        return sum(map(len, view.mail.values())) <= most

    return few_wait


def test_both_engines_show_the_same_of_the_nearest_configurations_that_break_an_invariant() -> None:
    met: Counter[Any] = Counter()
    for seed in range(5, 9):
        graphs = [
            explore(system_of(random_protocol(seed), random_world(seed)), Bounds(configurations=200), engine=engine)
            for engine in ("reference", "kernel")
        ]
        for most in range(3):
            one, other = (analyse(graph, [few_pings(most)]).findings[0] for graph in graphs)
            assert one.verdict is other.verdict
            met[one.verdict] += 1
            if one.schedule is not None:
                assert other.schedule is not None
                assert one.schedule.as_json() == other.schedule.as_json()
                views = [graphs[0].system.view(here) for here in graphs[0].configurations]
                bad = [n for n, view in enumerate(views) if sum(map(len, view.mail.values())) > most]
                assert len(one.schedule) == graphs[0].depth[bad].min()
    assert met[VIOLATED] > 3
