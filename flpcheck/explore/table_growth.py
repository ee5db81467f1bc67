"""Capacity of the kernel's tables: how large they start, and how they grow."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from flpcheck.budget import look
from flpcheck.explore.kernel import arrays as k
from flpcheck.explore.kernel.components import rehash_adds, rehash_answers, rehash_components
from flpcheck.explore.kernel.mailbox import intern_box, rehash_boxes
from flpcheck.explore.memory import grown, zeros

SMALL = 2**12
LONGEST = 2**12


def new_store(rules: k.Rules) -> k.Store:
    """Return an empty store that knows the empty mailbox, which is number 0."""
    store = k.Store(
        rules=rules,
        sizes=np.zeros(len(k.Size), np.int64),
        locals_=zeros(SMALL, k.LOCALS),
        outcomes=zeros(SMALL, k.OUTCOMES),
        answers=zeros(4 * SMALL, k.ANSWERS),
        envelopes=zeros(SMALL, k.ENVELOPES),
        components=zeros(SMALL, k.COMPONENTS),
        groups=zeros(SMALL, k.GROUPS),
        heard=zeros(SMALL, k.HEARD),
        channels=np.zeros(SMALL, np.int64),
        takes=np.zeros(SMALL, np.int64),
        runs=np.zeros(8 * SMALL, np.int64),
        boxes=np.zeros(SMALL, np.int64),
        box_slots=np.zeros(2 * SMALL, np.int64),
        component_slots=np.zeros(4 * SMALL, np.int64),
        index=np.zeros((rules.processes, SMALL), np.int64),
        counts=np.zeros(rules.processes, np.int64),
        degrees=np.zeros(rules.processes, np.int64),
        misses=zeros(SMALL, k.MISSES),
        suspects=np.zeros(0, np.int64),
        patience=np.zeros(rules.processes, np.int64),
        turns=np.zeros((0, 2), np.int64),
        letters=np.zeros((rules.processes, rules.processes), np.int64),
        lies=zeros(0, k.LIES),
        lies_first=np.zeros(1, np.int64),
        telling_first=np.full(SMALL, -1, np.int64),
        telling=np.zeros(SMALL, np.int64),
        scratch=np.zeros(LONGEST, np.int64),
        receivable=np.zeros(LONGEST, np.int64),
    )
    intern_box(store, 0)
    return store


def new_tables(processes: int, phases: int, world: Any, laws: Any) -> k.Tables:
    """Return empty tables for the hot loop."""
    return k.Tables(
        rows=np.zeros((phases, processes, SMALL), np.uint64),
        moves=np.zeros(4 * SMALL, np.uint64),
        sends=np.zeros(SMALL, np.uint64),
        adds=np.zeros(4 * SMALL, np.uint64),
        world=world,
        laws=laws,
        sayable=np.zeros((0, 0), np.uint64),
    )


def grown_tables(store: k.Store, tables: k.Tables) -> tuple[k.Store, k.Tables]:
    """Return store and tables in which every array that was more than half full has at least twice the capacity."""
    return _with_slots(_with_columns(store)), _hot(store, tables)


class Capacity(NamedTuple):
    """Counters of a store up to which `grown_tables` changes nothing.

    Parameters
    ----------
    sizes
        int64[Size]: of `Store.sizes`.
    components
        Of the components of one process.
    """

    sizes: NDArray[np.int64]
    components: int

    @classmethod
    def of(cls, store: k.Store, tables: k.Tables) -> Capacity:
        """Return the capacity that there is: the conditions under which something grows, solved for the counters."""
        sizes = np.full(len(k.Size), np.iinfo(np.int64).max)
        for size in (k.Size.COMPONENTS, k.Size.RUNS, k.Size.BOXES):
            sizes[size] = len(getattr(store, size.name.lower())) // 2 - 1
        sizes[k.Size.BOXES] = min(sizes[k.Size.BOXES], len(store.box_slots) // 3)
        sizes[k.Size.COMPONENTS] = min(sizes[k.Size.COMPONENTS], len(store.component_slots) // 3)
        sizes[k.Size.ANSWERS] = len(store.answers) // 2 - len(store.misses)
        sizes[k.Size.LONGEST] = len(store.scratch) // 2
        sizes[k.Size.MOVES], sizes[k.Size.SENDS] = len(tables.moves) // 4 - 1, len(tables.sends) // 2 - 1
        sizes[k.Size.ADDS] = len(tables.adds) // 2
        return cls(sizes, min(store.index.shape[1], tables.rows.shape[2]) // 2)

    def holds(self, store: k.Store) -> bool:
        """Return whether nothing has to grow."""
        return not (store.sizes > self.sizes).any() and int(store.counts.max()) <= self.components


def resplit(store: k.Store, tables: k.Tables) -> tuple[k.Store, k.Tables]:
    """Return store and tables whose arrivals leave more bits for channels, and fewer for components."""
    before, after = store.rules.channel_bits, store.rules.channel_bits + 8
    adds = np.zeros(len(tables.adds), np.uint64)
    rehash_adds(tables.adds, np.uint64(before), adds, np.uint64(after))
    return store._replace(rules=store.rules._replace(channel_bits=after)), tables._replace(adds=adds)


def component_limit(store: k.Store) -> int:
    """Return the maximum number of components of a process, and of states of an observer."""
    return 1 << (64 - store.rules.channel_bits) // 2


def with_doubled_rows(tables: k.Tables) -> k.Tables:
    """Return tables with twice the capacity for rows: one component alone may need more than there was."""
    return tables._replace(moves=grown(tables.moves, 0), sends=grown(tables.sends, 0))


def _tight(array: NDArray[Any], used: int) -> bool:
    return 2 * used + 2 > len(array)


def _with_columns(store: k.Store) -> k.Store:
    changes: dict[str, Any] = {}
    for size in (k.Size.COMPONENTS, k.Size.RUNS, k.Size.BOXES):
        array = getattr(store, name := size.name.lower())
        if _tight(array, int(store.sizes[size])):
            changes[name] = grown(array, 0)
    if 2 * int(store.counts.max()) > store.index.shape[1]:
        changes["index"] = _wider(store.index)
    if 2 * int(store.sizes[k.Size.LONGEST]) > len(store.scratch):
        changes["scratch"], changes["receivable"] = grown(store.scratch, 0), grown(store.receivable, 0)
    return store._replace(**changes) if changes else store


def _wider(array: NDArray[Any]) -> NDArray[Any]:
    """Return a copy with twice the capacity along the last axis."""
    look(2 * array.nbytes)
    larger = np.zeros((*array.shape[:-1], 2 * array.shape[-1]), array.dtype)
    larger[..., : array.shape[-1]] = array
    return larger


def _with_slots(store: k.Store) -> k.Store:
    """Open addressing stays less than a third full."""
    sizes = store.sizes
    if 3 * sizes[k.Size.BOXES] > len(store.box_slots):
        store = store._replace(box_slots=zeros(2 * len(store.box_slots), np.int64))
        rehash_boxes(store)
    if 3 * sizes[k.Size.COMPONENTS] > len(store.component_slots):
        store = store._replace(component_slots=zeros(2 * len(store.component_slots), np.int64))
        rehash_components(store)
    if 2 * (sizes[k.Size.ANSWERS] + len(store.misses)) > len(store.answers):
        before, store = store, store._replace(answers=zeros(2 * len(store.answers), k.ANSWERS))
        rehash_answers(store, before)
    return store


def _hot(store: k.Store, tables: k.Tables) -> k.Tables:
    changes: dict[str, Any] = {}
    if _tight(tables.moves, 2 * int(store.sizes[k.Size.MOVES])):
        changes["moves"] = grown(tables.moves, 0)
    if _tight(tables.sends, int(store.sizes[k.Size.SENDS])):
        changes["sends"] = grown(tables.sends, 0)
    if 2 * int(store.counts.max()) > tables.rows.shape[2]:
        changes["rows"] = _wider(tables.rows)
    if 2 * int(store.sizes[k.Size.ADDS]) > len(tables.adds):
        channel_bits = np.uint64(store.rules.channel_bits)
        changes["adds"] = zeros(2 * len(tables.adds), np.uint64)
        rehash_adds(tables.adds, channel_bits, changes["adds"], channel_bits)
    return tables._replace(**changes) if changes else tables
