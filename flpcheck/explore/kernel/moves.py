"""Moves: what a component can turn into, and what it sends, appended to the tables of the hot loop."""

from __future__ import annotations

from flpcheck.explore.kernel.arrays import UNASKED, Size, Store, Tables
from flpcheck.explore.kernel.compile import part
from flpcheck.explore.kernel.components import intern_component
from flpcheck.explore.kernel.mailbox import taken
from flpcheck.explore.kernel.packing import change_of, span_of


@part
def emit(
    store: Store, tables: Tables, component: int, local: int, box: int, first: int, count: int, terms: int
) -> bool:
    """Append a move to another local state and mailbox; False if it is full.

    A move that changes and sends nothing is none, unless its terms may change the world.  While it is not known what
    becomes of a letter there is none either: the row is made again.
    """
    after = intern_component(store, local, box)
    if after == UNASKED:
        return True
    move = store.sizes[Size.MOVES]
    if after < 0 or 2 * move + 2 > len(tables.moves):
        return False
    if after == component and count == 0 and terms == 0:
        return True
    before, number = store.components[component].number, store.components[after].number
    tables.moves[2 * move] = change_of(terms, before, number)
    tables.moves[2 * move + 1] = span_of(first, count)
    store.sizes[Size.MOVES] = move + 1
    return True


@part
def outcomes(
    store: Store, tables: Tables, component: int, box: int, first: int, last: int, idle: bool, terms: int
) -> bool:
    """Append the moves of an answer's outcomes, idle ones only where they are events.

    An outcome has the terms of its event, which only an event of the process's own has, and those of what it receives.
    """
    for number in range(first, last):
        found = store.outcomes[number]
        if found.idle and not idle:
            continue
        both = terms + found.terms
        if not emit(store, tables, component, found.local, box, found.sends_first, found.sends_count, both):
            return False
    return True


@part
def gathered(
    store: Store, tables: Tables, component: int, takes: tuple[int, int], answer: tuple[int, int], terms: int
) -> bool:
    """Append the moves by which a component gathers a group: which letters it takes, and the outcomes of that."""
    left = store.components[component].box
    for take in range(takes[0], takes[1]):
        left = taken(store, left, store.takes[take])
        if left < 0:
            return False
    return outcomes(store, tables, component, left, answer[0], answer[1], False, terms)
