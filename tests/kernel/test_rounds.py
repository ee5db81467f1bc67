"""Protocols in rounds: both engines find the same graph in every world, however small the kernel's tables are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from generators.rounds import WORLDS, round_protocols
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from kernel.same_engines import JUDGED, assert_equal, assert_same, same
from kernel.test_specs import instances

from flpcheck import (
    At,
    Bounds,
    Effects,
    Heard,
    Instance,
    Next,
    RoundProcess,
    World,
    broadcast,
    heard_of,
    load,
    one_of,
    partially_synchronous,
    protocol,
    record,
    replace,
    synchronous,
    system_of,
)
from flpcheck.analyse.safety import examine_safety
from flpcheck.authoring.protocol import is_in_rounds
from flpcheck.errors import SpecError
from flpcheck.explore import again, explore
from flpcheck.explore import engine as seam
from flpcheck.explore.limits import TooWide
from flpcheck.system import System
from flpcheck.system.rounds import InRounds

pytest.importorskip("numba")
from flpcheck.explore.checkpoint import Checkpoint
from flpcheck.explore.fronts import front_of
from flpcheck.explore.in_rounds import tables
from flpcheck.explore.kernel import plans
from flpcheck.explore.native import NativeSearch

QUICK = 120
MOST = 300
EXAMPLES = 4


def bundled() -> list[tuple[str, Instance]]:
    """Some small instances; `test_specs` compares all of them."""
    small = [
        (spec, instance)
        for spec, instance in instances()
        if is_in_rounds(instance.protocol) and 0 < (instance.configurations or 0) <= QUICK
    ]
    return small[:: max(1, len(small) // 8)]


@pytest.mark.parametrize(("spec", "instance"), bundled(), ids=lambda part: getattr(part, "name", part))
def test_small_instances(spec: str, instance: Instance) -> None:
    assert_same(lambda: system_of(instance.protocol, instance.world, instance.inputs))


def compared(kind: str, examples: int, compare: Callable[[Any, World, st.DataObject], int]) -> Counter[str]:
    """Compare random protocols in worlds of a kind, and return how many there were, and how many of some size."""
    seen: Counter[str] = Counter()

    @settings(
        max_examples=examples, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(st.data())
    def each(data: st.DataObject) -> None:
        chosen, world = data.draw(round_protocols), data.draw(WORLDS[kind])
        assume(chosen.n > 1 + world.failures.crashes)
        seen["compared"] += 1
        seen["large"] += compare(chosen, world, data) > 12

    each()
    return seen


def both(chosen: Any, world: World, data: st.DataObject) -> int:
    depth = data.draw(st.sampled_from([None, None, 0, 1, 2]))
    graph = assert_same(lambda: system_of(chosen, world), Bounds(configurations=MOST, depth=depth))
    cut = data.draw(st.integers(1, len(graph) + 1))
    assert_same(lambda: system_of(chosen, world), Bounds(configurations=cut))
    return len(graph)


@pytest.mark.sampled(4)
@pytest.mark.parametrize("kind", WORLDS)
def test_random_protocols(kind: str) -> None:
    assert compared(kind, EXAMPLES, both)["compared"]


@pytest.mark.long
@pytest.mark.parametrize("kind", WORLDS)
def test_many_random_protocols(kind: str) -> None:
    seen = compared(kind, 40, both)
    assert seen["compared"] > 20
    assert seen["large"] > 5


@pytest.mark.parametrize("kind", ["crashes", "Byzantine", "signed, and a crash", "heard of", "GST"])
def test_tables_that_begin_with_one_row(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr(tables, "SMALL", 1)
    assert compared(kind, EXAMPLES, both)["compared"]


@pytest.mark.parametrize("predicate", ["kernel", "uniform", "no_split"])
def test_successors_of_several_families_are_one_transition(monkeypatch: pytest.MonkeyPatch, predicate: str) -> None:
    monkeypatch.setattr(tables, "SMALL", 1)
    graph = assert_same(lambda: system_of(load("uniform_voting").protocol(n=3), heard_of(predicate)))
    assert len(graph.targets) > len(graph)


@record
class Count:
    """How many were heard of late, and ever."""

    heard: int = 0
    most: int = 0
    decision: int | None = None


@protocol
class Settles:
    """After one round nothing changes."""

    n: int = 2
    period = 1

    def processes(self) -> list[RoundProcess[Count, str]]:
        return [RoundProcess(f"p{i}", self.send, self.receive, start=Count()) for i in range(self.n)]

    def send(self, at: At, s: Count, round: int) -> Effects[str]:
        return broadcast("here")

    def receive(self, at: At, s: Count, round: int, heard: Heard[str]) -> Next[Count]:
        return Count(1)


@pytest.mark.parametrize("depth", [None, 1])
def test_a_round_that_changes_nothing_is_no_transition(depth: int | None) -> None:
    """Nor does it make a configuration at the depth bound one that leads on."""
    graph = assert_same(lambda: system_of(Settles(), heard_of("any")), Bounds(depth=depth))
    assert (len(graph), len(graph.targets), graph.cut) == (2, 1, None)


# More processes than fit into a word, and configurations of several words.


@protocol
class Counts:
    """All processes count."""

    n: int = 12
    modulus: int = 3
    rounds = 3

    def processes(self) -> list[RoundProcess[Count, str]]:
        return [RoundProcess(f"p{i}", self.send, self.receive, start=Count()) for i in range(self.n)]

    def send(self, at: At, s: Count, round: int) -> Effects[str]:
        return broadcast("here")

    def receive(self, at: At, s: Count, round: int, heard: Heard[str]) -> Next[Count]:
        after = replace(s, heard=len(heard) % self.modulus, most=max(s.most, len(heard)))
        return one_of([after, replace(after, heard=0)]) if at.me == "p0" else after


def test_many_processes() -> None:
    graph = assert_same(lambda: system_of(Counts(), synchronous(1, mid_broadcast=False)))
    assert len(graph.system.names) == 12


def test_a_round_with_too_many_combinations_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "MOST_OUTCOMES", 1)
    front = front_of(system_of(Counts(n=3), synchronous(1)), [], patient=True)
    with pytest.raises(TooWide, match=r"have \d+ combinations, and the kernel has room for 1"):
        NativeSearch(front, Bounds()).run()


# Liars learn in the kernel what they learn in the reference engine.


@pytest.mark.parametrize("spec", ["oral_messages", "phase_king", "dolev_strong"])
def test_liars_hear_the_same(spec: str) -> None:
    instance = load(spec).instances[0]
    make = partial(system_of, instance.protocol, instance.world, instance.inputs)
    systems = [make(), make()]
    for engine, system in zip(("reference", "kernel"), systems, strict=True):
        explore(system, engine=engine)
    one, other = (system.speech.fingerprint for system in systems if isinstance(system, InRounds))
    assert one == other != ""


# Errors of the author.


class Fault(Exception):
    pass


@protocol
class Faulty:
    """Fails in some place once a process has counted to two; the others come to it later, or not at all."""

    where: str = "receive"
    n: int = 3
    rounds = 4

    def processes(self) -> list[RoundProcess[Count, int]]:
        return [
            RoundProcess(f"p{i}", self.send, self.receive, inputs={0: Count(), 1: Count(1)}, lies=self.lies)
            for i in range(self.n)
        ]

    def lies(self, at: At, round: int) -> list[int]:
        if self.where == "lies" and round == 3:
            raise Fault
        return [0]

    def send(self, at: At, s: Count, round: int) -> Effects[int]:
        if self.where == "send" and s.heard >= 2 and round > 1:
            raise Fault
        return broadcast(s.heard)

    def receive(self, at: At, s: Count, round: int, heard: Heard[int]) -> Any:
        if self.where == "nothing" and len(heard) == 1 and round == 2:
            return None
        if self.where == "receive" and s.heard >= 2 and len(heard) < self.n:
            raise Fault
        return replace(s, heard=min(s.heard + (len(heard) == self.n), 3))


def told(make: Callable[[], System], engine: str, bounds: Bounds | None) -> tuple[str, str, tuple[str, ...]]:
    with pytest.raises(SpecError) as caught:
        explore(make(), bounds, engine=engine)
    return type(caught.value).__name__, str(caught.value), caught.value.schedule


@pytest.mark.parametrize("where", ["receive", "send", "nothing", "lies"])
@pytest.mark.parametrize("depth", [None, 2])
def test_both_engines_say_the_same_of_errors(where: str, depth: int | None) -> None:
    world = synchronous(byzantine=("p2",)) if where == "lies" else heard_of("any")
    make = partial(system_of, Faulty(where), world)
    bounds = None if depth is None else Bounds(depth=depth)
    assert told(make, "kernel", bounds) == told(make, "reference", bounds)


@pytest.mark.parametrize("depth", range(3))
@pytest.mark.parametrize("world", [synchronous(1), heard_of("kernel"), partially_synchronous(1, unstable=1)], ids=str)
def test_at_the_depth_bound_no_more_is_asked_than_shows_whether_there_is_more(world: World, depth: int) -> None:
    systems = [system_of(Faulty("nowhere"), world) for _ in range(2)]
    for engine, system in zip(("reference", "kernel"), systems, strict=True):
        explore(system, Bounds(depth=depth), engine=engine)
    assert systems[0].calls == systems[1].calls


# Without transitions, by hand-over, and from checkpoints.


@pytest.mark.parametrize(
    "world", [heard_of("kernel"), synchronous(1, rounds=2), partially_synchronous(1, unstable=1)], ids=str
)
def test_safety(world: World) -> None:
    make = partial(system_of, load("uniform_voting").protocol(n=3), world)
    one, other = (examine_safety(make(), JUDGED, engine=engine) for engine in ("reference", "kernel"))
    assert other.graph.engine == "kernel"
    same(one, other)


def test_transitions_made_again_are_those_of_the_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(again, "AGAIN", 16)
    make = partial(system_of, load("uniform_voting").protocol(n=3), heard_of("any"))
    graph = explore(make(), engine="reference")
    search = NativeSearch(front_of(make(), [], patient=True), Bounds(), keep=False)
    search.explore()
    for depth in range(len(search.levels) - 1):
        first, last = search.levels[depth], search.levels[depth + 1]
        end = search.levels[depth + 2] if depth + 2 < len(search.levels) else search.found
        made = search.edges_into(depth, np.arange(last, end))
        here = slice(int(graph.offsets[first]), int(graph.offsets[last]))
        onward = (graph.targets[here] >= last) & (graph.targets[here] < end)
        assert np.array_equal(made.targets, graph.targets[here][onward])
        assert np.array_equal(made.sources, graph.sources[here][onward])


def test_the_reference_engine_hands_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seam, "SWITCH_AT", 300)
    monkeypatch.setattr("flpcheck.explore.compiling.compiled", lambda _: True)
    make = partial(system_of, load("uniform_voting").protocol(n=3), heard_of("any"))
    graph = explore(make())
    assert graph.engine == "kernel"
    assert_equal(explore(make(), engine="reference"), graph)


@pytest.mark.parametrize("kind", ["crashes", "Byzantine", "heard of"])
def test_searches_are_resumed(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "file"

    def resumed(chosen: Any, world: World, data: st.DataObject) -> int:
        bounds, make = Bounds(configurations=MOST), partial(system_of, chosen, world)
        cut = Bounds(configurations=data.draw(st.integers(1, MOST)))
        explore(make(), cut, engine="kernel", checkpoint=Checkpoint(file, {}, every=0))
        graph = explore(make(), bounds, checkpoint=Checkpoint(file, {}, resume=True, every=0))
        assert_equal(explore(make(), bounds, engine="reference"), graph)
        return len(graph)

    assert compared(kind, EXAMPLES, resumed)["compared"]
