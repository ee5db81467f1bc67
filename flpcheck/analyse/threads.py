"""Threads: events of a quotient, followed through its renamings.

In a quotient an event that stays applicable changes its name along the way, and one name may stand for a different
message each time.  So whether a component treats a process fairly is read from threads: a waiting event that no walk
inside the component ever takes or makes inapplicable starves its process.  One such thread makes the whole component
unfair, because every other configuration of it is reached with the thread still alive.  A letter that is deferred in
between is followed as long as it is in its mailbox; it starves its process wherever it can be received.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from flpcheck.authoring.events import Event
from flpcheck.budget import looking
from flpcheck.explore.graph import StateGraph
from flpcheck.system import Configuration, System, Transition
from flpcheck.system.configuration import MessagePassingConfiguration

PendingEvent = tuple[Configuration, Event]


class Threads:
    """The events that are pending in a set of configurations, and those that nothing inside of it ever ends.

    Parameters
    ----------
    graph, numbers
        The graph, and the ids of the configurations.
    lucky
        Whether coins fall as they should.
    deferred
        Whether letters are followed while they are deferred.

    Attributes
    ----------
    pending
        By configuration, the events that are followed, each with the process that is owed it.
    immortal
        Those that nothing inside ever takes, or makes inapplicable.  Cost: for each configuration the square of the
        number of its events.
    """

    def __init__(self, graph: StateGraph, numbers: NDArray[np.int64], *, lucky: bool, deferred: bool = False) -> None:
        self.inside = {graph.configurations[number] for number in numbers.tolist()}
        self.lucky, self.system = lucky, graph.system
        system = self.system
        self.steps = {here: list(system.applicable(here)) for here in looking(self.inside)}
        self.enabled = {
            here: {step.event: step.mover for step in found if system.owed(here, step)}
            for here, found in self.steps.items()
        }
        self.pending: Mapping[Configuration, dict[Event, int]] = self.enabled
        if deferred:
            self.pending = {here: letters_of(system, here) | found for here, found in self.enabled.items()}
        self.immortal = self._immortal()

    @property
    def starved(self) -> set[int]:
        """The processes to which some event is owed that nothing ever ends."""
        return {self.pending[here][event] for here, event in self.immortal}

    @property
    def defers(self) -> bool:
        """Whether some letter cannot be received somewhere."""
        return any(not letters_of(self.system, here).keys() <= receipts(found) for here, found in self.enabled.items())

    def held_back(self, here: Configuration) -> dict[Event, int]:
        """Return the letters that nothing ever takes though some event of a configuration could."""
        lasting = {event for event in self.pending[here] if (here, event) in self.immortal}
        return {event: self.pending[here][event] for event in receipts(self.enabled[here]) & lasting}

    def _immortal(self) -> set[PendingEvent]:
        pending, before, ended = self.pending, defaultdict[PendingEvent, list[PendingEvent]](list), []
        for here, found in looking(self.steps.items()):
            leaving = set() if self.lucky else may_leave(found, self.inside)
            for step in (step for step in found if step.successor in self.inside and step.event not in leaving):
                for event in pending[here]:
                    after = _after(step, event)
                    if after is not None and after in pending[step.successor]:
                        before[step.successor, after].append((here, event))
                    else:
                        ended.append((here, event))
        mortal = _backwards(ended, before)
        return {(here, event) for here, events in pending.items() for event in events if (here, event) not in mortal}


def letters_of(system: System, here: Configuration) -> dict[Event, int]:
    """Return the receipts of the letters in the mailboxes of live processes, whether they are deferred or not."""
    parts = system.plain.components
    if parts is None or not isinstance(here, MessagePassingConfiguration):
        return {}
    reads = (c for c in here.components if not c.crashed and parts.seats[c.owner].asker is not None)
    letters = ((c.owner, envelope.letter) for c in reads for envelope in c.mailbox)
    return {Event("deliver", system.names[owner], *letter): owner for owner, letter in letters}


def receipts(events: Iterable[Event]) -> set[Event]:
    """Return the receipts of all letters that some events take, alone or gathered."""
    return {Event("deliver", event.process, *letter) for event in events for letter in event.letters}


def _after(step: Transition, event: Event) -> Event | None:
    """Return what a waiting event is called after a step; None if it was taken or is gone."""
    if event == step.event or _gathered(step.event, event):
        return None
    return event if step.renaming is None else step.renaming(event)


def _gathered(taken: Event, event: Event) -> bool:
    return taken.kind == "gather" and event.process == taken.process and {*event.letters} <= {*taken.letters}


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
