"""Liars in the kernel: what they have been sent signed, and groups with lies in them; both engines find the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from generators.certified import random_certified
from generators.detectors import random_detecting
from generators.protocols import (
    RETURNING,
    RandomTables,
    random_forgers,
    random_gathering_liars,
    random_learnt_lies,
    random_liars_and_crashes,
    random_twins,
)
from generators.timed import random_timed
from hypothesis import given, settings
from hypothesis import strategies as st
from kernel.same_engines import JUDGED, assert_equal, assert_same, same
from kernel.same_workers import assert_same_together, small_shares
from kernel.test_errors import told

from flpcheck import (
    At,
    Bounds,
    Mail,
    PassiveLearner,
    Process,
    Start,
    Step,
    World,
    asynchronous,
    protocol,
    record,
    replace,
    send,
    system_of,
)  # fmt: skip
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


def interrupted(seed: int) -> tuple[Any, World]:
    """Return any liars among processes that crash, in the middle of what lies cause, too, and may come back."""
    at = Random(seed)
    made = (at.choice(INTERRUPTED)(seed + number) for number in range(999))
    tables, world = next((t, w) for t, w in made if len(t.processes()) > 2 and not w.failures.crashes)
    returns = isinstance(tables, RandomTables) and at.random() < 0.4
    points = at.choice(RETURNING) if returns else "cut"
    liar = at.choice(["p0", "p1"])
    failures = replace(world.failures, byzantine=(liar,), crashes=1, crash_points=points, recoveries=int(returns))
    if isinstance(tables, RandomTables):
        roles = tuple((role, inputs, False) for role, inputs, _ in tables.shape.roles)
        tables = replace(tables, shape=tables.shape._replace(roles=(*roles, (0, False, False))[: max(3, len(roles))]))
    return tables, replace(world, failures=failures)


INTERRUPTED: list[Maker] = [random_forgers, random_certified, random_gathering_liars, random_learnt_lies, mixed]
MAKERS: list[Maker] = [
    random_forgers, random_certified, random_gathering_liars, random_learnt_lies, random_liars_and_crashes,
    random_twins, mixed, interrupted,
]  # fmt: skip
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


@pytest.mark.parametrize("seed", [62, 71, 77])
def test_a_crash_comes_inside_what_a_lie_causes_only_where_that_process_lies(seed: int) -> None:
    assert_same(lambda: system_of(*random_liars_and_crashes(seed)), SMALL)


@makers
def test_tables_that_start_small(maker: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_growth, "SMALL", 4)
    monkeypatch.setattr(table_growth, "LONGEST", 64)
    for seed in range(4):
        assert_same(lambda seed=seed: system_of(*maker(seed)), SMALL)  # type: ignore[misc]


@makers
@pytest.mark.parametrize("seed", range(2))
def test_searches_are_resumed(maker: Maker, tmp_path: Path, seed: int) -> None:
    file, bounds = tmp_path / "file", Bounds(configurations=100)
    explore(system_of(*maker(seed)), bounds, engine="kernel", checkpoint=Checkpoint(file, {}, every=0))
    resumed = explore(system_of(*maker(seed)), SMALL, checkpoint=Checkpoint(file, {}, resume=True, every=0))
    assert_equal(explore(system_of(*maker(seed)), SMALL, engine="reference"), resumed)


def test_among_random_protocols_are_all_kinds() -> None:
    """What liars know grows, is held up by a partition, and is kept for certificates; groups have lies in them.

    A crash comes in the middle of a step that a lie causes, a learner hears a lie, and a copy of a process moves.
    """
    graphs = [explore(system_of(*maker(seed)), SMALL, engine="kernel") for maker in MAKERS for seed in range(8)]
    worlds = {one.world for graph in graphs for one in graph.configurations}
    assert any(world.signed and not world.waiting for world in worlds)
    assert any(world.waiting for world in worlds)
    assert any(world.made for world in worlds)
    assert any(world.signed and world.due for world in worlds)
    some = [(graph, number) for graph in graphs for number in range(min(len(graph), 40))]
    events = [step.event for graph, number in some for step in graph.transitions(number)]
    assert any(event.kind == "gather" and event.world for event in events)
    assert any(event.during is not None and event.during.kind == "lie" for event in events)
    assert any(event.kind == "lie" and event.process == "learner" for event in events)
    assert any(event.kind == "deliver" and event.world for event in events)


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


@protocol
class Counted:
    """a and b call a learner, which a test makes fail: by counting copies, on a lie, or on what comes of two lies."""

    fails: str = ""

    def processes(self) -> list[Process[Called, Call] | PassiveLearner[Call]]:
        callers = [Process(name, self.step, start=Called()) for name in ("a", "b")]
        return [*callers, PassiveLearner("c", self.learn)]

    def lies(self, liar: str) -> list[Call]:
        return [Call(7), Call(8)]

    def step(self, at: At, s: Called, event: Start) -> Step[Called, Call]:
        return (s, ()) if s.has else (Called(has=True), send(Call(), to="c"))

    def learn(self, mail: Mail[Call]) -> frozenset[int]:
        said = [(letter.sender, letter.message.times) for letter in mail]
        if self.fails == "on a lie" and ("b", 8) in said:
            raise ZeroDivisionError("division by zero")
        if self.fails == "on a lie after a call" and {("b", 8), ("a", 0)} <= set(said):
            raise ZeroDivisionError("division by zero")
        return frozenset([len(said)] if self.fails == "counting" else (times for _, times in said))


@pytest.mark.parametrize("fails", ["", "counting", "on a lie", "on a lie after a call"])
@pytest.mark.parametrize("liars", [1, ("a",), ("b",)])
def test_a_learner_fails_where_liars_make_it(fails: str, liars: Any) -> None:
    """The error is that of the reference semantics, with its schedule."""
    model, world = Counted(fails), asynchronous(byzantine=liars)
    if not fails or (fails != "counting" and liars == ("a",)):
        assert_same(lambda: system_of(model, world))
    else:
        assert not obstacle(system_of(model, world), "bfs")
        assert told(model, world, "kernel") == told(model, world, "reference")


@protocol
class Said(Counted):
    """The same, where what a and b say is what liars say, too."""

    fails: str = "on a lie"

    def step(self, at: At, s: Called, event: Start) -> Step[Called, Call]:
        return (s, ()) if s.has else (Called(has=True), send(Call(8), to="c"))


@pytest.mark.parametrize("network", ["multiset", "set", "fifo"])
def test_a_learner_on_which_a_lie_would_fail_hears_it_from_a_process_that_is_correct_elsewhere(network: Any) -> None:
    """Where b lies the letter is never put; where it does not, it is b's own."""
    world = asynchronous(byzantine=1, network=network)
    assert told(Said(), world, "kernel") == told(Said(), world, "reference")


@protocol
class Late(Counted):
    """The learner fails on a lie of a together with what b sends: after a message to itself, long after the lie."""

    def step(self, at: At, s: Called, event: Start | Call) -> Step[Called, Call]:
        match event:
            case Start() if at.me == "b" and not s.has:
                return Called(has=True), send(Call(), to="b")
            case Call(0) if at.me == "b":
                return s, send(Call(8), to="c")
            case _:
                return s, ()

    def learn(self, mail: Mail[Call]) -> frozenset[int]:
        said = {(letter.sender, letter.message.times) for letter in mail}
        if {("a", 7), ("b", 8)} <= said:
            raise ZeroDivisionError("division by zero")
        return frozenset(times for _, times in said)


def test_a_mailbox_on_which_a_learner_fails_may_be_reached_long_after_it_was_made() -> None:
    """That b could say the same where it lies makes the mailbox; where a lies it is reached, levels later."""
    world = asynchronous(byzantine=1)
    assert told(Late(), world, "kernel") == told(Late(), world, "reference")
