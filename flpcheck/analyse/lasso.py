"""Lassos: from a fair component to one run that a person can follow, a stem and a loop.

The loop is a greedy tour: from the entry, the nearest transition or configuration that meets a requirement not met
yet (an event that was applicable all along is taken or gone), until none is left, then home.  The shortest fair loop
is hard to find in general; the tour is short enough to read.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial

from flpcheck.analyse.schedule import Schedule, path_ids, schedule_of
from flpcheck.analyse.sweep import bits
from flpcheck.analyse.termination import FairComponent
from flpcheck.authoring.events import Event
from flpcheck.errors import InternalError
from flpcheck.explore.graph import StateGraph
from flpcheck.system import Transition

Hop = tuple[int, Transition]  # id reached, transition taken


def lasso_of(graph: StateGraph, component: FairComponent) -> Schedule:
    """Return a run into a fair component and round it: `loop` says where the loop begins.

    Parameters
    ----------
    graph
        The graph.
    component
        A fair component with an undecided process.

    Returns
    -------
    Schedule
        Its loop takes or makes inapplicable every event that is pending to a fair process.
    """
    stem = path_ids(graph, component.numbers.tolist())
    entry = stem[-1]
    tour = _Tour(graph, component).run(entry)
    numbers = [*stem, *(number for number, _ in tour)]
    straight = schedule_of(graph, stem)
    configurations = (*straight.configurations, *(graph.configurations[number] for number, _ in tour))
    transitions = (*straight.transitions, *(transition for _, transition in tour))
    if numbers[-1] != entry:
        raise InternalError("a lasso does not close", next_step="please report this with the spec")
    return Schedule(straight.initial, configurations, transitions, len(stem) - 1, tuple(numbers))


class _Tour:
    """The greedy walk round a component."""

    def __init__(self, graph: StateGraph, component: FairComponent) -> None:
        self.graph = graph
        self.ids = {graph.configurations[number]: number for number in component.numbers.tolist()}
        self.unfair = {*component.faulty, *bits(int(graph.marks.crashed[int(component.numbers[0])]))}

    def run(self, entry: int) -> list[Hop]:
        """Return the hops of a loop through `entry` that treats every process but the faulty ones fairly."""
        here, hops = entry, list[Hop]()
        waiting = self._pending(entry)
        while waiting:
            way = self._nearest(here, partial(self._meets, waiting))
            if way is None:
                raise InternalError("a fair component has no fair tour", next_step="please report this with the spec")
            for number, transition in way:
                waiting = {e for e in waiting if e != transition.event} & self._pending(number)
                here = number
            hops += way
        home = self._nearest(here, lambda number, _: number == entry) if here != entry or not hops else []
        if home is None:
            raise InternalError("a component is not strongly connected", next_step="please report this with the spec")
        return hops + home

    def _pending(self, number: int) -> set[Event]:
        """Return the events of fairly treated processes that are applicable in a configuration."""
        found = self.graph.system.applicable(self.graph.configurations[number])
        return {transition.event for transition in found if transition.mover not in self.unfair}

    def _meets(self, waiting: set[Event], number: int, event: Event) -> bool:
        return event in waiting or not waiting <= self._pending(number)

    def _inside(self, number: int) -> list[Hop]:
        found = self.graph.system.applicable(self.graph.configurations[number])
        steps = [*found, *self.graph.system.transitions(self.graph.configurations[number])]
        return [(self.ids[t.successor], t) for t in steps if t.successor in self.ids]

    def _nearest(self, start: int, wanted: Callable[[int, Event], bool]) -> list[Hop] | None:
        """Return the shortest walk inside the component whose last hop is wanted."""
        came: dict[int, list[Hop]] = {start: []}
        frontier = deque([start])
        while frontier:
            here = frontier.popleft()
            for number, transition in self._inside(here):
                way = [*came[here], (number, transition)]
                if wanted(number, transition.event):
                    return way
                if number not in came:
                    came[number] = way
                    frontier.append(number)
        return None
