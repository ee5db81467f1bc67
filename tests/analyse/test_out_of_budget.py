"""A judgement that has to end says so; what was found by then stays."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from waiting import WaitForSome

from flpcheck import (
    HOLDS,
    INCOMPLETE,
    VIOLATED,
    Bounds,
    Property,
    View,
    agreement,
    asynchronous,
    system_of,
    termination,
)
from flpcheck.analyse import Analysis, analyse
from flpcheck.analyse.safety import examine_safety
from flpcheck.authoring.property import STANDARD, integrity, invariant, sometimes, uniform_agreement, validity
from flpcheck.budget import BudgetMonitor, OutOfBudget, monitored
from flpcheck.explore import explore
from flpcheck.stops import StopReason

CLAIMS = (agreement, validity, integrity, termination)


@invariant
def nobody_decides(view: View[object]) -> bool:
    """No process decides."""
    return not view.outputs


@sometimes
def somebody_decides(view: View[object]) -> bool:
    """Some process decides."""
    return bool(view.outputs)


def judged(*claims: Property, wait: int = 2) -> Analysis:
    graph = explore(system_of(WaitForSome(n=3, wait=wait), asynchronous()))
    with monitored(BudgetMonitor(Bounds(seconds=1e-9))):
        return analyse(graph, claims)


@contextmanager
def ending_after(monkeypatch: pytest.MonkeyPatch, where: str, looks: int) -> Iterator[None]:
    """Let the limit of the run be reached after some looks in a module."""
    left = [looks]

    def look(_: int = 0) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OutOfBudget(StopReason.MAX_SECONDS, "judging")

    with monkeypatch.context() as patch:
        patch.setattr(where, look)
        yield


def test_each_verdict_that_is_not_reached_is_incomplete_and_names_what_was_being_judged() -> None:
    found = judged(*CLAIMS)
    assert found.graph.complete
    told = {finding.claim.name: (finding.verdict, finding.because) for finding in found.findings}
    for name in ("agreement", "validity", "termination"):
        assert told[name] == (INCOMPLETE, f"time was up while judging {name}")
    assert set(found.unfinished) >= {f"time was up while judging {name}" for name in ("agreement", "termination")}
    assert found.census.unknown == len(found.graph)
    assert found.flp is not None
    assert found.flp.verdicts == ("unknown",)


def test_with_time_enough_nothing_is_unfinished() -> None:
    graph = explore(system_of(WaitForSome(n=3, wait=3), asynchronous()))
    with monitored(BudgetMonitor(Bounds(seconds=600, memory=2**50))):
        found = analyse(graph, CLAIMS)
    assert found.unfinished == ()
    assert [finding.verdict for finding in found.findings] == [HOLDS] * 4


@pytest.mark.parametrize("claim", [agreement, uniform_agreement, nobody_decides, termination])
def test_a_violation_that_was_found_stays_one_without_the_way_there(
    claim: Property, monkeypatch: pytest.MonkeyPatch
) -> None:
    protocol, world = (WaitForSome(n=3, wait=3), asynchronous(crashes=1)) if claim is termination else (
        WaitForSome(n=3, wait=2), asynchronous()
    )  # fmt: skip
    graph = explore(system_of(protocol, world))
    (expected,) = analyse(graph, (claim,)).findings
    assert expected.verdict is VIOLATED
    with ending_after(monkeypatch, "flpcheck.analyse.paths.look", 0):
        (found,) = analyse(graph, (claim,)).findings
    assert (found.verdict, found.schedule) == (VIOLATED, None)
    seen = re.fullmatch(r"found in configuration (\d+); time was up while .*, so no schedule is shown", found.because)
    assert seen is not None
    if claim is uniform_agreement:
        two = [number for number, values in enumerate(graph.marks.values.tolist()) if values.bit_count() > 1]
        assert int(seen[1]) == two[0]


def test_a_predicate_that_has_answered_is_believed_when_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = explore(system_of(WaitForSome(n=3, wait=2), asynchronous()))
    first = [graph.system.view(c).outputs != {} for c in graph.configurations].index(True)
    for looks, verdicts in ((first, (INCOMPLETE, INCOMPLETE)), (first + 1, (VIOLATED, HOLDS))):
        for claim, verdict in zip((nobody_decides, somebody_decides), verdicts, strict=True):
            with ending_after(monkeypatch, "flpcheck.analyse.asking.look", looks):
                (found,) = analyse(graph, (claim,)).findings
            assert found.verdict is verdict


def test_a_search_for_safety_that_finds_something_says_so_without_the_way_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    system = system_of(WaitForSome(n=3, wait=2), asynchronous())
    with ending_after(monkeypatch, "flpcheck.analyse.paths.look", 0):
        found = examine_safety(system, (agreement, nobody_decides)).findings
    assert {finding.verdict for finding in found if finding.claim is nobody_decides} == {VIOLATED}
    assert all(finding.schedule is None for finding in found)


def test_every_standard_property_ends() -> None:
    found = judged(*STANDARD)
    assert all(finding.verdict is not HOLDS for finding in found.findings if finding.claim is not integrity)
