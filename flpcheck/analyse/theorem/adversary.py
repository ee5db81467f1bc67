"""The adversary of the proof at work: stage by stage, every process steps, and nothing is ever decided.

Fischer, Lynch, Paterson (1985), end of the proof of Theorem 1.  The processes stand in a queue.  In each stage the head
of the queue takes its oldest event, possibly after a detour of other events (Lemma 3), such that the configuration is
bivalent again; then it goes to the back.  Every process steps again and again and receives all its messages, so the
run is admissible.  On a finite graph the stages repeat sooner or later: the run is a lasso.

Where Lemma 3 fails the adversary has another weapon: a process without which no other can ever decide.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass
from typing import NamedTuple

from flpcheck.analyse.schedule import Schedule, confirm
from flpcheck.analyse.theorem.labels import Labels, identity
from flpcheck.analyse.valence import Valence
from flpcheck.authoring.events import Event, Pid
from flpcheck.errors import InternalError
from flpcheck.explore.graph import StateGraph
from flpcheck.system import Transition

STAGES = 2_000
"""Maximum number of stages played, if they do not repeat earlier."""


class Stage(NamedTuple):
    """One stage of the construction.

    Parameters
    ----------
    process
        The process whose turn it is.
    event
        Its oldest event; None if it has none and takes a null step.
    first
        Number of events before the stage.
    detour
        Number of events of the stage before the oldest one.
    without
        The valence to which the oldest event would have led at once, as text; empty without a detour.
    """

    process: Pid
    event: Event | None
    first: int
    detour: int
    without: str

    def __str__(self) -> str:
        if self.event is None:
            return f"{self.process}'s turn: it has no event pending, a null step"
        if not self.detour:
            return f"{self.process}'s turn, its oldest event taken at once: {self.event}"
        detour = f"{self.detour} other event{'s' if self.detour > 1 else ''}"
        now = f"{self.event} would leave {self.without} now"
        return f"{self.process}'s turn, its oldest event after a detour: {now}, so {detour} first"


@dataclass(frozen=True)
class Play:
    """A run that the adversary has constructed.

    Parameters
    ----------
    stages
        The stages, in order.
    schedule
        All their events, replayed; `loop` is the position from which they repeat for ever, None if they do not.
    stuck
        The process and its oldest event that no detour keeps bivalent, where the stages end for that reason.
    """

    stages: tuple[Stage, ...]
    schedule: Schedule
    stuck: tuple[Pid, Event] | None

    @property
    def for_ever(self) -> bool:
        """Whether the stages repeat for ever."""
        return self.schedule.loop is not None

    @property
    def because(self) -> str:
        """One sentence."""
        played = f"{len(self.stages)} stage{'s' if len(self.stages) != 1 else ''}"
        if self.schedule.loop is not None:
            loop = len(self.schedule) - self.schedule.loop
            return f"after {played} it repeats for ever: a loop of {loop} events, fair to every process, undecided"
        if self.stuck is not None:
            pid, event = self.stuck
            return f"after {played} no detour keeps both outcomes possible: {pid}'s oldest event is {event}"
        return f"after {played} it has not repeated yet"


def play(valence: Valence, labels: Labels, root: int) -> Play:
    """Return what the adversary does from a bivalent initial configuration.

    Parameters
    ----------
    valence
        The valence of the configurations.
    labels
        The events out of the bivalent ones.
    root
        Id of the initial configuration.

    Returns
    -------
    Play
        Replayed by the reference semantics.  Cost: a search among bivalent configurations for each stage.
    """
    return _Game(valence, labels, root).run()


class _Hop(NamedTuple):
    number: int
    transition: Transition


class _Game:
    """The state of the construction: where it is, the queue, and the events in order of age."""

    def __init__(self, valence: Valence, labels: Labels, root: int) -> None:
        self.valence, self.labels, self.graph = valence, labels, valence.graph
        self.root, self.here = root, root
        stepping = {int(owner) for owner in labels.owners}
        self.queue = deque(name for index, name in enumerate(self.graph.system.names) if index in stepping)
        self.ages: list[Event] = []
        self.hops: list[_Hop] = []
        self.stages: list[Stage] = []
        self._grow_older(None)

    def run(self) -> Play:
        """Play until a stage repeats, or no detour is left."""
        seen: dict[Hashable, int] = {}
        while len(self.stages) < STAGES:
            state = (self.here, tuple(self.queue), tuple(identity(event) for event in self.ages))
            if state in seen:
                return self._ended(loop=seen[state])
            seen[state] = len(self.hops)
            stuck = self._stage()
            if stuck is not None:
                return self._ended(stuck=stuck)
        return self._ended()

    def _stage(self) -> tuple[Pid, Event] | None:
        """Play one stage; return whose event cannot be kept bivalent, if that is so."""
        head = self.queue[0]
        oldest = next((event for event in self.ages if event.process == head), None)
        first = len(self.hops)
        if oldest is None:
            self.stages.append(Stage(head, None, first, 0, ""))
        else:
            way = self._detour(oldest)
            if way is None:
                return head, oldest
            taken = sum(identity(hop.transition.event) == identity(oldest) for hop in way)
            detour = len(way) - taken
            self.stages.append(Stage(head, oldest, first, detour, self._without(oldest) if detour else ""))
            for hop in way:
                self.hops.append(hop)
                self.here = hop.number
                self._grow_older(hop.transition.event)
        self.queue.rotate(-1)
        return None

    def _without(self, event: Event) -> str:
        """Return the valence to which an event leads at once."""
        kind = self.labels.known.get(identity(event))
        led = [int(self.graph.targets[edge]) for edge, other in self.labels.steps(self.here) if other == kind]
        return f"only {self.valence.name(led[0])}" if led else ""

    def _detour(self, event: Event) -> list[_Hop] | None:
        """Return the shortest way without an event, and then with it, to a bivalent configuration."""
        kind = self.labels.known.get(identity(event), -1)
        came: dict[int, list[tuple[int, int]]] = {self.here: []}
        waiting = deque([self.here])
        while waiting:
            number = waiting.popleft()
            steps = list(self.labels.steps(number))
            mine = [edge for edge, other in steps if other == kind]
            if not mine:  # it changes nothing here
                return [*self._hops(came[number]), *self._null(number, event)]
            for edge in mine:
                if self._bivalent(edge):
                    return self._hops([*came[number], (number, edge)])
            for edge, other in steps:
                target = int(self.graph.targets[edge])
                if other != kind and self._bivalent(edge) and target not in came:
                    came[target] = [*came[number], (number, edge)]
                    waiting.append(target)
        return None

    def _bivalent(self, edge: int) -> bool:
        target = self.graph.targets[edge]
        return bool(self.valence.bivalent[target] and not self.graph.frontier[target])

    def _hops(self, steps: list[tuple[int, int]]) -> list[_Hop]:
        found = []
        for number, edge in steps:
            transition = self.graph.transitions(number)[edge - int(self.graph.offsets[number])]
            found.append(_Hop(int(self.graph.targets[edge]), transition))
        return found

    def _null(self, number: int, event: Event) -> list[_Hop]:
        """Return an event that leaves its configuration unchanged, if it is one there at all."""
        found = self.graph.system.applicable(self.graph.configurations[number])
        return [_Hop(number, t) for t in found if identity(t.event) == identity(event)][:1]

    def _grow_older(self, taken: Event | None) -> None:
        """Bring the events in order of age: those that were applicable before come first."""
        found = self.graph.system.applicable(self.graph.configurations[self.here])
        now = {identity(transition.event): transition.event for transition in found if transition.mover >= 0}
        gone = None if taken is None else identity(taken)
        old = [event for event in self.ages if identity(event) in now and identity(event) != gone]
        known = {identity(event) for event in old}
        self.ages = [*old, *(event for name, event in now.items() if name not in known)]

    def _ended(self, *, loop: int | None = None, stuck: tuple[Pid, Event] | None = None) -> Play:
        numbers = (self.root, *(hop.number for hop in self.hops))
        transitions = tuple(hop.transition for hop in self.hops)
        schedule = _schedule(self.graph, numbers, transitions, loop)
        return Play(tuple(self.stages), schedule, stuck)


def _schedule(
    graph: StateGraph, numbers: tuple[int, ...], transitions: tuple[Transition, ...], loop: int | None
) -> Schedule:
    configurations = tuple(graph.configurations[number] for number in numbers)
    schedule = Schedule(list(graph.roots).index(numbers[0]), configurations, transitions, loop, numbers)
    if loop is not None and numbers[loop] != numbers[-1]:
        raise InternalError("the adversary's lasso does not close", next_step="please report this with the spec")
    confirm(graph.system, schedule)
    return schedule
