"""The fair run in which no process ever decides: what it repeats, and which events it avoids.

Steps of different processes commute, so an event that would settle the outcome stays applicable, and settling, until
its own process takes another event first.  On these moments a bivalent loop lives: one event comes before another that
would have left only one value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from flpcheck.analyse.case import Case
from flpcheck.analyse.endless import Endless
from flpcheck.analyse.lasso import lasso_of
from flpcheck.analyse.live.search import FairComponent
from flpcheck.analyse.quotients import growth
from flpcheck.analyse.schedule import Schedule
from flpcheck.authoring.events import Event, Pid
from flpcheck.explore.graph import StateGraph


class Dodge(NamedTuple):
    """A moment in a loop at which an event could settle the outcome, and another one comes first.

    Parameters
    ----------
    step
        Position of the event in the schedule, from 1 on.
    taken, instead
        The event that happens, and the one that no longer settles anything after it.
    valence
        The valence after the other event.
    """

    step: int
    taken: Event
    instead: Event
    valence: str

    def __str__(self) -> str:
        words = str(self.instead).split(" ")
        alike = str(self.taken).split(" ")[:2] == words[:2]  # who, and what it does
        return (
            f"{self.taken} before {' '.join(words[2:] if alike else words)}, which would have left only {self.valence}"
        )


class Cycle(NamedTuple):
    """A strongly connected component that a fair run can stay in for ever, no process having decided.

    Parameters
    ----------
    size
        Number of configurations.
    faulty
        The processes that are treated unfairly, or crash and recover, in it.
    valence
        That of all its configurations, as text.
    """

    size: int
    faulty: tuple[Pid, ...]
    valence: str


@dataclass(frozen=True)
class Livelock:
    """A stem, and a fair loop in which no process decides.

    Parameters
    ----------
    schedule
        Both, replayed in the plain system.
    faulty
        The processes that are silent in the loop.
    valence
        That of all configurations of the loop, as text.
    rise
        By how much ballots (rounds, terms) are higher after each turn; 0 if the loop returns to the same configuration.
    dodges
        The events of the loop at which the outcome could have been settled.
    rising
        The numbers that rise.
    """

    schedule: Schedule
    faulty: tuple[Pid, ...]
    valence: str
    rise: int
    dodges: tuple[Dodge, ...]
    rising: str = "all current ballots"

    @property
    def turn(self) -> int:
        """Number of events in one turn of the loop; 0 if fairness requires no further event."""
        return len(self.schedule) - (len(self.schedule) if self.schedule.loop is None else self.schedule.loop)

    @property
    def lines(self) -> tuple[str, ...]:
        """Why the run goes on for ever: a line for what returns, and one for each avoided event."""
        if not self.turn:
            return ("fairness requires no further step of any process",)
        higher = f", with {self.rising} {self.rise} higher" if self.rise else ""
        turn = f"each turn of {self.turn} event{'' if self.turn == 1 else 's'} ends where it began{higher}"
        if self.dodges:
            return (
                f"{turn}, and avoids each event that would settle the outcome:",
                *map(str, self.dodges),
            )
        return (f"{turn}, and no event on the way would settle the outcome" if "/" in self.valence else turn,)

    @property
    def because(self) -> str:
        """The same as one sentence."""
        first, *rest = self.lines
        return f"{first} {'; '.join(rest)}".rstrip()


def livelock(case: Case, component: FairComponent) -> Livelock:
    """Return a run into an undecided component and around it, and why it goes on for ever."""
    schedule = lasso_of(case.graph, component)
    entry = schedule.numbers[len(schedule) if schedule.loop is None else schedule.loop]
    return Livelock(
        schedule,
        _names(case, component),
        case.valence.name(entry),
        growth(case.graph.system, schedule),
        tuple(_dodges(case, schedule)),
    )


def of_endless(graph: StateGraph, run: Endless) -> Livelock:
    """Return a run that repeats but for its counters; most of it may lie beyond the bound of the search."""
    names = " and ".join(sorted(graph.system.protocol.counters()))
    return Livelock(run.schedule, (), "?", run.rise, (), f"every {names}")


def cycles(case: Case) -> tuple[Cycle, ...]:
    """Return the fair cycles in which no process has decided, those of the fewest faulty processes first."""
    undecided = [c for c in case.termination.components if not case.graph.marks.decided[c.numbers[0]]]
    return tuple(Cycle(len(c.numbers), _names(case, c), case.valence.name(int(c.numbers[0]))) for c in undecided)


def _names(case: Case, component: FairComponent) -> tuple[Pid, ...]:
    return tuple(case.graph.system.names[index] for index in component.faulty)


def _dodges(case: Case, schedule: Schedule) -> Iterator[Dodge]:
    """Yield where an event of the loop is taken after which another one no longer settles the outcome."""
    places = range(len(schedule) if schedule.loop is None else schedule.loop, len(schedule))
    settling = [_settling(case, schedule, place) for place in [*places, len(schedule)]]
    for place, (before, after) in zip(places, pairwise(settling), strict=True):
        taken = schedule.transitions[place].event
        for event in (e for e in before if e not in after and e != taken):
            yield Dodge(place + 1, taken, event, before[event])


def _settling(case: Case, schedule: Schedule, place: int) -> dict[Event, str]:
    """Return the events that would settle the outcome at some place of a schedule, and for which value."""
    graph, valence, number = case.graph, case.valence, schedule.numbers[place]
    out = np.unique(graph.targets[graph.out(number)]).tolist()
    settled = {graph.configurations[n]: valence.name(n) for n in out if valence.univalent[n]}
    if not settled or not valence.bivalent[number]:
        return {}
    found = graph.system.plain.applicable(schedule.configurations[place])
    after = ((t.event, graph.system.representative(t.successor)) for t in found if t.mover >= 0)
    return {event: settled[there] for event, there in after if there in settled}
