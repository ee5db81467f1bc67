"""Both engines merge the same local states, whatever the tables' sizes, and a search that was cut can be resumed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

pytest.importorskip("numba")
from fuzz_equal_states import fuzz, merging, sloppy_guesses
from generators.protocols import random_protocol, random_world
from kernel.same_engines import assert_equal, assert_same, same
from kernel.test_checkpoint import tear

from flpcheck import Bounds, load, system_of
from flpcheck.analyse.safety import examine_safety
from flpcheck.analyse.state_reads import Observation
from flpcheck.explore import again, explore, table_growth
from flpcheck.explore.checkpoint import Checkpoint
from flpcheck.reduce.without_dead_letters import WithoutDeadLetters, why_apart, without_dead_letters

SMALL = 400
KINDS = [
    "merged", "nothing merged", "refuted", "never refuted", "multiset", "set", "ignored stays", "loss", "duplication",
    "partition", "cut links", "crashes explicit", "crashes elided", "initially dead", "recoveries", "restart",
    "crash points between", "crash points cut", "crash points send-first", "omission", "gather", "observer", "learner",
]  # fmt: skip


def bundled(name: str, instance: str) -> WithoutDeadLetters:
    known = load(name).instance(instance)
    made = without_dead_letters(system_of(known.protocol, known.world, known.inputs), Observation())
    assert isinstance(made, WithoutDeadLetters)
    return made


@pytest.mark.parametrize(
    ("name", "instance", "size"),
    [
        ("tla/two_phase", "rm=5", 1_299),
        ("two_phase_commit", "timeouts", 44),
        ("paxos", "one ballot each", 5_967),
        ("multi_paxos", "calm", 1_871),
        ("tla/paxos", "ballots 0..1", 3_757),
        ("raft", "one term", 533),
        ("raft", "two leaders", 519),
        ("actors/paxos", "two clients", 1_909),
        ("broken/paxos_small_quorum", "split brain", 612),
    ],
)
def test_engines_merge_the_same_of_bundled_specs(name: str, instance: str, size: int) -> None:
    assert len(assert_same(lambda: bundled(name, instance))) == size


def test_engines_agree_on_random_protocols() -> None:
    assert fuzz(range(8))["merged"] > 0


@pytest.mark.long
def test_engines_agree_on_every_kind_of_protocol_and_world() -> None:
    counts = fuzz(range(150))
    assert {kind: counts[kind] for kind in KINDS if not counts[kind]} == {}


@pytest.fixture
def tiny_tables() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table_growth, "SMALL", 4)
        patch.setattr(table_growth, "LONGEST", 64)
        patch.setattr(again, "AGAIN", 16)
        yield


@pytest.mark.usefixtures("tiny_tables")
@pytest.mark.parametrize("name", ["raft", "actors/paxos", "tla/paxos"])
def test_tables_that_start_small_hold_the_same(name: str) -> None:
    assert_same(lambda: bundled(name, load(name).instances[0].name), Bounds(configurations=3_000))


@pytest.mark.usefixtures("tiny_tables")
def test_tables_that_start_small_hold_the_same_of_random_protocols() -> None:
    pairs = ((seed, random_protocol(seed), random_world(seed)) for seed in range(16))
    able = [one for one in pairs if not why_apart(system_of(*one[1:]))]
    for seed, protocol, world in able:
        with sloppy_guesses(seed):
            assert_same(partial(merging, protocol, world), Bounds(configurations=SMALL))
    assert len(able) > 3


@pytest.mark.parametrize("name", ["raft", pytest.param("actors/paxos", marks=pytest.mark.long)])
def test_searches_are_resumed(tmp_path: Path, name: str) -> None:
    file, make = tmp_path / "file", partial(bundled, name, load(name).instances[0].name)
    whole = examine_safety(make(), (), engine="kernel")
    for most in (100, 700, 1_300):
        cut = Bounds(configurations=most)
        examine_safety(make(), (), cut, engine="kernel", checkpoint=Checkpoint(file, {}, every=0))
        for _ in range(2):
            same(whole, examine_safety(make(), (), checkpoint=Checkpoint(file, {}, resume=True, every=0)))


def test_torn_files_of_random_protocols_are_resumed(tmp_path: Path) -> None:
    file, bounds = tmp_path / "file", Bounds(configurations=SMALL)
    for seed in range(1, 10):
        protocol, world = random_protocol(seed), random_world(seed)
        if why_apart(system_of(protocol, world)):
            continue
        make = partial(merging, protocol, world)
        with sloppy_guesses(seed):
            explore(make(), Bounds(configurations=40), engine="kernel", checkpoint=Checkpoint(file, {}, every=0))
            tear(file, 0.7)
            resumed = explore(make(), bounds, checkpoint=Checkpoint(file, {}, resume=True, every=0))
            assert_equal(explore(make(), bounds, engine="reference"), resumed)
