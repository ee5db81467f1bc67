"""Markdown: the summary of a CI job, a table and, for whatever is wrong, the trace as text and as a diagram."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from flpcheck.analyse import Finding
from flpcheck.authoring.property import Verdict
from flpcheck.authoring.values import printable
from flpcheck.examine import Examination
from flpcheck.failure import Failure
from flpcheck.report.ci.results import FAILED, instance_name, results_of, trace_of
from flpcheck.report.ci.results import failed as results_of_failure
from flpcheck.report.runs.flights import run_of_finding
from flpcheck.report.runs.mermaid import mermaid

SIGNS = {0: "as expected", 1: "**differs**", 3: "incomplete"}


class MarkdownPart(NamedTuple):
    """The part of a summary about one examination: a row, and lines about failures."""

    row: str
    failures: list[str]


def part(examination: Examination) -> MarkdownPart:
    """Return the part of a summary about one examination."""
    return MarkdownPart(_row(examination), list(_failures(examination)))


def failed(failure: Failure) -> MarkdownPart:
    """Return the part of a summary about a failed examination: a row, and the error in full."""
    (result,) = results_of_failure(failure)
    cells = [Path(failure.spec).stem, result.instance, "", "", "", "**error**"]
    lines = ["", f"### {_cell(result.title)}", "", _cell(result.message), "", *_fenced(result.detail)]
    return MarkdownPart("| " + " | ".join(map(_cell, cells)) + " |", lines)


def summary(parts: Sequence[MarkdownPart]) -> str:
    """Return examinations as a table, followed by the trace of every property that fails against expectation."""
    lines = [
        "## flpcheck",
        "",
        "| spec | instance | configurations | properties | FLP | result |",
        "|---|---|---:|---|---|---|",
    ]
    lines += [part.row for part in parts]
    for part in parts:
        lines += part.failures
    return "\n".join(lines)


def _row(examination: Examination) -> str:
    findings, flp = examination.judged.findings, examination.judged.flp
    verdicts = ", ".join(_verdict(examination, finding) for finding in findings)
    cells = [
        examination.request.spec.name, instance_name(examination), f"{examination.size:,}", verdicts,
        ", ".join(flp.verdicts) if flp else "", SIGNS[examination.exit_code],
    ]  # fmt: skip
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _verdict(examination: Examination, finding: Finding) -> str:
    expected = " (expected)" if examination.expected(finding) is finding.verdict is not Verdict.HOLDS else ""
    vacuously = " (vacuously)" if finding.vacuous else ""
    return f"{finding.claim.name} {finding.verdict.value}{expected}{vacuously}"


def _failures(examination: Examination) -> Iterator[str]:
    wrong = {result.name: result for result in results_of(examination) if result.outcome == FAILED}
    for name, result in wrong.items():
        yield from ("", f"### {_cell(result.title)}", "", _cell(result.message))
        for finding in examination.judged.findings:
            if finding.claim.name == name and finding.schedule is not None:
                yield from _traced(examination, finding)


def _traced(examination: Examination, finding: Finding) -> Iterator[str]:
    assert finding.schedule is not None
    yield from ("", *_fenced(trace_of(examination, finding)), "")
    run = run_of_finding(examination.system, finding, examination.judged.valence)
    yield from ("```mermaid", mermaid(run).rstrip().replace("```", "'''"), "```")


def _fenced(text: str) -> list[str]:
    fence = "`" * max(3, _longest_ticks(text) + 1)
    return [f"{fence}text", printable(text), fence]


def _longest_ticks(text: str) -> int:
    longest = run = 0
    for character in text:
        run = run + 1 if character == "`" else 0
        longest = max(longest, run)
    return longest


def _cell(text: str) -> str:
    """Escape what would end a cell or begin markup."""
    return printable(text).replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|").replace("\n", " ")
