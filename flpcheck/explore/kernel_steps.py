"""The local steps that a search of the kernel has taken, by which the letters that it dropped are judged.

The kernel has answers, and rows, for components that no configuration holds: what is sent on the way to one.  Steps are
first taken from all answers, which is cheap; only if these refute a letter, from the components that configurations
hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from flpcheck.explore.component_front import ComponentFront
from flpcheck.explore.kernel import arrays as k
from flpcheck.explore.kernel.words import column
from flpcheck.explore.local_steps import Settling
from flpcheck.world.network import Mailbox

if TYPE_CHECKING:
    from flpcheck.explore.native import NativeSearch

Numbers = NDArray[np.int64]
FIRST_SHIFT, COUNT_SHIFT = 28, 8
"""Positions in a row of its first move, and of their number."""


class KernelSteps:
    """Judges the letters that a search of the kernel has dropped.

    Parameters
    ----------
    search
        A search of a system that drops dead letters.
    """

    def __init__(self, search: NativeSearch) -> None:
        self.search = search
        self.interner = cast("ComponentFront", search.front).interner
        self.settling = Settling(search.system)

    def settle(self, *, at_once: bool) -> None:
        """Judge, where it is due.

        Raises
        ------
        Refuted
            If a letter was dropped that is heeded after all.
        """
        letters, store = self.settling.letters, self.interner.store
        if not self.settling.is_due(self.search.found, at_once=at_once) or letters is None:
            return
        steps = self._by_place(*self._answered()) if letters.dropped else {}
        if letters.refuted(steps):
            steps = self._by_place(*self._taken())
        looks = self.interner.gatherers or letters.merged
        held = self.search.next if looks else int(store.sizes[k.Size.COMPONENTS])
        self.settling.settle(steps, self._guarded, held)  # a mailbox may be held later than it was formed

    def _by_place(self, before: Numbers, after: Numbers) -> dict[int, set[int]]:
        places = self._numbered()
        pairs = np.unique(np.column_stack([places[before], places[after]]), axis=0)
        found: dict[int, set[int]] = {}
        for here, there in pairs[pairs[:, 0] != pairs[:, 1]].tolist():
            found.setdefault(here, set()).add(there)
        return found

    def _numbered(self) -> Numbers:
        """Return the place of each local state."""
        return np.array(self.interner.places(), np.int64)

    def _answered(self) -> tuple[Numbers, Numbers]:
        """Return all steps that Python has answered: the local states before and after each."""
        store = self.interner.store
        answers = store.answers[store.answers["question"] != 0]
        groups = store.components[: int(store.sizes[k.Size.COMPONENTS])]
        held = _ranges(groups["groups_first"], groups["groups_last"])
        gathered = store.groups[held[1]]
        locals_ = np.concatenate([(answers["question"] - 1) >> 32, groups["local"][held[0]]])
        which, outcomes = _ranges(
            np.concatenate([answers["first"], gathered["first"]]), np.concatenate([answers["last"], gathered["last"]])
        )
        living = store.locals_["status"][locals_[which]] == 0
        return locals_[which][living], store.outcomes["local"][outcomes][living]

    def _taken(self) -> tuple[Numbers, Numbers]:
        """Return the steps of all components that expanded configurations hold."""
        store, tables = self.interner.store, self.interner.tables
        before, after = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        for owner in range(len(self.interner.seats)):
            numbers = self._held(owner)
            rows = tables.rows[k.STEPS, owner, numbers].astype(np.int64)
            first = rows >> FIRST_SHIFT
            which, moves = _ranges(first, first + ((rows >> COUNT_SHIFT) & k.COUNT_MASK))
            change = tables.moves[2 * moves].astype(np.int64) & 0xFFFFFFFF
            locals_ = store.components["local"]
            before.append(locals_[store.index[owner, numbers[which]]])
            after.append(locals_[store.index[owner, numbers[which] ^ change]])
        return np.concatenate(before), np.concatenate(after)

    def _held(self, owner: int) -> Numbers:
        """Return the components of a process that expanded configurations hold."""
        search = self.search
        numbers = np.zeros(search.next, np.uint64)
        column(search.space.states[: search.next * search.width], search.layout, search.width, owner, numbers)
        expanded = np.ones(search.next, np.bool_)
        expanded[search.unexpanded] = False
        return np.unique(numbers[expanded]).astype(np.int64)

    def _guarded(self, owner: int) -> Iterator[tuple[int, Mailbox]]:
        """Yield the places and mailboxes of a process in expanded configurations."""
        store, places = self.interner.store, self._numbered()
        for component in store.index[owner, self._held(owner)].tolist():
            local, box, *_ = store.components[component].tolist()
            if not store.locals_["status"][local]:
                yield int(places[local]), self.interner.mailbox(box)


def _ranges(first: Numbers, last: Numbers) -> tuple[Numbers, Numbers]:
    """Return all numbers in some ranges, with the place of the range of each."""
    sizes = np.maximum(last - first, 0)
    which = np.repeat(np.arange(len(sizes)), sizes)
    return which, np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes) + first[which]
