"""The stage of the hot loop that drops stale mail and renames ballots, so that only representatives are looked up.

Python says which messages are stale, and what a map of ballots makes of local states and envelopes: once each, noted
down in `asked` when it is first needed.  What follows from that is done here.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.core import types
from numba.core.extending import overload

from flpcheck.explore.kernel.arrays import (
    COUNT_BITS,
    COUNT_MASK,
    DONE,
    FIFO,
    FULL,
    GONE,
    NO_ROOM,
    UNASKED,
    UNKNOWN,
    WIDE,
    Layout,
    Numbers,
    Store,
    Word,
    Words,
)
from flpcheck.explore.kernel.compile import HOT, kernel, part
from flpcheck.explore.kernel.components import intern_component
from flpcheck.explore.kernel.facts import (
    COMPONENT,
    ENVELOPE,
    KINDS,
    LOCAL,
    MAP,
    NEVER,
    PAIR,
    SEEN,
    STALE,
    Outdated,
    fact_of,
    fact_slot,
    note_fact,
)
from flpcheck.explore.kernel.mailbox import intern_box
from flpcheck.explore.kernel.renamings import sorted_by_number
from flpcheck.explore.kernel.tuples import ONE, ZERO, U, xored
from flpcheck.explore.kernel.words import value_of

UNMAPPED = -3
"""Instead of a map: all ballots stay."""


# Stale mail.  Dropping a message changes no local state, so what is stale does not depend on the order.


@part
def _without_stale(store: Store, outdated: Outdated, process: int, changed: int) -> int:
    """Return the number of a process's component without the mail that is stale; `UNASKED` of some of it, `NO_ROOM`.

    Between two processes that have not changed nothing is stale, because the configuration before was a representative.
    """
    fields, number = outdated.fields, outdated.fields[process]
    here = store.components[store.index[process, number]]
    first, last = store.boxes[here.box], store.boxes[here.box + 1]
    if first == last or store.locals_[here.local].status & GONE:
        return number
    if last - first > len(store.scratch):
        return NO_ROOM
    left, missing = 0, 0
    for place in range(first, last):
        run = store.runs[place]
        sender, stale = store.envelopes[run >> COUNT_BITS].sender, 0
        if (changed >> process | changed >> sender) & 1:
            other = store.components[store.index[sender, fields[sender]]].local
            stale = fact_of(outdated, here.local + 1, other, (run >> COUNT_BITS) * KINDS + STALE)
        if stale < 0:
            missing = min(missing, stale)
        elif stale == 0:
            store.scratch[left] = run
            left += 1
    if missing < 0:
        return missing
    if left == last - first:
        return number
    found = intern_component(store, here.local, intern_box(store, left))
    return found if found < 0 else store.components[found].number


# Ballots.


@part
def _ballots_in(store: Store, outdated: Outdated, component: int) -> Word:
    """Return the ballots in a component, as bits."""
    known = outdated.in_components[component]
    if known != ZERO:
        return known & ~SEEN
    here = store.components[component]
    found = outdated.in_locals[here.local]
    for place in range(store.boxes[here.box], store.boxes[here.box + 1]):
        found |= outdated.in_envelopes[store.runs[place] >> COUNT_BITS]
    outdated.in_components[component] = found | SEEN
    return found


@part
def _size(ballots: Word) -> Word:
    size = ZERO
    while ballots != ZERO:
        ballots &= ballots - ONE
        size += ONE
    return size


@part
def stays(live: Word, lowest: int, period: int) -> bool:
    """Return whether ballots keep their numbers: those below the lowest current one have no gaps, and none is shifted.

    Parameters
    ----------
    live
        All ballots of a configuration, as bits.
    lowest
        The lowest current one; `NEVER` if no process starts another one.
    """
    past = live if lowest == NEVER else live & ((ONE << U(lowest)) - ONE)
    count = _size(past)
    if past != (ONE << count) - ONE:
        return False
    return lowest == NEVER or live == past or lowest - np.int64(count) < period


@part
def _map(store: Store, outdated: Outdated) -> int:
    """Return the map of the ballots of the configuration in `fields`; `UNMAPPED` if all stay, `UNASKED`, `NO_ROOM`."""
    live, lowest = ZERO, NEVER
    for process in range(len(outdated.fields)):
        component = store.index[process, outdated.fields[process]]
        current = outdated.current[store.components[component].local]
        if current < 0:
            return UNMAPPED
        if component >= len(outdated.in_components):
            return NO_ROOM
        lowest = min(lowest, current)
        live |= _ballots_in(store, outdated, component)
    if stays(live, lowest, outdated.period):
        return UNMAPPED
    return fact_of(outdated, np.int64(live), lowest, MAP)


@part
def _mapped(store: Store, outdated: Outdated, process: int, number: int, map_: int) -> int:
    """Return the number of a component under a map of ballots; `UNASKED` of a part of it, `NO_ROOM`."""
    component = store.index[process, number]
    slot = fact_slot(outdated, component + 1, map_, COMPONENT)
    if outdated.facts[slot].first != 0:
        return outdated.facts[slot].value
    here = store.components[component]
    first, length = store.boxes[here.box], store.boxes[here.box + 1] - store.boxes[here.box]
    if length > len(store.scratch):
        return NO_ROOM
    local = fact_of(outdated, here.local + 1, map_, LOCAL)
    missing = min(local, 0)
    for place in range(length):
        run = store.runs[first + place]
        envelope = fact_of(outdated, (run >> COUNT_BITS) + 1, map_, ENVELOPE)
        missing = min(missing, envelope)
        store.scratch[place] = (envelope << COUNT_BITS) | (run & COUNT_MASK)
    if missing < 0:
        return missing
    if store.rules.kind != FIFO:  # queues stand in the order of their senders, whom no map of ballots renames
        sorted_by_number(store, length)
    found = intern_component(store, local, intern_box(store, length))
    # The slot may have been taken by what was asked for meanwhile.
    slot = fact_slot(outdated, component + 1, map_, COMPONENT)
    if found < 0 or not note_fact(outdated, slot, component + 1, map_, COMPONENT, store.components[found].number):
        return NO_ROOM
    return store.components[found].number


# Configurations.


@part
def _dropped(store: Store, outdated: Outdated, changed: int) -> int:
    """Drop stale mail from the configuration in `fields`; return why it stopped."""
    missing = 0
    for process in range(len(outdated.fields)):
        number = _without_stale(store, outdated, process, changed)
        if number >= 0:
            outdated.fields[process] = number
        missing = min(missing, number)
    return _stop(missing)


@part
def _renumbered(store: Store, outdated: Outdated) -> int:
    """Rename the ballots of the configuration in `fields`; return why it stopped."""
    map_ = _map(store, outdated)
    if map_ == UNMAPPED:
        return DONE
    if map_ < 0:
        return _stop(map_)
    missing = 0
    for process in range(len(outdated.fields)):
        number = _mapped(store, outdated, process, outdated.fields[process], map_)
        if number >= 0:
            outdated.fields[process] = number
        missing = min(missing, number)
    return _stop(missing)


@part
def _stop(missing: int) -> int:
    """Return the reason to stop: what has been noted down is asked first, and room is made on that occasion."""
    if missing == 0:
        return DONE
    return UNKNOWN if missing == UNASKED else FULL


@part
def brought_up_to_date(
    layout: Layout, store: Store, outdated: Outdated, before: tuple[Word, ...], after: tuple[Word, ...]
) -> tuple[int, tuple[Word, ...]]:
    """Return why it stopped, and the representative of a configuration, given the representative before it."""
    fields, changed, stop = outdated.fields, 0, DONE
    for process in range(len(fields)):
        fields[process] = np.int64(value_of(layout, after, U(process)))
        if value_of(layout, before, U(process)) != U(fields[process]):
            changed |= 1 << process
    if outdated.drops:
        stop = _dropped(store, outdated, changed)
    if stop == DONE and outdated.period > 0:
        stop = _renumbered(store, outdated)
    if stop != DONE:
        return stop, after
    for process in range(len(fields)):
        old, new = value_of(layout, after, U(process)), U(fields[process])
        if new > layout.mask[process]:
            return WIDE, after
        after = xored(after, layout.word[process], (old ^ new) << layout.shift[process])
    return DONE, after


def up_to_date(
    layout: Layout, store: Store, outdated: Outdated | None, before: tuple[Word, ...], after: tuple[Word, ...]
) -> tuple[int, tuple[Word, ...]]:
    """Do as `brought_up_to_date` does, and nothing where nothing can be outdated."""
    return (DONE, after) if outdated is None else brought_up_to_date(layout, store, outdated, before, after)


@overload(up_to_date, jit_options=HOT, strict=False)
def _up_to_date(_: Any, __: Any, outdated: Any, ___: Any, ____: Any) -> Any:
    if isinstance(outdated, types.NoneType):
        return lambda layout, store, outdated, before, after: (DONE, after)  # noqa: ARG005

    def representative(layout: Any, store: Any, outdated: Any, before: Any, after: Any) -> Any:
        return brought_up_to_date(layout, store, outdated, before, after)

    return representative


@kernel
def pairs_to_judge(
    states: Words,
    layout: Layout,
    width: int,
    store: Store,
    outdated: Outdated,
    known: Numbers,
    into: Numbers,
    count: int,
) -> tuple[int, int]:
    """Collect the pairs of local states in configurations for which messages are known that were not judged there.

    Parameters
    ----------
    states
        The configurations.
    known
        int64[processes, processes]: how many messages are known, by receiver and sender.
    into
        int64[n, 3]: receiver, sender, and how many messages were judged before.
    count
        How many configurations were looked at before.

    Returns
    -------
    (int, int)
        How many configurations are done, and how many pairs are collected: fewer than all if there is no room.
    """
    found = 0
    for number in range(count, len(states) // width):
        for receiver in range(store.rules.processes):
            for sender in range(store.rules.processes):
                if known[receiver, sender] == 0:
                    continue
                here = _local_in(states, layout, width, store, number, receiver)
                there = _local_in(states, layout, width, store, number, sender)
                if (store.locals_[here].status | store.locals_[there].status) & GONE:
                    continue
                slot = fact_slot(outdated, here + 1, there, PAIR)
                new = outdated.facts[slot].first == 0
                if not new and outdated.facts[slot].value == known[receiver, sender]:
                    continue
                if found >= len(into) or (new and not note_fact(outdated, slot, here + 1, there, PAIR, 0)):
                    return number, found
                into[found, 0], into[found, 1], into[found, 2] = here, there, outdated.facts[slot].value
                outdated.facts[slot].value = known[receiver, sender]
                found += 1
    return len(states) // width, found


@part
def _local_in(states: Words, layout: Layout, width: int, store: Store, number: int, process: int) -> int:
    word = states[U(number * width) + layout.word[process]]
    return store.components[store.index[process, (word >> layout.shift[process]) & layout.mask[process]]].local
