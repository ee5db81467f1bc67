"""Demands in tables: a process's demands depend on its component alone, so each different component is asked once.

Demands of a process are the bits of words, one row for each different component of it.  The transitions of a process
stand in the order of its component's moves, only those that change nothing missing; so they are numbered by counting.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from flpcheck.analyse.live.asked import AskedTable, ComponentLabels, Hop, Weights
from flpcheck.analyse.live.moves import MadeMoves, OwnerRows, Summary
from flpcheck.budget import look, looking
from flpcheck.explore.graph import Bools, Ints, Masks, StateGraph
from flpcheck.world.fairness import STRONG

ALONE = 4096
"""Minimum size of a set of configurations that is weighed by itself, by its different rows."""
PORTION = 2**16
"""Number of configurations whose transitions are numbered at a time."""


def reads_components(graph: StateGraph) -> bool:
    """Return whether what a configuration owes follows from its components alone."""
    system = graph.system
    return system.separate and system.components is not None and not system.tosses and not system.renames_mail


class RowTable(AskedTable):
    """The demands of a graph of which `reads_components` is true; what it says is what an `AskedTable` says."""

    def __init__(self, graph: StateGraph) -> None:
        super().__init__(graph)
        self.owners: list[OwnerRows] = []
        self._covered = np.zeros(len(graph), np.bool_)

    def _cover(self, numbers: Ints) -> None:
        """Have rows for some configurations: those of an area are asked for at once, and its parts later."""
        if self.owners and self._covered[numbers].all():
            return
        self._covered[numbers] = True
        every = np.flatnonzero(self._covered)
        names = range(len(self.graph.system.names))
        self.owners = [OwnerRows(self.graph, self.book, owner, every) for owner in looking(names, every=1)]

    def weigh_all(self, groups: Sequence[Ints], label: ComponentLabels) -> list[Weights]:
        """Return what each of some sets of configurations leaves unmet."""
        if groups:
            self._cover(np.concatenate(groups))
        large = [place for place, group in enumerate(groups) if len(group) >= ALONE]
        small = [place for place, group in enumerate(groups) if len(group) < ALONE]
        found = [Weights(0, ())] * len(groups)
        for place in large:
            found[place] = self.weigh(groups[place], label)
        if small:
            for place, weights in zip(small, self._weigh_small([groups[p] for p in small], label), strict=True):
                found[place] = weights
        return found

    def weigh(self, members: Ints, label: ComponentLabels, /) -> Weights:
        """Return what a set of configurations leaves unmet."""
        self._cover(members)
        starving, hungry = 0, list[int]()
        for rows in looking(self.owners, every=1):
            used = np.unique(rows.row[members]) if len(members) < ALONE else _used(rows.row[members], len(rows.enabled))
            summary = Summary.of_groups(rows, used, np.zeros(1, np.int64))
            open_ = summary.candidates(rows)
            if open_.any():
                open_ &= ~self._taken_alone(rows, members, label, open_[0])
                owner_starves, letters = summary.split(rows, open_)
                starving |= int(owner_starves[0]) << rows.owner
                hungry += letters[0]
        return Weights(starving, tuple(sorted(hungry)))

    def _weigh_small(self, groups: Sequence[Ints], label: ComponentLabels) -> list[Weights]:
        members = np.concatenate(groups)
        sizes = np.array([len(group) for group in groups])
        starts = np.cumsum(sizes) - sizes
        starving, hungry = [0] * len(groups), [list[int]() for _ in groups]
        for rows in looking(self.owners, every=1):
            summary = Summary.of_groups(rows, rows.row[members], starts)
            open_ = summary.candidates(rows)
            some = np.flatnonzero(open_.any(axis=1))
            if not len(some):
                continue
            self._strike_taken(rows, [groups[place] for place in some.tolist()], label, some, open_)
            starves, letters = summary.split(rows, open_)
            for place in some.tolist():
                starving[place] |= int(starves[place]) << rows.owner
                hungry[place] += letters[place]
        return [Weights(mask, tuple(sorted(numbers))) for mask, numbers in zip(starving, hungry, strict=True)]

    def _strike_taken(
        self, rows: OwnerRows, groups: Sequence[Ints], label: ComponentLabels, places: Ints, open_: Masks
    ) -> None:  # fmt: skip
        """Remove from the demands of some groups those that a transition inside of them meets."""
        members = np.concatenate(groups)
        group = np.repeat(places, [len(group) for group in groups])
        for first in range(0, len(members), PORTION):
            portion = slice(first, first + PORTION)
            made = self._made(rows, members[portion], label)
            for word in range(open_.shape[1]):
                taken = np.zeros(len(open_), np.uint64)
                np.bitwise_or.at(taken, group[portion][made.places], rows.meets[made.moves, word])
                open_[:, word] &= ~taken

    def _taken_alone(self, rows: OwnerRows, members: Ints, label: ComponentLabels, wanted: Masks) -> Masks:
        """Return which demands are met by transitions inside one set; those that are not wanted may be missing."""
        taken = np.zeros_like(wanted)
        for first in range(0, len(members), PORTION):
            made = self._made(rows, members[first : first + PORTION], label)
            if len(made.moves):
                taken |= np.bitwise_or.reduce(rows.meets[np.unique(made.moves)], axis=0)
            if not (wanted & ~taken).any():
                break
        return taken

    def _made(self, rows: OwnerRows, numbers: Ints, label: ComponentLabels) -> MadeMoves:
        """Return the moves of a process out of some configurations that stay in their sets."""
        look()
        made = rows.made(numbers, self.owners)
        return made.kept(label[made.targets] == label[numbers[made.places]])

    def enabling(self, members: Ints, demands: Iterable[int], /) -> Bools:
        """bool[k]: in which configurations one of some demands is enabled."""
        self._cover(members)
        found = np.zeros(len(members), np.bool_)
        for rows, mask in self._by_owner(demands):
            found |= (rows.enabled[rows.row[members]] & mask).any(axis=1)
        return found

    def _by_owner(self, demands: Iterable[int]) -> Iterator[tuple[OwnerRows, Masks]]:
        numbers = set(demands)
        for rows in self.owners:
            mask = rows.mask_of(numbers)
            if mask.any():
                yield rows, mask

    def pending(self, numbers: Ints) -> Masks:
        """uint64[k]: the owners of demands that a run which stays in a configuration for ever leaves unmet."""
        if is_deterministic(self.graph):
            return moving(self.graph)[numbers]
        self._cover(numbers)
        found = np.zeros(len(numbers), np.uint64)
        for rows in looking(self.owners, every=1):
            unmet: Bools = np.any(rows.enabled & ~rows.idle, axis=1)
            waits: Bools = unmet[rows.row[numbers]]
            doubtful = np.flatnonzero(waits & rows.may_loop[rows.row[numbers]])
            if len(doubtful):
                loops = rows.loops(numbers[doubtful], self.owners)
                met = rows.idle[rows.row[numbers[doubtful]]]
                for word in range(met.shape[1]):
                    np.bitwise_or.at(met[:, word], loops.places, rows.meets[loops.moves, word])
                waits[doubtful] = (rows.enabled[rows.row[numbers[doubtful]]] & ~met).any(axis=1)
            found |= waits.astype(np.uint64) << np.uint64(rows.owner)
        return found

    def lacking(self, numbers: Ints, demands: set[int]) -> Bools:
        """bool[k]: in which configurations one of some demands is off (weak), or gone (received)."""
        self._cover(numbers)
        found = np.zeros(len(numbers), np.bool_)
        for rows, mask in self._by_owner(d for d in demands if self.demand(d).strength != STRONG):
            received = mask & rows.received
            there = rows.row[numbers]
            found |= (mask & ~rows.received & ~rows.enabled[there]).any(axis=1)
            found |= (received & ~rows.waiting[there]).any(axis=1)
        return found

    def taking(self, numbers: Ints, label: ComponentLabels, demands: set[int]) -> Iterator[tuple[int, Hop]]:
        """Yield (configuration, step inside its set that meets one of some demands), in order."""
        self._cover(numbers)
        where = np.zeros(len(numbers), np.bool_)
        for rows, mask in self._by_owner(demands):
            where |= (rows.idle[rows.row[numbers]] & mask).any(axis=1)
            for first in range(0, len(numbers), PORTION):
                made = self._made(rows, numbers[first : first + PORTION], label)
                meeting = (rows.meets[made.moves] & mask).any(axis=1)
                where[first + made.places[meeting]] = True
        yield from super().taking(numbers[where], label, demands)


def _used(row: NDArray[np.integer], size: int) -> Ints:
    """Return which of the numbers below a size occur."""
    seen = np.zeros(size, np.bool_)
    seen[row] = True
    return np.flatnonzero(seen)


def is_deterministic(graph: StateGraph) -> bool:
    """Return whether it is known that no event which changes a configuration has an outcome that leaves it unchanged.

    Then what a run that rests leaves unmet can be read from the transitions.  An event has several outcomes, or it has
    one: so it is enough that no message is answered in several ways, and that no event of a process's own keeps the
    local state and sends something, since such an outcome may have no effect where another has.
    """
    interner = getattr(graph.configurations, "interner", None)
    if interner is None or graph.system.renames_mail:
        return False
    store = interner.store
    if any(bool((table["last"] - table["first"] > 1).any()) for table in (store.answers, store.groups, store.heard)):
        return False
    first, last = store.locals_["first"], store.locals_["last"]
    known = np.flatnonzero((first >= 0) & (last > first))
    lengths = last[known] - first[known]
    places = np.repeat(first[known] - (np.cumsum(lengths) - lengths), lengths) + np.arange(int(lengths.sum()))
    same = store.outcomes["local"][places] == np.repeat(known, lengths)
    return not bool((same & (store.outcomes["idle"][places] == 0)).any())


def moving(graph: StateGraph) -> Masks:
    """uint64[n]: the processes that can take a step which changes something."""
    if "moving" not in graph.tables:
        found = np.zeros(len(graph), np.uint64)
        bits_of = np.array([*(1 << index for index in range(len(graph.system.names))), 0], np.uint64)  # last: WORLD
        for sources, edges in graph.pieces():
            bit = bits_of[graph.movers[edges]]
            starts = np.flatnonzero(np.diff(sources, prepend=-1))
            if len(starts):
                found[sources[starts]] = np.bitwise_or.reduceat(bit, starts)
        graph.tables["moving"] = found
    moving: Masks = graph.tables["moving"]
    return moving
