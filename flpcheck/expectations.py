"""The expectations of an instance, compared with the results."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from flpcheck.analyse import Analysis, Judged
from flpcheck.analyse.message_delays import MessageDelays
from flpcheck.authoring.property import Verdict
from flpcheck.instance import Instance
from flpcheck.stops import StopReason


@dataclass(frozen=True)
class Difference:
    """Something that an instance expects and that was found otherwise.

    Parameters
    ----------
    what
        The name of the count, length or verdict.
    expected, found
        As text.
    incomplete
        Whether the search was merely cut before it could tell.
    """

    what: str
    expected: str
    found: str
    incomplete: bool = False

    def __str__(self) -> str:
        return f"{self.what}: expected {self.expected}, found {self.found}"


def differences_of(instance: Instance, judged: Judged, delays: MessageDelays | None = None) -> list[Difference]:
    """Return every examined expectation of an instance that differs from the result."""
    found: list[Difference] = []
    for finding in judged.findings:
        expected = instance.verdicts.get(finding.claim)
        if expected is not None and expected is not finding.verdict:
            incomplete = finding.verdict is Verdict.INCOMPLETE
            found.append(Difference(finding.claim.name, expected.value, finding.verdict.value, incomplete))
        length = instance.counterexample.get(finding.claim)
        if length is not None and not (_stopped(judged) and finding.schedule is None):
            actual = None if finding.schedule is None else len(finding.schedule)
            found += _compare(f"length of the schedule for {finding.claim.name}", length, actual, judged)
    for figure, actual_number in figures_of(judged, delays).items():
        found += _compare(FIGURES[figure], _expected(instance, figure), actual_number, judged)
    if instance.flp is not None and isinstance(judged, Analysis):
        verdicts = judged.flp.verdicts if judged.flp else ()
        expected_flp = (instance.flp,) if isinstance(instance.flp, str) else instance.flp
        if set(expected_flp) != set(verdicts):
            wanted, got = (", ".join(names) or "none" for names in (expected_flp, verdicts))
            incomplete = not judged.graph.complete or bool(judged.unfinished)
            found.append(Difference("FLP verdict", wanted, got, incomplete))
    return found


def _stopped(judged: Judged) -> bool:
    return judged.graph.cut is not None and judged.graph.cut.bound is StopReason.FIRST_VIOLATION


def _compare(what: str, expected: Any, actual: Any, judged: Judged) -> list[Difference]:
    if expected is None or expected == actual:
        return []
    cut_by_surprise = judged.graph.cut is not None and judged.graph.cut.bound.ends_run
    return [Difference(what, str(expected), str(actual), cut_by_surprise or bool(judged.unfinished))]


FIGURES = {
    "configurations": "configurations",
    "transitions": "transitions",
    "depth": "depth",
    "bivalent": "bivalent configurations",
    "univalent": "univalent configurations",
    "none": "configurations that can reach no decision",
    "critical": "critical configurations",
    "disagreeing": "disagreeing configurations",
    "within": "rounds until all have decided",
    "chain": "length of the bivalent chain",
    "delays": "message delays and messages",
}
"""The figures that an instance may expect, in words."""


def figures_of(judged: Judged, delays: MessageDelays | None = None) -> dict[str, Any]:
    """Return what was found of `FIGURES`, None where there is no such figure; of a search that was ended, nothing."""
    graph, counted = judged.graph, None if delays is None else delays.figures
    found = {"configurations": len(graph), "transitions": graph.steps, "depth": graph.farthest, "delays": counted}
    if not isinstance(judged, Analysis):
        return {} if _stopped(judged) else found
    census = judged.census
    return found | {
        "bivalent": census.bivalent,
        "univalent": census.univalent,
        "none": census.none,
        "critical": len(judged.critical),
        "disagreeing": len(judged.disagreeing),
        **({"within": _within(judged)} if _asked_for_termination(judged) else {}),
        "chain": None if judged.chain is None else len(judged.chain) + 1,
    }


def _expected(instance: Instance, figure: str) -> Any:
    expected = getattr(instance, figure)
    return _texts(expected) if figure == "univalent" else expected


def _asked_for_termination(analysis: Analysis) -> bool:
    """Return whether termination was judged, which finds how long deciding takes; `--property` may leave it out."""
    return any(finding.claim.name == "termination" for finding in analysis.findings)


def _within(analysis: Analysis) -> int | None:
    return next((finding.within for finding in analysis.findings if finding.within is not None), None)


def _texts(univalent: Mapping[Hashable, int] | None) -> dict[str, int] | None:
    return None if univalent is None else {str(value): number for value, number in univalent.items()}
