"""Both engines drop the same letters, whatever the tables' sizes, and a search that was cut can be resumed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

pytest.importorskip("numba")
from fuzz_dead_letters import dropping, fuzz
from generators.protocols import RandomTables, protocols, random_protocol, random_world, worlds
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from kernel.same_engines import assert_equal, assert_same, same
from kernel.test_checkpoint import tear
from reduce.test_dead_letters import Woken

from flpcheck import Bounds, World, asynchronous, load, system_of
from flpcheck.analyse.safety import examine_safety
from flpcheck.explore import again, explore, table_growth
from flpcheck.explore.checkpoint import Checkpoint
from flpcheck.reduce.without_dead_letters import WithoutDeadLetters, why_kept
from flpcheck.system.message_passing import MessagePassing

SMALL = 400
KINDS = [
    "dropped", "nothing dropped", "refuted", "never refuted", "gathered", "nothing gathered", "multiset", "set",
    "ignored stays", "loss", "loss without end", "duplication", "duplication without end", "partition", "cut links",
    "crashes explicit", "crashes elided", "initially dead", "recoveries", "recoveries without end", "restart",
    "crash points between", "crash points cut", "crash points write-first", "crash points torn",
    "crash points send-first", "omission", "gather", "observer", "learner",
]  # fmt: skip


def bundled(name: str, instance: str) -> WithoutDeadLetters:
    known = load(name).instance(instance)
    system = system_of(known.protocol, known.world, known.inputs)
    assert isinstance(system, MessagePassing)
    return WithoutDeadLetters(system)


@pytest.mark.parametrize(
    ("name", "instance", "size"),
    [
        ("tla/two_phase", "rm=5", 4_181),
        ("two_phase_commit", "timeouts", 123),
        ("paxos", "one ballot each", 7_538),
        ("multi_paxos", "calm", 1_871),
        ("tla/paxos", "ballots 0..1", 3_757),
        ("raft", "one term", 1_397),
        ("actors/paxos", "two clients", 6_038),
        ("broken/paxos_small_quorum", "split brain", 624),
        ("first_quorum", "one crash", 68),
    ],
)
def test_engines_drop_the_same_of_bundled_specs(name: str, instance: str, size: int) -> None:
    assert len(assert_same(lambda: bundled(name, instance))) == size


def test_engines_agree_on_random_protocols() -> None:
    assert fuzz(range(25))["dropped"] > 0


@pytest.mark.long
def test_engines_agree_on_every_kind_of_protocol_and_world() -> None:
    counts = fuzz(range(160))
    assert {kind: counts[kind] for kind in KINDS if not counts[kind]} == {}


@pytest.fixture
def tiny_tables() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table_growth, "SMALL", 4)
        patch.setattr(table_growth, "LONGEST", 64)
        patch.setattr(again, "AGAIN", 16)
        yield


@pytest.mark.usefixtures("tiny_tables")
@pytest.mark.parametrize("name", ["raft", "actors/paxos", "tla/paxos", "chandra_toueg"])
def test_tables_that_start_small_hold_the_same(name: str) -> None:
    assert_same(lambda: bundled(name, load(name).instances[0].name), Bounds(configurations=3_000))


@pytest.mark.usefixtures("tiny_tables")
def test_tables_that_start_small_hold_the_same_of_random_protocols() -> None:
    pairs = ((random_protocol(seed), random_world(seed)) for seed in range(60))
    able = [(protocol, world) for protocol, world in pairs if not why_kept(system_of(protocol, world))]
    for protocol, world in able:
        assert_same(partial(dropping, protocol, world), Bounds(configurations=SMALL))
    assert len(able) > 20


@settings(max_examples=25, deadline=None)
@given(
    protocol=protocols,
    world=worlds,
    most=st.integers(1, SMALL),
    torn=st.floats(0, 1),
    every=st.sampled_from([0.0, 1e9]),
)
def test_graphs_are_resumed(
    tmp_path_factory: pytest.TempPathFactory, protocol: RandomTables, world: World, most: int, torn: float, every: float
) -> None:
    assume(not why_kept(system_of(protocol, world)))
    file, bounds, make = (
        tmp_path_factory.mktemp("trail") / "file",
        Bounds(configurations=SMALL),
        partial(dropping, protocol, world),
    )
    explore(make(), Bounds(configurations=most), engine="kernel", checkpoint=Checkpoint(file, {}, every=every))
    tear(file, torn)
    resumed = explore(make(), bounds, checkpoint=Checkpoint(file, {}, resume=True, every=every))
    expected = explore(make(), bounds, engine="reference")
    if expected.complete:  # of a cut search each engine may have guessed, and taken back, something else
        assert_equal(expected, resumed)
    again = explore(make(), bounds, checkpoint=Checkpoint(file, {}, resume=True))
    assert_equal(resumed, again)


@pytest.mark.parametrize("name", ["raft", "actors/paxos"])
def test_searches_that_begin_again_are_resumed(tmp_path: Path, name: str) -> None:
    file, make = tmp_path / "file", partial(bundled, name, load(name).instances[0].name)
    whole = examine_safety(make(), (), engine="kernel")
    for most in (100, 700, 1_300):
        cut = Bounds(configurations=most)
        examine_safety(make(), (), cut, engine="kernel", checkpoint=Checkpoint(file, {}, every=0))
        for _ in range(2):
            resumed = examine_safety(make(), (), checkpoint=Checkpoint(file, {}, resume=True, every=0))
            same(whole, resumed)


@pytest.mark.parametrize("most", range(1, 6))
def test_what_was_dropped_before_a_search_was_cut_is_judged_when_it_is_resumed(tmp_path: Path, most: int) -> None:
    file, make = tmp_path / "file", partial(dropping, Woken(), asynchronous(ignored="stays"))
    explore(make(), Bounds(configurations=most), engine="kernel", checkpoint=Checkpoint(file, {}, every=0))
    resumed = explore(make(), checkpoint=Checkpoint(file, {}, resume=True, every=0))
    assert_equal(explore(make(), engine="reference"), resumed)
    assert len(resumed) == len(explore(system_of(Woken(), asynchronous(ignored="stays")))) == 9
