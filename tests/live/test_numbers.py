"""Termination is that each decider eventually decides: bundled instances and random protocols, under each strength."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from every_spec import every_instance
from generators.protocols import random_protocol, random_world

from flpcheck import HOLDS, VIOLATED, Fairness, Instance, World, eventually, for_each, system_of, termination
from flpcheck.analyse import analyse
from flpcheck.explore import Bounds, StateGraph, explore

LARGEST = 3_000
STRENGTHS = ("weak", "received", "strong")


def decided(view: Any, pid: str) -> bool:
    """It has decided."""
    return pid in view.outputs


def with_strength(world: World, letters: str) -> World:
    """Return a world in which messages are owed with some strength; rounds owe nothing."""
    return world if world.rounds else replace(world, fairness=Fairness(letters=letters))


def judged(graph: StateGraph, seen: Counter[Any]) -> None:
    """Compare the two verdicts in a complete graph with processes that have to decide."""
    names = tuple(name for at, name in enumerate(graph.system.names) if graph.deciders >> at & 1)
    outside = graph.deciders >> len(graph.system.names)
    if not graph.complete or not names or outside:
        return
    finding, other = analyse(graph, [termination, for_each(eventually(decided), among=names)]).findings
    assert finding.verdict is other.verdict, (finding.because, other.because)
    seen[finding.verdict] += 1


def small_instances() -> list[tuple[str, Instance]]:
    return [
        (name, found)
        for name, found in every_instance()
        if found.configurations is not None
        and found.configurations <= LARGEST
        and hasattr(found.protocol, "processes")  # else a predicate sees no outputs
    ]


def on_instance(instance: Instance, letters: str, seen: Counter[Any]) -> None:
    system = system_of(instance.protocol, with_strength(instance.world, letters), instance.inputs)
    judged(explore(system, Bounds(configurations=LARGEST), engine="kernel"), seen)


@pytest.mark.sampled(6)
@pytest.mark.parametrize("letters", STRENGTHS)
@pytest.mark.parametrize(("spec", "instance"), small_instances(), ids=lambda part: getattr(part, "name", part))
def test_on_bundled_instances(spec: str, instance: Instance, letters: str) -> None:
    on_instance(instance, letters, Counter())


@pytest.mark.long
@pytest.mark.parametrize("letters", STRENGTHS)
def test_on_many_bundled_instances(letters: str) -> None:
    seen: Counter[Any] = Counter()
    for _, instance in small_instances():
        on_instance(instance, letters, seen)
    assert seen.total() >= 65, seen
    assert min(seen[HOLDS], seen[VIOLATED]) > 20, seen


@pytest.mark.long
@pytest.mark.parametrize("engine", ["reference", "kernel"])
def test_on_many_random_protocols(engine: str) -> None:
    seen: Counter[Any] = Counter()
    for seed in range(2000, 3100):
        system = system_of(random_protocol(seed), random_world(seed))
        judged(explore(system, Bounds(configurations=300), engine=engine), seen)
    assert seen.total() >= 430, seen
    assert min(seen[HOLDS], seen[VIOLATED]) > 40, seen
