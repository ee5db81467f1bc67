"""The pictures of the schedule of a finding."""

from __future__ import annotations

from flpcheck.analyse import Analysis, Finding, Judged
from flpcheck.report.fastest_runs import FASTEST
from flpcheck.report.runs.fate import Fate
from flpcheck.report.runs.flights import run_of_finding
from flpcheck.report.runs.spacetime import SpaceTime


def spacetime(analysis: Judged, finding: Finding) -> SpaceTime:
    """Return the space-time diagram of a finding's schedule."""
    assert finding.schedule is not None
    run = run_of_finding(analysis.graph.system, finding, analysis.valence)
    return SpaceTime(run, (schedule_headline(finding), finding.because), finding.faulty)


def fate(analysis: Analysis, finding: Finding) -> Fate:
    """Return the picture of which decisions are open after each step of a finding's schedule."""
    assert finding.schedule is not None
    run = run_of_finding(analysis.graph.system, finding, analysis.valence)
    return Fate(
        run, finding.schedule.numbers, analysis.valence, (schedule_headline(finding), "which decisions are still open")
    )


def schedule_headline(finding: Finding) -> str:
    """Return what a finding's schedule shows, in a few words."""
    if finding.claim.kind == FASTEST:
        return finding.claim.name
    verb = "is violated" if finding.is_counterexample else "is shown"
    return f"{finding.claim.name.replace('_', ' ')} {verb}"
