"""Termination and the FLP verdict among processes that recover, lie or omit."""

from __future__ import annotations

from typing import Any

import pytest

from flpcheck import VIOLATED, At, Process, Start, Step, World, asynchronous, load, protocol, record, replace, system_of
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


@pytest.mark.parametrize("recoveries", [1, UNLIMITED])
def test_a_process_that_needs_nobody_terminates_however_often_the_other_comes_and_goes(recoveries: int) -> None:
    graph = explore(system_of(EachAlone(), asynchronous(1, recoveries=recoveries)), engine="reference")
    assert analyse(graph, [claim]).findings[0].verdict.value == "HOLDS"


@pytest.mark.parametrize("world", [asynchronous(omission=1), asynchronous(1)])
def test_whoever_waits_for_all_waits_for_the_silent(world: World) -> None:
    findings = analyse(explore(system_of(load("wait_for_all").protocol(n=2), world)), [claim])
    assert findings.findings[0].verdict is VIOLATED
    assert findings.flp is not None
    assert findings.flp.verdicts == ("blocks",)


def test_a_verdict_outside_names_who_may_fail() -> None:
    spec = load("sequencer")
    world = asynchronous(1, faulty=("p0",))
    flp = analyse(explore(system_of(spec.instances[0].protocol, world)), [claim]).flp
    assert flp is not None
    assert "outside" not in flp.verdicts or "only p0 may fail" in flp.because
