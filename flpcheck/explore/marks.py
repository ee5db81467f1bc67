"""Decisions and crashes by component, as tables that a kernel reads; they grow with the search."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from flpcheck.authoring.values import Key, key
from flpcheck.explore.graph import MarkArrays, Masks
from flpcheck.explore.intern import Interner
from flpcheck.explore.kernel import arrays as k
from flpcheck.explore.kernel.arrays import Numbers
from flpcheck.explore.kernel.masks import CRASHES, LIVE, MASKS, first_holders, liveliness, or_masks

Decisions: TypeAlias = tuple[tuple[Key, Any], ...]
PIECE = 2**16
"""Number of configurations marked at a time, such that what is written about them stays in the cache."""


class Packed(NamedTuple):
    """Configurations as the kernel has them: uint64[n * width], and where their fields stand."""

    states: NDArray[np.uint64]
    layout: k.Layout
    width: int


class MarkTables:
    """The masks of all components, by process and number.

    Parameters
    ----------
    interner
        The symbol tables of the numbers.
    bit
        The bit of a decision value, 0 for one that is of no interest.
    """

    def __init__(self, interner: Interner, bit: Callable[[Hashable], int]) -> None:
        self.interner = interner
        self.bit = bit
        self.tables = [np.zeros((MASKS, 64), np.uint64) for _ in interner.seats]
        system = interner.system
        self.faulty = np.array([budget.faulty for budget in interner.budgets], np.uint64)
        self.resting = np.array([system.rests(budget) for budget in interner.budgets], np.uint64)
        """Whether a run may stay for ever where the world is in a state, so that a configuration may be an end."""
        self.known = self.lively = 0
        self._by_local: dict[int, tuple[int, ...]] = {}

    def update(self) -> None:
        """Enter the components that are new."""
        wanted = self.interner.wanted()
        for owner, numbers in self._by_owner(wanted[self.known :]):
            last, before = int(self.interner.store.counts[owner]), self.tables[owner]
            if last > before.shape[1]:
                self.tables[owner] = np.zeros((MASKS, max(last, 2 * before.shape[1])), np.uint64)
                self.tables[owner][:, : before.shape[1]] = before
            for number in numbers.tolist():
                self.tables[owner][: LIVE + 1, number] = self._masks(owner, number)
        self.known = len(wanted)

    def _by_owner(self, components: Numbers) -> Iterator[tuple[int, Numbers]]:
        """Yield the numbers of some components within their processes, process by process."""
        columns = self.interner.store.components[components]
        owners = self.interner.store.locals_["owner"][columns["local"]]
        for owner in range(len(self.tables)):
            yield owner, columns["number"][owners == owner]

    def update_liveliness(self) -> None:
        """Enter which components have events, for those whose rows have been filled."""
        tables = self.interner.tables
        ready = self.interner.wanted()[self.lively : min(self.known, self.interner.ready)]
        for owner, numbers in self._by_owner(ready):
            liveliness(tables.rows[k.STEPS], tables.moves, tables.sends, owner, numbers, self.tables[owner])
        self.lively += len(ready)

    def _masks(self, owner: int, number: int) -> tuple[int, ...]:
        interner, store = self.interner, self.interner.store
        local = int(store.components["local"][store.index[owner, number]])
        if interner.seats[owner].asker is None:
            return self._of(owner, _learnt(interner, owner, number), crashed=False)
        if local not in self._by_local:
            crashed = bool(store.locals_["status"][local] & k.GONE)
            decided = interner.parts.decision(owner, interner.locals[local])
            self._by_local[local] = self._of(owner, identified(decided), crashed=crashed)
        return self._by_local[local]

    def _of(self, owner: int, decisions: Decisions, *, crashed: bool) -> tuple[int, ...]:
        values = 0
        for _, value in decisions:
            values |= self.bit(value)
        return values, 1 << owner if values else 0, crashed << owner, 0 if crashed else values

    def look(self, packed: Packed, which: int) -> Masks:
        """uint64[n]: one of the masks of some configurations, which is that of their components together."""
        into = np.zeros(len(packed.states) // packed.width, np.uint64)
        if which == CRASHES and self.faulty.any():
            or_masks(packed.states, packed.layout, packed.width, len(self.tables), self.faulty, into)
        for owner, table in enumerate(self.tables):
            if not table[which].any():
                continue
            if which == LIVE and self.faulty.any():
                into |= self._of_the_correct(packed, owner)
            else:
                or_masks(packed.states, packed.layout, packed.width, owner, table[which], into)
        return into

    def rests(self, packed: Packed) -> Masks:
        """uint64[n]: whether a run may stay in each of some configurations, as far as the world is concerned."""
        into = np.zeros(len(packed.states) // packed.width, np.uint64)
        or_masks(packed.states, packed.layout, packed.width, len(self.tables), self.resting, into)
        return into

    def _of_the_correct(self, packed: Packed, owner: int) -> Masks:
        """uint64[n]: the values that a process has decided, where it does not misbehave."""
        faulty, into = np.zeros((2, len(packed.states) // packed.width), np.uint64)
        or_masks(packed.states, packed.layout, packed.width, len(self.tables), self.faulty, faulty)
        or_masks(packed.states, packed.layout, packed.width, owner, self.tables[owner][LIVE], into)
        into[faulty >> np.uint64(owner) & np.uint64(1) != 0] = 0
        return into


def marks_of(interner: Interner, layout: k.Layout, width: int, states: NDArray[np.uint64]) -> MarkArrays:
    """Return the masks of all configurations of a graph.

    Values get their numbers in the order in which configurations, and processes within them, decide them first; a
    value that no configuration holds gets none.  Cost: one pass over the states, and part of another.
    """
    packed = Packed(states, layout, width)
    for value in in_order_of_decision([decisions_of(interner, owner) for owner in range(len(interner.seats))], packed):
        interner.system.values.bit(value)
    bits = {key(value): 1 << place for place, value in enumerate(interner.system.values)}
    tables = MarkTables(interner, lambda value: bits.get(key(value), 0))
    tables.update()
    return MarkArrays(*(tables.look(packed, which) for which in range(LIVE + 1)))


def in_order_of_decision(decisions: Iterable[Sequence[Decisions]], packed: Packed) -> Iterator[Hashable]:
    """Yield values in the order in which configurations, and processes within them, decide them first.

    Parameters
    ----------
    decisions
        For each process what has been decided where its field has a number.
    packed
        The configurations.
    """
    found: list[tuple[int, int, int, Any]] = []
    for owner, by_number in enumerate(decisions):
        kinds = {kind: number for number, kind in enumerate(dict.fromkeys(filter(None, by_number)))}
        if not kinds:
            continue
        firsts = np.zeros(len(kinds), np.int64)
        by_component = np.array([kinds.get(kind, -1) for kind in by_number], np.int64)
        first_holders(packed.states, packed.layout, packed.width, owner, by_component, firsts)
        for kind, first in zip(kinds, firsts.tolist(), strict=True):
            found += [(first, owner, place, value) for place, (_, value) in enumerate(kind) if first >= 0]
    yield from (value for *_, value in sorted(found, key=lambda one: one[:3]))


def decisions_of(interner: Interner, owner: int) -> list[Decisions]:
    """Return what each component of a process has decided: the identities of the values, and the values."""
    if interner.seats[owner].asker is None:
        held = interner.held(owner)
        return [_learnt(interner, owner, number) if held[number] else () for number in range(len(held))]
    locals_ = interner.locals_of(owner)
    by_local = {local: identified(interner.parts.decision(owner, interner.locals[local])) for local in set(locals_)}
    return [by_local[local] for local in locals_]


def _learnt(interner: Interner, owner: int, number: int) -> Decisions:
    """Return what a passive learner knows.

    It is asked about the mailboxes that exist; where it failed, no configuration holds the mailbox, because otherwise
    the search has ended there.
    """
    wrong = (owner, number) in interner.learners.wrong
    return () if wrong else identified(interner.decoded(owner, number).decisions)


def identified(decisions: Iterable[Any]) -> Decisions:
    """Return decisions with the identities of their values."""
    return tuple((key(value), value) for value in decisions)
