"""Termination and the FLP verdict among processes that recover, lie or omit."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from generators.protocols import random_forgers, random_liars, random_parted, random_protocol, random_world
from oracle.analysis import enumerated
from oracle.same_graph import assert_same
from timed import Request

from flpcheck import (
    VIOLATED,
    At,
    Bounds,
    Process,
    Start,
    Step,
    World,
    asynchronous,
    load,
    protocol,
    record,
    replace,
    send,
    system_of,
)
from flpcheck import termination as claim
from flpcheck.analyse import analyse
from flpcheck.authoring.stable import Stable
from flpcheck.explore import explore
from flpcheck.world import UNLIMITED


@record
class Lonely:
    """Decides its own input in a second step; the first one is forgotten in a crash."""

    input: int
    begun: bool = False
    kept: Stable[int] = 0
    decision: int | None = None


@protocol
class EachAlone:
    """Two processes that decide without each other."""

    def processes(self) -> list[Process[Lonely, Any]]:
        return [Process(name, self.step, inputs={v: Lonely(v) for v in (0, 1)}) for name in ("p0", "p1")]

    def step(self, at: At, s: Lonely, event: Start) -> Step[Lonely, Any]:
        if s.decision is not None:
            return s, ()
        return (replace(s, decision=s.input) if s.begun else replace(s, begun=True)), ()


def test_the_theorem_is_silent_where_the_dead_and_those_who_may_crash_are_all_that_decide() -> None:
    verdict = analyse(explore(system_of(random_protocol(5013), random_world(5013))), []).flp
    assert verdict is not None
    assert verdict.verdicts == ("outside",)
    assert verdict.because == "where p1 and p0 may be faulty, no correct process has to decide"


@pytest.mark.parametrize("recoveries", [1, UNLIMITED])
def test_a_process_that_needs_no_other_terminates_however_often_the_other_crashes_and_recovers(recoveries: int) -> None:
    graph = explore(system_of(EachAlone(), asynchronous(1, recoveries=recoveries)), engine="reference")
    assert analyse(graph, [claim]).findings[0].verdict.value == "HOLDS"


@pytest.mark.parametrize("world", [asynchronous(omission=1), asynchronous(1)])
def test_a_process_that_waits_for_all_is_blocked_by_a_silent_one(world: World) -> None:
    analysis = analyse(explore(system_of(load("wait_for_all").protocol(n=2), world)), [claim])
    assert analysis.findings[0].verdict is VIOLATED
    assert analysis.flp is not None
    assert analysis.flp.verdicts == ("blocks",)


def test_a_verdict_outside_names_who_may_fail() -> None:
    spec = load("sequencer")
    world = asynchronous(1, faulty=("p0",))
    flp = analyse(explore(system_of(spec.instances[0].protocol, world)), [claim]).flp
    assert flp is not None
    assert flp.verdicts == ("outside",)
    assert "only p0 may fail" in flp.because


def test_where_only_the_faulty_decide_the_theorem_asks_for_nothing() -> None:
    verdicts = {}
    for how, world in (("crashes", asynchronous(1)), ("omission", asynchronous(omission=1))):
        flp = analyse(explore(system_of(Request(), world)), [claim]).flp
        assert flp is not None
        verdicts[how] = (flp.verdicts, "where p may be faulty" in flp.because)
    assert verdicts == {"crashes": (("blocks",), False), "omission": (("outside",), True)}


@protocol
class FirstOfTwo:
    """a says 0 and then 1 to b, which decides what it hears first."""

    def processes(self) -> list[Process[Lonely, int]]:
        return [Process("a", self.say, start=Lonely(0)), Process("b", self.hear, start=Lonely(0))]

    def say(self, at: At, s: Lonely, event: Start) -> Step[Lonely, int]:
        return (s, ()) if s.begun else (replace(s, begun=True), (send(0, to="b"), send(1, to="b")))

    def hear(self, at: At, s: Lonely, event: int) -> Step[Lonely, int]:
        return (replace(s, decision=event) if s.decision is None else s), ()


@pytest.mark.parametrize(
    ("omission", "because"), [(0, None), (1, "only one value can ever be decided as long as no process is faulty")]
)
def test_a_protocol_is_trivial_if_it_decides_one_value_where_no_process_is_faulty(
    omission: int, because: str | None
) -> None:
    flp = analyse(explore(system_of(FirstOfTwo(), asynchronous(network="fifo", omission=omission))), [claim]).flp
    assert (None if flp is None else flp.because.partition(";")[0]) == because


@pytest.mark.long
def test_nothing_contradicts_the_theorem_among_liars_and_behind_a_partition() -> None:
    horns: Counter[str] = Counter()
    for seed in range(60):
        protocol, world = (random_parted, random_liars, random_forgers)[seed % 3](seed)
        flp = analyse(explore(system_of(protocol, world), Bounds(configurations=300)), [claim]).flp
        horns.update(() if flp is None else flp.verdicts)
    assert horns["disagrees"] > 5
    assert horns["trivial"] > 2


def test_a_detector_is_asked_by_steps_that_are_cut_short_as_well() -> None:
    for how in ({"omission": ("p0",)}, {"crashes": 1, "mid_broadcast": True}):
        protocol = load("chandra_toueg").protocol(n=2)
        world = asynchronous(detector="diamond-S", mistakes=1, ignored="stays", **how)
        inputs = {"p0": 0, "p1": 1}
        expected = enumerated(protocol, world, 4000, inputs)
        assert_same(protocol, world, expected, inputs)
