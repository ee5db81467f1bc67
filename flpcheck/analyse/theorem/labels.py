"""Numbers for the events of a graph: which event each transition is, without asking every configuration for it.

The graph stores where transitions lead and who steps; the events themselves follow from the components.  A process
makes the moves of its component in their canonical order, so the k-th transition of a process in a configuration is
the k-th move of its component, unless a move that happens to change nothing is left out there.  Only such
configurations are asked.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flpcheck.analyse.sweep import edges_of
from flpcheck.authoring.events import Event
from flpcheck.authoring.values import key
from flpcheck.budget import afford, looking
from flpcheck.explore.columned import Columned
from flpcheck.explore.graph import Ints, StateGraph
from flpcheck.system.components import Component, Components, Move

NO_EVENT = -1
"""The number of what is no event of a process."""
LABELLING, EACH = 4e-7, 36
"""Processor seconds, and bytes at the peak, per transition of many configurations."""


def identity(event: Event) -> Hashable:
    """Return what makes an event the one that it is: its content, not the object."""
    return event.kind, event.process, event.sender, key(event.message)


@dataclass
class EventNumbers:
    """Events by number; equal content is the same event, whatever its outcome."""

    events: list[Event] = field(default_factory=list)
    known: dict[Hashable, int] = field(default_factory=dict)

    def of(self, event: Event) -> int:
        """Return the number of an event, a new one if need be."""
        name = identity(event)
        if name not in self.known:
            self.known[name] = len(self.events)
            self.events.append(event)
        return self.known[name]


@dataclass(frozen=True, eq=False)
class Labels:
    """The events of the transitions out of some configurations.

    Parameters
    ----------
    numbers
        int64[k]: the configurations, ascending.
    offsets
        int64[k + 1]: where the transitions of each of them stand in the other arrays.
    edges
        int64[m]: where each transition stands in the graph.
    kinds
        int32[m]: the number of its event, `NO_EVENT` for events of the world.
    events
        By number.
    owners
        int16: the process of each event.
    known
        Numbers by the identity of the event.
    """

    numbers: Ints
    offsets: Ints
    edges: Ints
    kinds: NDArray[np.int32]
    events: Sequence[Event]
    owners: NDArray[np.int16]
    known: Mapping[Hashable, int]

    @property
    def sources(self) -> Ints:
        """int64[m]: the position of each transition's configuration in `numbers`."""
        return np.repeat(np.arange(len(self.numbers)), np.diff(self.offsets))

    def steps(self, number: int) -> Iterator[tuple[int, int]]:
        """Yield (position in the graph, event) of the process events of one configuration."""
        place = int(self.places(np.array([number]))[0])
        rows = slice(*self.offsets[place : place + 2].tolist()) if place >= 0 else slice(0, 0)
        pairs = zip(self.edges[rows].tolist(), self.kinds[rows].tolist(), strict=True)
        return ((edge, kind) for edge, kind in pairs if kind >= 0)

    def places(self, numbers: NDArray[Any]) -> Ints:
        """Return the positions of configurations in `numbers`, -1 for those that are not among them."""
        if not len(self.numbers):
            return np.full(len(numbers), -1, dtype=np.int64)
        found = np.searchsorted(self.numbers, numbers).clip(max=len(self.numbers) - 1)
        return np.where(self.numbers[found] == numbers, found, -1)


def numbers_of(labels: Labels) -> EventNumbers:
    """Return the numbers of events, to be gone on with."""
    return EventNumbers([*labels.events], {**labels.known})


def labelled(graph: StateGraph, numbers: Ints) -> Labels:
    """Return the events of all transitions out of some configurations.

    Parameters
    ----------
    graph
        The graph.
    numbers
        Ids of configurations, ascending.

    Returns
    -------
    Labels
        Cost: O(transitions), and a question for each different component.
    """
    counts = graph.offsets[numbers + 1] - graph.offsets[numbers]
    afford(LABELLING * int(counts.sum()), EACH * int(counts.sum()))
    edges = edges_of(graph, numbers)
    offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    kinds = np.full(len(edges), NO_EVENT, dtype=np.int32)
    known = EventNumbers()
    work = _Work(graph, numbers, offsets, graph.movers[edges], kinds, known)
    if (parts := graph.system.components) is not None:
        for owner in looking(range(len(graph.system.names)), every=1):
            work.by_component(parts, owner)
    else:
        work.one_by_one(np.flatnonzero(counts), None)
    owners = [graph.system.names.index(str(event.process)) for event in known.events]
    return Labels(numbers, offsets, edges, kinds, known.events, np.array(owners, dtype=np.int16), known.known)


@dataclass(frozen=True)
class _Work:
    """The arrays that are filled."""

    graph: StateGraph
    numbers: Ints
    offsets: Ints
    movers: NDArray[np.int16]
    kinds: NDArray[np.int32]
    known: EventNumbers

    def by_component(self, parts: Components, owner: int) -> None:
        """Fill in the transitions of one process."""
        mine = np.flatnonzero(self.movers == owner)
        if not len(mine):
            return
        rows, first, count = np.unique(
            np.searchsorted(self.offsets, mine, side="right") - 1, return_index=True, return_counts=True
        )
        members, column = column_of(self.graph, self.numbers[rows], owner)
        runs = [self._run(parts, component) for component in looking(members)]
        lengths = np.array([len(run) for run in runs])[column]
        starts = np.cumsum([0, *(len(run) for run in runs)])[:-1][column]
        table = np.array([kind for run in runs for kind in run], dtype=np.int32)
        plain = lengths == count
        slots = np.repeat(starts[plain], count[plain]) + _ramps(count[plain])
        self.kinds[np.repeat(mine[first[plain]], count[plain]) + _ramps(count[plain])] = table[slots]
        self.one_by_one(rows[~plain], owner)

    def _run(self, parts: Components, component: Component) -> list[int]:
        """Return the events of the moves of a component that are transitions, or are so in some configurations."""
        moves = parts.moves(component)
        return [self.known.of(move.event) for move in moves if may_change(parts, component, move)]

    def one_by_one(self, rows: Ints, owner: int | None) -> None:
        """Fill in the transitions of some configurations by asking each; those of one process, or of all."""
        for row in looking(rows.tolist()):
            configuration = self.graph.configurations[int(self.numbers[row])]
            for place, transition in enumerate(self.graph.system.transitions(configuration)):
                if transition.mover >= 0 and owner in {None, transition.mover}:
                    self.kinds[self.offsets[row] + place] = self.known.of(transition.event)


def may_change(parts: Components, component: Component, move: Move) -> bool:
    """Whether a move can lead to another configuration, depending at most on the mailboxes of others."""
    after = move.after
    for to, envelope in move.puts:
        if to != component.owner:
            return True
        after = parts.put(after, envelope)
    return after is not component or bool(move.notes)


def _ramps(counts: NDArray[Any]) -> Ints:
    """Return 0, 1, ..., count - 1 for each count.

    Examples
    --------
    >>> _ramps(np.array([2, 1, 3])).tolist()
    [0, 1, 0, 0, 1, 2]
    """
    total = int(counts.sum())
    ramps: Ints = np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts)
    return ramps


def column_of(graph: StateGraph, numbers: Ints, owner: int) -> tuple[list[Component], NDArray[np.integer]]:
    """Return the different components of a process in some configurations, and which of them each has."""
    stored = graph.configurations
    if isinstance(stored, Columned):
        column = stored.column(owner).view(np.int64)
        column = column if len(numbers) == len(column) else column[numbers]
        holder = np.full(int(column.max(initial=-1)) + 1, -1, np.int64)
        holder[column] = numbers  # any configuration with a component shows which one it is
        met = np.flatnonzero(holder >= 0)
        rank = np.zeros(len(holder), np.int32)
        rank[met] = np.arange(len(met))
        return [stored[number].components[owner] for number in looking(holder[met].tolist())], rank[column]
    known: dict[Component, int] = {}
    held = [stored[number].components[owner] for number in looking(numbers.tolist())]
    column = np.array([known.setdefault(component, len(known)) for component in held], dtype=np.int64)
    return list(known), column
