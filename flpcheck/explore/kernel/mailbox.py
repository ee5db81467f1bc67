"""Mailbox algebra: what arriving, taking and losing messages does to interned mailboxes.

A mailbox is a sorted sequence of (envelope, count) runs, in a fifo network the queues of all senders one after the
other with counts of one.  New mailboxes are made in `scratch` and interned from there.
"""

from __future__ import annotations

import numpy as np

from flpcheck.explore.kernel.arrays import COPIES, COUNT_BITS, COUNT_MASK, FIFO, SET, Numbers, Size, Store
from flpcheck.explore.kernel.compile import kernel, part

MIX = np.int64(-7046029254386353131)
SHIFT = np.int64(29)


@part
def mixed(number: int) -> int:
    """Return a well-spread hash of an integer, not negative."""
    spread = np.int64(number) * MIX
    spread ^= (spread >> SHIFT) & np.int64(0x7FFFFFFFF)
    spread *= MIX
    return (spread ^ (spread >> np.int64(32))) & np.int64(0x7FFFFFFFFFFFFFFF)


@part
def _hash(scratch: Numbers, length: int) -> int:
    total = np.int64(length)
    for place in range(length):
        total = mixed(total ^ scratch[place])
    return total


@part
def _same(store: Store, box: int, length: int) -> bool:
    first = store.boxes[box]
    if store.boxes[box + 1] - first != length:
        return False
    for place in range(length):
        if store.runs[first + place] != store.scratch[place]:
            return False
    return True


@kernel
def intern_box(store: Store, length: int) -> int:
    """Return the number of the mailbox that stands in `scratch`; -1 if an array is full."""
    last = len(store.box_slots) - 1
    slot = _hash(store.scratch, length) & last
    while store.box_slots[slot] > 0:
        if _same(store, store.box_slots[slot] - 1, length):
            return store.box_slots[slot] - 1
        slot = (slot + 1) & last
    return _new_box(store, slot, length)


@part
def _new_box(store: Store, slot: int, length: int) -> int:
    box, first = store.sizes[Size.BOXES], store.sizes[Size.RUNS]
    if box + 2 > len(store.boxes) or 2 * box + 2 > len(store.box_slots) or first + length > len(store.runs):
        return -1
    for place in range(length):
        store.runs[first + place] = store.scratch[place]
    store.boxes[box + 1] = first + length
    store.box_slots[slot] = box + 1
    store.sizes[Size.BOXES] = box + 1
    store.sizes[Size.RUNS] = first + length
    store.sizes[Size.LONGEST] = max(store.sizes[Size.LONGEST], length)
    return box


@kernel
def rehash_boxes(store: Store) -> None:
    """Refill `box_slots`, which is empty, after it has grown."""
    for box in range(store.sizes[Size.BOXES]):
        length = store.boxes[box + 1] - store.boxes[box]
        for place in range(length):
            store.scratch[place] = store.runs[store.boxes[box] + place]
        slot = _hash(store.scratch, length) & (len(store.box_slots) - 1)
        while store.box_slots[slot] > 0:
            slot = (slot + 1) & (len(store.box_slots) - 1)
        store.box_slots[slot] = box + 1


@part
def _with_run(store: Store, box: int, hole: int, run: int) -> int:
    """Copy a mailbox to `scratch` with a run inserted at a place, and return the length; -1 if it is too long."""
    first, last = store.boxes[box], store.boxes[box + 1]
    length = last - first
    if length + 2 > len(store.scratch):
        return -1
    for place in range(hole):
        store.scratch[place] = store.runs[first + place]
    store.scratch[hole] = run
    for place in range(hole, length):
        store.scratch[place + 1] = store.runs[first + place]
    return length + 1


@part
def _without(store: Store, box: int, hole: int) -> int:
    """Copy a mailbox to `scratch` without the run at a place, and return the length; -1 if it is too long."""
    first, last = store.boxes[box], store.boxes[box + 1]
    length = last - first
    if length + 2 > len(store.scratch):
        return -1
    for place in range(hole):
        store.scratch[place] = store.runs[first + place]
    for place in range(hole + 1, length):
        store.scratch[place - 1] = store.runs[first + place]
    return length - 1


@part
def _place(store: Store, box: int, envelope: int) -> int:
    """Return where an envelope's run stands in a mailbox, or where it would have to stand."""
    first, last = store.boxes[box], store.boxes[box + 1]
    queued = store.rules.kind == FIFO
    for place in range(last - first):
        other = store.runs[first + place] >> COUNT_BITS
        if queued:
            if store.envelopes[other].sender > store.envelopes[envelope].sender:
                return place
        elif other >= envelope:
            return place
    return last - first


@part
def _holds(store: Store, box: int, place: int, envelope: int) -> bool:
    at = store.boxes[box] + place
    return at < store.boxes[box + 1] and store.runs[at] >> COUNT_BITS == envelope


@part
def holds(store: Store, box: int, envelope: int) -> bool:
    """Return whether an envelope is in a mailbox."""
    for at in range(store.boxes[box], store.boxes[box + 1]):
        if store.runs[at] >> COUNT_BITS == envelope:
            return True
    return False


@part
def put(store: Store, box: int, envelope: int) -> int:
    """Return the mailbox after a message has arrived in it; -1 if an array is full."""
    place = _place(store, box, envelope)
    kind = store.rules.kind
    if kind != FIFO and _holds(store, box, place, envelope):
        return box if kind == SET else _recounted(store, box, place, 1)
    length = _with_run(store, box, place, (envelope << COUNT_BITS) | 1)
    return -1 if length < 0 else intern_box(store, length)


@part
def _recounted(store: Store, box: int, place: int, more: int) -> int:
    """Return the mailbox with one copy more or less of the run at a place; -1 if an array is full."""
    run = store.runs[store.boxes[box] + place] + more
    if more > 0 and (run - more) & COUNT_MASK >= store.rules.most_copies:
        store.sizes[Size.BEYOND] = COPIES
        return -1
    length = _without(store, box, place)
    if length < 0:
        return -1
    if run & COUNT_MASK == 0:
        return intern_box(store, length)
    for back in range(length - place):
        store.scratch[length - back] = store.scratch[length - back - 1]
    store.scratch[place] = run
    return intern_box(store, length + 1)


@part
def _found(store: Store, box: int, envelope: int) -> int:
    place = 0
    while not _holds(store, box, place, envelope):
        place += 1
    return place


@part
def dropped(store: Store, box: int, envelope: int) -> int:
    """Return the mailbox after one copy of an envelope that it holds has been lost; -1 if an array is full."""
    return _recounted(store, box, _found(store, box, envelope), -1)


@part
def taken(store: Store, box: int, envelope: int) -> int:
    """Return the mailbox after an envelope that it holds has been received; -1 if an array is full."""
    return box if store.rules.kind == SET else dropped(store, box, envelope)


@part
def copied(store: Store, box: int, envelope: int) -> int:
    """Return the mailbox after an envelope that it holds has been duplicated; -1 if an array is full."""
    if store.rules.kind != FIFO:
        return put(store, box, envelope)
    length = _with_run(store, box, _found(store, box, envelope), (envelope << COUNT_BITS) | 1)
    return -1 if length < 0 else intern_box(store, length)


@part
def receivable(store: Store, box: int, found: Numbers) -> int:
    """Write the envelopes that can be received now into `found`, in canonical order, and return how many there are."""
    first, last = store.boxes[box], store.boxes[box + 1]
    if store.rules.kind == FIFO:
        return _heads(store, first, last, found)
    for place in range(last - first):
        envelope = store.runs[first + place] >> COUNT_BITS
        back = place
        while back > 0 and store.envelopes[found[back - 1]].rank > store.envelopes[envelope].rank:
            found[back] = found[back - 1]
            back -= 1
        found[back] = envelope
    return last - first


@part
def _heads(store: Store, first: int, last: int, found: Numbers) -> int:
    """Write the oldest envelope of each sender: queues stand one after the other in the order of senders."""
    count = 0
    for at in range(first, last):
        envelope = store.runs[at] >> COUNT_BITS
        if count == 0 or store.envelopes[found[count - 1]].sender != store.envelopes[envelope].sender:
            found[count] = envelope
            count += 1
    return count
