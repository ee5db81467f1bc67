"""What multiplies a state space: counted by hand, and by searches without it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from generators.protocols import random_protocol

from flpcheck import (
    At,
    Process,
    Start,
    Step,
    Timeout,
    asynchronous,
    choose,
    load,
    protocol,
    record,
    replace,
    system_of,
)
from flpcheck.analyse import multipliers as module
from flpcheck.analyse.multipliers import Multipliers, multipliers
from flpcheck.authoring.values import key
from flpcheck.explore import Bounds, StateGraph, explore
from flpcheck.system.configuration import MessagePassingConfiguration
from flpcheck.world import World


@record
class Dial:
    """Two hands that turn independently of each other."""

    minute: int = 0
    hour: int = 0
    decision: int | None = None


@protocol
class Dials:
    """Each process has a dial whose minute and hour hands turn on their own."""

    minutes: int = 4
    hours: int = 3
    n: int = 2

    def processes(self) -> list[Process[Dial, Any]]:
        return [Process(f"p{i}", self.turn, start=Dial(), stable=("minute",)) for i in range(self.n)]

    def turn(self, at: At, s: Dial, event: Start | Timeout) -> Step[Dial, Any]:
        ahead = (
            (replace(s, minute=(s.minute + 1) % self.minutes), ()),
            (replace(s, hour=(s.hour + 1) % self.hours), ()),
        )
        return choose(*ahead)


def factors(found: Multipliers) -> dict[tuple[str, str], float]:
    return {(part.kind, part.name): part.factor for part in found.parts}


@pytest.mark.parametrize("engine", ["reference", "kernel"])
def test_parts_that_are_independent_multiply_by_the_number_of_their_values(engine: str) -> None:
    graph = explore(system_of(Dials(), asynchronous()), Bounds(configurations=10_000), engine=engine)
    assert len(graph) == (4 * 3) ** 2
    found = factors(multipliers(graph))
    assert found == {
        ("process", "p0"): 12,
        ("process", "p1"): 12,
        ("field", "Dial.minute"): 4**2,
        ("field", "Dial.hour"): 3**2,
    }


def without_process(configuration: MessagePassingConfiguration, index: int) -> Any:
    components = configuration.components
    return configuration._replace(components=(*components[:index], *components[index + 1 :]))


def without_kind(configuration: MessagePassingConfiguration, name: str) -> Any:
    def left(component: Any) -> Any:
        return key(component.local), tuple(e for e in component.mailbox if type(e.letter.message).__name__ != name)

    return configuration._replace(components=tuple(map(left, configuration.components)))


def without_field(configuration: MessagePassingConfiguration, name: str) -> Any:
    owner, field = name.rsplit(".", 1)

    def left(component: Any) -> Any:
        local = component.local
        if type(local).__name__ == owner:
            local = replace(local, **{field: None})
        return key(local), component.mailbox

    return configuration._replace(components=tuple(map(left, configuration.components)))


def naive(graph: StateGraph, kind: str, name: str) -> float:
    """Count the configurations that can still be told apart, one by one."""
    without: dict[str, Callable[[Any], Any]] = {
        "process": lambda here: without_process(here, graph.system.names.index(name)),
        "message": lambda here: without_kind(here, name),
        "field": lambda here: without_field(here, name),
        "observer": lambda here: here._replace(
            observers=tuple(
                state
                for observer, state in zip(graph.system.observers, here.observers, strict=True)
                if observer.name != name
            )
        ),
    }
    return len(graph) / len({without[kind](here) for here in graph.configurations})


@pytest.mark.parametrize("engine", ["reference", "kernel"])
@pytest.mark.parametrize("spec", ["paxos_duel", "first_quorum", "abd_register", "two_phase_commit", "leader_election"])
def test_factors_are_those_of_a_count_one_by_one(spec: str, engine: str) -> None:
    instance = load(spec).instances[0]
    system = system_of(instance.protocol, instance.world, instance.inputs)
    graph = explore(system, Bounds(configurations=1500), engine=engine)
    found = [part for part in multipliers(graph).parts if part.kind != "switch"]
    assert found
    for part in found:
        assert part.factor == naive(graph, part.kind, part.name), part


@pytest.mark.parametrize("seed", range(20))
def test_both_engines_name_the_same_on_random_protocols(seed: int) -> None:
    model = random_protocol(seed)
    graphs = [
        explore(system_of(model, asynchronous(crashes=1)), Bounds(depth=5, configurations=3000), engine=engine)
        for engine in ("reference", "kernel")
    ]
    assert len({multipliers(graph) for graph in graphs}) == 1


@pytest.mark.parametrize(
    ("spec", "switch", "world", "base"),
    [
        ("first_quorum", "crashes", asynchronous(crashes=1), asynchronous()),
        ("first_quorum", "loss", asynchronous(loss=2), asynchronous()),
        ("first_quorum", "duplication", asynchronous(duplication=1), asynchronous()),
        ("wait_for_all", "crashes", asynchronous(crashes=1, mid_broadcast=True), asynchronous()),
    ],
)
def test_a_switch_multiplies_by_what_a_search_without_it_says(
    spec: str, switch: str, world: World, base: World
) -> None:
    model = load(spec).instances[0].protocol
    whole, less = (explore(system_of(model, one), Bounds(configurations=60_000)) for one in (world, base))
    assert whole.complete
    assert factors(multipliers(whole))["switch", switch] == len(whole) / len(less)


def test_what_has_come_back_had_crashed() -> None:
    none = explore(system_of(Dials(), asynchronous()))
    recovery = explore(system_of(Dials(), asynchronous(crashes=1, recoveries=1)))
    found = factors(multipliers(recovery))
    assert found["switch", "crashes"] == len(recovery) / len(none)
    unspent = sum(not configuration.world.recovered for configuration in recovery.configurations)
    assert found["switch", "recoveries"] == len(recovery) / unspent


def test_many_configurations_are_estimated_closely() -> None:
    numbers = np.arange(2**19) % 300_000
    estimate = module._different(module._mixed(0, numbers))
    assert abs(estimate / 300_000 - 1) < 0.02
    assert module._different(module._mixed(0, np.arange(1000) % 700)) == 700


def test_fields_of_other_protocols_are_those_that_are_shown() -> None:
    instance = load("tla/two_phase").instances[0]
    general = load("tla/acp_nb").instances[0]
    for one in (instance, general):
        found = multipliers(explore(system_of(one.protocol, one.world), Bounds(configurations=2000)))
        assert found.parts
        assert [part.factor for part in found.parts] == sorted((part.factor for part in found.parts), reverse=True)
    assert ("field", "participants.alive") in factors(found)
