"""Loops of a quotient, where an event that waits changes its name along the way: a greedy walk by names.

From the entry to the nearest transition or configuration that meets a demand not met yet, until none is left, then
home.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np

from flpcheck.analyse.live.search import FairComponent
from flpcheck.analyse.live.threads import defers
from flpcheck.analyse.schedule import Schedule
from flpcheck.analyse.sweep import bits
from flpcheck.analyse.threads import Threads, may_leave, receipts
from flpcheck.authoring.events import Event
from flpcheck.budget import look
from flpcheck.errors import InternalError
from flpcheck.explore.graph import Bools, StateGraph
from flpcheck.reduce import punctuality
from flpcheck.system import EVERYBODY, WORLD, Transition
from flpcheck.world.fairness import RECEIVED

NumberedTransition = tuple[int, Transition]  # id reached, transition taken


def confirm_fair(graph: StateGraph, stem: Schedule, loop: list[Transition], component: FairComponent) -> None:
    """Run the loop of a quotient round after round in the plain system: no message may wait for ever."""
    if not graph.system.renames_mail or graph.system.world.network.kind == "set":
        return
    found = punctuality(graph.system, stem.configurations[-1], loop, set(component.faulty))
    starved = found.starved + (found.deferred if _letters_are(graph) == RECEIVED else ())
    if starved:
        why = f"after {found.rounds} rounds still waiting: {', '.join(starved)}"
        raise InternalError("a lasso of the quotient is not fair", why=why, next_step="please report this")


def _letters_are(graph: StateGraph) -> str:
    return graph.system.world.fairness.letters


class RenamedWalk:
    """The greedy walk round a component; letters owed until they are received count while deferred."""

    def __init__(self, graph: StateGraph, component: FairComponent) -> None:
        self.graph = graph
        self.inside = np.zeros(len(graph), dtype=np.bool_)
        self.inside[component.numbers] = True
        self.size = len(component.numbers)
        self.unfair = {*component.faulty, *bits(int(graph.marks.crashed[int(component.numbers[0])]))}
        self.lucky = component.lucky
        self.silent = {*component.faulty} if graph.system.world.failures.events == "elided" else set[int]()
        self.threads: Threads | None = None
        here = (graph.configurations[number] for number in component.numbers.tolist())
        if _letters_are(graph) == RECEIVED and any(defers(graph.system, one) for one in here):
            self.threads = Threads(graph, component.numbers, lucky=self.lucky, deferred=True)

    def run(self, entry: int, musts: Sequence[Bools] = ()) -> list[NumberedTransition]:
        """Return the hops of a loop through `entry` that treats every process but the faulty ones fairly.

        It visits one of each of the sets `musts`.
        """
        here, hops = entry, list[NumberedTransition]()
        waiting = frozenset(self._pending(entry))
        while waiting:
            way = self._nearest(here, waiting)
            if way is None:
                raise InternalError("a fair component has no fair tour", next_step="please report this with the spec")
            for number, transition in way:
                waiting = self._still(waiting, number, transition)
                here = number
            hops += way
        if not hops and self.size == 1:
            return []  # nothing is owed here: the run may just stop
        for must in musts:
            if not must[[entry, *(number for number, _ in hops)]].any():
                hops += self._way(here, must) or []
                here = hops[-1][0]
        home = self._way(here, self._only(entry)) if here != entry or not hops else []
        if home is None:
            raise InternalError("a component is not strongly connected", next_step="please report this with the spec")
        return hops + home

    def _still(self, waiting: frozenset[Event], number: int, transition: Transition) -> frozenset[Event]:
        """Return the events that are still waiting after a transition, under the names that they have then."""
        left = waiting - {transition.event} - receipts([transition.event])
        renaming = transition.renaming
        named = left if renaming is None else {renaming(event) for event in left}
        return frozenset(event for event in named if event is not None) & self._pending(number)

    def _pending(self, number: int) -> set[Event]:
        """Return the events of fairly treated processes that are applicable in a configuration."""
        here, system = self.graph.configurations[number], self.graph.system
        if self.threads is not None:
            never = self.threads.immortal
            mine = self.threads.pending[here].items()
            return {e for e, owner in mine if owner not in {WORLD, EVERYBODY, *self.unfair} and (here, e) not in never}
        found = (t for t in system.applicable(here) if system.owed(here, t))
        return {t.event for t in found if t.mover not in {WORLD, EVERYBODY, *self.unfair}}

    def _inside(self, number: int) -> list[NumberedTransition]:
        """Return where the transitions out of a configuration lead inside of the component."""
        graph, here = self.graph, self.graph.configurations[number]
        transitions, targets = graph.transitions(number), graph.targets[graph.out(number)].tolist()
        ids = {t.successor: target for t, target in zip(transitions, targets, strict=True) if self.inside[target]}
        ids[here] = number
        steps = [step for step in (*graph.system.applicable(here), *transitions) if step.mover not in self.silent]
        leaving = set() if self.lucky else may_leave(steps, ids)
        return [(ids[t.successor], t) for t in steps if t.successor in ids and t.event not in leaving]

    def _nearest(self, start: int, waiting: frozenset[Event]) -> list[NumberedTransition] | None:
        """Return the shortest walk inside the component after which fewer events are waiting."""
        came: dict[tuple[int, frozenset[Event]], list[NumberedTransition]] = {(start, waiting): []}
        frontier = deque(came)
        while frontier:
            look()
            here, left = frontier.popleft()
            for number, transition in self._inside(here):
                way = [*came[here, left], (number, transition)]
                after = self._still(left, number, transition)
                if len(after) < len(waiting):
                    return way
                if (number, after) not in came:
                    came[number, after] = way
                    frontier.append((number, after))
        return None

    def _only(self, number: int) -> Bools:
        """bool[n]: a single configuration."""
        found = np.zeros(len(self.graph), np.bool_)
        found[number] = True
        return found

    def _way(self, start: int, wanted: Bools) -> list[NumberedTransition] | None:
        """Return the shortest walk inside the component that ends in one of some configurations."""
        came: dict[int, list[NumberedTransition]] = {start: []}
        frontier = deque([start])
        while frontier:
            look()
            here = frontier.popleft()
            for number, transition in self._inside(here):
                way = [*came[here], (number, transition)]
                if wanted[number]:
                    return way
                if number not in came:
                    came[number] = way
                    frontier.append(number)
        return None
