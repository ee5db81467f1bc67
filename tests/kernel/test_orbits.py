"""Symmetry in the kernel: the orbits, levels, transitions, sizes and valence of the plain engine on the quotient."""

from __future__ import annotations

from math import comb
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from kernel.alike_engines import assert_same_orbits, sizes
from reduce.test_alike import Alike
from reduce.test_coins_alike import FAIR, ODD, ODD_SPLIT, SPLIT, TwoCoins
from reduce.test_symmetry import SIMPLIFIED, AlikeProcesses
from reduce.test_symmetry import SMALL as MODELS
from reduce.test_symmetry_refused import Election

from benchmarks.symmetry import AlikeManagers
from flpcheck import (
    HOLDS,
    VIOLATED,
    At,
    Mail,
    Process,
    Processes,
    Reduction,
    Start,
    Step,
    Symmetric,
    agreement,
    asynchronous,
    deadlock_freedom,
    integrity,
    load,
    protocol,
    record,
    system_of,
    uniform_agreement,
)
from flpcheck.analyse import Valence, analyse
from flpcheck.analyse.safety import examine_safety
from flpcheck.authoring.values import key
from flpcheck.errors import BadProtocol, BadRequest, ReductionRefused
from flpcheck.explore import Bounds, explore, obstacle
from flpcheck.explore.checkpoint import Checkpoint
from flpcheck.reduce import Orbits, reduced
from flpcheck.reduce.group import size_of
from flpcheck.reduce.images import ImagesOfParts, renamed_local
from flpcheck.system.message_passing import MessagePassing

pytest.importorskip("numba")
SMALL = {name: model for name, model in MODELS.items() if name != "voting"} | {
    "three values": (SIMPLIFIED(replicas=2, quorum=2, values=3, ballots=3), asynchronous(network="set"), {}),
}  # fmt: skip
EVENTS = sorted(SMALL)
NETWORKS = {
    "multiset": asynchronous(crashes=1, loss=1, duplication=1),
    "set": asynchronous(network="set", crashes=1),
    "fifo": asynchronous(network="fifo", duplication=1),
    "stays": asynchronous(ignored="stays", crashes=1),
    "torn": asynchronous(crashes=1, mid_broadcast=True),
}


@pytest.fixture(params=["listed", "sorted"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Orbits are found by a list of all renamings, or by sorting."""
    if request.param == "sorted":
        monkeypatch.setattr("flpcheck.explore.orbit_table.LISTED", 1)
    return str(request.param)


def folded(model: Any, world: Any, inputs: Any = None) -> Orbits:
    system = reduced(system_of(model, world, inputs))
    assert isinstance(system, Orbits)
    assert not obstacle(system, "bfs")
    return system


@pytest.mark.parametrize("name", [pytest.param(n, marks=[pytest.mark.long] * (n == "fast")) for n in EVENTS])
def test_both_engines_find_the_same_orbits(name: str) -> None:
    system = folded(*SMALL[name])
    graph = assert_same_orbits(system)
    whole = explore(system.plain)
    assert np.array_equal(graph.weights, sizes(graph))
    assert graph.weights.sum() == len(whole)
    assert Valence.of(graph).census() == Valence.of(whole).census()


@pytest.mark.parametrize("n", [2, 3, 4])
def test_two_phase_commit_has_the_same_orbits(n: int) -> None:
    assert_same_orbits(folded(AlikeManagers(resource_managers=n), asynchronous(network="set")))


@pytest.mark.parametrize("world", NETWORKS)
def test_both_engines_find_the_same_orbits_in_every_network(world: str) -> None:
    done = 0
    for seed in range(12):
        system = folded(Alike(seed), NETWORKS[world])
        whole = explore(system.plain, Bounds(configurations=800), engine="reference")
        if whole.complete and done < 2:
            assert sizes(assert_same_orbits(system)).sum() == len(whole)
            done += 1
    assert done > 0


@pytest.mark.parametrize("seed", [6, 9])
@pytest.mark.parametrize("world", NETWORKS)
def test_a_representative_is_that_of_all_images(world: str, seed: int) -> None:
    """In some of these mailboxes there are messages of several senders, which stand in queues in a fifo network."""
    system = folded(Alike(seed), NETWORKS[world])
    kernel = explore(system, Bounds(configurations=300), engine="kernel")
    seen: Any = kernel.system
    plain = explore(system.plain, Bounds(configurations=2000), engine="reference")
    draw = Random(world)
    moved = crowded = 0
    for configuration in draw.sample(list(plain.configurations), 60):
        crowded += any(len({e.sender for e in c.mailbox}) > 1 for c in configuration.components)
        number = draw.randrange(len(system.group))
        image = system.images.image(configuration, number)
        moved += image != configuration
        least, to = seen.least(configuration)[0], seen.images.leading(configuration)
        assert seen.least(image)[0] == least == seen.least(least)[0]
        assert isinstance(system.plain, MessagePassing)
        assert ImagesOfParts(system.plain, (to,)).image(configuration, 0) == least
        assert system.least(image)[0] == system.least(least)[0]
    assert moved > 20
    assert crowded > 5


def test_the_tables_hold_what_renaming_makes() -> None:
    """Also under what is composed of generators; colours go along with the names."""
    system = folded(Alike(3), NETWORKS["multiset"])
    seen: Any = explore(system, Bounds(configurations=200), engine="kernel").system
    interner = seen.images.front.interner
    table, places = interner.renaming, interner.parts.index
    for number, to in enumerate(table.renamings):
        assert [places[to.pid(name)] for name in interner.parts.names] == table.arrays.to[number].tolist()
        for local, state in enumerate(interner.locals):
            image = int(table.arrays.locals_[local, number])
            assert key(interner.locals[image]) == key(renamed_local(state, to))
            owners = interner.store.locals_["owner"][[local, image]].tolist()
            assert owners[1] == table.arrays.to[number, owners[0]]
        for envelope, before in enumerate(interner.envelopes):
            after = interner.envelopes[int(table.arrays.envelopes[envelope, number])]
            assert key(after.letter.message) == key(to(before.letter.message))
            assert after.sender == table.arrays.to[number, before.sender]


def test_a_group_that_is_no_product_of_permutations_is_listed(way: str) -> None:
    """Where p0 proposes x and p1 proposes y, they are exchanged together with the values, and in no other way."""
    for seed in range(6):
        system = folded(Alike(seed), asynchronous(), {"p0": "x", "p1": "y"})
        assert (system.most, size_of(system.classes), way in {"listed", "sorted"}) == (2, 1, True)
        whole = explore(system.plain, Bounds(configurations=800), engine="reference")
        if whole.complete:
            graph = assert_same_orbits(system)
            assert graph.weights.sum() == len(whole)
            assert Valence.of(graph).census() == Valence.of(whole).census()
            return
    pytest.fail("none is small")


def test_everything_grows_from_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    model, world, inputs = SMALL["fast"]
    usual = explore(folded(model, world, inputs), engine="kernel")
    monkeypatch.setattr("flpcheck.explore.table_growth.SMALL", 2)
    monkeypatch.setattr("flpcheck.explore.orbit_table.ROWS", 1)
    monkeypatch.setattr("flpcheck.explore.native_storage.FIRST_SLOTS", 4)
    graph = explore(folded(model, world, inputs), engine="kernel")
    assert graph.renamed is not None
    assert usual.renamed is not None
    assert np.array_equal(graph.targets, usual.targets)
    assert np.array_equal(graph.renamed, usual.renamed)


@pytest.mark.parametrize("unlike", ["name", "value", "sender"])
def test_an_asymmetric_protocol_is_refused(unlike: str) -> None:
    refused = 0
    for seed in range(20):
        world = asynchronous(crashes=seed % 2)
        try:
            explore(folded(Alike(seed, unlike), world), Bounds(configurations=50), engine="reference")
        except ReductionRefused:
            with pytest.raises(ReductionRefused, match="a declared reduction is wrong: a step"):
                explore(folded(Alike(seed, unlike), world), Bounds(configurations=500), engine="kernel")
            refused += 1
    assert refused > 3


def test_a_bound_cuts_where_the_plain_engine_cuts() -> None:
    model, world, inputs = SMALL["simplified"]
    for depth in (0, 3, 6):
        system = folded(model, world, inputs)
        graphs = [explore(system, Bounds(depth=depth), engine=engine) for engine in ("reference", "kernel")]
        assert len({(len(g), g.steps, int(g.frontier.sum()), g.cut) for g in graphs}) == 1
    for most in (1, 7, 50):
        graph = explore(folded(model, world, inputs), Bounds(configurations=most), engine="kernel")
        assert len(graph) <= most
        assert graph.cut is not None


def test_nothing_is_written_to_a_checkpoint(tmp_path: Path) -> None:
    system = folded(*SMALL["simplified"])
    with pytest.raises(BadRequest, match="only the kernel engine writes checkpoints"):
        explore(system, engine="kernel", checkpoint=Checkpoint(tmp_path / "levels", {}))


CLAIMS = (agreement, uniform_agreement, integrity, deadlock_freedom)


@pytest.mark.parametrize("name", EVENTS)
def test_verdicts_and_schedules_are_those_of_the_plain_engine(name: str) -> None:
    system = folded(*SMALL[name])
    graphs = [explore(system, engine=engine) for engine in ("reference", "kernel")]
    judged = [analyse(graph, CLAIMS).findings for graph in graphs]
    judged += [examine_safety(system, CLAIMS, engine=engine).findings for engine in ("reference", "kernel")]
    told = [[(f.claim, f.verdict, f.schedule and len(f.schedule)) for f in findings] for findings in judged]
    assert told[0] == told[1]
    assert told[2] == told[3]


def test_auto_hands_over_sooner_than_without_symmetry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flpcheck.explore.engine.SWITCH_AT_IMAGES", 100)
    graph = explore(folded(*SMALL["simplified"]))
    assert graph.engine == "kernel"
    assert len(graph) == len(explore(folded(*SMALL["simplified"]), engine="reference"))


@record
class Mood:
    decision: str | None = None
    steps: int = 0


@protocol
class Moody:
    """Two processes that decide and then take it back."""

    def processes(self) -> Processes[Any]:
        return [Process(name, self.step, start=Mood()) for name in ("a", "b")]

    def step(self, at: At, s: Mood, event: Start) -> Step[Mood, Any]:
        return (s if s.steps > 1 else Mood(None if s.steps else "x", s.steps + 1)), ()

    def reductions(self) -> list[Reduction]:
        return [Symmetric(("a", "b"))]


def test_a_decision_that_is_taken_back_is_found_modulo_symmetry() -> None:
    graph = explore(folded(Moody(), asynchronous()), engine="kernel")
    (finding,) = analyse(graph, [integrity]).findings
    assert finding.verdict is VIOLATED
    assert finding.schedule is not None
    assert len(finding.schedule) == 2


FAULTS = {
    "guard": "gathers differently", "learner": "decides differently", "gather": "a step does not treat",
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_guards_learners_and_gatherings_are_verified(fault: str) -> None:
    world = asynchronous(network="set")
    explore(folded(Election(), world), engine="kernel")
    with pytest.raises(ReductionRefused, match=FAULTS[fault]):
        explore(folded(Election(fault=fault), world), engine="kernel")


@pytest.mark.parametrize("coins", [(FAIR, ODD), (SPLIT, ODD_SPLIT)])
def test_coins_that_differ_are_found(coins: Any) -> None:
    """The same outcomes with other probabilities."""
    assert len(explore(folded(TwoCoins((coins[0], coins[0])), asynchronous()), engine="kernel")) == 6
    with pytest.raises(ReductionRefused, match="a declared reduction is wrong: a step"):
        explore(folded(TwoCoins(coins), asynchronous()), engine="kernel")


@protocol
class Fickle(Election):
    """Who looks decides for the first vote of three that it finds, and for the other value once there are four."""

    def look(self, mail: Mail[Any]) -> frozenset[str]:
        return frozenset("x" if len(mail) == 2 else "y") if len(mail) > 1 else frozenset()


def test_a_learner_that_changes_its_mind_is_found_modulo_symmetry() -> None:
    world = asynchronous(network="set")
    for model, verdict in ((Election(), HOLDS), (Fickle(), VIOLATED)):
        graph = explore(folded(model, world), engine="kernel")
        assert analyse(graph, [integrity]).findings[0].verdict is verdict


def test_a_group_that_cannot_be_listed_needs_the_kernel() -> None:
    n = 8
    system = folded(AlikeManagers(resource_managers=n), asynchronous(network="set"))
    assert not system.listed
    graph = explore(system)
    assert graph.engine == "kernel"
    assert (len(graph), int(sizes(graph).sum())) == (comb(n + 3, 3) + comb(n + 5, 5) + n + 1, 2**n + 4**n + 6**n)
    (finding,) = analyse(graph, [agreement]).findings
    assert finding.verdict is HOLDS
    with pytest.raises(BadProtocol, match="a group of 40,320"):
        explore(system, engine="reference")


def test_a_large_group_is_that_of_those_who_start_alike() -> None:
    inputs = {f"p{i}": i % 2 for i in range(8)}
    system = folded(AlikeProcesses(n=8, quorum=8), asynchronous(), inputs)
    assert system.alike == (("p0", "p2", "p4", "p6"), ("p1", "p3", "p5", "p7"))
    assert system.most == 576
    assert system.listed


@pytest.mark.long
def test_the_published_instance_of_fast_paxos() -> None:
    instance = load("tla/fast_paxos").instances[0]
    graph = explore(folded(instance.protocol, instance.world), engine="kernel")
    assert (len(graph), graph.steps, int(graph.weights.sum())) == (25_617, 109_123, 3_043_684)
    census = Valence.of(graph).census()
    assert census.univalent == dict.fromkeys("012", 1_011_920)
    assert census.bivalent == 1_494 + 6_430
