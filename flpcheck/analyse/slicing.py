"""Short counterexamples where events are left out: a stubborn set may take events before one that need not happen.

What is found is sliced: event by event, from the last one on, it is tried whether the rest shows the same.  Then all
shorter schedules are searched with nothing left out, as far as a bound allows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from flpcheck.analyse.claims import ROWS, Given, broken, detector
from flpcheck.analyse.finding import Finding, Judged
from flpcheck.analyse.schedule import Schedule, confirm, same_event
from flpcheck.authoring.property import INCOMPLETE, Property
from flpcheck.budget import look
from flpcheck.explore.graph import Reached
from flpcheck.explore.watching import PlainPiece
from flpcheck.stops import StopReason
from flpcheck.system import Configuration, System, Transition

MOST_SEARCHED = 200_000
"""Maximum number of configurations of the search for a shorter schedule."""


def shortest_of(finding: Finding, judged: Judged, bounded: Callable[[Property, int], Judged]) -> Finding:
    """Return a finding with a shortest schedule, or one that says how much is known of its length.

    Parameters
    ----------
    finding, judged
        What was found, where events are left out.
    bounded
        Searches for a schedule of bounded length where none are.
    """
    if finding.schedule is None or not len(finding.schedule):
        return finding
    system = judged.graph.system.plain
    schedule = sliced(system, finding.schedule, shown_by(finding, system, judged.deciding))
    found = with_schedule(finding, judged.graph, schedule)
    if len(schedule) <= 1:
        return found
    shorter = bounded(finding.claim, len(schedule) - 1)
    (other,) = shorter.findings
    if other.schedule is not None:
        return other
    cut = shorter.graph.cut
    if other.verdict is not INCOMPLETE or (cut is not None and cut.bound is StopReason.MAX_DEPTH):
        return found
    known = f"length {len(schedule)}, none shorter than {shorter.graph.farthest}"
    return replace(found, because=f"{found.because} ({known})" if found.because else known, shortest=False)


def shown_by(finding: Finding, system: System, deciding: int) -> Callable[[Configuration], bool]:
    """Return whether a configuration shows what the schedule of a finding does, with the inputs with which it begins.

    Parameters
    ----------
    finding
        A finding with a schedule, about single configurations.
    system, deciding
        The plain system, and the registers that have a decision, as bits.
    """
    assert finding.schedule is not None
    initial = system.initial()[finding.schedule.initial]
    shows = detector(finding.claim, Given(system, deciding, initial.inputs))
    return lambda here: bool(shows(PlainPiece(system, [here], 0, frontier=False))[0])


def with_schedule(finding: Finding, reached: Reached, schedule: Schedule) -> Finding:
    """Return a finding that is shown by another schedule."""
    if finding.claim in ROWS:
        inputs = reached.system.initial()[schedule.initial].inputs
        because = ROWS[finding.claim].because(reached, schedule, inputs)
    else:
        because = finding.because if finding.claim.kind == "sometimes" else broken(finding.claim)
    return replace(finding, schedule=schedule, because=because)


def sliced(system: System, schedule: Schedule, shows: Callable[[Configuration], bool]) -> Schedule:
    """Return a schedule without the events that what its end shows does not need.

    Parameters
    ----------
    system
        The plain system.
    schedule
        A schedule of it.
    shows
        Whether a configuration shows what the last one does.

    Returns
    -------
    Schedule
        Replayed.  Cost: for each event some replays of those that are left.
    """
    start, kept = schedule.configurations[0], list(schedule.transitions)
    size = max(len(kept) // 2, 1)
    while True:
        before = len(kept)
        for last in range(before, 0, -size):
            look()
            left = replayed(system, start, [*kept[: max(last - size, 0)], *kept[last:]])
            if len(left) < len(kept) and shows(left[-1].successor if left else start):
                kept = left
        if size == 1 and len(kept) == before:
            break
        size = max(size // 2, 1)
    found = Schedule(schedule.initial, (start, *(one.successor for one in kept)), tuple(kept))
    confirm(system, found)
    return found


def replayed(system: System, start: Configuration, events: Sequence[Transition]) -> list[Transition]:
    """Return those of some transitions that are still possible, one after the other."""
    here, done = start, list[Transition]()
    for wanted in events:
        possible = (step for one in system.possible(here) if one.fits(wanted) for step in system.happen(here, one))
        step = next((step for step in possible if same_event(step, wanted)), None)
        if step is not None:
            done.append(step)
            here = step.successor
    return done
