"""Liars in the kernel: what they have been sent signed, and groups with lies in them; both engines find the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from generators.certified import random_certified
from generators.detectors import random_detecting
from generators.protocols import random_forgers, random_gathering_liars
from generators.timed import random_timed
from hypothesis import given, settings
from hypothesis import strategies as st
from kernel.same_engines import JUDGED, assert_equal, assert_same, same
from kernel.same_workers import assert_same_together, small_shares
from kernel.test_errors import told

from flpcheck import At, Bounds, Process, Start, Step, World, asynchronous, protocol, record, replace, send, system_of
from flpcheck.analyse.safety import examine_safety
from flpcheck.errors import BadRequest
from flpcheck.explore import explore, limits, obstacle, table_growth
from flpcheck.explore.knowledge import Knowledge, of_signatures
from flpcheck.system import System
from flpcheck.system.message_passing import MessagePassing

pytest.importorskip("numba")
from flpcheck.explore.checkpoint import Checkpoint

SMALL = Bounds(configurations=400)
Maker = Callable[[int], tuple[Any, World]]


def mixed(seed: int) -> tuple[Any, World]:
    """Return liars who cannot forge, among processes with a detector, or with timers that wait."""
    found = (made(number) for number in range(seed, seed + 99) for made in (random_detecting, random_timed))
    tables, world = next((tables, world) for tables, world in found if world.failures.byzantine)
    failures = replace(world.failures, authenticated=True)
    return replace(tables, signs=True), replace(world, failures=failures)


MAKERS: list[Maker] = [random_forgers, random_certified, random_gathering_liars, mixed]
makers = pytest.mark.parametrize("maker", MAKERS, ids=lambda maker: maker.__name__)
seeds = st.integers(0, 2**32)


def compared(maker: Maker, seed: int) -> None:
    """Compare the graph, the verdicts without a graph, and what several workers find."""

    def make() -> System:
        return system_of(*maker(seed))

    assert not obstacle(make(), "bfs")
    assert_same(make, SMALL)
    same(*(examine_safety(make(), JUDGED, SMALL, engine=engine) for engine in ("reference", "kernel")))
    with small_shares():
        assert_same_together(make, SMALL)


@makers
@settings(max_examples=4, deadline=None)
@given(seeds)
def test_random_protocols(maker: Maker, seed: int) -> None:
    compared(maker, seed)


@pytest.mark.long
@makers
@settings(max_examples=12, deadline=None)
@given(seeds)
def test_more_random_protocols(maker: Maker, seed: int) -> None:
    compared(maker, seed)


def test_a_liar_has_groups_of_its_own_in_each_choice_of_liars() -> None:
    """Alone, and beside another liar whose letters are always there, too: the same messages, but other groups."""
    make = lambda: system_of(*random_gathering_liars(53))  # noqa: E731
    crowds = {one.world.faulty for one in assert_same(make, Bounds(configurations=80)).configurations}
    assert {crowd.bit_count() for crowd in crowds} == {0, 1, 2}


@makers
def test_tables_that_start_small(maker: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_growth, "SMALL", 4)
    monkeypatch.setattr(table_growth, "LONGEST", 64)
    for seed in range(8):
        assert_same(lambda seed=seed: system_of(*maker(seed)), SMALL)  # type: ignore[misc]


@makers
@pytest.mark.parametrize("seed", range(3))
def test_searches_are_resumed(maker: Maker, tmp_path: Path, seed: int) -> None:
    file, bounds = tmp_path / "file", Bounds(configurations=100)
    explore(system_of(*maker(seed)), bounds, engine="kernel", checkpoint=Checkpoint(file, {}, every=0))
    resumed = explore(system_of(*maker(seed)), SMALL, checkpoint=Checkpoint(file, {}, resume=True, every=0))
    assert_equal(explore(system_of(*maker(seed)), SMALL, engine="reference"), resumed)


def test_among_random_protocols_are_all_kinds() -> None:
    """What liars know grows, is held up by a partition, and is kept for certificates; groups have lies in them."""
    graphs = [explore(system_of(*maker(seed)), SMALL, engine="kernel") for maker in MAKERS for seed in range(12)]
    worlds = {one.world for graph in graphs for one in graph.configurations}
    assert any(world.signed and not world.waiting for world in worlds)
    assert any(world.waiting for world in worlds)
    assert any(world.made for world in worlds)
    assert any(world.signed and world.due for world in worlds)
    some = [(graph, number) for graph in graphs for number in range(min(len(graph), 40))]
    events = [step.event for graph, number in some for step in graph.transitions(number)]
    assert any(event.kind == "gather" and event.world for event in events)


def test_what_can_be_said_is_what_the_reference_semantics_lets_liars_say() -> None:
    """In every state of the field, for every message of the alphabet, alone and in pairs."""
    for seed in range(6):
        system = system_of(*random_certified(seed))
        assert isinstance(system, MessagePassing)
        worlds = {of_signatures(one.world) for one in explore(system, SMALL, engine="reference").configurations}
        knowledge, signatures = Knowledge(system), system.laws.signatures
        bodies = [body for crowd in system.speech.crowds for body in system.speech.said(crowd).values()]
        sets = [[], *([body] for body in bodies), *([one, other] for one in bodies for other in bodies)]
        sayings = [knowledge.saying(said) for said in sets]
        assert sayings[0] == 0
        numbers = [knowledge.number(world) for world in worlds]
        table = knowledge.entered(table_growth.new_tables(1, 1, None, None).sayable)
        for world, number in zip(worlds, numbers, strict=True):
            liars = [name for index, name in enumerate(system.names) if world.faulty >> index & 1]
            for said, saying in zip(sets, sayings, strict=True):
                expected = all(signatures.may_say(body, world.signed, liars) for body in said)
                assert bool(int(table[number, saying >> 6]) >> (saying & 63) & 1) == expected


def test_more_signed_messages_than_there_are_numbers_for_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_SAYINGS", 1)
    with pytest.raises(BadRequest, match="signed things"):
        explore(system_of(*random_certified(0)), SMALL, engine="kernel")


@record
class Call:
    """A message: how often it was passed on."""

    times: int = 0


@record
class Called:
    """Whether a process has called."""

    has: bool = False


@protocol
class Careless:
    """a calls b, and b calls c; a call from b on which c fails is none that b sends itself."""

    careful: str = ""

    def processes(self) -> list[Process[Called, Call]]:
        return [Process(name, self.step, start=Called()) for name in ("a", "b", "c")]

    def lies(self, liar: str) -> list[Call]:
        return [Call(7)]

    def step(self, at: At, s: Called, event: Start | Call) -> Step[Called, Call]:
        match event:
            case Start() if at.me == "a" and not s.has:
                return Called(has=True), send(Call(), to="b")
            case Call(times) if at.me == "b" and times < 2 and not s.has:
                return Called(has=True), send(Call(times + 1), to="c")
            case Call(7) if (at.me, at.sender) == ("c", "b"):
                raise ZeroDivisionError("division by zero")
            case _:
                return s, ()


@pytest.mark.parametrize("liars", [1, ("b",)])
def test_a_step_fails_on_a_lie_only_where_that_can_be_said(liars: Any) -> None:
    world = asynchronous(byzantine=liars)
    assert told(Careless(), world, "kernel") == told(Careless(), world, "reference")


def test_a_step_that_fails_on_a_lie_of_one_is_no_error_among_other_liars() -> None:
    """c could not take the lie of b, who does not lie."""
    graph = assert_same(lambda: system_of(Careless(), asynchronous(byzantine=("a",))))
    assert graph.complete
