"""Temporal properties in every kind of world, against their definitions on configurations found again by asking.

The verdict is that of a search for any fair run that violates the property; a run that is shown is one, word by word,
and what is said of it is true.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from itertools import product
from random import Random
from typing import Any
from zlib import crc32

import pytest
from generators.coins import random_tosses, random_tossing_graph
from generators.detectors import random_detecting
from generators.guards import random_guards
from generators.memory import random_memory
from generators.protocols import (
    random_forgers,
    random_liars,
    random_liars_and_crashes,
    random_parted,
    random_protocol,
    random_twins,
    random_world,
)
from generators.rounds import Alike, InTurn, Numbered
from generators.timed import random_timed
from oracle.fair_runs import TooManyGuesses
from oracle.temporal import TemporalRuns, Word, breaks_off, violates

from flpcheck import (
    HOLDS,
    INCOMPLETE,
    UNLIMITED,
    VIOLATED,
    Fairness,
    View,
    World,
    always_eventually,
    asynchronous,
    eventually,
    eventually_always,
    for_each,
    heard_of,
    leads_to,
    partially_synchronous,
    possible_from_everywhere,
    replace,
    synchronous,
    system_of,
    until,
)
from flpcheck.analyse.case import Case
from flpcheck.analyse.finding import Finding
from flpcheck.analyse.live.account import EVERY_STEP, SHOWN
from flpcheck.analyse.live.fair import ROUNDS_REPEAT, RUN_IS_OVER, WHATEVER_COINS_SHOW
from flpcheck.analyse.properties import judge
from flpcheck.authoring.temporal import Predicate, Temporal
from flpcheck.authoring.values import key
from flpcheck.errors import FlpcheckError
from flpcheck.explore import Bounds, StateGraph, explore
from flpcheck.stops import StopReason
from flpcheck.world import PREDICATES, strong, weak

MOST = 150
LARGER = {"recoveries": 500, "liars and crashes": 300}
RULES = {"coins in general protocols": ("read", "write"), "general": ("rule 0", "rule 1", "rule 2")}
STRENGTHS = ("weak", "received", "received", "strong")
OPERATORS: dict[str, Callable[[Predicate, Predicate], Temporal]] = {
    "eventually": lambda p, _: eventually(p, name="claim"),
    "leads_to": lambda p, q: leads_to(p, q, name="claim"),
    "always_eventually": lambda p, _: always_eventually(p, name="claim"),
    "eventually_always": lambda p, _: eventually_always(p, name="claim"),
    "until": lambda p, q: until(p, q, name="claim"),
    "possible_from_everywhere": lambda p, _: possible_from_everywhere(p, name="claim"),
}
SHARES = dict.fromkeys(OPERATORS, (0.2, 0.5, 0.8)) | {"until": (0.8, 0.95), "eventually_always": (0.7, 0.9, 0.95)}


def general(seed: int) -> tuple[Any, World]:
    events = ("explicit", "elided")[seed // 2 % 2]
    return random_guards(seed, confined=seed % 3 == 0), asynchronous(seed % 2, crash_events=events)


def memory(seed: int) -> tuple[Any, World]:
    return random_memory(seed), asynchronous(seed % 2, crash_events=("explicit", "elided")[seed // 2 % 2])


def recovering(seed: int) -> tuple[Any, World]:
    at, world = Random(seed), random_world(seed)
    failures = replace(
        world.failures, events="explicit", crashes=1, recoveries=at.choice([1, 2, UNLIMITED]), omission=0,
        initially_dead=0, crash_points="between", mid_broadcast=False,
    )  # fmt: skip
    return random_protocol(seed), replace(world, failures=failures)


def rounds(seed: int) -> tuple[Any, World]:
    """Return a protocol in rounds, in one of the worlds of rounds."""
    at = Random(seed)
    made = at.choice([Numbered, Alike, InTurn])(seed=seed, n=at.choice([2, 3]))
    last = at.choice([None, 2])
    predicate = at.choice([*PREDICATES, "uniform+majority"])
    worlds = [
        heard_of(predicate, rounds=last), heard_of(predicate, rounds=last),
        synchronous(at.choice([0, 1]), mid_broadcast=at.random() < 0.5, rounds=last),
        partially_synchronous(at.choice([0, 1]), before=predicate, unstable=at.choice([None, 0, 1]), rounds=last and 3),
        synchronous(rounds=last, byzantine=("p0",)), synchronous(rounds=last, omission=("p1",)),
    ]  # fmt: skip
    return made, at.choice(worlds)


KINDS = {
    "rounds": rounds,
    "plain": lambda seed: (random_protocol(seed), random_world(seed)),
    "recoveries": recovering,
    "detectors": random_detecting,
    "liars": random_liars,
    "liars and crashes": random_liars_and_crashes,
    "signatures": random_forgers,
    "twins": random_twins,
    "partitions": random_parted,
    "timers": random_timed,
    "general": general,
    "memory": memory,
    "coins": random_tosses,
    "coins in general protocols": random_tossing_graph,
}


def seen_of(view: Any) -> Any:
    """Return what a predicate is drawn from: decisions, and how far each process is."""
    if not isinstance(view, View):
        return key(view)
    return [
        (pid, getattr(s, "place", getattr(s, "line", None)), s.decision)
        for pid, s in sorted(view.states.items())
        if s is not None
    ]


def drawn(name: str, seed: int, share: float) -> Predicate:
    """Return a predicate over views that is true of a share of what can be seen."""

    def predicate(view: Any, pid: str = "") -> bool:
        return crc32(repr((name, seed, pid, seen_of(view))).encode()) % 100 < 100 * share

    predicate.__name__ = predicate.__doc__ = name
    return predicate


def random_claim(graph: StateGraph, at: Random) -> tuple[Temporal, list[int | None]]:
    """Return a claim of random predicates, and the processes that it is made for."""
    operator = at.choice(list(OPERATORS))
    p = drawn("p", at.randrange(10**6), at.choice(SHARES[operator]))
    claim = OPERATORS[operator](p, drawn("q", at.randrange(10**6), at.choice([0.2, 0.5, 0.8])))
    names, view = graph.system.names, graph.system.view(graph.configurations[0])
    there = [i for i, name in enumerate(names) if not isinstance(view, View) or name in view.states]
    if not there or at.random() < 0.6:
        return claim, [None]
    return for_each(claim, among=tuple(names[i] for i in there)), list(there)


def with_fairness(world: World, at: Random, names: tuple[str, ...]) -> World:
    """Return a world with random strengths, of some rules, too, and with losses that may be fair."""
    rules = tuple(at.choice([weak, strong])(name) for name in names if at.random() < 0.3)
    fair = at.choice(["", "letters", "links"]) if world.network.loss == UNLIMITED else ""
    fairness = Fairness(at.choice(["weak", "weak", "strong"]), at.choice(STRENGTHS), rules)
    return replace(world, network=replace(world.network, fair_loss=fair), fairness=fairness)


def explored(kind: str, seed: int, engine: str, found: Counter[Any]) -> tuple[StateGraph, TemporalRuns] | None:
    """Return a whole graph of a kind, and the same found again by asking."""
    at = Random(f"fairness of {kind} {seed}")
    model, world = KINDS[kind](seed)
    if kind != "rounds":
        world = with_fairness(world, at, RULES.get(kind, ()))
    most = LARGER.get(kind, MOST)
    try:
        graph = explore(system_of(model, world), Bounds(configurations=most), engine=engine)
    except FlpcheckError as error:  # a world that such a protocol cannot be in
        found[type(error).__name__] += 1
        return None
    return (graph, TemporalRuns(graph.system, most)) if graph.complete else None


def sets_of(runs: TemporalRuns, claim: Temporal, who: int | None) -> tuple[frozenset[Any], frozenset[Any]]:
    """Return the configurations in which the predicates are true, by asking in each."""
    system = runs.system
    pid = () if who is None else (system.names[who],)
    up = [c for c in runs.nodes if runs.up(c, who)]
    p, *q = (frozenset(c for c in up if f(system.view(c), *pid)) for f in claim.predicates)
    return p, q[0] if q else frozenset()


def compared(kind: str, seed: int, engine: str, found: Counter[Any]) -> None:
    both, at = explored(kind, seed, engine, found), Random(f"{kind} {seed}")
    if both is None:
        found["none"] += 1
        return
    graph, runs = both
    assert len(runs.nodes) == len(graph)
    for _ in range(4):
        claim, whose = random_claim(graph, at)
        finding = judge(Case(graph), claim)
        note = (kind, seed, engine, claim.statement, finding.because, finding.faulty)
        try:
            needed = [runs.violated(claim.operator, *sets_of(runs, claim, who), who) for who in whose]
        except TooManyGuesses:
            found["skipped"] += 1
            continue
        least = min((faulty for faulty in needed if faulty is not None), default=None)
        if finding.verdict is INCOMPLETE:
            assert graph.system.world.failures.events == "elided", note
        else:
            assert finding.verdict is (HOLDS if least is None else VIOLATED), note
        if finding.verdict is VIOLATED:
            assert len(finding.faulty) == least, note
            found["loops"] += confirmed(runs, finding, note)
            found["faulty"] += bool(finding.faulty)
        found[finding.verdict] += 1


def confirmed(runs: TemporalRuns, finding: Finding, note: Any) -> bool:
    """Confirm that a run violates the property, word by word; return whether it has a loop."""
    schedule, system, claim = finding.schedule, runs.system, finding.claim
    assert schedule is not None, note
    assert isinstance(claim, Temporal)
    here = list(schedule.configurations)
    who = next((i for i, name in enumerate(system.names) if finding.because.startswith(f"for {name}, ")), None)
    assert (who is not None) is claim.each, note
    for a, step, b in zip(here, schedule.transitions, here[1:], strict=False):
        assert any(s.successor == b and s.event == step.event for s in runs.steps(a)), note
    if claim.operator == "possible_from_everywhere":
        return False
    up = [runs.up(c, who) for c in here]
    pid = () if who is None else (system.names[who],)
    p, *q = ([u and bool(f(system.view(c), *pid)) for c, u in zip(here, up, strict=True)] for f in claim.predicates)
    word = Word(p, q[0] if q else [False] * len(p), up, len(schedule) if schedule.loop is None else schedule.loop)
    if claim.operator == "until" and (word.p[-1] or not all(up)) and breaks_off(word):
        return False
    if claim.operator == "until" and not word.p[-1]:
        assert breaks_off(word) or violates("until", word), note
        return False
    assert violates(claim.operator, word), note
    assert (WHATEVER_COINS_SHOW in finding.because) is system.tosses, note
    confirm_fair(runs, finding, note)
    if finding.trigger is not None:
        assert word.p[finding.trigger], note
        assert not any(word.q[finding.trigger :]), note
    return schedule.loop is not None


def confirm_fair(runs: TemporalRuns, finding: Finding, note: Any) -> None:
    """Confirm that a run is fair, and what is said of that."""
    schedule = finding.schedule
    assert schedule is not None
    loop = len(schedule) if schedule.loop is None else schedule.loop
    turn = list(schedule.configurations[loop : None if schedule.loop is None else -1])
    faulty = frozenset(runs.system.names.index(name) for name in finding.faulty)
    steps = [*schedule.transitions[loop:], *(runs.resting(turn[0], faulty) if len(turn) == 1 else ())]
    assert runs.is_fair(turn, steps, faulty), note
    if runs.system.in_rounds:
        assert finding.because.endswith(ROUNDS_REPEAT if steps else RUN_IS_OVER), note
        return
    unmet, deferred = runs.left(turn, steps, faulty)
    if finding.because.endswith(EVERY_STEP):
        assert not unmet | deferred, note
        return
    told = re.findall("is lost every time|mailbox for ever|is not receivable at times|is not enabled", finding.because)
    more = sum(int(number) for number in re.findall(r"(\d+) more like these", finding.because))
    assert told.count("mailbox for ever") == min(len(deferred), SHOWN), note
    assert len(told) + more >= len(unmet | deferred), note
    if "every other event that is owed" not in finding.because:
        assert not any(runs.taken(step) for step in steps if step.mover not in faulty), note


def some(kind: str, seeds: range, engine: str) -> Counter[Any]:
    found: Counter[Any] = Counter()
    for seed in seeds:
        compared(kind, seed, engine, found)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_as_the_definitions_say(kind: str) -> None:
    found = some(kind, range(20 if kind in LARGER else 8), "auto")
    assert min(found[HOLDS], found[VIOLATED]) > 1, found


@pytest.mark.long
@pytest.mark.parametrize("engine", ["reference", "kernel"])
@pytest.mark.parametrize("kind", KINDS)
def test_as_the_definitions_say_of_many(kind: str, engine: str) -> None:
    found = some(kind, range(1000, 1060), engine)
    assert min(found[HOLDS], found[VIOLATED]) > 15, found


ELIDED = ("plain", "general", "memory", "coins", "coins in general protocols")


def of_crashes(kind: str, seed: int, events: str) -> StateGraph | None:
    """Return the graph of a protocol in which one process may crash, with that as an event or not."""
    model, world = KINDS[kind](seed)
    failures = replace(
        world.failures,
        crashes=1,
        events=events,
        crash_points="between",
        mid_broadcast=False,
        recoveries=0,
        omission=0,
    )
    try:
        graph = explore(system_of(model, replace(world, failures=failures)), Bounds(configurations=4 * MOST))
    except FlpcheckError:
        return None
    return graph if graph.complete else None


def elided_and_explicit(seeds: range) -> Counter[Any]:
    """Compare verdicts where crashes are elided with those where they are events."""
    found: Counter[Any] = Counter()
    for kind, seed in product(ELIDED, seeds):
        elided, explicit = (of_crashes(kind, seed, events) for events in ("elided", "explicit"))
        if elided is None or explicit is None:
            continue
        for number in range(4):
            claim, _ = random_claim(elided, Random(f"{kind} {seed} {number}"))
            one, other = judge(Case(elided), claim), judge(Case(explicit), claim)
            assert one.verdict in (other.verdict, INCOMPLETE), (kind, seed, claim.statement, one.because, other.because)
            found[one.verdict] += 1
    return found


def test_crashes_elided_change_no_verdict() -> None:
    """What is not INCOMPLETE where no configuration shows a crash is so where crashes are events."""
    found = elided_and_explicit(range(8, 12))
    assert min(found[HOLDS], found[VIOLATED], found[INCOMPLETE]) > 1, found


@pytest.mark.long
def test_crashes_elided_change_no_verdict_of_many() -> None:
    found = elided_and_explicit(range(100, 200))
    assert min(found[HOLDS], found[VIOLATED], found[INCOMPLETE]) > 60, found


def test_what_is_found_within_a_constraint_is_a_run() -> None:
    found: Counter[Any] = Counter()
    for seed in range(0, 120, 3):
        graph, at = explore(system_of(*general(seed)), Bounds(configurations=MOST)), Random(seed)
        if graph.cut is None or graph.cut.bound is not StopReason.CONSTRAINT:
            continue
        runs = TemporalRuns(graph.system, 100 * MOST)
        for _ in range(3):
            claim, _whose = random_claim(graph, at)
            finding = judge(Case(graph), claim)
            assert finding.verdict is not HOLDS
            found[finding.verdict] += 1
            if finding.verdict is VIOLATED:
                confirmed(runs, finding, (seed, claim.statement, finding.because))
    assert min(found[VIOLATED], found[INCOMPLETE]) > 10, found
