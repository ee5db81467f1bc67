"""Rows: the transitions of a component, made from the answers of its local state and the algebra of its mailbox."""

from __future__ import annotations

from flpcheck.explore.kernel.arrays import (
    ANSWER_FIRST,
    ANSWER_LAST,
    BEYOND,
    BOX,
    COMPONENTS,
    CORPSE,
    CRASHED,
    CRASHES,
    CRASHING,
    CROWDED,
    DUPLICATING,
    DUPLICATIONS,
    FLAGS,
    GONE,
    GROUP_FIRST,
    GROUP_LAST,
    GROUPS_FIRST,
    GROUPS_LAST,
    INTERRUPTS,
    LARGEST,
    LOCAL,
    LOSING,
    LOSSES,
    MOST_MOVES,
    MOVES,
    NUMBER,
    OWN_FIRST,
    OWN_LAST,
    OWNER,
    PHASES,
    RECOVERING,
    RELAPSING,
    ROW_CRASHED,
    ROW_PLAIN,
    SENDS,
    SILENT,
    STAYS,
    STEPS,
    TAKES_FIRST,
    TAKES_LAST,
    Store,
    Tables,
)
from flpcheck.explore.kernel.compile import kernel, part
from flpcheck.explore.kernel.components import OWN, answer_slot, ask
from flpcheck.explore.kernel.faults import interrupted, misbehaved
from flpcheck.explore.kernel.mailbox import copied, dropped, receivable, taken
from flpcheck.explore.kernel.moves import emit, outcomes
from flpcheck.explore.kernel.packing import begin_of, count_of, end_of, field_of, first_of, row_of
from flpcheck.explore.kernel.tuples import U


@kernel
def collect_misses(store: Store, first: int) -> int:
    """Note down every question whose answer some component from `first` on needs; return where it had to stop."""
    for component in range(first, store.sizes[COMPONENTS]):
        local = store.components[component, LOCAL]
        if store.locals_[local, OWN_FIRST] < 0 and not ask(store, local, OWN):
            return component
        if store.locals_[local, FLAGS] & (GONE | SILENT):
            continue
        count = receivable(store, store.components[component, BOX], store.receivable)
        for place in range(count):
            if not ask(store, local, store.receivable[place]):
                return component
        for lie in range(len(store.lies)):
            if store.lies[lie, 0] == store.locals_[local, OWNER] and not ask(store, local, store.lies[lie, 1]):
                return component
    return store.sizes[COMPONENTS]


@kernel
def fill_rows(store: Store, tables: Tables, first: int, last: int) -> int:
    """Make the rows of components; return the first one for which there was no room."""
    for component in range(first, last):
        if not _fill(store, tables, component):
            return component
    return last


@part
def _fill(store: Store, tables: Tables, component: int) -> bool:
    moves, sends = store.sizes[MOVES], store.sizes[SENDS]
    degree = 0
    for phase in range(len(tables.rows)):
        start = store.sizes[MOVES]
        if not _phase(store, tables, component, phase) or _crowded(store, start):
            store.sizes[MOVES], store.sizes[SENDS] = moves, sends
            return False
        _finish(store, tables, component, phase, start)
        degree += store.sizes[MOVES] - start
    owner = store.locals_[store.components[component, LOCAL], OWNER]
    store.degrees[owner] = max(store.degrees[owner], degree)
    return True


@part
def _crowded(store: Store, start: int) -> bool:
    """Return whether a row has more moves than its word can count."""
    if store.sizes[MOVES] - start > store.rules[MOST_MOVES]:
        store.sizes[BEYOND] = CROWDED
        return True
    return False


@part
def _finish(store: Store, tables: Tables, component: int, phase: int, start: int) -> None:
    local = store.components[component, LOCAL]
    count = store.sizes[MOVES] - start
    crashed = store.locals_[local, FLAGS] & CRASHED
    owner = store.locals_[local, OWNER]
    plain = ROW_PLAIN if _is_plain(tables, owner, start, start + count) else 0
    flags = (ROW_CRASHED if crashed else 0) | plain
    tables.rows[phase, owner, store.components[component, NUMBER]] = row_of(start, count, flags)
    store.sizes[LARGEST] = max(store.sizes[LARGEST], count)


@part
def _is_plain(tables: Tables, owner: int, first: int, last: int) -> bool:
    """Return whether each of some moves changes its own component, whatever becomes of what it sends."""
    for move in range(first, last):
        sends = tables.moves[2 * move + 1]
        if tables.moves[2 * move] == 0:
            return False
        for send in range(begin_of(sends), end_of(sends)):
            if field_of(tables.sends[send]) == U(owner):
                return False
    return True


@part
def _phase(store: Store, tables: Tables, component: int, phase: int) -> bool:  # noqa: PLR0911  -- one for each phase
    flags = store.locals_[store.components[component, LOCAL], FLAGS]
    if phase == STEPS:
        return bool(flags & (GONE | SILENT)) or _steps(store, tables, component)
    if phase == CRASHING:
        return bool(flags & GONE) or _crashes(store, tables, component)
    if phase == LOSING:
        return store.rules[LOSSES] == 0 or _tampered(store, tables, component, phase)
    if phase == DUPLICATING:
        return store.rules[DUPLICATIONS] == 0 or _tampered(store, tables, component, phase)
    if phase == RECOVERING:
        return not flags & CRASHED or _recovery(store, tables, component)
    if phase == RELAPSING:
        return not flags & CRASHED or _inside(store, tables, component, RECOVERING)
    return bool(flags & (GONE | SILENT)) or misbehaved(store, tables, component, phase - PHASES)


@part
def _recovery(store: Store, tables: Tables, component: int) -> bool:
    """Append the recoveries of a crashed component: none if nothing is left to recover from."""
    local = store.components[component, LOCAL]
    first, last = store.locals_[local, OWN_FIRST], store.locals_[local, OWN_LAST]
    return outcomes(store, tables, component, 0, first, last, True)


@part
def _steps(store: Store, tables: Tables, component: int) -> bool:
    """Append the process events of a component: its own, deliveries in mailbox order, gatherings."""
    local, box = store.components[component, LOCAL], store.components[component, BOX]
    first, last = store.locals_[local, OWN_FIRST], store.locals_[local, OWN_LAST]
    if not outcomes(store, tables, component, box, first, last, False):
        return False
    count = receivable(store, box, store.receivable)
    for place in range(count):
        envelope = store.receivable[place]
        slot, left = answer_slot(store, local, envelope), taken(store, box, envelope)
        first, last = store.answers[slot, ANSWER_FIRST], store.answers[slot, ANSWER_LAST]
        if left < 0 or not outcomes(store, tables, component, left, first, last, store.rules[STAYS] == 0):
            return False
    return _gatherings(store, tables, component, box)


@part
def _gatherings(store: Store, tables: Tables, component: int, box: int) -> bool:
    for group in range(store.components[component, GROUPS_FIRST], store.components[component, GROUPS_LAST]):
        left = box
        for take in range(store.groups[group, TAKES_FIRST], store.groups[group, TAKES_LAST]):
            left = taken(store, left, store.takes[take])
            if left < 0:
                return False
        first, last = store.groups[group, GROUP_FIRST], store.groups[group, GROUP_LAST]
        if not outcomes(store, tables, component, left, first, last, False):
            return False
    return True


@part
def _crashes(store: Store, tables: Tables, component: int) -> bool:
    """Append the crash of a component and, if the world has them, the crashes in the middle of its steps."""
    corpse = store.locals_[store.components[component, LOCAL], CORPSE]
    if store.rules[CRASHES] == 0 or corpse < 0:
        return True
    return emit(store, tables, component, corpse, 0, 0, 0) and _inside(store, tables, component, STEPS)


@part
def _inside(store: Store, tables: Tables, component: int, phase: int) -> bool:
    """Append the crashes in the middle of each move in the row of a phase, if the world has them."""
    if store.rules[INTERRUPTS] == 0:
        return True
    owner, number = store.locals_[store.components[component, LOCAL], OWNER], store.components[component, NUMBER]
    row = tables.rows[phase, owner, number]
    for move in range(first_of(row), first_of(row) + count_of(row)):
        after = store.index[owner, U(number) ^ tables.moves[U(2) * move]]
        if not interrupted(store, tables, component, after, tables.moves[U(2) * move + U(1)]):
            return False
    return True


@part
def _tampered(store: Store, tables: Tables, component: int, phase: int) -> bool:
    """Append the loss or the duplication of everything that could be received."""
    local, box = store.components[component, LOCAL], store.components[component, BOX]
    count = receivable(store, box, store.receivable)
    for place in range(count):
        envelope = store.receivable[place]
        left = dropped(store, box, envelope) if phase == LOSING else copied(store, box, envelope)
        if not emit(store, tables, component, local, left, 0, 0):
            return False
    return True
