"""Rows: the transitions of a component, made from the answers of its local state and the algebra of its mailbox."""

from __future__ import annotations

from flpcheck.explore.kernel.arrays import (
    ANSWER_FIRST,
    ANSWER_LAST,
    BOX,
    COMPONENTS,
    CORPSE,
    COUNT_BITS,
    COUNT_MASK,
    CRASHED,
    CRASHES,
    CRASHING,
    DUPLICATIONS,
    FLAGS,
    GROUP_FIRST,
    GROUP_LAST,
    GROUPS_FIRST,
    GROUPS_LAST,
    IDLE,
    INTERRUPTS,
    LARGEST,
    LOCAL,
    LOSING,
    LOSSES,
    MOVES,
    NEXT_LOCAL,
    NUMBER,
    OWN_FIRST,
    OWN_LAST,
    OWNER,
    PROCESSES,
    ROW_PLAIN,
    SENDS,
    SENDS_COUNT,
    SENDS_FIRST,
    SILENT,
    STAYS,
    STEPS,
    TAKES_FIRST,
    TAKES_LAST,
    Numbers,
    Store,
    Tables,
)
from flpcheck.explore.kernel.compile import kernel, part
from flpcheck.explore.kernel.components import OWN, answer_slot, ask, intern_component
from flpcheck.explore.kernel.mailbox import copied, dropped, receivable, taken
from flpcheck.explore.kernel.tuples import U


@kernel
def collect_misses(store: Store, first: int) -> int:
    """Note down every question whose answer some component from `first` on needs; return where it had to stop."""
    for component in range(first, store.sizes[COMPONENTS]):
        local = store.components[component, LOCAL]
        if store.locals_[local, FLAGS] & (CRASHED | SILENT):
            continue
        if store.locals_[local, OWN_FIRST] < 0 and not ask(store, local, OWN):
            return component
        count = receivable(store, store.components[component, BOX], store.receivable)
        for place in range(count):
            if not ask(store, local, store.receivable[place]):
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
        if not _phase(store, tables, component, phase):
            store.sizes[MOVES], store.sizes[SENDS] = moves, sends
            return False
        _finish(store, tables, component, phase, start)
        degree += store.sizes[MOVES] - start
    owner = store.locals_[store.components[component, LOCAL], OWNER]
    store.degrees[owner] = max(store.degrees[owner], degree)
    return True


@part
def _finish(store: Store, tables: Tables, component: int, phase: int, start: int) -> None:
    local = store.components[component, LOCAL]
    count = store.sizes[MOVES] - start
    crashed = store.locals_[local, FLAGS] & CRASHED
    owner = store.locals_[local, OWNER]
    plain = ROW_PLAIN if _is_plain(tables, owner, start, start + count) else 0
    row = (U(start) << U(28)) | (U(count) << U(8)) | U(crashed) | U(plain)
    tables.rows[phase, owner, store.components[component, NUMBER]] = row
    store.sizes[LARGEST] = max(store.sizes[LARGEST], count)


@part
def _is_plain(tables: Tables, owner: int, first: int, last: int) -> bool:
    """Return whether each of some moves changes its own component, whatever becomes of what it sends."""
    for move in range(first, last):
        sends = tables.moves[2 * move + 1]
        if tables.moves[2 * move] == 0:
            return False
        for send in range(sends >> U(COUNT_BITS), (sends >> U(COUNT_BITS)) + (sends & U(COUNT_MASK))):
            if tables.sends[send] >> U(32) == U(owner):
                return False
    return True


@part
def _phase(store: Store, tables: Tables, component: int, phase: int) -> bool:
    flags = store.locals_[store.components[component, LOCAL], FLAGS]
    if phase == STEPS:
        return bool(flags & (CRASHED | SILENT)) or _steps(store, tables, component)
    if phase == CRASHING:
        return bool(flags & CRASHED) or _crashes(store, tables, component)
    if phase == LOSING:
        return store.rules[LOSSES] == 0 or _tampered(store, tables, component, phase)
    return store.rules[DUPLICATIONS] == 0 or _tampered(store, tables, component, phase)


@part
def _emit(store: Store, tables: Tables, component: int, local: int, box: int, first: int, count: int) -> bool:
    """Append a move to another local state and mailbox, unless it changes and sends nothing; False if it is full."""
    after = intern_component(store, local, box)
    move = store.sizes[MOVES]
    if after < 0 or 2 * move + 2 > len(tables.moves):
        return False
    if after == component and count == 0:
        return True
    delta = store.components[after, NUMBER] ^ store.components[component, NUMBER]
    tables.moves[2 * move] = U(delta)
    tables.moves[2 * move + 1] = U(first << COUNT_BITS | count)
    store.sizes[MOVES] = move + 1
    return True


@part
def _outcomes(store: Store, tables: Tables, component: int, box: int, first: int, last: int, idle: bool) -> bool:
    """Append the moves of an answer's outcomes, idle ones only where they are events."""
    for number in range(first, last):
        if store.outcomes[number, IDLE] and not idle:
            continue
        local, sends = store.outcomes[number, NEXT_LOCAL], store.outcomes[number, SENDS_FIRST]
        if not _emit(store, tables, component, local, box, sends, store.outcomes[number, SENDS_COUNT]):
            return False
    return True


@part
def _steps(store: Store, tables: Tables, component: int) -> bool:
    """Append the process events of a component: its own, deliveries in mailbox order, gatherings."""
    local, box = store.components[component, LOCAL], store.components[component, BOX]
    first, last = store.locals_[local, OWN_FIRST], store.locals_[local, OWN_LAST]
    if not _outcomes(store, tables, component, box, first, last, False):
        return False
    count = receivable(store, box, store.receivable)
    for place in range(count):
        envelope = store.receivable[place]
        slot, left = answer_slot(store, local, envelope), taken(store, box, envelope)
        first, last = store.answers[slot, ANSWER_FIRST], store.answers[slot, ANSWER_LAST]
        if left < 0 or not _outcomes(store, tables, component, left, first, last, store.rules[STAYS] == 0):
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
        if not _outcomes(store, tables, component, left, first, last, False):
            return False
    return True


@part
def _crashes(store: Store, tables: Tables, component: int) -> bool:
    """Append the crash of a component and, if the world has them, the crashes in mid-broadcast."""
    local = store.components[component, LOCAL]
    corpse, number = store.locals_[local, CORPSE], store.components[component, NUMBER]
    if store.rules[CRASHES] == 0 or corpse < 0:
        return True
    if not _emit(store, tables, component, corpse, 0, 0, 0):
        return False
    if store.rules[INTERRUPTS] == 0:
        return True
    row = tables.rows[STEPS, store.locals_[local, OWNER], number]
    first = row >> U(28)
    for move in range(first, first + ((row >> U(8)) & U(COUNT_MASK))):
        if not _interrupted(store, tables, component, corpse, tables.moves[U(2) * move + U(1)]):
            return False
    return True


@part
def _interrupted(store: Store, tables: Tables, component: int, corpse: int, packed: int) -> bool:
    """Append a crash for every non-empty choice among a step's messages, smaller choices first; notes get lost."""
    first, count = packed >> U(COUNT_BITS), packed & U(COUNT_MASK)
    messages = 0
    chosen = store.receivable
    for send in range(first, first + count):
        if tables.sends[send] >> U(32) < U(store.rules[PROCESSES]):
            chosen[len(chosen) - 1 - messages] = send
            messages += 1
    for size in range(1, messages + 1):
        for place in range(size):
            chosen[place] = place
        while chosen[0] >= 0:
            if not _interruption(store, tables, component, corpse, chosen, size):
                return False
            _next_choice(chosen, size, messages)
    return True


@part
def _interruption(store: Store, tables: Tables, component: int, corpse: int, chosen: Numbers, size: int) -> bool:
    first = store.sizes[SENDS]
    if first + size > len(tables.sends):
        return False
    for place in range(size):
        tables.sends[first + place] = tables.sends[chosen[len(chosen) - 1 - chosen[place]]]
    store.sizes[SENDS] = first + size
    return _emit(store, tables, component, corpse, 0, first, size)


@part
def _next_choice(chosen: Numbers, size: int, among: int) -> None:
    """Advance to the next combination in lexicographic order; a first element of -1 says that there is none."""
    place = size - 1
    while place >= 0 and chosen[place] == among - size + place:
        place -= 1
    if place < 0:
        chosen[0] = -1
        return
    chosen[place] += 1
    for later in range(place + 1, size):
        chosen[later] = chosen[later - 1] + 1


@part
def _tampered(store: Store, tables: Tables, component: int, phase: int) -> bool:
    """Append the loss or the duplication of everything that could be received."""
    local, box = store.components[component, LOCAL], store.components[component, BOX]
    count = receivable(store, box, store.receivable)
    for place in range(count):
        envelope = store.receivable[place]
        left = dropped(store, box, envelope) if phase == LOSING else copied(store, box, envelope)
        if not _emit(store, tables, component, local, left, 0, 0):
            return False
    return True
