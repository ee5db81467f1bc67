"""Agendas: what may happen in a configuration, in canonical order, as `packing.py` has entries."""

from __future__ import annotations

from typing import Any

import numpy as np

from flpcheck.explore.kernel.arrays import (
    CHANGE,
    COVERED,
    CRASHING,
    FORBIDDEN,
    FORBIDDING,
    LOSING,
    NEEDED,
    ROW_CRASHED,
    ROW_GONE,
    ROW_PLAIN,
    Layout,
    Tables,
    Word,
    Words,
)
from flpcheck.explore.kernel.compile import inlined, part
from flpcheck.explore.kernel.groups import LOSS
from flpcheck.explore.kernel.packing import (
    ASLEEP,
    MOVE,
    PHASE_SHIFT,
    PROCESS_SHIFT,
    count_of,
    first_of,
    law_of,
    said_of,
)
from flpcheck.explore.kernel.sleep import UPPER
from flpcheck.explore.kernel.tuples import ONE, TWO, ZERO, U
from flpcheck.explore.kernel.words import value_of

SHORT = np.uint64(4)
BIT, BIT_SHIFT = np.uint64(63), np.uint64(6)
GONE_SHIFT = np.uint64(ROW_GONE.bit_length() - 1)
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
    return tables.world[phase - LOSING, value_of(layout, current, field)]


@part
def _possible(layout: Layout, tables: Tables, current: tuple[Word, ...], phase: int, living: bool) -> bool:
    if phase == CRASHING:
        return living
    return spent(layout, tables, current, phase) != FORBIDDEN


@part
def _events_of_the_world(
    layout: Layout, tables: Tables, agenda: Words, current: tuple[Word, ...], items: Word, living: bool, asleep: Word
) -> Word:
    """Append the events of the world as far as its budgets allow, turns first; return the agenda's new length."""
    last = tables.rows.shape[0]
    if len(tables.laws) > 0:
        last -= 1
        items = _listed(agenda, items, tables.rows[last, 0, value_of(layout, current, ZERO)], U(last) << PHASE_SHIFT)
    for phase in range(CRASHING, last):
        if _possible(layout, tables, current, phase, living):
            for process in range(U(tables.rows.shape[1])):
                number = value_of(layout, current, process)
                entry = (U(phase) << PHASE_SHIFT) | (process << PROCESS_SHIFT)
                if phase == CRASHING and (asleep >> (process + UPPER)) & ONE:
                    entry |= ASLEEP
                items = _listed(agenda, items, tables.rows[phase, process, number], entry)
    return items


@inlined
def _permits(laws: Words, law: Word, world: Word, gone: Word) -> Any:
    """Return whether the world lets an event happen, given who has crashed."""
    needed, covered = laws[law, world, NEEDED], laws[law, world, COVERED]
    if laws[law, world, CHANGE] == FORBIDDEN or gone & needed != needed or gone & laws[law, world, FORBIDDING]:
        return False
    return covered == ZERO or gone & covered != covered


@part
def _lawful(layout: Layout, tables: Tables, agenda: Words, current: tuple[Word, ...], items: Word) -> Word:
    """Strike out the moves that the world does not let happen, and return the agenda's new length."""
    processes, gone, kept = U(tables.rows.shape[1]), ZERO, ZERO
    for process in range(processes):
        row = tables.rows[0, process, value_of(layout, current, process)]
        gone |= ((row >> GONE_SHIFT) & ONE) << process
    world = value_of(layout, current, processes)
    for item in range(items):
        law = law_of(tables.moves[TWO * (agenda[item] & MOVE)])
        if law == ZERO or _permits(tables.laws, law, world, gone):
            agenda[kept] = agenda[item]
            kept += ONE
    return kept


@part
def sayable_only(
    layout: Layout, tables: Tables, agenda: Words, current: tuple[Word, ...], field: int, items: Word
) -> Word:
    """Strike out the lies that bear signatures which liars do not know, and return the agenda's new length."""
    knowledge, kept = value_of(layout, current, U(field)), ZERO
    for item in range(items):
        said = said_of(tables.moves[TWO * (agenda[item] & MOVE)])
        if (tables.sayable[knowledge, said >> BIT_SHIFT] >> (said & BIT)) & ONE:
            agenda[kept] = agenda[item]
            kept += ONE
    return kept


@part
def world_after(layout: Layout, tables: Tables, current: tuple[Word, ...], entry: Word, law: Word) -> Word:
    """Return how the world's number changes by a move: by a law only where no budget is spent."""
    change = spent(layout, tables, current, np.int64(entry >> PHASE_SHIFT)) if entry >= LOSS else ZERO
    if law != ZERO:
        change ^= tables.laws[law, value_of(layout, current, U(tables.rows.shape[1])), CHANGE]
    return change


@inlined
def agenda_of(
    layout: Layout, tables: Tables, agenda: Words, current: tuple[Word, ...], crashes: int, asleep: Word
) -> tuple[Word, Word]:
    """Write down all moves of a configuration in canonical order.

    Return how many there are, and how many more that need not be made, because they sleep and lead elsewhere for sure.
    """
    items, crashed, slept = ZERO, ZERO, ZERO
    for process in range(U(tables.rows.shape[1])):
        number = value_of(layout, current, process)
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
    if len(tables.laws) > 0:
        items = _lawful(layout, tables, agenda, current, items)
    return items, slept
