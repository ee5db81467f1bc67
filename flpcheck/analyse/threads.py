"""Threads: events of a quotient, followed through its renamings.

In a quotient an event that stays applicable changes its name along the way, and one name may stand for a different
message each time.  So whether a component treats a process fairly is read from threads: a waiting event that no walk
inside the component ever takes or makes inapplicable starves its process.  One such thread makes the whole component
unfair, because every other configuration of it is reached with the thread still alive.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable

import numpy as np
from numpy.typing import NDArray

from flpcheck.authoring.events import Event
from flpcheck.budget import looking
from flpcheck.explore.graph import StateGraph
from flpcheck.system import Configuration, Transition

PendingEvent = tuple[Configuration, Event]


def starved_by(graph: StateGraph, numbers: NDArray[np.int64], *, lucky: bool) -> set[int]:
    """Return the processes with an event that nothing inside a component can ever take or make inapplicable.

    Cost: for each configuration the square of the number of its events.
    """
    inside = {graph.configurations[number] for number in numbers.tolist()}
    steps = {here: list(graph.system.applicable(here)) for here in looking(inside)}
    owed = graph.system.owed
    pending = {here: {s.event: s.mover for s in found if owed(here, s)} for here, found in steps.items()}
    before: defaultdict[PendingEvent, list[PendingEvent]] = defaultdict(list)
    ended: list[PendingEvent] = []
    for here, found in looking(steps.items()):
        leaving = set() if lucky else may_leave(found, inside)
        for step in (step for step in found if step.successor in inside and step.event not in leaving):
            for event in pending[here]:
                after = _after(step, event)
                if after is not None and after in pending[step.successor]:
                    before[step.successor, after].append((here, event))
                else:
                    ended.append((here, event))
    mortal = _backwards(ended, before)
    return {mover for here in inside for event, mover in pending[here].items() if (here, event) not in mortal}


def _after(step: Transition, event: Event) -> Event | None:
    """Return what a waiting event is called after a step; None if it was taken or is gone."""
    if event == step.event:
        return None
    return event if step.renaming is None else step.renaming(event)


def _backwards(found: list[PendingEvent], before: dict[PendingEvent, list[PendingEvent]]) -> set[PendingEvent]:
    reached = set(found)
    frontier = list(reached)
    while frontier:
        for thread in before.get(frontier.pop(), ()):
            if thread not in reached:
                reached.add(thread)
                frontier.append(thread)
    return reached


def may_leave(steps: Iterable[Transition], inside: Container[Configuration]) -> set[Event]:
    """Return the events out of a configuration that toss a coin which may lead out of a component."""
    return {step.event for step in steps if step.chance is not None and step.successor not in inside}
