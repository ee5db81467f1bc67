"""Lemma 3: from a bivalent configuration any event can be delayed until taking it leads to a bivalent one again.

Fischer, Lynch, Paterson (1985), Lemma 3: let C be bivalent and e applicable to C; among the configurations e(E), with E
reachable from C without e, there is a bivalent one.  The proof needs a totally correct protocol, so the lemma may fail
on a real one, and where it fails, the silence of some process blocks the others, or two of them decide differently.

All pairs (C, e) are settled at once.  B(C), the events for which the lemma holds in C, is the least fixpoint of

    B(C) = {e : e leads from C to a bivalent configuration} | U over steps C -a-> C' of (B(C') - {a})

and only bivalent configurations matter.  An event that has no effect any more in a bivalent configuration (an ignored
message that stays, a timer that is not armed) is a null step there, and for null steps the lemma holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from flpcheck.analyse.sweep import Filter, TransitionArrays, blocks_between, popcount, spread
from flpcheck.analyse.theorem.labels import Labels, labelled
from flpcheck.analyse.valence import Valence
from flpcheck.authoring.events import Event
from flpcheck.explore.graph import Ints, Masks

WORD = 64


@dataclass(frozen=True, eq=False)
class Preservation:
    """Result of checking Lemma 3.

    Parameters
    ----------
    pairs
        Number of pairs of a bivalent configuration and an event applicable to it.
    failing
        int64[k, 2]: the pairs (id, number of the event) for which the lemma fails for certain, by id.
    complete
        Whether the search was; otherwise more pairs may fail, beyond the bound.
    labels
        The events of the configurations that may be bivalent.
    """

    pairs: int
    failing: Ints
    complete: bool
    labels: Labels

    @property
    def failures(self) -> int:
        """Number of pairs that fail."""
        return len(self.failing)

    @property
    def first(self) -> tuple[int, Event] | None:
        """The first failing pair: a configuration and an event that cannot be delayed in it."""
        if not len(self.failing):
            return None
        number, event = self.failing[0].tolist()
        return number, self.labels.events[event]


def preservation(valence: Valence) -> Preservation:
    """Check Lemma 3 for every bivalent configuration and every event applicable to it.

    Parameters
    ----------
    valence
        The valence of the configurations of a graph.

    Returns
    -------
    Preservation
        Cost: a sweep over the transitions between bivalent configurations for every 64 different events.
    """
    graph = valence.graph
    may_be = np.flatnonzero(valence.bivalent | valence.open)
    labels = labelled(graph, may_be)
    between = _Between.of(valence, labels)
    pairs, failing = 0, [np.empty((0, 2), dtype=np.int64)]
    for first in range(0, len(labels.events), WORD):
        found = between.settle(first)
        pairs += found.pairs
        failing.append(found.failing)
    together = np.concatenate(failing)
    return Preservation(pairs, together[np.lexsort(together.T[::-1])], graph.complete, labels)


@dataclass(frozen=True, eq=False)
class _Settled:
    pairs: int
    failing: Ints


@dataclass(frozen=True, eq=False)
class _Between:
    """The process events between configurations that may be bivalent.

    Parameters
    ----------
    valence, labels
        Of these configurations.
    arrows
        The steps between them, by position in `labels.numbers`.
    kinds
        The event of each step.
    """

    valence: Valence
    labels: Labels
    arrows: TransitionArrays
    kinds: Ints

    @classmethod
    def of(cls, valence: Valence, labels: Labels) -> _Between:
        targets = labels.places(valence.graph.targets[labels.edges])
        inside = (targets >= 0) & (labels.kinds >= 0)
        counts = np.bincount(labels.sources[inside], minlength=len(labels.numbers))
        offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
        arrows = TransitionArrays(offsets, targets[inside], _blocks(valence, labels))
        return cls(valence, labels, arrows, labels.kinds[inside].astype(np.int64))

    def settle(self, first: int) -> _Settled:
        """Check the lemma for 64 events: bit k of a mask is event `first + k`."""
        labels, last = self.labels, min(first + WORD, len(self.labels.events))
        applicable = self._union(labels.sources, labels.kinds, first)
        keeps = self._union(np.repeat(np.arange(len(labels.numbers)), np.diff(self.arrows.offsets)), self.kinds, first)
        others = np.full(len(labels.events), ~np.uint64(0), dtype=np.uint64)
        others[first:last] = ~(np.uint64(1) << np.arange(last - first, dtype=np.uint64))
        possible = spread(self.arrows, keeps | ~applicable, Filter(self.kinds, others))
        certain = self.valence.bivalent[labels.numbers]
        wanted = np.where(certain, applicable, np.uint64(0))
        rows = np.flatnonzero(wanted & ~possible)
        failing = [
            np.column_stack((labels.numbers[rows[held]], np.full(int(held.sum()), first + place)))
            for place in range(last - first)
            for held in [(wanted & ~possible)[rows] >> np.uint64(place) & np.uint64(1) > 0]
        ]
        return _Settled(int(popcount(wanted).sum()), np.concatenate(failing).astype(np.int64))

    def _union(self, sources: Ints, kinds: Any, first: int) -> Masks:
        """uint64[k]: for each configuration the events of some of its transitions, as bits."""
        mine = np.flatnonzero((kinds >= first) & (kinds < first + WORD))
        found = np.zeros(len(self.labels.numbers), dtype=np.uint64)
        if len(mine):
            bit = np.uint64(1) << (kinds[mine] - first).astype(np.uint64)
            rows, starts = np.unique(sources[mine], return_index=True)
            found[rows] = np.bitwise_or.reduceat(bit, starts)
        return found


def _blocks(valence: Valence, labels: Labels) -> list[tuple[int, int]]:
    """Return the levels of the graph, as far as they may be bivalent."""
    depth = valence.graph.depth[labels.numbers]
    steps = np.flatnonzero(np.diff(depth) != 0) + 1 if valence.graph.order == "bfs" else np.array([], dtype=np.int64)
    return blocks_between([0, *steps.tolist(), len(labels.numbers)])
