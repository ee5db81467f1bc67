"""Random runs: what they pass is reachable, what they find is a violation, and nothing holds because of them."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from every_spec import every_instance, spec_named

from flpcheck import (
    At,
    Instance,
    Process,
    Start,
    Step,
    agreement,
    asynchronous,
    integrity,
    invariant,
    load,
    protocol,
    purity,
    record,
    send,
    step_invariant,
    system_of,
)
from flpcheck.analyse.schedule import confirm
from flpcheck.authoring.property import HOLDS, INCOMPLETE, VIOLATED, deadlock_freedom
from flpcheck.errors import BadRequest, StepRaised
from flpcheck.report.simulation import remarks
from flpcheck.settle import Overrides, Request, settle
from flpcheck.simulate import RunPlan, Simulation, simulate
from flpcheck.simulate.policies import POLICIES
from flpcheck.stops import StopReason
from flpcheck.system import System

EVERY = list(every_instance())
NAMES = [f"{name}-{instance.name}" for name, instance in EVERY]
BUGS = {
    "broken/paxos_forgets_value": 16,
    "broken/raft_forgets_vote": 8,
    "broken/multi_paxos_skips_phase_1": 13,
}
"""Bugs, each with the length of a shortest counterexample as the exhaustive search finds it."""


@pytest.fixture(autouse=True)
def by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask no other interpreters: what they find is tested elsewhere."""
    monkeypatch.setitem(purity._process, "is asked", True)


def of_instance(name: str, instance: Instance) -> Request:
    return settle(spec_named(name), Overrides(instance=instance.name)).built()


def runs(name: str, **plan: Any) -> Simulation:
    return simulate(settle(load(name), Overrides(**plan.pop("overrides", {}))), RunPlan(**plan))


def lengths(simulation: Simulation) -> set[int]:
    found = simulation.examination.judged.findings
    return {len(f.schedule) for f in found if f.verdict is VIOLATED and f.schedule is not None}


@pytest.mark.sampled(24)
@pytest.mark.parametrize(("name", "instance"), EVERY, ids=NAMES)
def test_what_may_happen_is_what_the_semantics_says(name: str, instance: Instance) -> None:
    system = of_instance(name, instance).system.plain
    chance = Random(name)
    for start in system.initial()[:2]:
        here = start.configuration
        for _ in range(25):
            steps = Counter((s.event, s.outcome, s.mover, s.successor, s.rule) for s in system.transitions(here))
            found = [step for one in system.possible(here) for step in system.happen(here, one)]
            assert Counter((s.event, s.outcome, s.mover, s.successor, s.rule) for s in found) == steps
            assert all(any(one.fits(step) for one in system.possible(here)) for step in found)
            if not found:
                break
            here = chance.choice(found).successor


@pytest.mark.sampled(24)
@pytest.mark.parametrize(("name", "instance"), EVERY, ids=NAMES)
def test_what_runs_pass_is_reachable_and_proves_nothing(name: str, instance: Instance) -> None:
    found = simulate(of_instance(name, instance), RunPlan(runs=8, length=30))
    graph, system = found.graph, found.examination.system
    for source, target, mover in zip(graph.sources, graph.targets, graph.movers, strict=True):
        after = {(step.successor, step.mover) for step in system.transitions(graph.configurations[source])}
        assert (graph.configurations[target], mover) in after
    for number in range(len(graph)):
        if not graph.frontier[number]:
            assert not list(system.transitions(graph.configurations[number]))
    for finding in found.examination.judged.findings:
        assert finding.verdict is not HOLDS or finding.claim.kind == "sometimes"
        assert finding.verdict is not VIOLATED or instance.verdicts.get(finding.claim, VIOLATED) is VIOLATED
        if finding.schedule is not None:
            confirm(system, finding.schedule)


@pytest.mark.parametrize("name", BUGS)
def test_a_bug_is_found_and_made_as_short_as_any(name: str) -> None:
    found = runs(name, seed=1)
    assert lengths(found) == {BUGS[name]}
    assert found.exit_code == 0  # the instance expects it


@pytest.mark.long
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("name", "shortest", "ratio"),
    [
        *((name, shortest, 1.0) for name, shortest in BUGS.items()),
        ("broken/zab_skips_synchronisation", 23, 1.5),
        ("broken/raft_counts_old_terms", 22, 1.0),
    ],
)
def test_every_seed_finds_it(name: str, shortest: int, ratio: float, seed: int) -> None:
    found = runs(name, seed=seed, runs=10_000, length=60)
    assert lengths(found)
    assert max(lengths(found)) <= ratio * shortest


def test_the_same_seed_gives_the_same_and_a_run_can_be_made_again() -> None:
    first, again = (runs("broken/paxos_forgets_value", seed=4) for _ in range(2))
    assert list(first.walks.visits) == list(again.walks.visits)
    assert first.found_in == again.found_in
    where = first.found_in[agreement]
    alone = runs("broken/paxos_forgets_value", seed=4, only=where.number)
    assert alone.walks.made == 1
    assert lengths(alone) == lengths(first)
    assert alone.found_in[agreement].number == where.number
    other = runs("broken/paxos_forgets_value", seed=5)
    assert list(other.walks.visits) != list(first.walks.visits)


def test_validity_is_judged_by_the_inputs_of_each_run() -> None:
    found = runs("always_zero")
    validity = next(f for f in found.examination.judged.findings if f.claim.name == "validity")
    assert validity.verdict is VIOLATED
    assert validity.schedule is not None
    inputs = found.examination.system.initial()[validity.schedule.initial].inputs
    assert set(inputs.values()) == {1}


@record
class Counted:
    count: int = 0
    decision: int | None = None


@record
class Tick:
    pass


@protocol
class Counter3:
    """One process counts what another sends."""

    sent: int = 3
    fails_at: int = 99

    def processes(self) -> list[Process[Counted, Tick]]:
        ticker = Process("ticker", self.tick, start=Counted(), decides=False)
        return [ticker, Process("counter", self.count, start=Counted())]

    def tick(self, at: At, s: Counted, event: Start | Tick) -> Step[Counted, Tick]:
        if isinstance(event, Tick) or s.count:
            return s, ()
        return Counted(1), tuple(send(Tick(), to="counter") for _ in range(self.sent))

    def count(self, at: At, s: Counted, event: Start | Tick) -> Step[Counted, Tick]:
        if isinstance(event, Start):
            return s, ()
        if s.count + 1 == self.fails_at:
            message = "too much"
            raise ValueError(message)
        return Counted(s.count + 1, None if s.count < 1 else 3 - s.count % 2), ()


@invariant
def counts_to_two(view: Any) -> bool:
    """The counter never counts to three."""
    return bool(view.states["counter"].count < 3)


@step_invariant
def one_at_a_time(before: Any, after: Any) -> bool:
    """No step counts to two."""
    return bool(after.count != 2)


def of(protocol_: Any, *claims: Any, plan: RunPlan | None = None, **limits: Any) -> Simulation:
    spec = load("wait_for_all")
    request = Request(spec, protocol_, asynchronous(), claims=claims, limits=limits)
    return simulate(request, plan or RunPlan(runs=20))


def test_properties_of_every_kind_are_judged() -> None:
    found = of(Counter3(), counts_to_two)
    (finding,) = found.examination.judged.findings
    assert finding.verdict is VIOLATED
    assert finding.schedule is not None
    assert len(finding.schedule) == 4
    (finding,) = of(Counter3(), one_at_a_time).examination.judged.findings
    assert finding.verdict is VIOLATED
    assert finding.schedule is not None
    assert len(finding.schedule) == 3
    (finding,) = of(Counter3(), integrity).examination.judged.findings
    assert (finding.verdict, finding.because.endswith("changes a decision")) == (VIOLATED, True)


def test_a_dead_end_is_one_even_where_an_earlier_run_was_too_long_to_see_it() -> None:
    (finding,) = of(Counter3(sent=1), deadlock_freedom).examination.judged.findings
    assert finding.verdict is VIOLATED
    (finding,) = of(Counter3(sent=2), deadlock_freedom).examination.judged.findings
    assert finding.verdict is INCOMPLETE
    short = of(Counter3(sent=1), deadlock_freedom, plan=RunPlan(runs=5, length=2))
    assert short.examination.judged.findings[0].verdict is INCOMPLETE


def test_an_error_in_a_step_comes_with_the_run_that_leads_to_it() -> None:
    with pytest.raises(StepRaised) as caught:
        of(Counter3(fails_at=2), agreement)
    assert [event.split()[0] for event in caught.value.schedule] == ["ticker", "counter"]


def test_coverage_names_what_was_never_done_and_may_end_the_runs() -> None:
    alone = runs("paxos", only=0, length=1)
    assert alone.coverage.messages
    assert alone.coverage.rules
    ben_or = runs("ben_or_rounds", runs=300, until_covered=True, overrides={"claims": ("validity",)})
    assert ben_or.coverage.complete
    assert ben_or.walks.made < 300


def test_bounds_are_kept_and_named() -> None:
    found = of(Counter3(), agreement, plan=RunPlan(runs=1000), configurations=3)
    cut = found.examination.cut
    assert cut is not None
    assert cut.bound is StopReason.MAX_CONFIGURATIONS
    assert len(found.graph) == 3
    with pytest.raises(BadRequest, match="runs=0"):
        RunPlan(runs=0)


def test_the_chance_of_something_new_is_the_share_of_events_that_led_where_no_other_did() -> None:
    found = of(Counter3(sent=1), agreement, plan=RunPlan(runs=1))
    assert found.chance_of_new == 1.0
    assert of(Counter3(sent=1), agreement, plan=RunPlan(runs=50)).chance_of_new == 0.0


@pytest.mark.parametrize("policy", POLICIES)
def test_a_policy_chooses_among_what_is_possible(policy: str) -> None:
    system: System = system_of(load("paxos").protocol(), asynchronous())
    choose = POLICIES[policy](Random(0), 50)
    here = system.initial()[0].configuration
    for _ in range(50):
        possible = [one for one in system.possible(here) if system.happen(here, one)]
        if not possible:
            break
        place = choose(possible)
        assert 0 <= place < len(possible)
        here = system.happen(here, possible[place])[0].successor


def test_priorities_change_as_often_as_they_should() -> None:
    system: System = system_of(load("paxos").protocol(), asynchronous())
    here = system.initial()[0].configuration
    starts = [one for one in system.possible(here) if one.kind == "start"]
    movers = set()
    for seed in range(40):
        choose = POLICIES["by priority"](Random(seed), 6)
        chosen = [starts[choose(starts)].mover for _ in range(6)]
        movers.add(len({*chosen}))
        assert sum(a != b for a, b in pairwise(chosen)) <= 2
    assert movers == {1, 2}


def test_it_is_said_that_liars_say_less_than_in_a_search() -> None:
    told = "liars say only what they knew"
    lying = simulate(settle(load("wait_for_all"), Overrides(world={"failures": {"byzantine": 1}})), RunPlan(runs=2))
    assert any(told in line for line in remarks(lying))
    assert not any(told in line for line in remarks(runs("wait_for_all", runs=2)))
