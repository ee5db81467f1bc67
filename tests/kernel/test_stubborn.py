"""Both engines expand the same stubborn sets, whatever the tables' sizes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

pytest.importorskip("numba")
from fuzz_stubborn import REDUCTIONS, leaving_out, protocol_without_guards, reliable_world
from kernel.same_engines import assert_equal, assert_same, same
from reduce.test_stubborn import Blinking

from flpcheck import (
    Bounds,
    Instance,
    Process,
    Start,
    Step,
    agreement,
    asynchronous,
    broadcast,
    load,
    protocol,
    record,
    replace,
    system_of,
)
from flpcheck.analyse.safety import examine_safety
from flpcheck.analyse.state_reads import Observation
from flpcheck.errors import BadRequest
from flpcheck.explore import explore, selecting, table_growth
from flpcheck.explore.checkpoint import Checkpoint
from flpcheck.explore.engine import Exploration
from flpcheck.explore.engine import search as searched
from flpcheck.reduce.stubborn import Stubborn, universe_of, why_whole
from flpcheck.system.message_passing import MessagePassing

SMALL = 500


def bundled(name: str, instance: str, **changes: Any) -> Stubborn:
    spec = load(name)
    known = spec.instance(instance) if instance else Instance("", spec.protocol(), asynchronous())
    plain = system_of(replace(known.protocol, **changes), known.world, known.inputs)
    assert isinstance(plain, MessagePassing)
    return Stubborn(plain, Observation(), universe_of(plain), stays=not plain.observers)


@pytest.mark.parametrize(
    ("name", "instance", "changes", "size"),
    [
        ("tla/two_phase", "rm=5", {}, 406),
        ("two_phase_commit", "timeouts", {"participants": 5}, 369),
        ("first_quorum", "", {"n": 4, "quorum": 3}, 430),
        ("wait_for_all", "", {"n": 5}, 796),
        ("raft", "two leaders", {}, 484),
    ],
)
def test_engines_expand_the_same_of_bundled_specs(name: str, instance: str, changes: dict[str, Any], size: int) -> None:
    assert len(assert_same(partial(bundled, name, instance, **changes))) == size


@pytest.mark.parametrize("stays", [True, False])
def test_engines_expand_the_same_where_an_event_would_wait_for_ever(stays: bool) -> None:
    make = partial(leaving_out, Blinking(), asynchronous(), stays=stays, merges=False)
    systems = [make(), make()]
    graphs = [explore(system, engine=engine) for system, engine in zip(systems, ("reference", "kernel"), strict=True)]
    assert_equal(*graphs)
    assert len(systems[0].full) == len(systems[1].full) > 0


def _same_of_random_protocols(seeds: Iterator[int] | range) -> int:
    compared = 0
    for seed in seeds:
        protocol_, world = protocol_without_guards(seed), reliable_world(seed)
        if not why_whole(system_of(protocol_, world)):
            how, stays = REDUCTIONS[seed % 4], seed % 8 < 4
            assert_same(partial(leaving_out, protocol_, world, stays=stays, **how), Bounds(configurations=SMALL))
            compared += 1
    return compared


def test_engines_expand_the_same_of_random_protocols() -> None:
    assert _same_of_random_protocols(range(10)) > 4


@pytest.mark.long
def test_engines_expand_the_same_of_many_random_protocols() -> None:
    assert _same_of_random_protocols(range(24, 400)) > 200


@pytest.fixture
def tiny_tables() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table_growth, "SMALL", 4)
        patch.setattr(table_growth, "LONGEST", 64)
        patch.setattr(selecting, "FIRST", 1)
        yield


@pytest.mark.usefixtures("tiny_tables")
def test_tables_that_start_small_hold_the_same() -> None:
    assert_same(partial(bundled, "raft", "two leaders"))
    assert _same_of_random_protocols(range(24, 31)) > 1


@record
class Number:
    value: int


@record
class Adder:
    started: bool = False
    total: int = 0
    decision: int | None = None


@protocol
class Adding:
    """Each process sends numbers to all, which adds up to the same in any order: more events than a word has bits."""

    numbers: int = 35

    def processes(self) -> list[Process[Adder, Number]]:
        return [Process(name, self.add, start=Adder()) for name in ("a", "b")]

    def add(self, at: Any, s: Adder, event: Start | Number) -> Step[Adder, Number]:
        if isinstance(event, Number):
            return replace(s, total=(s.total + event.value) % 3), ()
        numbers = tuple(broadcast(Number(value)) for value in range(self.numbers))
        return (s, ()) if s.started else (replace(s, started=True), numbers)


def test_sets_of_events_may_have_several_words() -> None:
    make = partial(leaving_out, Adding(), asynchronous(), stays=True, merges=False, drops=False)
    system = make()
    assert max(map(len, system.dead_letters.universe.questions)) > 64
    assert len(assert_same(make)) == 143


def test_violations_are_the_same() -> None:
    for changes in ({"n": 3, "quorum": 2}, {"n": 4, "quorum": 3}):
        found = [
            examine_safety(bundled("first_quorum", "", **changes), [agreement], engine=e)
            for e in ("reference", "kernel")
        ]
        same(*found)
        assert found[1].graph.engine == "kernel"


def test_checkpoints_are_refused(tmp_path: Any) -> None:
    with pytest.raises(BadRequest, match="only the kernel engine writes checkpoints"):
        explore(bundled("wait_for_all", "", n=3), checkpoint=Checkpoint(tmp_path / "file", {}))


def test_workers_find_the_same() -> None:
    make = partial(bundled, "tla/two_phase", "rm=5")
    alone, together = (searched(Exploration(system=make(), engine="kernel", workers=workers))[0] for workers in (1, 2))
    assert_equal(alone, together)  # type: ignore[arg-type]
