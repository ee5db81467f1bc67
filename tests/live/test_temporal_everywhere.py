"""Temporal properties in every kind of world, against their definitions on configurations found again by asking.

The verdict is that of a search for any fair run that violates the property; a run that is shown is one, word by word,
and what is said of it is true.
"""

from __future__ import annotations

import re
from collections import Counter
from random import Random
from typing import Any
from zlib import crc32

import pytest
from generators.coins import random_tosses, random_tossing_graph
from generators.detectors import random_detecting
from generators.guards import random_guards
from generators.memory import random_memory
from generators.protocols import random_liars, random_parted, random_protocol, random_world
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
from flpcheck.analyse.live.fair import ROUNDS_REPEAT, RUN_IS_OVER
from flpcheck.analyse.properties import judge
from flpcheck.authoring.values import key
from flpcheck.errors import FlpcheckError
from flpcheck.explore import Bounds, StateGraph, explore
from flpcheck.world import PREDICATES

MOST = 150
LARGER = {"recoveries": 500}
import os
FIRST = int(os.environ.get("FIRST", 0))
OPERATORS = {
    "eventually": lambda p, _: eventually(p, name="claim"),
    "leads_to": lambda p, q: leads_to(p, q, name="claim"),
    "always_eventually": lambda p, _: always_eventually(p, name="claim"),
    "eventually_always": lambda p, _: eventually_always(p, name="claim"),
    "until": lambda p, q: until(p, q, name="claim"),
    "possible_from_everywhere": lambda p, _: possible_from_everywhere(p, name="claim"),
}
SHARES = {name: (0.2, 0.5, 0.8) for name in OPERATORS} | {"until": (0.8, 0.95), "eventually_always": (0.7, 0.9, 0.95)}


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
        partially_synchronous(at.choice([0, 1]), before=predicate, unstable=at.choice([None, 0, 1]), rounds=at.choice([None, 3])),
        synchronous(rounds=last, byzantine=("p0",)), synchronous(rounds=last, omission=("p1",)),
    ]  # fmt: skip
    return made, at.choice(worlds)


KINDS = {
    "rounds": rounds,
    "plain": lambda seed: (random_protocol(seed), random_world(seed)),
    "recoveries": recovering,
    "detectors": random_detecting,
    "liars": random_liars,
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


def drawn(name: str, seed: int, share: float) -> Any:
    """Return a predicate over views that is true of a share of what can be seen."""

    def predicate(view: Any, pid: str = "") -> bool:
        return crc32(repr((name, seed, pid, seen_of(view))).encode()) % 100 < 100 * share

    predicate.__name__ = predicate.__doc__ = name
    return predicate


def sets_of(runs: TemporalRuns, predicate: Any, who: int | None) -> frozenset[Any]:
    system = runs.system
    pid = () if who is None else (system.names[who],)
    return frozenset(c for c in runs.nodes if runs.up(c, who) and predicate(system.view(c), *pid))


def compared(kind: str, seed: int, engine: str, found: Counter[Any]) -> None:
    at = Random(f"{kind} {seed}")
    model, world = KINDS[kind](seed)
    most = LARGER.get(kind, MOST)
    if kind != "rounds":
        world = replace(world, fairness=Fairness(timers=at.choice(["weak", "weak", "strong"]), letters=at.choice(["weak", "received", "received", "strong"])))
    try:
        graph = explore(system_of(model, world), Bounds(configurations=most), engine=engine)
        runs = TemporalRuns(graph.system, most) if graph.complete else None
    except (FlpcheckError, OverflowError) as error:
        found[type(error).__name__] += 1
        return
    if runs is None:
        found["large"] += 1
        return
    assert len(runs.nodes) == len(graph)
    for _ in range(4):
        operator = at.choice(list(OPERATORS))
        share = at.choice(SHARES[operator])
        p, q = drawn("p", at.randrange(10**6), share), drawn("q", at.randrange(10**6), at.choice([0.2, 0.5, 0.8]))
        claim = OPERATORS[operator](p, q)
        each = at.random() < 0.4
        names = graph.system.names
        view = graph.system.view(graph.configurations[0])
        there = [i for i, name in enumerate(names) if not isinstance(view, View) or name in view.states]
        if each and not there:
            continue
        if each:
            claim = for_each(claim, among=tuple(names[i] for i in there))
        finding = judge(Case(graph), claim)
        expected: dict[int, int | None] = {}
        try:
            for who in there if each else [None]:
                truth = sets_of(runs, p, who), sets_of(runs, q, who) if operator in {"until", "leads_to"} else frozenset()
                faulty = runs.violated(operator, *truth, who)
                if faulty is not None:
                    expected[-1 if who is None else who] = faulty
        except TooManyGuesses:
            found["skipped"] += 1
            continue
        if finding.verdict is INCOMPLETE:
            found[INCOMPLETE] += 1
            assert graph.system.world.failures.events == "elided"
            continue
        note = (kind, seed, engine, operator, each, finding.because, world)
        assert finding.verdict is (VIOLATED if expected else HOLDS), note
        if expected:
            assert len(finding.faulty) == min(expected.values()) or operator == "until", note
            checked_run(runs, graph, finding, claim, p, q, note)
        found[operator, finding.verdict] += 1
        found[finding.verdict] += 1


def checked_run(runs: TemporalRuns, graph: StateGraph, finding: Finding, claim: Any, p: Any, q: Any, note: Any) -> None:
    schedule, system = finding.schedule, runs.system
    assert schedule is not None, note
    here = list(schedule.configurations)
    who = next((i for i, name in enumerate(system.names) if finding.because.startswith(f"for {name}, ")), None)
    assert (who is not None) is claim.each, note
    pid = () if who is None else (system.names[who],)
    for a, step, b in zip(here, schedule.transitions, here[1:], strict=False):
        assert any(s.successor == b and s.event == step.event for s in [*system.transitions(a), *system.applicable(a)]), note
    if claim.operator == "possible_from_everywhere":
        return
    up = [runs.up(c, who) for c in here]
    truth = [[u and bool(f(system.view(c), *pid)) for c, u in zip(here, up, strict=True)] for f in (p, q)]
    loop = len(schedule) if schedule.loop is None else schedule.loop
    word = Word(truth[0], truth[1], up, loop)
    if "is false here" in finding.because or "while it is down" in finding.because:
        assert breaks_off(word), note
        return
    assert violates(claim.operator, word), note
    faulty = frozenset(system.names.index(name) for name in finding.faulty)
    steps = list(schedule.transitions[loop:])
    turn = here[loop:] if schedule.loop is None else here[loop:-1]
    idle = [s for c in turn for s in system.applicable(c) if s.successor == c and s.mover not in faulty] if len(turn) == 1 else []
    assert runs.is_fair(turn, [*steps, *idle], faulty), note
    said_of(runs, turn, [*steps, *idle], faulty, finding.because, note)
    if finding.trigger is not None:
        assert word.p[finding.trigger], note
        assert not any(word.q[finding.trigger :]), note


def said_of(runs: TemporalRuns, turn: list[Any], steps: list[Any], faulty: frozenset[int], because: str, note: Any) -> None:
    """Confirm what is said of the fairness of a loop."""
    if runs.system.in_rounds:
        assert because.endswith(ROUNDS_REPEAT if steps else RUN_IS_OVER), note
        return
    unmet, deferred = runs.left(turn, steps, faulty)
    told = [*re.findall(r"is lost every time|in its mailbox for ever|is not receivable at times|is not enabled at times", because)]
    more = sum(int(n) for n in re.findall(r"(\d+) more like these", because))
    if because.endswith(EVERY_STEP):
        assert not unmet | deferred, note
        return
    assert told.count("in its mailbox for ever") == min(len(deferred), SHOWN), note
    assert len(told) + more >= len(unmet | deferred), note
    if "every other event that is owed" not in because:
        assert not any(runs.taken(step) for step in steps if step.mover not in faulty), note


@pytest.mark.parametrize("engine", ["reference", "auto"])
@pytest.mark.parametrize("kind", KINDS)
def test_as_the_definitions_say(kind: str, engine: str) -> None:
    found: Counter[Any] = Counter()
    for seed in range(FIRST, FIRST + 60):
        compared(kind, seed, engine, found)
    print(kind, engine, dict(found))
    assert min(found[HOLDS], found[VIOLATED]) > 10, found
