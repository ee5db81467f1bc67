"""Findings in the form of the JSON contract."""

from __future__ import annotations

from typing import Any

from flpcheck.analyse import Census, Finding
from flpcheck.analyse.alphabet import Alphabet
from flpcheck.analyse.chance.odds import Odds
from flpcheck.analyse.chance.values import Interval
from flpcheck.analyse.finding import AbstractRun
from flpcheck.analyse.vacuity import Vacuity
from flpcheck.authoring.property import Verdict
from flpcheck.explore import Cut


def cut_as_json(cut: Cut) -> dict[str, Any]:
    """Return where a bound ended a search."""
    return {"bound": cut.bound, "frontier": cut.frontier}


def census_as_json(census: Census) -> dict[str, Any]:
    """Return a valence census."""
    return {name: getattr(census, name) for name in ("bivalent", "univalent", "none", "unknown")}


def finding_as_json(finding: Finding, expected: Verdict | None) -> dict[str, Any]:
    """Return a finding, with the verdict that is expected."""
    described: dict[str, Any] = {
        "verdict": finding.verdict.value,
        "expected": None if expected is None else expected.value,
        "as_expected": None if expected is None else expected is finding.verdict,
        "because": finding.because,
    }
    if finding.vacuous:
        described["vacuous"] = True
    if finding.within is not None:
        described["within"] = finding.within
    if finding.schedule is not None:
        described["counterexample" if finding.is_counterexample else "witness"] = {
            "initial": finding.schedule.initial,
            "length": len(finding.schedule),
            "loop": finding.schedule.loop,
            "faulty": list(finding.faulty),
            "schedule": finding.schedule.as_json(),
        }
    if finding.trigger is not None:
        described["trigger"] = finding.trigger
    if finding.beside is not None:
        described["beside"] = beside_as_json(finding.beside)
    return described


def beside_as_json(run: AbstractRun) -> dict[str, Any]:
    """Return what a schedule is in the protocol that is refined."""
    steps = [{"step": step or None, "refined": step is not None} for step in run.steps]
    return {"protocol": run.name, "configurations": [dict(seen) for seen in run.configurations], "steps": steps}


def vacuity_as_json(vacuity: Vacuity) -> dict[str, Any]:
    """Return what was never exercised."""
    rules = [{"rule": rule.name, "line": rule.place.line} for rule in vacuity.rules]
    return {"rules": rules, "messages": list(vacuity.messages), "liars": list(vacuity.liars)}


def odds_as_json(odds: Odds) -> dict[str, Any]:
    """Return the odds; numbers are exact fractions, as text."""
    return {
        "least_probability": None if odds.least is None else str(odds.least),
        "by_round": [str(chance) for chance in odds.by_round],
        "slowest": _between(odds.slowest) if odds.slowest else None,
        "fastest": _between(odds.fastest) if odds.fastest else None,
    }


def _between(bounds: Interval) -> dict[str, str]:
    return {"at_least": str(bounds.low), "at_most": str(bounds.high)}


def alphabet_as_json(said: Alphabet) -> dict[str, Any]:
    """Return what liars could say."""
    return {"alphabet": said.kind, "messages": said.messages, "claim": str(said), "hints": list(said.hints)}
