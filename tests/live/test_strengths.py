"""What each strength of fairness demands: the recorded verdicts, and runs that rest, wait, or take a decision back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from analyse.test_theory import assert_fair
from generators.protocols import random_protocol, random_world
from live.test_fair_runs import cycles_in

from flpcheck import (
    DEFER,
    HOLDS,
    UNLIMITED,
    VIOLATED,
    At,
    Bounds,
    Event,
    Fairness,
    Mail,
    PassiveLearner,
    Process,
    Start,
    Step,
    Timeout,
    World,
    asynchronous,
    choose,
    protocol,
    record,
    replace,
    reply,
    send,
    system_of,
    termination,
)
from flpcheck.analyse import Finding, analyse
from flpcheck.analyse.lasso import lasso_of
from flpcheck.analyse.live.fair import component_in, witnesses
from flpcheck.analyse.live.rows import reads_components
from flpcheck.analyse.live.unheard import losing
from flpcheck.analyse.termination import Termination
from flpcheck.errors import BadWorld
from flpcheck.explore import explore
from flpcheck.world import strong, weak

ENGINES = ("reference", "kernel")


@record
class Data:
    """The value."""


@record
class Ack:
    """It has arrived."""


@record
class Register:
    decision: str | None = None


@protocol
class StopAndWait:
    """A timer repeats the value until it is acknowledged."""

    def processes(self) -> list[Process[Register, Data | Ack]]:
        return [
            Process("sender", self.sender, start=Register()),
            Process("receiver", self.receiver, start=Register()),
        ]

    def sender(self, at: At, s: Register, event: Timeout | Ack) -> Step[Register, Data | Ack]:
        match event:
            case Timeout() if s.decision is None:
                return s, send(Data(), to="receiver")
            case Ack():
                return Register("done"), ()
            case Timeout():
                return s, ()

    def receiver(self, at: At, s: Register, event: Data) -> Step[Register, Data | Ack]:
        return Register("got"), reply(Ack())


@record
class Worker:
    busy: bool = False
    decision: int | None = None


@record
class Boss:
    said: bool = False


@protocol
class Deferred:
    """A worker that is busy every other step, and defers its mail meanwhile."""

    def processes(self) -> list[Process[Any, Data]]:
        return [Process("boss", self.boss, start=Boss()), Process("worker", self.worker, start=Worker())]

    def boss(self, at: At, s: Boss, event: Start) -> Step[Boss, Data]:
        return (s, ()) if s.said else (Boss(True), send(Data(), to="worker"))

    def worker(self, at: At, s: Worker, event: Timeout | Data) -> Step[Worker, Data]:
        match event:
            case Timeout():
                return (replace(s, busy=not s.busy), ()) if s.decision is None else (s, ())
            case Data() if s.busy:
                return DEFER
            case Data():  # at leisure
                return replace(s, decision=1), ()


@protocol
class Lock:
    """A lock that two processes take and release for ever; each wins once it has had it."""

    def names(self) -> list[str]:
        return ["p0", "p1"]

    def initial(self) -> Iterator[tuple[int | None, tuple[bool, bool]]]:
        yield None, (False, False)

    def successors(self, c: tuple[int | None, tuple[bool, bool]]) -> Iterator[tuple[Event, Any]]:
        holder, won = c
        for i, name in enumerate(self.names()):
            if holder is None:
                yield Event("enters", name), (i, (won[0] or i == 0, won[1] or i == 1))
            if holder == i:
                yield Event("leaves", name), (None, won)

    def decisions(self, c: tuple[int | None, tuple[bool, bool]]) -> dict[str, str | None]:
        return {name: "won" if has else None for name, has in zip(self.names(), c[1], strict=True)}


def judged(model: Any, world: World, engine: str = "reference") -> Finding:
    (finding,) = analyse(explore(system_of(model, world), engine=engine), [termination]).findings
    return finding


SET, LOSSY = asynchronous(network="set"), asynchronous(network="set", loss=UNLIMITED)
RECORDED = [
    (StopAndWait(), LOSSY, VIOLATED),
    (StopAndWait(), asynchronous(network="set", loss="fair"), HOLDS),
    (StopAndWait(), asynchronous(network="set", loss=UNLIMITED, fairness=Fairness(letters="strong")), HOLDS),
    (Deferred(), asynchronous(fairness=Fairness(letters="weak")), VIOLATED),
    (Deferred(), asynchronous(), HOLDS),
    (Deferred(), asynchronous(fairness=Fairness(letters="strong")), HOLDS),
    (Lock(), asynchronous(), VIOLATED),
    (Lock(), asynchronous(fairness=Fairness(timers="strong")), HOLDS),
    (Lock(), asynchronous(fairness=Fairness(rules=(strong("enters"),))), HOLDS),
    (Lock(), asynchronous(fairness=Fairness(rules=(weak("enters"),))), VIOLATED),
    (Lock(), asynchronous(fairness=Fairness(rules=(strong("leaves"),))), VIOLATED),
    (Deferred(), asynchronous(fairness=Fairness(letters="weak", rules=(strong("at leisure"),))), HOLDS),
    (StopAndWait(), asynchronous(network="set", loss="fair-links"), HOLDS),
]
"""TLC's verdicts on the first eight, with WF for weak and SF for strong; of received letters it knows nothing."""


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("model", "world", "verdict"), RECORDED)
def test_recorded_verdicts(model: Any, world: World, verdict: Any, engine: str) -> None:
    finding = judged(model, world, engine)
    assert finding.verdict is verdict
    if finding.verdict is VIOLATED and isinstance(model, Lock | Deferred):
        assert finding.schedule is not None
        assert finding.schedule.loop is not None


@pytest.mark.parametrize(
    ("model", "world", "because"),
    [
        (
            StopAndWait(),
            LOSSY,
            "sender and receiver never decide, and this is fair: Data() from sender is lost every time; every other "
            "event that is owed to a correct process is taken",
        ),
        (
            Lock(),
            asynchronous(),
            "p1 never decides, and this is fair: 'p1 enters' is not enabled at times; every other event that is owed "
            "to a correct process is taken",
        ),
    ],
)
def test_a_lasso_says_what_its_account_has(model: Any, world: World, because: str) -> None:
    assert judged(model, world).because == because


@protocol
class Shy:
    """A timer that may choose to repeat for ever what its receiver ignores."""

    def processes(self) -> list[Process[Register, Data]]:
        return [Process("p", self.p, start=Register()), Process("q", self.q, start=Register("q"))]

    def p(self, at: At, s: Register, event: Timeout) -> Step[Register, Data]:
        return (s, ()) if s.decision else choose((s, send(Data(), to="q")), (Register("p"), ()))

    def q(self, at: At, s: Register, event: Data) -> Step[Register, Data]:
        return s, ()


@pytest.mark.parametrize("engine", ENGINES)
def test_an_outcome_that_changes_nothing_may_be_chosen_for_ever(engine: str) -> None:
    finding = judged(Shy(), SET, engine)
    assert finding.verdict is VIOLATED
    assert finding.schedule is not None
    assert finding.schedule.loop == len(finding.schedule) - 2


@protocol
class Corridor:
    """A process that walks between three rooms; in the last one another process can win."""

    def names(self) -> list[str]:
        return ["p0", "p1"]

    def initial(self) -> list[int]:
        return [0]

    def successors(self, at: int) -> Iterator[tuple[Event, int]]:
        yield from [(Event("goes on", "p0", message=at), at + 1)] if at < 2 else ()
        yield from [(Event("goes back", "p0", message=at), at - 1)] if 0 < at < 3 else ()
        yield from [(Event("wins", "p1"), 3)] if at == 2 else ()

    def decisions(self, at: int) -> dict[str, int | None]:
        return {"p1": 1 if at == 3 else None}


def test_a_strong_demand_that_is_never_enabled_is_not_starved() -> None:
    """The largest cycle starves p1; what is left of it without the last room does not."""
    finding = judged(Corridor(), asynchronous(fairness=Fairness(rules=(strong("wins"),))))
    assert finding.verdict is VIOLATED
    assert finding.schedule is not None
    assert {c.situation.shared for c in finding.schedule.configurations} == {0, 1}
    assert judged(Corridor(), asynchronous(fairness=Fairness(timers="strong"))).verdict is HOLDS


def test_who_starves_may_have_crashed() -> None:
    """Where p1 may be silent, it need not be given what it could take now and then."""
    fairness = Fairness(timers="strong")
    world = asynchronous(1, crash_events="elided", faulty=("p1",), fairness=fairness)
    graph = explore(system_of(Corridor(), world))
    where = np.array([c.situation.shared < 3 for c in graph.configurations])
    found = component_in(graph, loop=where, who=(0,))
    assert found is not None
    assert (found.numbers.tolist(), found.faulty) == ([0, 1, 2], (1,))
    without = component_in(graph, loop=where, who=(1,))
    assert without is not None
    assert (without.numbers.tolist(), without.faulty) == ([0], (0,))  # it rests: p0 has crashed, and does not walk on


@protocol
class Swing:
    """A process that walks to and fro between two rooms; another one can win in both."""

    def names(self) -> list[str]:
        return ["p0", "p1"]

    def initial(self) -> list[int]:
        return [0]

    def successors(self, at: int) -> Iterator[tuple[Event, int]]:
        yield from [(Event("walks", "p0", message=at), 1 - at), (Event("wins", "p1"), 2)] if at < 2 else ()

    def decisions(self, at: int) -> dict[str, int | None]:
        return {"p0": 1 if at == 2 else None}


@pytest.mark.parametrize("faulty", [(), ("p1",)])
def test_a_cycle_that_starves_a_process_is_fair_once_it_has_crashed(faulty: tuple[str, ...]) -> None:
    world = asynchronous(len(faulty), crash_events="elided", faulty=faulty) if faulty else asynchronous()
    graph = explore(system_of(Swing(), world))
    where = np.array([c.situation.shared < 2 for c in graph.configurations])
    found = component_in(graph, loop=where, who=(0,))
    assert (None if found is None else (found.numbers.tolist(), found.faulty)) == (([0, 1], (1,)) if faulty else None)
    finding = judged(Swing(), world)
    assert (finding.verdict, finding.faulty) == ((VIOLATED, faulty) if faulty else (HOLDS, ()))


@protocol
class Forgetful:
    """A learner whose only vote may be lost after it has learnt from it."""

    def processes(self) -> list[Any]:
        return [Process("p", self.p, start=Boss()), PassiveLearner("learner", self.learn)]

    def p(self, at: At, s: Boss, event: Start) -> Step[Boss, Data]:
        return (s, ()) if s.said else (Boss(True), send(Data(), to="learner"))

    def learn(self, mail: Mail[Data]) -> frozenset[int]:
        return frozenset({1} if mail else ())


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_lost_on_the_way_to_a_learner_was_no_decision(engine: str) -> None:
    assert judged(Forgetful(), asynchronous(network="set", loss=1), engine).verdict is VIOLATED
    assert judged(Forgetful(), asynchronous(loss=1), engine).verdict is VIOLATED


@pytest.mark.parametrize("engine", ENGINES)
def test_lassos_are_closed_and_fair(engine: str) -> None:
    seen: Counter[str] = Counter()
    for seed in range(150):
        graph = explore(system_of(random_protocol(seed), random_world(seed)), Bounds(configurations=150), engine=engine)
        if not reads_components(graph):
            continue
        at = np.random.default_rng(seed)
        loop, musts = at.random(len(graph)) < 0.9, (at.random(len(graph)) < 0.5,)
        found = component_in(graph, loop=loop, musts=musts)
        rests = [] if found is None else [found]
        for component in [*rests, *cycles_in(graph, loop, [*musts], ())[:3]]:
            schedule = lasso_of(graph, component)
            last = schedule.configurations[-1]
            assert_fair(graph, schedule, (*component.faulty, *crashed(graph.system, last)))
            around = list(schedule.numbers[len(schedule) if schedule.loop is None else schedule.loop :])
            assert loop[around].all()
            assert musts[0][around].any()
            seen["lassos"] += 1
            seen["loops"] += len(set(around)) > 1
    assert seen["lassos"] > 145, seen
    assert seen["loops"] > 20, seen


def crashed(system: Any, here: Any) -> list[int]:
    return [index for index in range(len(system.names)) if system.marks(here).crashed >> index & 1]


@pytest.mark.parametrize("engine", ENGINES)
def test_termination_is_that_each_decides_eventually(engine: str) -> None:
    verdicts: Counter[Any] = Counter()
    for seed in range(120):
        graph = explore(system_of(random_protocol(seed), random_world(seed)), Bounds(configurations=200), engine=engine)
        if not graph.complete or not graph.deciders or losing(graph) is not None:  # of these `test_unheard.py` speaks
            continue
        (finding,) = analyse(graph, [termination]).findings
        whose = [p for p in range(len(graph.system.registers)) if graph.deciders >> p & 1]
        open_ = {p: (graph.marks.decided >> np.uint64(p)) & np.uint64(1) == 0 for p in whose}
        found = [p for p in whose if witnesses(graph, stem=open_[p], loop=open_[p], who=(p,)) is not None]
        assert bool(found) is (finding.verdict is VIOLATED), seed
        verdicts[finding.verdict] += 1
        cases = Termination(graph)
        verdicts["fair cycles"] += bool(cases.components)
    assert min(verdicts[HOLDS], verdicts[VIOLATED]) > 8, verdicts
    assert verdicts["fair cycles"] > 3, verdicts


def test_fairness_of_a_rule_that_no_process_has_is_refused() -> None:
    world = asynchronous(fairness=Fairness(rules=(strong("at leasure"),)))
    with pytest.raises(BadWorld, match="no process has it") as caught:
        system_of(Deferred(), world)
    assert "at leisure" in str(caught.value)
