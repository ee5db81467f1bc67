"""Moves: what a component can turn into, and what it sends, appended to the tables of the hot loop."""

from __future__ import annotations

from flpcheck.explore.kernel.arrays import Size, Store, Tables
from flpcheck.explore.kernel.compile import part
from flpcheck.explore.kernel.components import intern_component
from flpcheck.explore.kernel.packing import span_of
from flpcheck.explore.kernel.tuples import U


@part
def emit(store: Store, tables: Tables, component: int, local: int, box: int, first: int, count: int) -> bool:
    """Append a move to another local state and mailbox, unless it changes and sends nothing; False if it is full."""
    after = intern_component(store, local, box)
    move = store.sizes[Size.MOVES]
    if after < 0 or 2 * move + 2 > len(tables.moves):
        return False
    if after == component and count == 0:
        return True
    delta = store.components[after].number ^ store.components[component].number
    tables.moves[2 * move] = U(delta)
    tables.moves[2 * move + 1] = span_of(first, count)
    store.sizes[Size.MOVES] = move + 1
    return True


@part
def outcomes(store: Store, tables: Tables, component: int, box: int, first: int, last: int, idle: bool) -> bool:
    """Append the moves of an answer's outcomes, idle ones only where they are events."""
    for number in range(first, last):
        found = store.outcomes[number]
        if found.idle and not idle:
            continue
        if not emit(store, tables, component, found.local, box, found.sends_first, found.sends_count):
            return False
    return True
