"""Conformance: what the search finds is what going through all configurations finds, and runs are runs."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

import pytest
from conform.brute import is_run, observed, random_run, with_a_lie
from conform.logs import FAILURES, RECOVERING, SMALL, held, shuffled, small, told, written
from every_spec import every_instance, spec_named

from flpcheck import World, system_of
from flpcheck.authoring.property import HOLDS, INCOMPLETE, VIOLATED
from flpcheck.conform import Seen, crash, deliver, like, look, own, recover
from flpcheck.conform.conformance import LogPlan, conform
from flpcheck.conform.machine import Machine, event_driven
from flpcheck.conform.search import LogSearch
from flpcheck.errors import BadWorld
from flpcheck.settle import Overrides, settle
from flpcheck.simulate import RunPlan, simulate
from flpcheck.system.message_passing import MessagePassing


def compared(seeds: range) -> Counter[tuple[bool, bool | None]]:
    """Compare the search with brute force on random short logs, and return how often which answers came out."""
    found: Counter[tuple[bool, bool | None]] = Counter()
    for seed in seeds:
        chance = Random(seed)
        name = chance.choice(sorted(SMALL))
        failures = chance.choice([n for n, f in enumerate(FAILURES) if name in RECOVERING or "recoveries" not in f])
        system = small(name, chance.choice(["set", "multiset", "fifo"]), failures)
        run = random_run(system, chance, chance.randint(1, 6))
        seens = list(observed(system, run, chance, chance.choice([0.1, 0.3, 0.6, 1.0])))
        lie = bool(seens) and chance.random() < 0.5
        seens = with_a_lie(seens, chance) if lie else seens
        how: dict[str, Any] = {"causal": chance.random() < 0.7, "gap": chance.choice([0, 0, 1])}
        answer, expected = LogSearch(Machine(system), seens, **how).run(), is_run(system, seens, **how)
        if (
            sum(seen.how == "crash" for seen in seens) > 1
        ):  # more than that world allows: bounds of searches, not of logs
            expected = None
        found[answer.complete, expected] += 1
        assert expected in {None, answer.complete}, (seed, how, [str(seen) for seen in seens])
        assert answer.complete or lie, (seed, how, answer.stuck)
    return found


def test_what_is_found_is_what_brute_force_finds() -> None:
    found = compared(range(80, 125))
    assert found[True, True] > 10
    assert found[False, False] > 2


@pytest.mark.long
def test_what_is_found_is_what_brute_force_finds_in_thousands_of_logs() -> None:
    found = compared(range(1_000, 3_000))
    assert found[False, False] > 100


def followed(names: Sequence[str] = ()) -> Iterator[tuple[str, MessagePassing]]:
    """Yield the systems of bundled instances that logs can be held against, one for each spec."""
    done = set[str]()
    some = [(name, instance) for name in names for instance in spec_named(name).instances]
    for name, instance in some or every_instance():
        failures = instance.world.failures if isinstance(instance.world, World) else None
        plain = failures is not None and not failures.crashes and not instance.world.oracle.kind
        if name not in done and plain and instance.world.timing == "asynchronous":
            try:
                system = event_driven(system_of(instance.protocol, instance.world))
            except BadWorld:
                continue
            done.add(name)
            yield name, system


def round_trip(name: str, system: MessagePassing, chance: Random, length: int) -> None:
    run = [pair for pair in random_run(system, chance, length) if not pair[1].event.world]
    lines = written(system, run)
    assert held(system, lines).verdict is HOLDS, name
    mixed = shuffled(lines, chance)
    assert held(system, mixed, interleaving="causal").verdict is HOLDS, name
    place = chance.randrange(len(lines)) if lines else 0
    rest = lines[:place] + lines[place + 1 :]
    assert held(system, rest, gap=1, limit=20_000).verdict in {HOLDS, INCOMPLETE}, name
    assert held(system, lines[:6][:place] + lines[:6][place + 1 :], gap=1).verdict is HOLDS, name


def test_a_run_written_as_lines_is_a_run() -> None:
    for number, (name, system) in enumerate(followed(["stop_and_wait", "broken/raft_forgets_vote", "multi_paxos"])):
        round_trip(name, system, Random(number), 12)


@pytest.mark.long
def test_every_run_written_as_lines_is_a_run() -> None:
    for number, (name, system) in enumerate(followed()):
        for seed in range(3):
            round_trip(name, system, Random(number + seed), 25)


def election() -> list[Seen]:
    request = like("RequestVote", term=1)
    return [
        own("s0", spec_named("raft").module.Timeout(), after={"term": 1}, sent=[("s1", request)]),
        deliver("s1", request, "s0", after={"voted_for": "s0"}, sent=[("s0", like("Vote", granted=True))]),
        deliver("s0", like("Vote", granted=True), "s1", after={"role": "leader"}),
    ]


def test_a_log_that_is_none_says_where_and_why() -> None:
    lie = election()
    lie[1] = dataclasses.replace(lie[1], after=like(voted_for="s2"))
    found = conform(small("raft", "set", 0), told(lie))
    assert found.verdict is VIOLATED
    (stuck,) = found.stuck
    assert (stuck.process, found.explanation.explained) == ("s1", 1)
    assert stuck.candidates[0].mismatches == ("state after: voted_for is 's0' in the spec, 's2' in the log",)


def test_a_letter_that_no_process_sent_is_named_with_the_nearest() -> None:
    lie = election()
    lie[1] = dataclasses.replace(lie[1], event=like("RequestVote", term=7))
    (stuck,) = conform(small("raft", "set", 0), told(lie)).stuck
    assert stuck.why == "no process has sent such a message"
    assert stuck.candidates[0].mismatches == ("message: term is 1 in the spec, 7 in the log",)


def test_a_copy_is_taken_once_from_a_multiset_as_often_as_wanted_from_a_set() -> None:
    twice = [*election()[:2], deliver("s1", like("RequestVote"), "s0")]
    assert conform(small("raft", "set", 0), told(twice)).verdict is HOLDS
    assert conform(small("raft", "multiset", 4), told(twice)).verdict is HOLDS  # may be duplicated
    found = conform(small("raft", "multiset", 0), told(twice))
    assert (found.verdict, found.only_with_copies) == (VIOLATED, True)


def test_a_limit_is_no_refusal() -> None:
    lie = [*election(), look("s2", like(term=9))]
    system = small("raft", "set", 0)
    assert conform(system, told(lie)).verdict is VIOLATED
    found = conform(system, told(lie), LogPlan(gap=2, limit=50))
    assert (found.verdict, found.exit_code) == (INCOMPLETE, 3)


def test_a_letter_may_be_sent_before_a_crash_and_after_it() -> None:
    first, delivery = election()[:2]
    after = [first, crash("s1"), recover("s1"), delivery]
    before = [first, delivery, crash("s1"), recover("s1"), look("s1", like(voted_for="s0"))]
    system = small("raft", "set", 2)
    for causal, seens in [("causal", after), ("causal", before), ("file", before)]:
        assert conform(system, told(seens), LogPlan(causal)).verdict is HOLDS
    assert conform(system, told(after)).verdict is VIOLATED  # the crash has lost what was on its way


def test_unlogged_steps_are_found_and_counted() -> None:
    found = conform(small("raft", "multiset", 0), told([election()[0], election()[2]]), LogPlan(gap=1))
    assert (found.verdict, found.unlogged, found.gap) == (HOLDS, 1, 1)
    assert [str(event) for event in found.events][1].startswith("s1 receives RequestVote")


@pytest.mark.parametrize(
    ("name", "why"),
    [("token_ring", "step functions"), ("floodset", "step functions"), ("ben_or", "gatherings")],
)
def test_what_no_log_can_be_held_against_is_refused(name: str, why: str) -> None:
    instance = spec_named(name).instances[0]
    with pytest.raises(BadWorld, match=why):
        conform(system_of(instance.protocol, instance.world), told([]))


BROKEN = (
    "atomic_broadcast_arrival_order",
    "raft_forgets_vote",
    "two_phase_commit_majority",
)
"""Specs in `specs/broken` that logs can be held against, and whose mistake random runs find."""


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.long
def test_every_counterexample_written_as_lines_is_a_run(name: str) -> None:
    judged = simulate(settle(spec_named(f"broken/{name}"), Overrides()).built(), RunPlan(runs=300)).examination.judged
    schedules = [finding.schedule for finding in judged.findings if finding.schedule is not None]
    assert schedules
    for schedule in schedules:
        system = event_driven(judged.graph.system)
        lines = written(system, [*zip(schedule.configurations, schedule.transitions, strict=False)])
        assert held(system, lines).verdict is HOLDS
        assert held(system, shuffled(lines, Random(1)), interleaving="causal").verdict is HOLDS
