"""Random protocols of identical processes in worlds that remember names: whom a detector trusts, whose timer is due."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import pytest

from flpcheck import (
    At,
    Process,
    Processes,
    Reduction,
    Start,
    Step,
    Suspect,
    Symmetric,
    Timeout,
    Trust,
    World,
    asynchronous,
    eventually_synchronous,
    protocol,
    record,
    synchronous,
    system_of,
    to_others,
)
from flpcheck.explore import Bounds, explore
from flpcheck.reduce import Orbits, reduced
from flpcheck.reduce.layers import unused

PLACES = 4


@record
class Mark:
    kind: int


@record
class Spot:
    place: int = 0


@protocol
class Table:
    """The same table for all: where an event leads from a place, and what is then sent (nothing if negative)."""

    seed: int = 0

    def processes(self) -> Processes[Mark]:
        names = ("a", "b", "c")[: 2 + self.seed % 2]
        return [Process(name, self.step, start=Spot()) for name in names]

    def step(self, at: At, s: Spot, event: Start | Timeout | Mark | Trust | Suspect) -> Step[Spot, Mark]:
        match event:
            case Mark(kind):
                word = f"mark {kind}"
            case Trust(process) | Suspect(process):
                word = f"{type(event).__name__} {process == at.me}"
            case Start() | Timeout():
                word = type(event).__name__
        luck = Random(f"{self.seed} {word} {s.place}")
        if s.place == PLACES or luck.random() < 0.4:
            return s, ()
        place, kind = luck.randint(s.place + 1, PLACES), luck.choice([-1, -1, 0, 1])
        return Spot(place), to_others(Mark(kind)) if kind >= 0 else ()

    def reductions(self) -> list[Reduction]:
        return [Symmetric(tuple(process.name for process in self.processes()))]


WORLDS = {
    "synchronous": synchronous(),
    "before and after GST": eventually_synchronous(mistakes=1),
    "omega": asynchronous(1, detector="omega"),
    "S": asynchronous(1, detector="S"),
    "diamond-S": asynchronous(1, detector="diamond-S", mistakes=1),
}


@pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS)
def test_orbits_add_up_where_the_world_remembers_names(world: World) -> None:
    met: Counter[bool] = Counter()
    for seed in range(14):
        whole = explore(system_of(Table(seed), world), Bounds(configurations=600), engine="reference")
        if not whole.complete:
            continue
        graph = explore(reduced(system_of(Table(seed), world)))
        system: Any = graph.system
        assert isinstance(system, Orbits)
        assert sum(map(system.orbit_size, graph.configurations)) == len(whole)
        images = {system.images.image(c, n) for c in graph.configurations for n in range(len(system.group))}
        assert len(images) == len(whole)
        met[len(graph) < len(whole)] += 1
    assert met[True] > 2


@pytest.mark.parametrize(
    ("world", "why"),
    [
        (asynchronous(byzantine=1), "a process that misbehaves is not like the others"),
        (asynchronous(omission=1), "a process that misbehaves is not like the others"),
        (asynchronous(crashes=1, faulty=("a",)), "only some processes may crash"),
        (synchronous(), ""),
    ],
)
def test_it_is_said_why_a_world_tells_processes_apart(world: World, why: str) -> None:
    said = unused(system_of(Table(1), world))
    assert said == (f"declared but not used in this world: Symmetric, because {why}" if why else "")
    assert isinstance(reduced(system_of(Table(1), world)), Orbits) == (not why)
