"""Rows: the transitions of a component, made from the answers of its local state and the algebra of its mailbox."""

from __future__ import annotations

import numpy as np

from flpcheck.explore.kernel.arrays import (
    CRASHED,
    CRASHING,
    CROWDED,
    DUPLICATING,
    GONE,
    LOSING,
    OWN,
    PHASES,
    RECOVERING,
    RELAPSING,
    ROW_CRASHED,
    ROW_GONE,
    ROW_PLAIN,
    SILENT,
    STEPS,
    TWIN,
    TWINS,
    Numbers,
    Size,
    Store,
    Tables,
)
from flpcheck.explore.kernel.compile import kernel, part
from flpcheck.explore.kernel.components import answered, ask, letter_law, local_of
from flpcheck.explore.kernel.faults import interrupted, misbehaved
from flpcheck.explore.kernel.mailbox import copied, dropped, receivable, taken
from flpcheck.explore.kernel.moves import emit, gathered, outcomes
from flpcheck.explore.kernel.packing import (
    begin_of,
    count_of,
    difference_of,
    end_of,
    field_of,
    first_of,
    row_of,
    terms_of,
)
from flpcheck.explore.kernel.timers import timing
from flpcheck.explore.kernel.tuples import ONE, TWO, ZERO, U


@kernel
def collect_misses(store: Store, wanted: Numbers, first: int) -> int:
    """Note down every question whose answer wanted components need, from place `first` on; return where it stopped."""
    for place in range(first, len(wanted)):
        component = wanted[place]
        here = store.components[component]
        local, its = here.local, store.locals_[here.local]
        if its.first < 0 and not ask(store, local, OWN):
            return place
        if its.status & (GONE | SILENT):
            continue
        count = receivable(store, here.box, store.receivable)
        for number in range(count):
            if not ask(store, local, store.receivable[number]):
                return place
        for number in range(len(store.lies)):
            lie = store.lies[number]
            if lie.receiver == its.owner and not ask(store, local, lie.envelope):
                return place
    return len(wanted)


@kernel
def fill_rows(store: Store, tables: Tables, wanted: Numbers, first: int) -> int:
    """Make the rows of components from place `first` on; return the place of the one for which that was not possible.

    There was no room for it, or some question has no answer.  After such a question all others are collected, so that
    Python answers them together.
    """
    blocked = len(wanted)
    for place in range(first, len(wanted)):
        if not _fill(store, tables, wanted[place]):
            return min(place, blocked)
        if store.sizes[Size.MISSES] > 0:
            blocked = min(place, blocked)
    return blocked


@part
def _fill(store: Store, tables: Tables, component: int) -> bool:
    moves, sends = store.sizes[Size.MOVES], store.sizes[Size.SENDS]
    degree = 0
    for place in range(len(tables.rows)):
        phase, start = _phase_at(store, tables, place), store.sizes[Size.MOVES]
        if not _phase(store, tables, component, phase) or _crowded(store, start):
            store.sizes[Size.MOVES], store.sizes[Size.SENDS] = moves, sends
            return False
        if store.sizes[Size.MISSES] > 0:
            store.sizes[Size.MOVES] = start
            continue
        _finish(store, tables, component, phase, start)
        degree += store.sizes[Size.MOVES] - start
    if store.sizes[Size.MISSES] > 0:
        store.sizes[Size.MOVES], store.sizes[Size.SENDS] = moves, sends
        return True
    owner = local_of(store, component).owner
    store.degrees[owner] = max(store.degrees[owner], degree)
    return True


@part
def _phase_at(store: Store, tables: Tables, place: int) -> int:
    """Return the phase whose row is made at a place: crashes last, where they may come inside what lies cause."""
    if store.rules.lied == 0 or place < CRASHING:
        return place
    return CRASHING if place == len(tables.rows) - 1 else place + 1


@part
def _crowded(store: Store, start: int) -> bool:
    """Return whether a row has more moves than its word can count."""
    if store.sizes[Size.MOVES] - start > store.rules.most_moves:
        store.sizes[Size.BEYOND] = CROWDED
        return True
    return False


@part
def _finish(store: Store, tables: Tables, component: int, phase: int, start: int) -> None:
    local, count = local_of(store, component), store.sizes[Size.MOVES] - start
    flags = (ROW_CRASHED if local.status & CRASHED else 0) | (ROW_GONE if local.status & GONE else 0)
    if _is_plain(tables, local.owner, start, start + count):
        flags |= ROW_PLAIN
    if phase == STEPS and store.rules.timers:
        flags |= timing(store, tables, start, start + count)
    tables.rows[phase, local.owner, store.components[component].number] = row_of(start, count, flags)
    store.sizes[Size.LARGEST] = max(store.sizes[Size.LARGEST], count)


@part
def _is_plain(tables: Tables, owner: int, first: int, last: int) -> bool:
    """Return whether each of some moves changes its own component, whatever becomes of what it sends."""
    for move in range(first, last):
        sends = tables.moves[2 * move + 1]
        if difference_of(tables.moves[2 * move]) == ZERO:
            return False
        for send in range(begin_of(sends), end_of(sends)):
            if field_of(tables.sends[send]) == U(owner):
                return False
    return True


@part
def _phase(store: Store, tables: Tables, component: int, phase: int) -> bool:  # noqa: PLR0911  -- one for each phase
    status = local_of(store, component).status
    if phase == STEPS:
        return bool(status & (GONE | SILENT | TWIN)) or _steps(store, tables, component)
    if phase == CRASHING:
        return bool(status & GONE) or _crashes(store, tables, component)
    if phase == LOSING:
        return not store.rules.losses or _tampered(store, tables, component, phase)
    if phase == DUPLICATING:
        return not store.rules.duplications or _tampered(store, tables, component, phase)
    if phase == RECOVERING:
        return not status & CRASHED or _recovery(store, tables, component)
    if phase == RELAPSING:
        return not status & CRASHED or _inside(store, tables, component, RECOVERING, 0)
    if phase == PHASES + len(store.suspects):
        return _turns(store, tables, component)
    if store.suspects[phase - PHASES] == TWINS:
        return not status & TWIN or _steps(store, tables, component)
    return bool(status & GONE) or misbehaved(store, tables, component, phase - PHASES)


@part
def _turns(store: Store, tables: Tables, component: int) -> bool:
    """Append the turns of the world, which stand in the rows of its first process and do not change them."""
    here = store.components[component]
    for turn in range(len(store.turns) if local_of(store, component).owner == 0 else 0):
        first, count, law = store.turns[turn, 0], store.turns[turn, 1], store.rules.first_turn + turn
        if not emit(store, tables, component, here.local, here.box, first, count, law):
            return False
    return True


@part
def _recovery(store: Store, tables: Tables, component: int) -> bool:
    """Append the recoveries of a crashed component: none if nothing is left to recover from."""
    local = local_of(store, component)
    return outcomes(store, tables, component, 0, local.first, local.last, True, 0)


@part
def _steps(store: Store, tables: Tables, component: int) -> bool:
    """Append the process events of a component: its own, deliveries in mailbox order, gatherings."""
    local, box = store.components[component].local, store.components[component].box
    own = store.locals_[local]
    if not outcomes(store, tables, component, box, own.first, own.last, False, 0):
        return False
    count = receivable(store, box, store.receivable)
    for place in range(count):
        envelope = store.receivable[place]
        answer, left, law = (
            answered(store, local, envelope),
            taken(store, box, envelope),
            letter_law(store, own, envelope),
        )
        if left < 0 or not outcomes(
            store, tables, component, left, answer.first, answer.last, not store.rules.stays, law
        ):
            return False
    here = store.components[component]
    for number in range(here.groups_first, here.groups_last):
        group, law = store.groups[number], 0
        for take in range(group.takes_first, group.takes_last):
            law = max(law, letter_law(store, own, store.takes[take]))
        takes, found = (group.takes_first, group.takes_last), (group.first, group.last)
        if not gathered(store, tables, component, takes, found, law):
            return False
    return True


@part
def _crashes(store: Store, tables: Tables, component: int) -> bool:
    """Append the crash of a component and, if the world has them, the crashes in the middle of its steps."""
    local = local_of(store, component)
    if not store.rules.crashes or local.corpse < 0:
        return True
    law = store.rules.laws * (local.owner + 1)
    if not emit(store, tables, component, local.corpse, 0, 0, 0, law):
        return False
    return _inside(store, tables, component, STEPS, law) and _lied_to(store, tables, component, local.owner)


@part
def _lied_to(store: Store, tables: Tables, component: int, owner: int) -> bool:
    """Append the crashes in the middle of each step that a lie causes, under the law that it is said."""
    if store.rules.lied == 0:
        return True
    for voice in range(len(store.suspects)):
        law = store.rules.lied + store.rules.laws * (voice * store.rules.processes + owner)
        if not _inside(store, tables, component, PHASES + voice, law):
            return False
    return True


@part
def _inside(store: Store, tables: Tables, component: int, phase: int, law: int) -> bool:
    """Append the crashes in the middle of each move in the row of a phase, if the world has them.

    Each is on the terms of the move, and under the law of a crash as well.
    """
    if store.rules.interrupts == 0:
        return True
    owner, number = local_of(store, component).owner, store.components[component].number
    row = tables.rows[phase, owner, number]
    for move in range(first_of(row), first_of(row) + count_of(row)):
        change, span = tables.moves[TWO * move], tables.moves[TWO * move + ONE]
        after = store.index[owner, U(number) ^ difference_of(change)]
        if not interrupted(store, tables, component, after, span, law + np.int64(terms_of(change))):
            return False
    return True


@part
def _tampered(store: Store, tables: Tables, component: int, phase: int) -> bool:
    """Append the loss or the duplication of everything that could be received."""
    local, box = store.components[component].local, store.components[component].box
    count = receivable(store, box, store.receivable)
    for place in range(count):
        envelope = store.receivable[place]
        left = dropped(store, box, envelope) if phase == LOSING else copied(store, box, envelope)
        if not emit(store, tables, component, local, left, 0, 0, 0):
            return False
    return True
