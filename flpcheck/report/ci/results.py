"""Results of an examination for CI formats: one per property and one for the counts, each with a place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from flpcheck.analyse import Finding
from flpcheck.authoring.property import Verdict
from flpcheck.authoring.temporal import phrase
from flpcheck.authoring.values import shorten
from flpcheck.errors import Place, Related
from flpcheck.examine import Examination
from flpcheck.expectations import Difference
from flpcheck.failure import Failure
from flpcheck.report.command import replay_of
from flpcheck.report.narrate import LONG, steps_of, text_of
from flpcheck.system import Transition

OK, FAILED, OPEN, ERROR = "ok", "failed", "incomplete", "error"
LOADING = "loading"
"""The name of the result of a spec that could not be read, and so has no instances."""


@dataclass(frozen=True)
class Result:
    """One thing that was checked.

    Parameters
    ----------
    spec, instance, name
        What was checked, and where it is asked for.
    outcome
        `ok`, `failed`, `incomplete`, or `error` if it could not be checked.
    message
        One sentence.
    detail
        The narrated trace and the command that replays it; empty if there is none.
    place
        The line to look at: the property's own, or the rule that took the last step, or the spec.
    related
        Other lines that it has to do with, beside the property's own: the rules of some steps.
    vacuous
        Whether a property holds only because nothing ever depended on it.
    """

    spec: str
    instance: str
    name: str
    outcome: str
    message: str
    detail: str
    place: Place
    related: tuple[Related, ...] = ()
    vacuous: bool = False

    @property
    def title(self) -> str:
        """The result in a few words."""
        return f"{Path(self.spec).stem} [{self.instance}] {self.name}"


def results_of(examination: Examination) -> list[Result]:
    """Return everything that was checked in an examination, properties first."""
    return [*_properties(examination), _expectations(examination)]


def failed(failure: Failure) -> list[Result]:
    """Return what could not be checked as one result."""
    instance = failure.instance or LOADING
    shown = failure.message, failure.text, failure.place, failure.related
    return [Result(failure.spec, instance, "examination", ERROR, *shown)]


def instance_name(examination: Examination) -> str:
    """Return the name of the instance, or words for a request that is none."""
    instance = examination.request.instance
    return instance.name if instance is not None and instance.name else "as given by the options"


def _properties(examination: Examination) -> Iterator[Result]:
    for finding in examination.judged.findings:
        expected = examination.expected(finding)
        outcome, message = _judged(finding, expected)
        detail = trace_of(examination, finding) if outcome == FAILED else ""
        place, related = places_of(examination, finding)
        found = _result(examination, finding.claim.name, outcome, message, detail, place, related)
        yield replace(found, vacuous=finding.vacuous)


def _judged(finding: Finding, expected: Verdict | None) -> tuple[str, str]:
    because = finding.because or finding.claim.statement
    found = f"{finding.claim.name} {finding.verdict.value}: {shorten(because, LONG)}"
    if expected is not None and expected is finding.verdict:
        return OK, found + ("" if expected is Verdict.HOLDS else " (expected)")
    if finding.verdict is Verdict.INCOMPLETE:
        return OPEN, found
    if expected is not None:
        return FAILED, f"expected {expected.value}, but {found}"
    return (FAILED if finding.verdict is Verdict.VIOLATED else OK), found


def _expectations(examination: Examination) -> Result:
    """Return whether counts, lengths and the FLP verdict are as the instance expects."""
    judged = {finding.claim.name for finding in examination.judged.findings}
    other = [difference for difference in examination.differences if difference.what not in judged]
    found = f"{examination.size:,} configurations, {examination.transitions:,} transitions"
    place = Place(examination.request.spec.path, 1)
    if not other:
        return _result(examination, "counts", OK, found, "", place)
    outcome = OPEN if all(difference.incomplete for difference in other) else FAILED
    return _result(examination, "counts", outcome, _listing(other), "", place)


def _listing(differences: list[Difference]) -> str:
    return "; ".join(shorten(str(difference), LONG) for difference in differences)


def _result(
    examination: Examination, name: str, outcome: str, message: str, detail: str, place: Place,
    related: tuple[Related, ...] = (),
) -> Result:  # fmt: skip
    return Result(
        examination.request.spec.path, instance_name(examination), name, outcome, message, detail, place, related
    )


def trace_of(examination: Examination, finding: Finding) -> str:
    """Return the narrated schedule of a finding and the command that replays it; empty if it has none."""
    if finding.schedule is None:
        return ""
    system = examination.system
    steps = steps_of(system, finding.schedule, examination.judged.valence, finding.beside)
    command = replay_of(examination, finding.schedule)
    return "\n".join(filter(None, [text_of(steps), f"  ⇒  {shorten(finding.because, LONG)}", command]))


def places_of(examination: Examination, finding: Finding) -> tuple[Place, tuple[Related, ...]]:
    """Return the line that a reader wants to see, and what it has to do with.

    The line is the property's own; else that of the rule where the run ends or begins to repeat, which is related
    otherwise; else the spec.
    """
    related = tuple(_rules(finding))
    if finding.claim.place is not None:
        return finding.claim.place, related
    return (related[-1].place if related else Place(examination.request.spec.path, 1)), related[:-1]


def _rules(finding: Finding) -> Iterator[Related]:
    """Yield the rules of the trigger, and of where the run ends or begins to repeat."""
    if finding.schedule is None:
        return
    steps, loop = finding.schedule.transitions, finding.schedule.loop
    if finding.trigger and finding.claim.predicate is not None:
        what = f"'{phrase(finding.claim.predicate)}' is true after this step"
        yield from _rule(steps[finding.trigger - 1 : finding.trigger], what)
    repeated = [] if loop is None else [*_rule(steps[loop:], "the rule of the first step that repeats for ever")]
    end = "the rule of the last step" if loop is None else "the rule of the last step before the loop"
    yield from repeated or _rule(steps[::-1], end)


def _rule(steps: Sequence[Transition], what: str) -> Iterator[Related]:
    """Yield the rule of the first step that has one."""
    step = next((step for step in steps if step.rule is not None), None)
    if step is not None and step.rule is not None:
        yield Related(step.rule.place, f"{what}: {step.event}")
