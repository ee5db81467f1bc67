"""Which model constant a protocol may only block within: raised by one, some process could go on from there.

With finitely many ballots, terms or retries every process gives up in the end, which looks like blocking; without that
constant the run might go on for ever instead.  So each is put to the test on the schedule that shows the blocking.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from flpcheck.analyse.schedule import Schedule, replay
from flpcheck.authoring.events import Event, Pid
from flpcheck.authoring.protocol import constants
from flpcheck.errors import FlpcheckError
from flpcheck.explore.graph import StateGraph
from flpcheck.system import Configuration, System, Transition, system_of

LIMIT = 200
"""Maximum number of events added to a schedule until nothing is left to do."""


class Holdback(NamedTuple):
    """A constant that holds some process back.

    Parameters
    ----------
    name, value
        The constant.
    event
        The event that would be possible if it were one higher.
    """

    name: str
    value: int
    event: Event

    def __str__(self) -> str:
        return f"within {self.name}={self.value}: with {self.name}={self.value + 1} it could go on here, {self.event}"


def holdbacks(graph: StateGraph, schedule: Schedule, silent: Iterable[Pid]) -> tuple[Holdback, ...]:
    """Return the numerical constants that hold a process back at the end of a schedule, when all else has been done.

    Parameters
    ----------
    graph
        The graph.
    schedule
        One of its schedules.
    silent
        Those who take no step any more.

    Returns
    -------
    tuple of Holdback
        Cost: one replay of the schedule for each constant.
    """
    system = graph.system.plain
    schedule = _exhausted(system, schedule, set(silent))
    numbers = {name: n for name, n in constants(system.protocol).items() if type(n) is int}
    found = ((name, n, _more(system, {name: n + 1}, schedule, set(silent))) for name, n in numbers.items())
    return tuple(Holdback(name, n, event) for name, n, event in found if event is not None)


def _more(system: System, changed: dict[str, int], schedule: Schedule, silent: set[Pid]) -> Event | None:
    """Return an event that is possible at the end of a schedule with other constants only."""
    protocol: Any = system.protocol
    start = system.initial()[schedule.initial]
    try:
        other = system_of(dataclasses.replace(protocol, **changed), system.world, start.inputs)
        place = next(n for n, initial in enumerate(other.initial()) if initial.dead == start.dead)
        end = replay(other, place, schedule.as_json()).configurations[-1]
        before = {str(step.event) for step in _possible(system, schedule.configurations[-1], silent)}
        return next((t.event for t in _possible(other, end, silent) if str(t.event) not in before), None)
    except FlpcheckError:
        return None  # the constant is part of what the schedule says


def _exhausted(system: System, schedule: Schedule, silent: set[Pid]) -> Schedule:
    """Return a schedule with what those who are not silent can still do, as far as that ends."""
    configurations, transitions = list(schedule.configurations), list(schedule.transitions)
    for _ in range(LIMIT):
        step = next(_possible(system, configurations[-1], silent), None)
        if step is None:
            break
        transitions.append(step)
        configurations.append(step.successor)
    return Schedule(schedule.initial, tuple(configurations), tuple(transitions))


def _possible(system: System, here: Configuration, silent: set[Pid]) -> Iterator[Transition]:
    """Yield what those who are not silent can do that changes anything."""
    for step in system.applicable(here):
        if step.mover >= 0 and step.successor != here and step.event.process not in silent:
            yield step
