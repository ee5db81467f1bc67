"""Orbits: published counts, sizes that sum to the full counts, the same verdicts, schedules of the plain system."""

from __future__ import annotations

import dataclasses
from collections import Counter
from functools import cache
from math import comb
from typing import Any

import numpy as np
import pytest

from benchmarks.symmetry import FAST, AlikeManagers
from flpcheck import (
    VIOLATED,
    Interchangeable,
    Reduction,
    Symmetric,
    agreement,
    any_input_validity,
    asynchronous,
    deadlock_freedom,
    integrity,
    load,
    non_triviality,
    protocol,
    system_of,
    termination,
    uniform_agreement,
    validity,
)
from flpcheck.analyse import Valence, analyse, replay, shortest
from flpcheck.examine import examine
from flpcheck.explore import Bounds, StateGraph, explore
from flpcheck.reduce import Orbits, reduced
from flpcheck.settle import Overrides, settle

FIRST_QUORUM: Any = load("first_quorum").protocol
DUEL: Any = load("paxos_duel").protocol
VOTING: Any = load("tla/voting").protocol
SIMPLIFIED: Any = load("tla/simplified_paxos").protocol


@protocol
class AlikeProcesses(FIRST_QUORUM):  # type: ignore[misc]
    """All are alike, and disagree; where processes come back, they do so with nothing."""

    def processes(self) -> Any:
        return [dataclasses.replace(process, stable=()) for process in super().processes()]

    def reductions(self) -> list[Reduction]:
        return [Symmetric(tuple(f"p{i}" for i in range(self.n)))]


@protocol
class AlikeAcceptors(DUEL):  # type: ignore[misc]
    """Acceptors are alike, besides what is declared of ballots and of stale mail; proposers own their ballots."""

    def reductions(self) -> list[Reduction]:
        return [*super().reductions(), Symmetric(tuple(self.all_acceptors))]


def folded(model: Any, world: Any, inputs: Any = None) -> tuple[StateGraph, Orbits]:
    system = reduced(system_of(model, world, inputs))
    assert isinstance(system, Orbits)
    return explore(system), system


def sizes(graph: StateGraph, system: Orbits) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.array([system.orbit_size(configuration) for configuration in graph.configurations])


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_two_phase_commit_has_as_many_orbits_as_the_closed_form_says(n: int) -> None:
    if n == 1:
        assert not isinstance(reduced(system_of(AlikeManagers(resource_managers=1), asynchronous())), Orbits)
        return
    graph, system = folded(AlikeManagers(resource_managers=n), asynchronous(network="set"))
    assert len(graph) == comb(n + 3, 3) + comb(n + 5, 5) + (n + 1)
    assert sizes(graph, system).sum() == 2**n + 4**n + 6**n
    assert int(graph.depth.max()) == 3 * n + 1


SMALL = {
    "voting": (VOTING(acceptors=3, values=2, ballots=2), asynchronous(), {}),
    "simplified": (SIMPLIFIED(replicas=3, quorum=2, values=2, ballots=3), asynchronous(network="set"), {}),
    "fast": (FAST(replicas=3, quorum=2, fast_quorum=3, values=2, ballots=3, fast=frozenset({1})),
             asynchronous(network="set"), {}),
    "first quorum": (AlikeProcesses(n=3, quorum=2), asynchronous(crashes=1), {}),
    "first quorum, loss": (AlikeProcesses(n=2, quorum=2), asynchronous(loss=1, duplication=1), {}),
    "recovery": (AlikeProcesses(n=2, quorum=2), asynchronous(crashes=1, recoveries=1), {}),
    "one input fixed": (AlikeProcesses(n=3, quorum=2), asynchronous(), {"p1": 1}),
    "one dead": (AlikeProcesses(n=3, quorum=2), asynchronous(initially_dead=("p0",)), {}),
}  # fmt: skip


@cache
def both(name: str) -> tuple[StateGraph, Orbits, StateGraph]:
    model, world, inputs = SMALL[name]
    graph, system = folded(model, world, inputs)
    return graph, system, explore(system_of(model, world, inputs), engine="reference")


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", SMALL)
def test_the_representatives_are_those_of_the_plain_configurations(name: str) -> None:
    graph, system, _ = both(name)
    whole = explore(system.plain, engine="reference")
    assert {system.least(configuration)[0] for configuration in whole.configurations} == set(graph.configurations)
    assert sizes(graph, system).sum() == len(whole) > len(graph)
    depth = dict(zip(graph.configurations, graph.depth, strict=True))
    assert all(
        depth[system.least(configuration)[0]] == d
        for configuration, d in zip(whole.configurations, whole.depth, strict=True)
    )


@pytest.mark.parametrize("name", SMALL)
def test_valence_is_that_of_the_plain_configurations_weighted_by_orbits(name: str) -> None:
    graph, system, whole = both(name)
    mine, theirs, weights = Valence.of(graph), Valence.of(whole), sizes(graph, system)
    for kind in ("bivalent", "univalent", "none", "critical", "disagreeing"):
        assert weights[getattr(mine, kind)].sum() == getattr(theirs, kind).sum(), kind
    number = {configuration: n for n, configuration in enumerate(graph.configurations)}
    told: Counter[tuple[str, str]] = Counter()
    for n, configuration in enumerate(explore(system.plain, engine="reference").configurations):
        if system.least(configuration)[0] == configuration:
            told[mine.name(number[configuration]), theirs.name(n)] += 1
    assert all(here == there for here, there in told)
    assert sum(told.values()) == len(graph)


CLAIMS = (agreement, uniform_agreement, integrity, non_triviality, deadlock_freedom, validity, any_input_validity)


@pytest.mark.parametrize("name", SMALL)
def test_verdicts_are_the_same_and_counterexamples_as_short(name: str) -> None:
    graph, system, whole = both(name)
    judged = [c for c in CLAIMS if not (system.exchanges_values and c in {validity, any_input_validity})]
    mine, theirs = analyse(graph, judged), analyse(whole, judged)
    for one, other in zip(mine.findings, theirs.findings, strict=True):
        assert (one.claim, one.verdict) == (other.claim, other.verdict)
        assert (one.schedule is None) == (other.schedule is None)
        if one.schedule is not None and other.schedule is not None:
            assert len(one.schedule) == len(other.schedule)
            again = replay(system.plain.afresh(), one.schedule.initial, one.schedule.as_json())
            found = system.plain.describe(one.schedule.configurations[-1])
            assert found == whole.system.afresh().describe(again.configurations[-1])


def test_a_schedule_modulo_symmetry_is_one_of_the_plain_system_that_disagrees() -> None:
    graph, system, _ = both("first quorum")
    (finding,) = analyse(graph, [agreement]).findings
    assert finding.verdict is VIOLATED
    assert finding.schedule is not None
    assert len(finding.schedule) == 5
    outputs = system.plain.outputs(finding.schedule.configurations[-1])
    assert len({value for values in outputs.values() for value in values}) == 2
    assert finding.because == " while ".join(f"{pid} decides {v}" for pid, (v,) in outputs.items())


def test_a_fixed_input_or_a_dead_process_is_not_like_the_others() -> None:
    assert len(both("first quorum")[1].group) == 6
    assert len(both("one input fixed")[1].group) == 2
    assert len(both("one dead")[1].group) == 2


@pytest.mark.parametrize("world", [asynchronous(omission=1), asynchronous(partition=(("p0",), ("p1", "p2")))])
def test_a_world_that_names_processes_is_explored_without_symmetry(world: Any) -> None:
    assert not isinstance(reduced(system_of(AlikeProcesses(n=3, quorum=2), world)), Orbits)


def test_symmetry_stands_over_the_other_reductions() -> None:
    inputs, bounds = {"p0": 0, "p1": 1}, Bounds(depth=8)
    system = reduced(system_of(AlikeAcceptors(acceptors=2), asynchronous(), inputs))
    assert isinstance(system, Orbits)
    graph = explore(system, bounds)
    below = explore(reduced(system_of(DUEL(acceptors=2), asynchronous(), inputs)), bounds)
    assert sizes(graph, system).sum() == len(below) > len(graph)
    deepest = np.flatnonzero(graph.depth == 8)[-1]
    schedule = shortest(graph, [int(deepest)])
    assert schedule is not None
    assert len(schedule) == 8
    assert system.representative(schedule.configurations[-1]) == graph.configurations[deepest]


def test_what_follows_a_process_is_found_without_symmetry() -> None:
    spec = load("tla/voting")
    overrides = Overrides(instance="ballots 0..1, modulo symmetry", claims=("agreement", "termination"))
    assert len(examine(settle(spec, overrides)).graph) == 599
    request = settle(spec, Overrides(instance="ballots 0..1, modulo symmetry"))
    assert len(examine(request).graph) == 77
    assert len(examine(request.unfolded).graph) == 599
    plainly = settle(spec, Overrides(instance="ballots 0..1, modulo symmetry", reduction=False))
    assert len(examine(plainly).graph) == 599


def test_a_quotient_does_not_answer_what_it_cannot_tell() -> None:
    graph, _, _ = both("voting")
    (told,) = analyse(graph, [validity]).findings
    assert told.verdict.value == "INCOMPLETE"
    assert "--no-reduction" in told.because


def test_termination_is_judged_as_without_symmetry() -> None:
    graph, _, whole = both("voting")
    found, plain = (analyse(one, [termination]).findings[0] for one in (graph, whole))
    assert found.verdict is plain.verdict
    assert found.stuck == plain.stuck


def test_no_theorem_is_applied_to_a_quotient() -> None:
    graph, _, _ = both("voting")
    assert analyse(graph, [agreement]).flp is None


def test_the_group_is_that_of_all_permutations_of_each_class() -> None:
    _, system, _ = both("voting")
    assert len(system.group) == 12
    assert {type(symmetry) for symmetry in system.symmetries} == {Symmetric, Interchangeable}
