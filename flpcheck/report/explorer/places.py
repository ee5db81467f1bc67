"""Places worth jumping to: violations, lassos, critical configurations with their pivot, bivalent beginnings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flpcheck.analyse import Analysis
from flpcheck.report.explorer.ways import ReplayPath, way_along, way_to
from flpcheck.report.wording import input_text
from flpcheck.system import EVERYBODY

SHOWN = 12
"""Maximum number of places listed of each kind, the nearest ones."""


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
    """

    kind: str
    name: str
    way: ReplayPath


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
        name = finding.claim.name.replace("_", " ")
        if way.loop is not None:
            yield JumpTarget("lasso", f"an infinite run that violates {name}", way)
        elif finding.is_counterexample:
            yield JumpTarget("violation", f"{name} is violated", way)
        else:
            yield JumpTarget("witness", f"{name}: a witness", way)


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
