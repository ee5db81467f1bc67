"""Renamings: components under other names of processes and values, and the least configuration of an orbit.

Python renames local states and envelopes; what follows from that is done here.  The image of a component under a
renaming is made at its first use: the mailbox is renamed run by run, sorted, and interned.  Configurations are compared
by the numbers of their components, process by process and never by packed words, because numbers never change and
layouts do.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from flpcheck.explore.kernel.arrays import (
    COUNT_BITS,
    COUNT_MASK,
    FIFO,
    Layout,
    Numbers,
    Store,
    Words,
)
from flpcheck.explore.kernel.compile import kernel, part
from flpcheck.explore.kernel.components import intern_component
from flpcheck.explore.kernel.mailbox import intern_box, mixed
from flpcheck.explore.kernel.tuples import U

Short = NDArray[np.int32]
FAR = 2**62


class Renamings(NamedTuple):
    """Renamings as tables.

    Parameters
    ----------
    to, back
        int64[renamings, fields]: the place to which each moves a process, and from which; fields that name processes
        beside the components (of observers, the world, timers) come after these, and stay.
    locals_, envelopes, states, notes
        int32[n, renamings]: the images of local states and envelopes, of what stands in those fields, and of notes.
    watches
        Not empty where there are such fields: what they cost is left out of the machine code where there are none.
    where, seen, numbers
        int64[such fields]: which fields of a configuration they are; int64[such fields, n]: the number of each value of
        them among those of all; int64[n]: and back.
    laws
        int64[renamings, laws]: the image of the law of a step.
    rows
        int32[components]: one more than where the images of a component stand; 0 if it has none yet.
    images
        int32[n, renamings]: one more than the number of the image within its process; 0 if it was not made yet.
    places
        int64[fields]: the order in which processes and observers are compared.
    tally
        int64[1]: how many components have images.
    fields, at, work, least, left
        Scratch: the components of a configuration and the states of its observers, their rows, and an image; the least
        of its orbit, and who leads there.
    """

    to: Numbers
    back: Numbers
    locals_: Short
    envelopes: Short
    states: Short
    notes: Short
    watches: tuple[int, ...]
    where: Numbers
    laws: Numbers
    seen: Numbers
    numbers: Numbers
    rows: Short
    images: Short
    places: Numbers
    tally: Numbers
    fields: Numbers
    at: Numbers
    work: Numbers
    least: Numbers
    left: Numbers


@part
def sorted_by_sender(store: Store, length: int) -> None:
    """Bring the queues in `scratch` into the order of their senders; each stays in its own order."""
    for place in range(1, length):
        run, back = store.scratch[place], place
        sender = store.envelopes[run >> COUNT_BITS].sender
        while back > 0 and store.envelopes[store.scratch[back - 1] >> COUNT_BITS].sender > sender:
            store.scratch[back] = store.scratch[back - 1]
            back -= 1
        store.scratch[back] = run


@part
def sorted_by_number(store: Store, length: int) -> None:
    """Bring the runs in `scratch` into the order of their numbers."""
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
        sorted_by_sender(store, length)
    else:
        sorted_by_number(store, length)
    local = np.int64(renamings.locals_[here.local, renaming])
    found = intern_component(store, local, intern_box(store, length))
    return -1 if found < 0 else store.components[found].number


@part
def row_of(store: Store, renamings: Renamings, field: int, number: int) -> int:
    """Return where the images of a component, or of an observer's state, stand; -1 if there is no room for them."""
    if len(renamings.watches) > 0 and field >= store.rules.processes:
        return number
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
    """Return the image of a component under a renaming, as its number within its process; -1 if an array is full.

    That of an observer's state is known, and numbered among those of all.
    """
    if len(renamings.watches) > 0 and field >= store.rules.processes:
        return np.int64(renamings.states[row, renaming])
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


# Orbits of single components.


@kernel
def orbit_keys(store: Store, renamings: Renamings, components: Numbers, keys: Numbers, which: Numbers) -> None:
    """Write the least hash of each of some components in its orbit, and the first renaming that has it."""
    for place in range(len(components)):
        keys[place] = FAR
        for renaming in range(len(renamings.to)):
            found = _hashed(store, renamings, components[place], renaming)
            if found < keys[place]:
                keys[place], which[place] = found, renaming


@part
def _hashed(store: Store, renamings: Renamings, component: int, renaming: int) -> int:
    """Return a hash of a component under a renaming, for which its mailbox need not be sorted."""
    here = store.components[component]
    total, queue, sender = np.int64(0), np.int64(0), np.int64(-1)
    for place in range(store.boxes[here.box], store.boxes[here.box + 1]):
        run = store.runs[place]
        envelope = run >> COUNT_BITS
        image_ = np.int64(renamings.envelopes[envelope, renaming])
        if store.rules.kind == FIFO:
            if store.envelopes[envelope].sender != sender:
                total += queue
                queue, sender = np.int64(0), store.envelopes[envelope].sender
            queue = mixed(queue ^ image_)
        else:
            total += mixed((image_ << COUNT_BITS) | (run & COUNT_MASK))
    return mixed((total + queue) ^ np.int64(renamings.locals_[here.local, renaming])) >> 2


@kernel
def are_images(store: Store, renamings: Renamings, pairs: Numbers, into: NDArray[np.bool_], done: int) -> int:
    """Write whether the image of the first component of each (component, renaming, component) is the other one.

    Return where it had to stop.
    """
    for place in range(done, len(pairs)):
        component, renaming, other = pairs[place, 0], pairs[place, 1], pairs[place, 2]
        number = _renamed(store, renamings, component, renaming)
        if number < 0:
            return place
        there = store.components[other]
        owner = store.locals_[there.local].owner
        same_owner = renamings.to[renaming, store.locals_[store.components[component].local].owner] == owner
        into[place] = same_owner and number == there.number
    return len(pairs)
