"""Faults: crashes inside steps, omissions and lies."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from flpcheck.explore.kernel.arrays import (
    CHOICES,
    MIXTURES,
    SILENT,
    STEPS,
    TORN,
    WRITTEN,
    Numbers,
    Size,
    Store,
    Tables,
    Word,
)
from flpcheck.explore.kernel.compile import part
from flpcheck.explore.kernel.components import answered, intern_component, letter_law, local_of
from flpcheck.explore.kernel.mailbox import dropped, holds, put, receivable
from flpcheck.explore.kernel.moves import emit, gathered, outcomes
from flpcheck.explore.kernel.packing import (
    begin_of,
    channel_of,
    count_of,
    difference_of,
    end_of,
    field_of,
    first_of,
    terms_of,
)
from flpcheck.explore.kernel.tuples import ONE, TWO, ZERO, U


class CrashPoint(NamedTuple):
    """A step of which only a part happens.

    Parameters
    ----------
    after
        The component to which it leads.
    span
        What the whole step sends.
    noted
        Whether observers hear of it.
    terms
        The terms of the move.
    """

    after: int
    span: Word
    noted: bool
    terms: int


@part
def _messages(store: Store, tables: Tables, span: Word) -> int:
    """Write down at the end of `receivable`, backwards, which sends of a move are messages; return how many.

    If there are too many to choose among them, return -1.
    """
    found = 0
    for send in range(begin_of(span), end_of(span)):
        if field_of(tables.sends[send]) < U(store.rules.processes):
            if found >= store.rules.most_choices:
                store.sizes[Size.BEYOND] = CHOICES
                return -1
            store.receivable[len(store.receivable) - 1 - found] = send
            found += 1
    return found


@part
def interrupted(store: Store, tables: Tables, component: int, after: int, span: Word, terms: int) -> bool:
    """Append the crashes in the middle of one step of a component, smaller choices of messages first.

    Notes go with the write: they get lost where a step sends before it writes.
    """
    local, messages = store.components[component].local, _messages(store, tables, span)
    if messages < 0:
        return False
    written = store.rules.interrupts >= WRITTEN
    source = store.components[after].local if written else local
    corpse = intern_component(store, store.locals_[source].corpse, 0)
    cut = CrashPoint(corpse, span, written, terms)
    for size in range(0 if written else 1, messages + 1):
        if corpse < 0 or not _partly(store, tables, component, cut, size, messages):
            return False
    return store.rules.interrupts != TORN or _torn(store, tables, component, local, source, terms)


@part
def _torn(store: Store, tables: Tables, component: int, local: int, after: int, terms: int) -> bool:
    """Append the crashes that leave some of the stable fields that a step changes; nothing of it is sent."""
    answer = answered(store, local, MIXTURES + after)
    return answer.question == 0 or outcomes(store, tables, component, 0, answer.first, answer.last, True, terms)


@part
def misbehaved(store: Store, tables: Tables, component: int, suspect: int) -> bool:
    """Append what a process that misbehaves can do to, or by way of, a component."""
    if store.rules.lies:
        return _lies(store, tables, component, suspect)
    if local_of(store, component).owner != store.suspects[suspect]:
        return True
    return _unsent(store, tables, component) and _unheard(store, tables, component)


@part
def _lies(store: Store, tables: Tables, component: int, suspect: int) -> bool:
    """Append the reception of everything that a liar may say, alone or in groups; nothing of it waits in a mailbox."""
    here, owner = store.components[component], local_of(store, component).owner
    learns = local_of(store, component).status & SILENT
    for number in range(store.lies_first[suspect], store.lies_first[suspect + 1]):
        lie = store.lies[number]
        if lie.receiver == owner and learns:
            if not _learnt(store, tables, component, lie.envelope, lie.terms):
                return False
        elif lie.receiver == owner:
            answer = answered(store, here.local, lie.envelope)
            if not outcomes(store, tables, component, here.box, answer.first, answer.last, False, lie.terms):
                return False
    for place in range(here.heard_first, here.heard_last):
        heard = store.heard[place]
        takes, found = (heard.takes_first, heard.takes_last), (heard.first, heard.last)
        if heard.voice == suspect and not gathered(store, tables, component, takes, found, heard.terms):
            return False
    return True


@part
def _learnt(store: Store, tables: Tables, component: int, lie: int, terms: int) -> bool:
    """Append the arrival of a lie at a passive learner, where it stays, and where it is only once."""
    here = store.components[component]
    if holds(store, here.box, lie):
        return True
    return emit(store, tables, component, here.local, put(store, here.box, lie), 0, 0, terms)


@part
def _unsent(store: Store, tables: Tables, component: int) -> bool:
    """Append, for every step that sends, those steps that fail to send some of it."""
    owner, number = local_of(store, component).owner, store.components[component].number
    row = tables.rows[STEPS, owner, number]
    for move in range(first_of(row), first_of(row) + count_of(row)):
        change, span = tables.moves[TWO * move], tables.moves[TWO * move + ONE]
        after = store.index[owner, U(number) ^ difference_of(change)]
        messages = _messages(store, tables, span)
        if messages < 0:
            return False
        cut = CrashPoint(after, span, True, np.int64(terms_of(change)))
        for size in range(messages):
            if not _partly(store, tables, component, cut, size, messages):
                return False
    return True


@part
def _unheard(store: Store, tables: Tables, component: int) -> bool:
    """Append the failure to receive each message that could be received."""
    local, box = store.components[component].local, store.components[component].box
    count = receivable(store, box, store.receivable)
    for place in range(count):
        envelope = store.receivable[place]
        left, law = dropped(store, box, envelope), letter_law(store, local_of(store, component), envelope)
        if not emit(store, tables, component, local, left, 0, 0, law):
            return False
    return True


@part
def _partly(store: Store, tables: Tables, component: int, cut: CrashPoint, size: int, messages: int) -> bool:
    """Append a move for every choice of `size` messages among those of a step."""
    chosen = store.receivable
    for place in range(size):
        chosen[place] = place
    while True:
        if not _chosen(store, tables, component, cut, size):
            return False
        if size == 0:
            return True
        _next_choice(chosen, size, messages)
        if chosen[0] < 0:
            return True


@part
def _chosen(store: Store, tables: Tables, component: int, cut: CrashPoint, size: int) -> bool:
    first, count, chosen, span = store.sizes[Size.SENDS], size, store.receivable, cut.span
    if first + np.int64(end_of(span) - begin_of(span)) > len(tables.sends):
        return False
    for place in range(size):
        tables.sends[first + place] = tables.sends[chosen[len(chosen) - 1 - chosen[place]]]
    for send in range(begin_of(span), end_of(span)):
        field, told = field_of(tables.sends[send]), tables.sends[send]
        if field < U(store.rules.processes) or not (cut.noted or field == U(store.rules.knowledge)):
            continue
        if field == U(store.rules.knowledge):
            told = _telling(store, told, size)
        if told != ZERO:
            tables.sends[first + count] = told
            count += 1
    store.sizes[Size.SENDS] = first + count
    after = store.components[cut.after]
    return emit(store, tables, component, after.local, after.box, first, count, cut.terms)


@part
def _telling(store: Store, told: Word, size: int) -> Word:
    """Return the send to the field of knowledge if only the chosen messages of a step are sent; 0 if there is none."""
    mask = 0
    for place in range(size):
        mask |= 1 << store.receivable[place]
    return U(store.telling[store.telling_first[store.channels[channel_of(told)]] + mask])


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
