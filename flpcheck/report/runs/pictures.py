"""The pictures of the schedule of a finding."""

from __future__ import annotations

from flpcheck.analyse import Finding, Findings, Judged
from flpcheck.report.runs.fate import Fate
from flpcheck.report.runs.flights import run_of
from flpcheck.report.runs.spacetime import SpaceTime


def spacetime(findings: Judged, finding: Finding) -> SpaceTime:
    """Return the space-time diagram of a finding's schedule."""
    assert finding.schedule is not None
    run = run_of(findings.graph.system, finding.schedule, findings.valence)
    return SpaceTime(run, (headline(finding), finding.because))


def fate(findings: Findings, finding: Finding) -> Fate:
    """Return the picture of which decisions are open after each step of a finding's schedule."""
    assert finding.schedule is not None
    run = run_of(findings.graph.system, finding.schedule, findings.valence)
    return Fate(run, finding.schedule.numbers, findings.valence, (headline(finding), "which decisions are still open"))


def headline(finding: Finding) -> str:
    """Return what a finding's schedule shows, in a few words."""
    verb = "is violated" if finding.is_counterexample else "is shown"
    return f"{finding.claim.name.replace('_', ' ')} {verb}"
