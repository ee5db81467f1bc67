"""Renamings: components under other names of processes and values, and the least configuration of an orbit.

Python renames local states and envelopes; what follows from that is done here.  The image of a component under a
renaming is made at its first use: the mailbox is renamed run by run, sorted, and interned.  Configurations are compared
by the numbers of their components, process by process and never by packed words, because numbers never change and
layouts do.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from flpcheck.explore.kernel.arrays import (
    COUNT_BITS,
    COUNT_MASK,
    DONE,
    FIFO,
    FULL,
    OWN,
    WIDE,
    Layout,
    Numbers,
    Store,
    Tables,
    Word,
    Words,
)
from flpcheck.explore.kernel.compile import kernel, part
from flpcheck.explore.kernel.components import answered, ask, intern_component
from flpcheck.explore.kernel.mailbox import intern_box
from flpcheck.explore.kernel.packing import channel_of, field_of
from flpcheck.explore.kernel.tuples import U, xored
from flpcheck.explore.kernel.words import value_of

Short = NDArray[np.int32]
FAR = 2**62


class Renamings(NamedTuple):
    """Renamings as tables.

    Parameters
    ----------
    to, back
        int64[renamings, processes]: the place to which each moves a process, and from which.
    locals_, envelopes
        int32[n, renamings]: the images of local states and envelopes.
    rows
        int32[components]: one more than where the images of a component stand; 0 if it has none yet.
    images
        int32[n, renamings]: one more than the number of the image within its process; 0 if it was not made yet.
    places
        int64[processes]: the order in which processes are compared.
    tally
        int64[1]: how many components have images.
    fields, at, least, left
        Scratch: the components of a configuration and their rows; the least of its orbit, and who leads there.
    """

    to: Numbers
    back: Numbers
    locals_: Short
    envelopes: Short
    rows: Short
    images: Short
    places: Numbers
    tally: Numbers
    fields: Numbers
    at: Numbers
    least: Numbers
    left: Numbers


@part
def _sorted_by_sender(store: Store, length: int) -> None:
    """Bring the queues in `scratch` into the order of their senders; each stays in its own order."""
    for place in range(1, length):
        run, back = store.scratch[place], place
        sender = store.envelopes[run >> COUNT_BITS].sender
        while back > 0 and store.envelopes[store.scratch[back - 1] >> COUNT_BITS].sender > sender:
            store.scratch[back] = store.scratch[back - 1]
            back -= 1
        store.scratch[back] = run


@part
def _sorted_by_number(store: Store, length: int) -> None:
    for place in range(1, length):
        run, back = store.scratch[place], place
        while back > 0 and store.scratch[back - 1] > run:
            store.scratch[back] = store.scratch[back - 1]
            back -= 1
        store.scratch[back] = run


@part
def _renamed(store: Store, renamings: Renamings, component: int, renaming: int) -> int:
    """Return the number of a component under a renaming within its process; -1 if an array is full."""
    here = store.components[component]
    first, length = store.boxes[here.box], store.boxes[here.box + 1] - store.boxes[here.box]
    if length > len(store.scratch):
        return -1
    for place in range(length):
        run = store.runs[first + place]
        envelope = np.int64(renamings.envelopes[run >> COUNT_BITS, renaming])
        store.scratch[place] = (envelope << COUNT_BITS) | (run & COUNT_MASK)
    if store.rules.kind == FIFO:
        _sorted_by_sender(store, length)
    else:
        _sorted_by_number(store, length)
    local = np.int64(renamings.locals_[here.local, renaming])
    found = intern_component(store, local, intern_box(store, length))
    return -1 if found < 0 else store.components[found].number


@part
def row_of(store: Store, renamings: Renamings, field: int, number: int) -> int:
    """Return where the images of a component stand; -1 if there is no room for them."""
    component = store.index[field, number]
    if component >= len(renamings.rows):
        return -1
    row = renamings.rows[component] - 1
    if row < 0:
        row = renamings.tally[0]
        if row >= len(renamings.images):
            return -1
        renamings.rows[component] = row + 1
        renamings.tally[0] = row + 1
    return row


@part
def image(store: Store, renamings: Renamings, row: int, field: int, number: int, renaming: int) -> int:
    """Return the image of a component under a renaming, as its number within its process; -1 if an array is full."""
    known = np.int64(renamings.images[row, renaming])
    if known > 0:
        return known - 1
    made = _renamed(store, renamings, store.index[field, number], renaming)
    if made >= 0:
        renamings.images[row, renaming] = made + 1
    return made


@part
def _narrowed(store: Store, renamings: Renamings, place: int, count: int) -> int:
    """Keep those of the renamings in `left` that put the least component at a place; return how many; 0 if full."""
    least, kept = FAR, 0
    for candidate in range(count):
        renaming = renamings.left[candidate]
        field = renamings.back[renaming, place]
        number = image(store, renamings, renamings.at[field], field, renamings.fields[field], renaming)
        if number < 0:
            return 0
        if number < least:
            least, kept = number, 0
        if number == least:
            renamings.left[kept] = renaming
            kept += 1
    renamings.least[place] = least
    return kept


@part
def listed(store: Store, renamings: Renamings) -> int:
    """Find the least configuration of an orbit by the list of all renamings; return how many lead there, 0 if full.

    The configuration stands in `fields`.  The least one is left in `least`, the first renaming that leads there in
    `left`.
    """
    for field in range(len(renamings.fields)):
        row = row_of(store, renamings, field, renamings.fields[field])
        if row < 0:
            return 0
        renamings.at[field] = row
    count = len(renamings.to)
    for renaming in range(count):
        renamings.left[renaming] = renaming
    for place in renamings.places:
        count = _narrowed(store, renamings, place, count)
        if count == 0:
            return 0
    return count


@part
def canonical(
    layout: Layout, store: Store, renamings: Renamings, configuration: tuple[Word, ...]
) -> tuple[int, tuple[Word, ...], int]:
    """Return why it stopped, the representative of an orbit, and a renaming that leads there."""
    for field in range(len(renamings.fields)):
        renamings.fields[field] = np.int64(value_of(layout, configuration, U(field)))
    if listed(store, renamings) == 0:
        return FULL, configuration, 0
    for field in range(len(renamings.fields)):
        before, after = U(renamings.fields[field]), U(renamings.least[field])
        if after > layout.mask[field]:
            return WIDE, configuration, 0
        configuration = xored(configuration, layout.word[field], (before ^ after) << layout.shift[field])
    return DONE, configuration, renamings.left[0]


@kernel
def find_least(store: Store, renamings: Renamings) -> int:
    """Do as `listed` does."""
    return listed(store, renamings)


@kernel
def count_leading(
    layout: Layout, width: int, store: Store, renamings: Renamings, states: Words, into: Numbers, first: int
) -> int:
    """Write how many renamings lead from each representative to itself; return where it had to stop."""
    for number in range(first, len(into)):
        for field in range(len(renamings.fields)):
            word = states[U(number * width) + layout.word[field]]
            renamings.fields[field] = np.int64((word >> layout.shift[field]) & layout.mask[field])
        into[number] = listed(store, renamings)
        if into[number] == 0:
            return number
    return len(into)


@kernel
def hold(
    states: Words, layout: Layout, width: int, store: Store, held: Numbers, marked: NDArray[np.bool_], count: int
) -> int:
    """Put the components that configurations hold into `held`, each once; return how many there are now."""
    for number in range(len(states) // width):
        for field in range(store.rules.processes):
            word = states[U(number * width) + layout.word[field]]
            component = store.index[field, (word >> layout.shift[field]) & layout.mask[field]]
            if not marked[component]:
                marked[component] = True
                held[count] = component
                count += 1
    return count


# Verification: what a step makes of an image is the image of what it makes.


@kernel
def ask_images(store: Store, renamings: Renamings, asked: Numbers, generators: Numbers, first: int) -> int:
    """Note down the images of answered questions that were not put yet; return where it had to stop.

    Parameters
    ----------
    asked
        int64[n, 2]: local states and envelopes.
    generators
        Renamings that generate all.
    """
    for place in range(first, len(asked)):
        for renaming in generators:
            local, envelope = _asked_under(renamings, asked, place, renaming)
            if envelope != OWN or store.locals_[local].first < 0:
                if not ask(store, local, envelope):
                    return place
    return len(asked)


@part
def _asked_under(renamings: Renamings, asked: Numbers, place: int, renaming: int) -> tuple[int, int]:
    """Return a question under a renaming."""
    local, envelope = np.int64(renamings.locals_[asked[place, 0], renaming]), asked[place, 1]
    if envelope == OWN:
        return local, envelope
    return local, np.int64(renamings.envelopes[envelope, renaming])


@kernel
def contradiction(store: Store, tables: Tables, renamings: Renamings, asked: Numbers, generators: Numbers) -> int:
    """Return the first question, times the number of generators, and the generator under which its answer changes.

    -1 if there is none: then every renaming that these generate commutes with all steps, since all images were asked.
    """
    for place in range(len(asked)):
        here = answered(store, asked[place, 0], asked[place, 1])
        for number in range(len(generators)):
            local, envelope = _asked_under(renamings, asked, place, generators[number])
            there = answered(store, local, envelope)
            if not same_outcomes(
                store, tables, renamings, generators[number], here.first, here.last, there.first, there.last
            ):
                return place * len(generators) + number
    return -1


@kernel
def same_outcomes(
    store: Store, tables: Tables, renamings: Renamings, renaming: int, first: int, last: int, other: int, end: int
) -> bool:
    """Return whether outcomes from `first` to `last` are, renamed and as a set, those from `other` to `end`."""
    for one in range(first, last):
        if not _among(store, tables, renamings, renaming, one, one + 1, other, end, True):
            return False
    for one in range(other, end):
        if not _among(store, tables, renamings, renaming, first, last, one, one + 1, False):
            return False
    return True


@part
def _among(
    store: Store, tables: Tables, renamings: Renamings, renaming: int, first: int, last: int, other: int, end: int,
    _: bool,
) -> bool:  # fmt: skip
    """Return whether the image of some outcome is among others."""
    for one in range(first, last):
        for candidate in range(other, end):
            if _is_image(store, tables, renamings, renaming, one, candidate):
                return True
    return False


@part
def _is_image(store: Store, tables: Tables, renamings: Renamings, renaming: int, one: int, other: int) -> bool:
    here, there = store.outcomes[one], store.outcomes[other]
    if renamings.locals_[here.local, renaming] != there.local or here.mark != there.mark:
        return False
    if here.sends_count != there.sends_count or here.law != there.law:
        return False
    for send in range(here.sends_first, here.sends_first + here.sends_count):
        if not _is_sent(store, tables, renamings, renaming, here, there, send):
            return False
    return True


@part
def _is_sent(
    store: Store, tables: Tables, renamings: Renamings, renaming: int, here: Any, there: Any, send: int
) -> bool:
    """Return whether a message is sent, renamed, in the other outcome: as the same one in order to its receiver."""
    field = field_of(tables.sends[send])
    earlier = 0
    for before in range(here.sends_first, send):
        earlier += field_of(tables.sends[before]) == field
    receiver = U(renamings.to[renaming, np.int64(field)])
    for candidate in range(there.sends_first, there.sends_first + there.sends_count):
        packed = tables.sends[candidate]
        if field_of(packed) == receiver:
            if earlier == 0:
                envelope = store.channels[channel_of(tables.sends[send])]
                return store.channels[channel_of(packed)] == renamings.envelopes[envelope, renaming]
            earlier -= 1
    return False

