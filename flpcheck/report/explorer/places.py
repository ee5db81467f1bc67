"""Places worth jumping to: violations, lassos, critical configurations with their pivot, bivalent beginnings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flpcheck.analyse import Analysis, Finding
from flpcheck.analyse.finding import AbstractRun
from flpcheck.authoring.temporal import phrase
from flpcheck.report.explorer.ways import ReplayPath, kept_along, step_of, way_along, way_to
from flpcheck.report.runs.flights import TracedRun, traced_run
from flpcheck.report.wording import input_text
from flpcheck.system import EVERYBODY

SHOWN = 12
"""Maximum number of places listed of each kind, the nearest ones."""
NAMES = {
    "lasso": "an infinite run that violates {}",
    "violation": "{} is violated",
    "witness": "{}: a witness",
}
"""Names of schedules, by kind."""


@dataclass(frozen=True)
class JumpTarget:
    """Somewhere to jump to.

    Parameters
    ----------
    kind
        `violation`, `witness`, `lasso`, `critical`, `bivalent` or `disagreement`.
    name
        Its name.
    way
        How to get there.
    because
        Of a schedule: what it shows.
    trigger
        Of `leads_to`: the step of the way after which what is owed never comes.
    says
        What is true there.
    beside
        Of a refinement: the way as the abstract protocol sees it.
    run
        Where messages are renamed along the way: the run that it stands for, as the protocol itself has it.
    """

    kind: str
    name: str
    way: ReplayPath
    because: str = ""
    trigger: int | None = None
    says: str = ""
    beside: AbstractRun | None = None
    run: TracedRun | None = None


def places(analysis: Analysis) -> Iterator[JumpTarget]:
    """Yield the places worth jumping to: what is violated first, then where the outcome depends on one step."""
    yield from _schedules(analysis)
    graph, valence = analysis.graph, analysis.valence
    for place, (root, initial) in enumerate(zip(graph.roots, graph.initial, strict=True)):
        if valence.bivalent[root]:
            chosen = input_text(initial.inputs, initial.dead)
            yield JumpTarget("bivalent", f"bivalent initial configuration, {chosen}", ReplayPath(place, (), (root,)))
    for number in analysis.critical[:SHOWN]:
        yield JumpTarget(
            "critical", f"critical configuration {number}{_about(analysis, number)}", way_to(graph, number)
        )
    for number in analysis.disagreeing[:1]:
        yield JumpTarget("disagreement", "first disagreement", way_to(graph, number))


def _schedules(analysis: Analysis) -> Iterator[JumpTarget]:
    for finding in analysis.findings:
        schedule = finding.schedule
        if schedule is None or not schedule.numbers:
            continue
        way = way_along(analysis.graph, schedule.numbers, schedule.transitions, schedule.loop)
        kind, name = _kind(finding, way), finding.claim.name.replace("_", " ")
        shown = _shown(finding, schedule.numbers)
        if analysis.graph.system.renames_mail and len(way.numbers) == len(schedule.numbers):
            shown["run"] = traced_run(analysis.graph.system, schedule)
        yield JumpTarget(kind, NAMES[kind].format(name), way, **shown)


def _kind(finding: Finding, way: ReplayPath) -> str:
    if way.loop is not None:
        return "lasso"
    return "violation" if finding.is_counterexample else "witness"


def _shown(finding: Finding, numbers: Sequence[int]) -> dict[str, Any]:
    """Return what a schedule shows along the way, which leaves out events that change nothing."""
    kept, seen, trigger = kept_along(numbers), finding.beside, finding.trigger
    shown: dict[str, Any] = {"because": finding.because}
    if trigger is not None and finding.claim.predicate is not None:
        shown |= {"trigger": step_of(kept, trigger), "says": phrase(finding.claim.predicate)}
    if seen is not None:
        configurations = tuple(seen.configurations[place] for place in kept)
        steps = tuple(seen.steps[place - 1] for place in kept[1:])
        shown["beside"] = AbstractRun(seen.name, configurations, steps)
    return shown


def _about(analysis: Analysis, number: int) -> str:
    if EVERYBODY in analysis.graph.movers[analysis.graph.out(number)]:
        return ""  # in a round all processes step, so no single process is the pivot
    who = pivot(analysis, number)
    return f": its pivot is {who}" if who else ": no single pivot"


def pivot(analysis: Analysis, number: int) -> str:
    """Return the process on whose steps alone the outcome of a critical configuration hangs, empty if on several's.

    Its own steps lead to different values; steps of different processes commute, so in a protocol that keeps agreement
    no two processes can pull to different sides.
    """
    graph, low = analysis.graph, analysis.valence.low
    sides: dict[int, set[int]] = {}
    for target, mover in zip(
        graph.targets[graph.out(number)].tolist(), graph.movers[graph.out(number)].tolist(), strict=True
    ):
        if mover >= 0:
            sides.setdefault(mover, set()).add(int(low[target]))
    torn = [mover for mover, values in sides.items() if len(values) > 1]
    return graph.system.names[torn[0]] if len(torn) == 1 else ""
