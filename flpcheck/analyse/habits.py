"""Fairness inside a strongly connected component: which events are enabled throughout, and which are taken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from flpcheck.analyse.theorem.labels import NO_EVENT, Labels, column_of, labelled, may_change, numbers_of
from flpcheck.analyse.threads import may_leave
from flpcheck.authoring.events import Event
from flpcheck.budget import looking
from flpcheck.explore.graph import StateGraph
from flpcheck.system.components import Component, Components, Move

LARGE = 1_000
"""Minimum number of configurations for reading the habits of a component from the arrays of the graph."""


class Habits(NamedTuple):
    """The events that are enabled throughout a strongly connected component, and those taken in it.

    Parameters
    ----------
    always
        The events that fairness promises in all of its configurations, with their processes.
    taken
        The events that some transition inside it takes, those that change nothing included.
    stepping
        Processes with an event that is taken.
    resting
        Processes that can take a null step in some configuration: no timer of theirs is armed there.
    """

    always: dict[Event, int]
    taken: set[Event]
    stepping: set[int]
    resting: set[int]

    @classmethod
    def of(cls, graph: StateGraph, numbers: NDArray[np.int64], *, lucky: bool) -> Habits:
        """Return the habits of a component; events whose coin may lead out count only if it is lucky.

        Cost: every process event of its configurations; of a large one only those of its different components, where
        it is them alone that events depend on.
        """
        if len(numbers) >= LARGE and graph.system.separate and not graph.system.tosses:
            return _by_component(graph, numbers)
        inside = {graph.configurations[number] for number in looking(numbers.tolist())}
        always: dict[Event, int] | None = None
        taken: set[Event] = set()
        stepping: set[int] = set()
        resting: set[int] = set()
        for configuration in looking(inside):
            here: dict[Event, int] = {}
            steps = list(graph.system.applicable(configuration))
            leaving = set() if lucky else may_leave(steps, inside)
            for transition in steps:
                if graph.system.owed(configuration, transition):
                    here[transition.event] = transition.mover
                if transition.successor in inside and transition.event not in leaving:
                    taken.add(transition.event)
                    stepping.add(transition.mover)
            armed = {mover for event, mover in here.items() if event.kind in {"start", "timeout"}}
            resting |= set(range(len(graph.system.names))) - armed
            always = here if always is None else {e: m for e, m in always.items() if e in here}
        return cls(always or {}, taken, stepping, resting)

    def steps(self, index: int) -> bool:
        """Return whether a process can take infinitely many steps inside the component."""
        return index in self.stepping or index in self.resting


def _by_component(graph: StateGraph, numbers: NDArray[np.int64]) -> Habits:
    """Return the habits of a component of configurations from the components of processes in them.

    An event is promised all along if each component that its process has in them offers it; it is taken by a
    transition that stays inside, or by a move that changes nothing.
    """
    parts = graph.system.components
    assert parts is not None
    labels, inside = labelled(graph, numbers), np.zeros(len(graph), dtype=np.bool_)
    inside[numbers] = True
    stays = inside[graph.targets[labels.edges]] & (labels.kinds != NO_EVENT)
    known = numbers_of(labels)
    found = Habits({}, {known.events[kind] for kind in np.unique(labels.kinds[stays]).tolist()}, set(), set())
    found.stepping.update(np.unique(graph.movers[labels.edges[stays]]).tolist())
    for owner in looking(range(len(graph.system.names)), every=1):
        members, column = column_of(graph, numbers, owner)
        moves = [parts.moves(component) for component in looking(members)]
        offers = [{known.of(move.event) for move in its} for its in moves]
        promised = set.intersection(*offers)
        found.always.update({known.events[kind]: owner for kind in sorted(promised)})
        own = [any(move.event.kind in {"start", "timeout"} for move in its) for its in moves]
        found.resting.update([] if all(own) else [owner])
        idle, often = _idle(parts, members, moves)
        between = numbers[often[column] != _made(graph, labels, owner)]
        events = [*idle, *_idle_there(graph, between, owner)]
        found.taken.update(known.events[known.of(event)] for event in events)
        found.stepping.update([owner] if events else [])
    return found


def _made(graph: StateGraph, labels: Labels, owner: int) -> NDArray[np.int64]:
    """int64[k]: how many transitions of a process are stored out of each configuration."""
    mine = graph.movers[labels.edges] == owner
    return np.bincount(labels.sources[mine], minlength=len(labels.numbers))


def _idle(
    parts: Components, members: list[Component], moves: list[tuple[Move, ...]]
) -> tuple[list[Event], NDArray[np.int64]]:
    """Return the events of components that never change anything, and how many moves of each component may."""
    idle, often = list[Event](), np.zeros(len(members), dtype=np.int64)
    for place, (component, its) in enumerate(zip(members, moves, strict=True)):
        for move in its:
            if may_change(parts, component, move):
                often[place] += 1
            else:
                idle.append(move.event)
    return idle, often


def _idle_there(graph: StateGraph, numbers: NDArray[np.int64], owner: int) -> Iterator[Event]:
    """Yield the events of a process that change nothing in some of the configurations, asking each."""
    for number in looking(numbers.tolist()):
        here = graph.configurations[number]
        for step in graph.system.applicable(here):
            if step.mover == owner and step.successor == here:
                yield step.event
