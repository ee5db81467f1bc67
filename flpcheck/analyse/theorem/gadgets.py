"""Decision gadgets: where the outcome depends on one process.

Names after Chandra, Hadzilacos, Toueg, "The weakest failure detector for solving consensus" (1996).

- *Fork* in C: two events of one process p lead to opposite univalent configurations.
- *Hook* in C: an event e of p leads from C to an i-valent configuration; after another event of p that keeps both
  values possible, e leads to a (1-i)-valent one.
- *Corner* in C: events of two different processes lead to opposite univalent configurations.

Where steps of different processes commute (Lemma 1), no decision can be reached without p at a fork or a hook of p: a
schedule of the others that decides v would commute with p's steps into the configuration in which only the other value
can be decided.  (For the same reason the events of a hook cannot be of different processes.)  In a corner the two
events lead, taken one after the other, to a configuration from which nothing can be decided at all.  So an agreeing
protocol that never blocks has no gadgets; and where it has one, one sentence says why it blocks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from flpcheck.analyse.sweep import edges_of, popcount
from flpcheck.analyse.theorem.labels import Labels
from flpcheck.analyse.valence import Valence
from flpcheck.explore.graph import Bools, Ints, Masks

WORD = 64


class Gadget(NamedTuple):
    """A place where the outcome is decided.

    Parameters
    ----------
    kind
        `fork`, `hook` or `corner`.
    number
        Id of the configuration.
    pivot
        Index of the process whose step decides; of a corner, of the first of the two.
    steps
        The two ways out, each a sequence of positions of transitions in the graph: one and one, of a hook one and two.
    """

    kind: str
    number: int
    pivot: int
    steps: tuple[tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True, eq=False)
class Gadgets:
    """All gadgets of a graph.

    Parameters
    ----------
    valence
        The valence of its configurations.
    forks, hooks
        int64[k, 2]: pairs (id, index of the pivot), by id.
    corners
        int64[k]: ids.
    labels
        The events out of bivalent configurations.
    """

    valence: Valence
    forks: Ints
    hooks: Ints
    corners: Ints
    labels: Labels

    @classmethod
    def of(cls, valence: Valence, labels: Labels) -> Gadgets:
        """Return the gadgets of a graph.

        Cost: a few passes over the transitions out of bivalent configurations, one for every 64 events.
        """
        scan = _Scan.of(valence, labels)
        return cls(valence, scan.forks(), scan.hooks(), scan.corners(), labels)

    @property
    def critical(self) -> Ints:
        """int64[k]: ids of the critical configurations."""
        return np.flatnonzero(self.valence.critical)

    def first(self) -> Gadget | None:
        """Return the gadget that explains most: a fork, if possible a critical one, else a hook, else a corner."""
        forks = self.forks[self.valence.critical[self.forks[:, 0]]] if len(self.forks) else self.forks
        for kind, found in (("fork", forks), ("fork", self.forks), ("hook", self.hooks)):
            if len(found):
                number, pivot = found[0].tolist()
                return self._fork(number, pivot) if kind == "fork" else self._hook(number, pivot)
        return self._corner(int(self.corners[0])) if len(self.corners) else None

    def at(self, number: int) -> Gadget | None:
        """Return a gadget in a configuration, None if there is none."""
        for pairs, make in ((self.forks, self._fork), (self.hooks, self._hook)):
            mine = pairs[pairs[:, 0] == number]
            if len(mine):
                return make(*mine[0].tolist())
        return self._corner(number) if number in self.corners else None

    def _fork(self, number: int, pivot: int) -> Gadget:
        one, other = self._opposite([e for e in self._out(number) if self.valence.graph.movers[e] == pivot])
        return Gadget("fork", number, pivot, ((one,), (other,)))

    def _corner(self, number: int) -> Gadget:
        graph = self.valence.graph
        steps = [edge for edge in self._out(number) if graph.movers[edge] >= 0]
        pairs = ((a, b) for a in steps for b in steps if graph.movers[a] < graph.movers[b])
        one, other = next(pair for pair in pairs if self._opposed(*pair))
        return Gadget("corner", number, int(graph.movers[one]), ((one,), (other,)))

    def _opposed(self, one: int, other: int) -> bool:
        targets = self.valence.graph.targets[[one, other]]
        low = self.valence.low[targets]
        return bool(self.valence.univalent[targets].all() and low[0] != low[1])

    def _opposite(self, steps: list[int]) -> tuple[int, int]:
        return next((a, b) for a in steps for b in steps if a < b and self._opposed(a, b))

    def _hook(self, number: int, pivot: int) -> Gadget:
        targets = self.valence.graph.targets
        mine = [(e, kind) for e, kind in self.labels.steps(number) if self.labels.owners[kind] == pivot]
        for first, kind in mine:
            for second, other in mine:
                middle = int(targets[second])
                if other == kind or not self.valence.bivalent[middle]:
                    continue
                for third, again in self.labels.steps(middle):
                    if again == kind and self._opposed(first, third):
                        return Gadget("hook", number, pivot, ((first,), (second, third)))
        raise AssertionError("a hook was counted where there is none")

    def _out(self, number: int) -> range:
        out = self.valence.graph.out(number)
        return range(out.start, out.stop)


@dataclass(frozen=True, eq=False)
class _Scan:
    """Process events out of configurations that are bivalent for certain, no process having disagreed yet."""

    valence: Valence
    labels: Labels
    rows: Bools
    """bool[k]: which of the labelled configurations these are."""
    decided: tuple[Masks, ...]
    """uint64[k], by process: the values for which a step of it leads to a univalent configuration."""

    @classmethod
    def of(cls, valence: Valence, labels: Labels) -> _Scan:
        graph = valence.graph
        rows = (valence.bivalent & ~valence.disagreeing)[labels.numbers]
        edges = edges_of(graph, labels.numbers)
        targets = graph.targets[edges]
        value = np.where(valence.univalent[targets], valence.low[targets], np.uint64(0))
        movers, sources = graph.movers[edges], labels.sources
        decided = []
        for owner in range(len(graph.system.names)):
            found = np.zeros(len(labels.numbers), dtype=np.uint64)
            np.bitwise_or.at(found, sources[movers == owner], value[movers == owner])
            decided.append(np.where(rows, found, np.uint64(0)))
        return cls(valence, labels, rows, tuple(decided))

    def forks(self) -> Ints:
        """Return (id, pivot) of every fork."""
        where = [(np.flatnonzero(popcount(values) > 1), owner) for owner, values in enumerate(self.decided)]
        return _pairs([(self.labels.numbers[rows], owner) for rows, owner in where])

    def corners(self) -> Ints:
        """Return the ids of all corners."""
        clash = np.zeros(len(self.labels.numbers), dtype=np.bool_)
        for owner, mine in enumerate(self.decided):
            for theirs in self.decided[:owner]:
                both = (mine != 0) & (theirs != 0)
                clash |= both & (popcount(mine | theirs) > 1)
        return self.labels.numbers[clash]

    def hooks(self) -> Ints:
        """Return (id, pivot) of every hook."""
        graph, labels = self.valence.graph, self.labels
        sources, places = labels.sources, labels.places(graph.targets[labels.edges])
        mask = (labels.kinds >= 0) & (places >= 0)
        mask &= self.rows[sources] & self.rows[places.clip(min=0)]
        steps = np.flatnonzero(mask)
        found = np.zeros(len(steps), np.bool_)
        for first in range(0, len(labels.events), WORD):
            own = self._own(first)[labels.owners[labels.kinds[steps]]]
            opposite = np.zeros(len(steps), dtype=np.uint64)
            for one, other in self._opposite_events(first):
                opposite |= one[sources[steps]] & other[places[steps]]
            found |= (opposite & own & ~_bit(labels.kinds[steps], first)) != 0
        owners, numbers = labels.owners[labels.kinds[steps[found]]], labels.numbers[sources[steps[found]]]
        return np.unique(np.column_stack((numbers, owners)).astype(np.int64), axis=0)

    def _own(self, first: int) -> Masks:
        """uint64 by process: which of 64 events are its own."""
        owners = self.labels.owners[first : first + WORD]
        bits = np.uint64(1) << np.arange(len(owners), dtype=np.uint64)
        found = np.zeros(len(self.valence.graph.system.names), dtype=np.uint64)
        np.bitwise_or.at(found, owners, bits)
        return found

    def _opposite_events(self, first: int) -> Iterator[tuple[Masks, Masks]]:
        """Yield, for each pair of different values, the events that lead to only the one, and to only the other."""
        graph, labels, valence = self.valence.graph, self.labels, self.valence
        targets = graph.targets[labels.edges]
        bit = np.where(labels.kinds >= 0, _bit(labels.kinds, first), np.uint64(0))
        by_value = []
        for value in range(len(valence.values)):
            only = valence.univalent[targets] & (valence.low[targets] == np.uint64(1 << value))
            found = np.zeros(len(labels.numbers), dtype=np.uint64)
            np.bitwise_or.at(found, labels.sources[only], bit[only])
            by_value.append(found)
        for one, mine in enumerate(by_value):
            for other, theirs in enumerate(by_value):
                if one != other:
                    yield mine, theirs


def _bit(kinds: NDArray[Any], first: int) -> Masks:
    """Return bit k for event `first + k`, no bit for events beyond."""
    near = (kinds >= first) & (kinds < first + WORD)
    return np.where(near, np.uint64(1) << np.where(near, kinds - first, 0).astype(np.uint64), np.uint64(0))


def _pairs(found: list[tuple[Ints, int]]) -> Ints:
    """Return (id, process) pairs by id."""
    columns = [np.column_stack((numbers, np.full(len(numbers), owner))) for numbers, owner in found]
    together = np.concatenate([np.empty((0, 2), dtype=np.int64), *columns]).astype(np.int64)
    return together[np.lexsort(together.T[::-1])]
