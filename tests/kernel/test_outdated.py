"""Stale mail and ballots in the kernel: ids, transitions, cuts and orbits of the plain engine on the quotient."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from kernel.alike_engines import assert_same_orbits, sizes
from kernel.same_engines import assert_same, told
from reduce.test_alike import NAMES, Alike, Local, Word
from reduce.test_refused import Calling, Rally
from reduce.test_timed import Stale

from flpcheck import (
    At,
    Ballot,
    BallotShift,
    Process,
    Processes,
    Reduction,
    StaleMail,
    Start,
    Step,
    Symmetric,
    Timeout,
    asynchronous,
    load,
    protocol,
    record,
    replace,
    reply,
    send,
    synchronous,
    system_of,
    to_others,
)
from flpcheck.analyse import analyse, standard_properties
from flpcheck.analyse.safety import examine_safety
from flpcheck.errors import BadRequest
from flpcheck.explore import Bounds, explore, obstacle
from flpcheck.explore.checkpoint import Checkpoint
from flpcheck.explore.kernel.facts import FACTS_USED
from flpcheck.reduce import Orbits, Quotient, reduced
from flpcheck.world import World

pytest.importorskip("numba")
LAST = 2
BUNDLED = [
    ("paxos_duel", "duel", None),
    ("paxos_duel", "stable leader", None),
    ("paxos_duel", "two acceptors", 600),
    ("paxos_duel", "n3 duel", 600),
    ("paxos_duel_of_three", "duel", 600),
    ("paxos_backoff", "outbidding", None),
    ("raft_elections", "split votes", None),
    ("raft_elections", "one candidate", None),
]
WORLDS = {
    "multiset": asynchronous(crashes=1, loss=1, duplication=1),
    "set": asynchronous(network="set", crashes=1),
    "stays": asynchronous(ignored="stays", crashes=1),
    "torn": asynchronous(crashes=1, mid_broadcast=True),
    "omission": asynchronous(omission=1),
}
QUEUES = {"fifo": asynchronous(network="fifo", duplication=1)}


def quotient(model: Any, world: World, inputs: Any = None) -> Quotient:
    system = reduced(system_of(model, world, inputs))
    assert isinstance(system, Quotient)
    assert not obstacle(system, "bfs")
    return system


def bundled(spec: str, name: str) -> Quotient:
    instance = load(spec).instance(name)
    return quotient(instance.protocol, instance.world, instance.inputs)


@pytest.mark.parametrize(("spec", "name", "most"), BUNDLED)
def test_both_engines_find_the_same(spec: str, name: str, most: int | None) -> None:
    assert_same(lambda: bundled(spec, name), Bounds(configurations=most))


@pytest.mark.long
def test_the_instance_of_two_acceptors_is_the_same_to_its_end() -> None:
    assert len(assert_same(lambda: bundled("paxos_duel", "two acceptors"))) == 4874


@pytest.mark.parametrize("depth", [0, 3, 6])
def test_a_bound_of_depth_cuts_at_the_same_place(depth: int) -> None:
    assert_same(lambda: bundled("paxos_duel", "duel"), Bounds(depth=depth))


@protocol
class Fading(Alike):
    """Alike processes that heed nothing at their last place; some then echo what they are sent, for others to heed."""

    symmetric: bool = False

    @property
    def echoes(self) -> bool:
        return self.seed % 2 == 1

    def step(self, at: At, s: Local, event: Start | Word) -> Step[Local, Word]:
        if s.place < LAST:
            return super().step(at, s, event)
        return s, reply(event) if self.echoes and isinstance(event, Word) else ()

    def reductions(self) -> list[Reduction]:
        return [StaleMail(self.stale), *([Symmetric(NAMES)] if self.symmetric else [])]

    def stale(self, receiver: Local, sender: Any, _: Word) -> bool:
        return receiver.place == LAST and (not self.echoes or getattr(sender, "place", 0) == LAST)


def changed(graph: Any, last: int = 150) -> int:
    """Return how many of the successors of the last configurations are not their own representatives."""
    system: Any = graph.system
    inner = [graph.configurations[n] for n in np.flatnonzero(~graph.frontier)[-last:]]
    steps = [step for here in inner for step in system.plain.transitions(here)]
    return sum(system.canonical(step.successor)[0] != step.successor for step in steps)


ONE_INPUT = dict.fromkeys(NAMES, "x")


@pytest.mark.parametrize("world", WORLDS)
def test_both_engines_drop_the_same_mail_of_random_protocols(world: str) -> None:
    dropped = 0
    for seed in (0, 1, 6, 8, 9, 10):
        model, where = Fading(seed), WORLDS[world]
        bounds = Bounds(configurations=500)
        dropped += changed(assert_same(partial(quotient, model, where, ONE_INPUT), bounds)) > 0
    assert dropped > 1


@record
class Bid:
    ballot: Ballot


@record
class Bidder:
    """A ballot, the last one heard of, and a decision."""

    ballot: Ballot = -1
    heard: Ballot = -1
    decision: str | None = None


@protocol
class Bidding:
    """Processes that compare ballots, by a table drawn from a seed; old ones may be stale."""

    seed: int = 0
    drops: bool = True
    symmetric: bool = False

    def processes(self) -> Processes[Bid]:
        return [Process(name, self.step, start=Bidder()) for name in NAMES]

    def pick(self, low: int, high: int, *place: Any) -> int:
        """Return an entry of the table."""
        return Random(f"{self.seed} {place}").randint(low, high)

    def step(self, at: At, s: Bidder, event: Start | Bid) -> Step[Bidder, Bid]:
        match event:
            case Start() if s.ballot < 0:
                first = self.pick(0, 2, "first")
                return Bidder(first), to_others(Bid(first))
            case Bid(ballot) if ballot >= s.ballot or not self.drops:
                return self.way(s, ballot)
            case Start() | Bid():
                return s, ()

    def way(self, s: Bidder, ballot: int) -> Step[Bidder, Bid]:
        kind = (ballot > s.ballot) - (ballot < s.ballot), (s.heard > ballot) - (s.heard < ballot)
        above = (s.ballot, s.ballot + 1, ballot, max(s.ballot, ballot) + 2)[self.pick(0, 3, "above", kind)]
        after = replace(s, ballot=max(above, s.ballot), heard=(ballot, s.heard)[self.pick(0, 1, "heard", kind)])
        if s.decision is None and self.pick(0, 3, "decides", kind) == 0:
            after = replace(after, decision="x" if s.heard < ballot else "y")
        sends = self.pick(0, 2, "sends", kind)
        said = Bid((after.ballot, ballot)[self.pick(0, 1, "said", kind)])
        return after, () if sends == 0 else reply(said) if sends == 1 else to_others(said)

    def reductions(self) -> list[Reduction]:
        stale = [StaleMail(self.stale)] if self.drops else []
        return [BallotShift(1, lambda s: s.ballot), *stale, *([Symmetric(NAMES)] if self.symmetric else [])]

    def stale(self, receiver: Bidder, _: Any, message: Bid) -> bool:
        return message.ballot < receiver.ballot


@pytest.mark.parametrize("world", [*WORLDS, *QUEUES])
def test_both_engines_rename_the_same_ballots_of_random_protocols(world: str) -> None:
    renamed = 0
    for seed in range(8):
        drops = seed % 2 == 0 and world not in QUEUES
        model, where = Bidding(seed, drops), (WORLDS | QUEUES)[world]
        graph = assert_same(partial(quotient, model, where), Bounds(configurations=150))
        renamed += changed(graph) > 0
    assert renamed > 2


@pytest.mark.parametrize("way", ["listed", "sorted"])
def test_orbits_over_a_quotient_are_those_of_the_plain_engine(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if way == "sorted":
        monkeypatch.setattr("flpcheck.explore.orbit_table.LISTED", 1)
    done = {"mail": 0, "ballots": 0}
    for seed in range(24):
        name = ("mail", "ballots")[seed % 2]
        model = Fading(seed // 2, symmetric=True) if name == "mail" else Bidding(seed // 2, symmetric=True)
        world = asynchronous(network="set", crashes=seed % 3 % 2)
        system = reduced(system_of(model, world, ONE_INPUT if name == "mail" else None))
        assert isinstance(system, Orbits)
        assert not obstacle(system, "bfs")
        below = explore(system.below, Bounds(configurations=900), engine="reference")
        if below.complete and done[name] < 2:
            graph = assert_same_orbits(system)
            assert sizes(graph).sum() == graph.weights.sum() == len(below)
            done[name] += 1
    assert min(done.values()) > 0


def test_the_instance_modulo_acceptors_has_the_same_orbits() -> None:
    instance = load("paxos_duel").instance("stable leader, three acceptors")
    system = reduced(system_of(instance.protocol, instance.world, instance.inputs))
    assert isinstance(system, Orbits)
    graph = assert_same_orbits(system)
    assert (len(graph), int(graph.weights.sum())) == (31, 108)


def test_everything_grows_from_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = explore(bundled("paxos_duel", "n3 duel"), Bounds(configurations=400), engine="kernel")
    monkeypatch.setattr("flpcheck.explore.table_growth.SMALL", 2)
    monkeypatch.setattr("flpcheck.explore.native_storage.FIRST_SLOTS", 4)
    for name, size in (("FACTS", 2), ("ASKED", 1), ("PAIRS", 1)):
        monkeypatch.setattr(f"flpcheck.explore.outdated_table.{name}", size)
    graph = explore(bundled("paxos_duel", "n3 duel"), Bounds(configurations=400), engine="kernel")
    for name in ("offsets", "targets", "movers", "parent"):
        assert np.array_equal(getattr(graph, name), getattr(usual, name))
    packed: Any = graph.configurations
    arrays = packed.interner.outdated.arrays
    assert np.count_nonzero(arrays.facts["first"]) == arrays.tally[FACTS_USED] > 100


@record
class Ping:
    """A question, or its answer, that only matters until its sender goes on."""


@record
class Turn:
    number: int = 0


@protocol
class Leaving:
    """One process asks and goes on, so that what is under way becomes stale by its step alone, wherever it is."""

    def processes(self) -> Processes[Ping]:
        return [Process("asks", self.ask, start=Turn()), Process("answers", self.answer, start=Turn())]

    def ask(self, at: At, s: Turn, event: Start | Ping) -> Step[Turn, Ping]:
        match event:
            case Start() if s.number < 2:
                return Turn(s.number + 1), () if s.number else send(Ping(), to="answers")
            case Ping() if s.number == 1:
                return Turn(3), ()
            case _:
                return s, ()

    def answer(self, at: At, s: Turn, event: Ping) -> Step[Turn, Ping]:
        return s, reply(Ping())

    def reductions(self) -> list[Reduction]:
        return [StaleMail(self.stale)]

    def stale(self, receiver: Turn, sender: Turn, _: Ping) -> bool:
        return receiver.number > 1 or sender.number > 1


def test_mail_becomes_stale_by_a_step_of_its_sender() -> None:
    assert len(assert_same(lambda: quotient(Leaving(), asynchronous()))) == 5
    assert len(explore(system_of(Leaving(), asynchronous()), engine="reference")) > 5


@protocol
class Unheard:
    """Of two timers that are due together one sends what no process heeds: without it, none is due before others."""

    patience: int = 0

    def processes(self) -> Processes[Ping]:
        patience = {"a": 0, "b": self.patience}
        timed = [Process(name, self.fire, start=Turn(), patience=patience[name]) for name in patience]
        return [*timed, Process("c", self.ignore, start=Turn())]

    def fire(self, at: At, s: Turn, event: Timeout) -> Step[Turn, Ping]:
        return (Turn(s.number + 1), send(Ping(), to="c")) if s.number < 2 else (s, ())

    def ignore(self, at: At, s: Turn, event: Ping) -> Step[Turn, Ping]:
        return s, ()

    def reductions(self) -> list[Reduction]:
        return [StaleMail(lambda *_: True)]


@pytest.mark.parametrize("model", [Stale(), Unheard(), Unheard(patience=1)])
def test_timers_that_wait_for_stale_mail_are_settled_alike(model: Any) -> None:
    assert_same(lambda: quotient(model, synchronous()))


@pytest.mark.parametrize("spec", [("paxos_duel", "duel"), ("raft_elections", "split votes")])
def test_findings_and_schedules_are_those_of_the_plain_engine(spec: tuple[str, str]) -> None:
    graphs = [explore(bundled(*spec), engine=engine) for engine in ("reference", "kernel")]
    judged = [analyse(graph, standard_properties(graph)).findings for graph in graphs]
    assert [told(f) for f in judged[0]] == [told(f) for f in judged[1]]
    claims = [f.claim for f in judged[0] if f.claim.kind == "standard" and f.claim.name != "termination"]
    safe = [examine_safety(bundled(*spec), claims, engine=engine).findings for engine in ("reference", "kernel")]
    assert [told(f) for f in safe[0]] == [told(f) for f in safe[1]]


def test_nothing_is_written_to_a_checkpoint(tmp_path: Path) -> None:
    system = bundled("paxos_duel", "duel")
    with pytest.raises(BadRequest, match="modulo the reductions that the spec declares it writes none"):
        explore(system, engine="kernel", checkpoint=Checkpoint(tmp_path / "levels", {}))


def test_auto_hands_over_as_soon_as_modulo_symmetry(monkeypatch: pytest.MonkeyPatch) -> None:
    explore(bundled("paxos_duel", "duel"), engine="kernel")
    monkeypatch.setattr("flpcheck.explore.engine.SWITCH_AT", 500)
    graph = explore(bundled("paxos_duel", "n3 duel"), Bounds(configurations=600))
    assert graph.engine == "kernel"


def test_a_ballot_beyond_a_mask_is_left_to_the_plain_engine() -> None:
    """In a world without any shift ballots grow; here they begin high."""

    @protocol
    class High(Bidding):
        def step(self, at: At, s: Bidder, event: Start | Bid) -> Step[Bidder, Bid]:
            if isinstance(event, Start) and s.ballot < 0:
                return Bidder(80), to_others(Bid(80))
            return super().step(at, s, event)

    graph = explore(quotient(High(1), asynchronous()), Bounds(configurations=60), engine="kernel")
    assert graph.engine == "reference"
    assert "the kernel has room for ballots up to 61" in graph.fallback


def test_calls_and_rallies_are_the_same() -> None:
    assert_same(lambda: quotient(Calling(), asynchronous()), Bounds(configurations=300))
    assert_same(lambda: quotient(Rally(), asynchronous()), Bounds(configurations=300))
