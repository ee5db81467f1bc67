"""Agendas: what may happen in a configuration, in canonical order, as `packing.py` has entries."""

from __future__ import annotations

import numpy as np

from flpcheck.explore.kernel.arrays import (
    CRASHING,
    FORBIDDEN,
    LOSING,
    ROW_CRASHED,
    ROW_PLAIN,
    Layout,
    Tables,
    Word,
    Words,
)
from flpcheck.explore.kernel.compile import inlined, part
from flpcheck.explore.kernel.packing import ASLEEP, PHASE_SHIFT, PROCESS_SHIFT, count_of, first_of
from flpcheck.explore.kernel.sleep import UPPER
from flpcheck.explore.kernel.tuples import ONE, ZERO, U, word_of

SHORT = np.uint64(4)
HAS_CRASHED, IS_PLAIN = np.uint64(ROW_CRASHED), np.uint64(ROW_PLAIN)


@inlined
def _listed(agenda: Words, items: Word, row: Word, entry: Word) -> Word:
    """Append the moves of a row to the agenda, and return its new length.

    Short rows are written without looking at their length, because a branch on it could not be predicted; what was
    written too much is written over.
    """
    count = count_of(row)
    entry |= first_of(row)
    if count <= SHORT:
        for place in range(SHORT):
            agenda[items + place] = entry + place
    else:
        for place in range(count):
            agenda[items + place] = entry + place
    return items + count


@part
def spent(layout: Layout, tables: Tables, current: tuple[Word, ...], phase: int) -> Word:
    """Return how the world's number changes by a loss or a duplication; `FORBIDDEN` if the budget is spent."""
    field = tables.rows.shape[1]
    world = (word_of(current, layout.word[field]) >> layout.shift[field]) & layout.mask[field]
    return tables.world[phase - LOSING, world]


@part
def _possible(layout: Layout, tables: Tables, current: tuple[Word, ...], phase: int, living: bool) -> bool:
    if phase == CRASHING:
        return living
    return spent(layout, tables, current, phase) != FORBIDDEN


@part
def _events_of_the_world(
    layout: Layout, tables: Tables, agenda: Words, current: tuple[Word, ...], items: Word, living: bool, asleep: Word
) -> Word:
    """Append the events of the world as far as its budgets allow, and return the agenda's new length."""
    processes = U(tables.rows.shape[1])
    for phase in range(CRASHING, tables.rows.shape[0]):
        if _possible(layout, tables, current, phase, living):
            for process in range(processes):
                number = (word_of(current, layout.word[process]) >> layout.shift[process]) & layout.mask[process]
                entry = (U(phase) << PHASE_SHIFT) | (process << PROCESS_SHIFT)
                if phase == CRASHING and (asleep >> (process + UPPER)) & ONE:
                    entry |= ASLEEP
                items = _listed(agenda, items, tables.rows[phase, process, number], entry)
    return items


@inlined
def agenda_of(
    layout: Layout, tables: Tables, agenda: Words, current: tuple[Word, ...], crashes: int, asleep: Word
) -> tuple[Word, Word]:
    """Write down all moves of a configuration in canonical order.

    Return how many there are, and how many more that need not be made, because they sleep and lead elsewhere for sure.
    """
    items, crashed, slept = ZERO, ZERO, ZERO
    for process in range(U(tables.rows.shape[1])):
        number = (word_of(current, layout.word[process]) >> layout.shift[process]) & layout.mask[process]
        row = tables.rows[0, process, number]
        crashed += row & HAS_CRASHED
        if (asleep >> process) & ONE:
            if row & IS_PLAIN:
                slept += count_of(row)
            else:
                items = _listed(agenda, items, row, (process << PROCESS_SHIFT) | ASLEEP)
        else:
            items = _listed(agenda, items, row, process << PROCESS_SHIFT)
    if tables.rows.shape[0] > 1:
        items = _events_of_the_world(layout, tables, agenda, current, items, np.int64(crashed) < crashes, asleep)
    return items, slept
