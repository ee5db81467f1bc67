"""Components: a local state with a mailbox, interned per process, and their change by an arriving message."""

from __future__ import annotations

from typing import Any

from flpcheck.explore.kernel.arrays import (
    COUNT_BITS,
    GONE,
    MIXTURES,
    NO_ROOM,
    OWN,
    SILENT,
    UNASKED,
    Size,
    Store,
    Word,
    Words,
)
from flpcheck.explore.kernel.compile import inlined, kernel, part
from flpcheck.explore.kernel.mailbox import intern_box, mixed, put
from flpcheck.explore.kernel.packing import key_of, value_bits
from flpcheck.explore.kernel.tuples import ONE, ZERO, U
from flpcheck.explore.kernel.words import slot_of


@part
def _name(local: int, box: int) -> int:
    return local << 32 | box


@kernel
def intern_component(store: Store, local: int, box: int) -> int:
    """Return the component with this local state and mailbox; `NO_ROOM`, also if `box` is that, or `UNASKED`."""
    if box >= 0 and store.rules.drops:
        box = _heeded(store, local, box)
    if box < 0:
        return box
    last = len(store.component_slots) - 1
    slot = mixed(_name(local, box)) & last
    while store.component_slots[slot] > 0:
        number = store.component_slots[slot] - 1
        found = store.components[number]
        if found.local == local and found.box == box:
            return number
        slot = (slot + 1) & last
    return _new_component(store, slot, local, box)


@part
def _new_component(store: Store, slot: int, local: int, box: int) -> int:
    component, owner = store.sizes[Size.COMPONENTS], store.locals_[local].owner
    number = store.counts[owner]
    if component >= len(store.components) or 2 * component + 2 > len(store.component_slots):
        return -1
    if number >= store.index.shape[1]:
        return -1
    made = store.components[component]
    made.local, made.box, made.number = local, box, number
    store.index[owner, number] = component
    store.counts[owner] = number + 1
    store.component_slots[slot] = component + 1
    store.sizes[Size.COMPONENTS] = component + 1
    return component


@part
def _heeded(store: Store, local: int, box: int) -> int:
    """Return a mailbox without the letters that are dead in a local state; `NO_ROOM`, or `UNASKED` of some letter."""
    first, last = store.boxes[box], store.boxes[box + 1]
    if first == last or store.locals_[local].status & (GONE | SILENT):
        return box
    asked, left = True, 0
    if last - first > len(store.scratch):
        return NO_ROOM
    for place in range(first, last):
        answer = answered(store, local, store.runs[place] >> COUNT_BITS)
        if answer.question == 0 and not ask(store, local, store.runs[place] >> COUNT_BITS):
            return NO_ROOM
        if answer.question == 0 or answer.first < 0:
            asked = False
        elif not answer.dead:
            store.scratch[left] = store.runs[place]
            left += 1
    if not asked:
        return UNASKED
    return box if left == last - first else intern_box(store, left)


@kernel
def rehash_components(store: Store) -> None:
    """Refill `component_slots`, which is empty, after it has grown."""
    last = len(store.component_slots) - 1
    for component in range(store.sizes[Size.COMPONENTS]):
        slot = mixed(_name(store.components[component].local, store.components[component].box)) & last
        while store.component_slots[slot] > 0:
            slot = (slot + 1) & last
        store.component_slots[slot] = component + 1


@part
def _question(local: int, envelope: int) -> int:
    return ((local << 32) | (envelope + 1)) + 1


@part
def answer_slot(store: Store, local: int, envelope: int) -> int:
    """Return the slot of a question's answer in `answers`, or the free slot for it."""
    question, last = _question(local, envelope), len(store.answers) - 1
    slot = mixed(question) & last
    while store.answers[slot].question != 0 and store.answers[slot].question != question:
        slot = (slot + 1) & last
    return slot


@inlined
def answered(store: Store, local: int, envelope: int) -> Any:
    """Return the answer to a question; its `question` is 0 if it was never put."""
    return store.answers[answer_slot(store, local, envelope)]


@inlined
def local_of(store: Store, component: int) -> Any:
    """Return what is known of a component's local state."""
    return store.locals_[store.components[component].local]


@inlined
def letter_law(store: Store, local: Any, envelope: int) -> int:
    """Return the law of a letter to a process, given what is known of its local state."""
    return store.letters[store.envelopes[envelope].sender, local.owner]


@part
def ask(store: Store, local: int, envelope: int) -> bool:
    """Note down a question that has no answer yet; False if an array is full."""
    slot = answer_slot(store, local, envelope)
    if store.answers[slot].question != 0:
        return True
    count = store.sizes[Size.MISSES]
    if count >= len(store.misses):
        return False
    missed, answer = store.misses[count], store.answers[slot]
    missed.local, missed.envelope = local, envelope
    answer.question, answer.first = _question(local, envelope), -1
    store.sizes[Size.MISSES] = count + 1
    store.sizes[Size.ANSWERS] += 1
    return True


@kernel
def note_question(store: Store, local: int, envelope: int) -> bool:
    """Note down a question that has no answer yet; False if an array is full."""
    return ask(store, local, envelope)


@kernel
def enter_answers(store: Store) -> None:
    """Enter what Python has answered."""
    for miss in range(store.sizes[Size.MISSES]):
        missed = store.misses[miss]
        answer = answered(store, missed.local, missed.envelope)
        answer.first, answer.last, answer.dead = missed.first, missed.last, missed.dead
        if missed.envelope == OWN:
            local = store.locals_[missed.local]
            local.first, local.last = missed.first, missed.last
    store.sizes[Size.MISSES] = 0


@kernel
def enter_mixtures(store: Store, local: int, after: int, first: int, last: int) -> bool:
    """Enter what torn writes leave on the way from one local state to another; False if that is known already."""
    answer = answered(store, local, MIXTURES + after)
    if answer.question != 0:
        return False
    answer.question, answer.first, answer.last = _question(local, MIXTURES + after), first, last
    store.sizes[Size.ANSWERS] += 1
    return True


@kernel
def rehash_answers(store: Store, before: Store) -> None:
    """Move all answers into an empty, larger table."""
    last = len(store.answers) - 1
    for old in range(len(before.answers)):
        question = before.answers[old].question
        if question != 0:
            slot = mixed(question) & last
            while store.answers[slot].question != 0:
                slot = (slot + 1) & last
            store.answers[slot] = before.answers[old]


@part
def arrival(store: Store, owner: int, number: int, envelope: int) -> int:
    """Return the number of the component after a message has arrived; `NO_ROOM`, or `UNASKED`.

    A crashed process receives nothing.
    """
    here = store.components[store.index[owner, number]]
    if store.locals_[here.local].status & GONE:
        return number
    after = intern_component(store, here.local, put(store, here.box, envelope))
    return after if after < 0 else store.components[after].number


@part
def add(adds: Words, used: int, key: Word, after: Word, bits: Word) -> bool:
    """Enter an arrival into the table of the hot loop; False if there is no room."""
    last = len(adds) - 1
    if 4 * used > 3 * last:
        return False
    slot = slot_of(key, U(last))
    while adds[slot] != ZERO:
        slot = (slot + ONE) & U(last)
    adds[slot] = (key << bits) | after
    return True


@kernel
def rehash_adds(before: Words, old_bits: Word, adds: Words, channel_bits: Word) -> None:
    """Move all arrivals into an empty table, which may have more bits for channels."""
    old, new = value_bits(old_bits), value_bits(channel_bits)
    for word in before:
        if word != ZERO:
            key, after = word >> old, word & ((ONE << old) - ONE)
            component, channel = key >> old_bits, key & ((ONE << old_bits) - ONE)
            add(adds, 0, key_of(component, channel, channel_bits), after, new)


@kernel
def add_observed(store: Store, adds: Words, state: int, channel: int, after: int) -> bool:
    """Enter what an observer does with a note; False if there is no room."""
    channels = U(store.rules.channel_bits)
    store.sizes[Size.ADDS] += 1
    return add(adds, store.sizes[Size.ADDS], key_of(U(state), U(channel), channels), U(after), value_bits(channels))
