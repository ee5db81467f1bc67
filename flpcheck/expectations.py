"""What an instance expects, compared with what was found."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from flpcheck.analyse import Findings
from flpcheck.authoring.property import Verdict
from flpcheck.explore import StateGraph
from flpcheck.instance import Instance


@dataclass(frozen=True)
class Difference:
    """Something that an instance expects and that was found otherwise.

    Parameters
    ----------
    what
        Which figure or verdict.
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


def differences_of(instance: Instance, graph: StateGraph, findings: Findings) -> list[Difference]:
    """Return everything that an instance expects and that was found otherwise."""
    found: list[Difference] = []
    for finding in findings.findings:
        expected = instance.verdicts.get(finding.claim)
        if expected is not None and expected is not finding.verdict:
            incomplete = finding.verdict is Verdict.INCOMPLETE
            found.append(Difference(finding.claim.name, expected.value, finding.verdict.value, incomplete))
        length = instance.counterexample.get(finding.claim)
        if length is not None:
            actual = None if finding.schedule is None else len(finding.schedule)
            found += _compare(f"length of the schedule for {finding.claim.name}", length, actual, graph, findings)
    for figure, actual_number in figures_of(graph, findings).items():
        found += _compare(FIGURES[figure], _expected(instance, figure), actual_number, graph, findings)
    if instance.flp is not None:
        verdicts = findings.flp.verdicts if findings.flp else ()
        expected_flp = (instance.flp,) if isinstance(instance.flp, str) else instance.flp
        if set(expected_flp) != set(verdicts):
            wanted, got = (", ".join(names) or "none" for names in (expected_flp, verdicts))
            found.append(
                Difference("FLP verdict", wanted, got, incomplete=not graph.complete or bool(findings.unfinished))
            )
    return found


def _compare(what: str, expected: Any, actual: Any, graph: StateGraph, findings: Findings) -> list[Difference]:
    if expected is None or expected == actual:
        return []
    cut_by_surprise = graph.cut is not None and graph.cut.bound in {"max-seconds", "max-memory", "interrupted"}
    return [Difference(what, str(expected), str(actual), cut_by_surprise or bool(findings.unfinished))]


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
}
"""The figures that an instance may expect, in words."""


def figures_of(graph: StateGraph, findings: Findings) -> dict[str, Any]:
    """Return what was found of each of `FIGURES`; None where there is no such figure."""
    census = findings.census
    return {
        "configurations": len(graph),
        "transitions": len(graph.targets),
        "depth": int(graph.depth.max()),
        "bivalent": census.bivalent,
        "univalent": census.univalent,
        "none": census.none,
        "critical": len(findings.critical),
        "disagreeing": len(findings.disagreeing),
        "within": _within(findings),
        "chain": None if findings.chain is None else len(findings.chain) + 1,
    }


def _expected(instance: Instance, figure: str) -> Any:
    expected = getattr(instance, figure)
    return _texts(expected) if figure == "univalent" else expected


def _within(findings: Findings) -> int | None:
    return next((finding.within for finding in findings.findings if finding.within is not None), None)


def _texts(univalent: Mapping[Hashable, int] | None) -> dict[str, int] | None:
    return None if univalent is None else {str(value): number for value, number in univalent.items()}
