"""Components: a local state with a mailbox, interned per process; what an arriving message makes of one."""

from __future__ import annotations

from flpcheck.explore.kernel.arrays import (
    ADDS,
    ANSWER_FIRST,
    ANSWER_LAST,
    ANSWERS,
    BOX,
    CHANNEL_BITS,
    COMPONENTS,
    FLAGS,
    GONE,
    LOCAL,
    MISSES,
    MIXTURES,
    NUMBER,
    OWNER,
    QUESTION,
    Store,
    Word,
    Words,
)
from flpcheck.explore.kernel.compile import kernel, part
from flpcheck.explore.kernel.mailbox import mixed, put
from flpcheck.explore.kernel.tuples import ONE, TWO, ZERO, U
from flpcheck.explore.kernel.words import slot_of

OWN = -1
"""The envelope of a question about a process's own events."""


@kernel
def intern_component(store: Store, local: int, box: int) -> int:
    """Return the component with this local state and mailbox; -1 if an array is full or `box` is -1."""
    if box < 0:
        return -1
    last = len(store.component_slots) - 1
    slot = mixed(local << 32 | box) & last
    while store.component_slots[slot] > 0:
        found = store.component_slots[slot] - 1
        if store.components[found, LOCAL] == local and store.components[found, BOX] == box:
            return found
        slot = (slot + 1) & last
    return _new_component(store, slot, local, box)


@part
def _new_component(store: Store, slot: int, local: int, box: int) -> int:
    component, owner = store.sizes[COMPONENTS], store.locals_[local, OWNER]
    number = store.counts[owner]
    if component >= len(store.components) or 2 * component + 2 > len(store.component_slots):
        return -1
    if number >= store.index.shape[1]:
        return -1
    store.components[component, LOCAL] = local
    store.components[component, BOX] = box
    store.components[component, NUMBER] = number
    store.index[owner, number] = component
    store.counts[owner] = number + 1
    store.component_slots[slot] = component + 1
    store.sizes[COMPONENTS] = component + 1
    return component


@kernel
def rehash_components(store: Store) -> None:
    """Refill `component_slots`, which is empty, after it has grown."""
    last = len(store.component_slots) - 1
    for component in range(store.sizes[COMPONENTS]):
        slot = mixed(store.components[component, LOCAL] << 32 | store.components[component, BOX]) & last
        while store.component_slots[slot] > 0:
            slot = (slot + 1) & last
        store.component_slots[slot] = component + 1


@part
def _question(local: int, envelope: int) -> int:
    return ((local << 32) | (envelope + 1)) + 1


@part
def answer_slot(store: Store, local: int, envelope: int) -> int:
    """Return where the answer to a question stands in `answers`, or the free place where it belongs."""
    question, last = _question(local, envelope), len(store.answers) - 1
    slot = mixed(question) & last
    while store.answers[slot, QUESTION] != 0 and store.answers[slot, QUESTION] != question:
        slot = (slot + 1) & last
    return slot


@part
def ask(store: Store, local: int, envelope: int) -> bool:
    """Note down a question that has no answer yet; False if an array is full."""
    slot = answer_slot(store, local, envelope)
    if store.answers[slot, QUESTION] != 0:
        return True
    count = store.sizes[MISSES]
    if count >= len(store.misses):
        return False
    store.misses[count, 0], store.misses[count, 1] = local, envelope
    store.answers[slot, QUESTION] = _question(local, envelope)
    store.answers[slot, ANSWER_FIRST] = -1
    store.sizes[MISSES] = count + 1
    store.sizes[ANSWERS] += 1
    return True


@kernel
def enter_answers(store: Store) -> None:
    """Enter what Python has answered; columns 2 and 3 of `misses` say where the outcomes stand."""
    for miss in range(store.sizes[MISSES]):
        slot = answer_slot(store, store.misses[miss, 0], store.misses[miss, 1])
        store.answers[slot, ANSWER_FIRST] = store.misses[miss, 2]
        store.answers[slot, ANSWER_LAST] = store.misses[miss, 3]
    store.sizes[MISSES] = 0


@kernel
def enter_mixtures(store: Store, local: int, after: int, first: int, last: int) -> bool:
    """Enter what torn writes leave on the way from one local state to another; False if that is known already."""
    slot = answer_slot(store, local, MIXTURES + after)
    if store.answers[slot, QUESTION] != 0:
        return False
    store.answers[slot, QUESTION] = _question(local, MIXTURES + after)
    store.answers[slot, ANSWER_FIRST], store.answers[slot, ANSWER_LAST] = first, last
    store.sizes[ANSWERS] += 1
    return True


@kernel
def rehash_answers(store: Store, before: Store) -> None:
    """Move all answers into an empty, larger table."""
    last = len(store.answers) - 1
    for old in range(len(before.answers)):
        question = before.answers[old, QUESTION]
        if question != 0:
            slot = mixed(question) & last
            while store.answers[slot, QUESTION] != 0:
                slot = (slot + 1) & last
            for part in range(3):
                store.answers[slot, part] = before.answers[old, part]


@part
def arrival(store: Store, owner: int, number: int, envelope: int) -> int:
    """Return the number of the component after a message has arrived; -1 if an array is full.

    A crashed process receives nothing.
    """
    component = store.index[owner, number]
    local = store.components[component, LOCAL]
    if store.locals_[local, FLAGS] & GONE:
        return number
    after = intern_component(store, local, put(store, store.components[component, BOX], envelope))
    return -1 if after < 0 else store.components[after, NUMBER]


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
def rehash_adds(before: Words, bits: Word, adds: Words, channel_bits: Word) -> None:
    """Move all arrivals into an empty table, which may share the bits out in another way."""
    old_channels, values = U(64) - TWO * bits, (U(64) - channel_bits) >> ONE
    for word in before:
        if word != ZERO:
            key, after = word >> bits, word & ((ONE << bits) - ONE)
            key = (key >> old_channels << channel_bits) | (key & ((ONE << old_channels) - ONE))
            add(adds, 0, key, after, values)


@kernel
def add_observed(store: Store, adds: Words, state: int, channel: int, after: int) -> bool:
    """Enter what an observer does with a note; False if there is no room."""
    channels = U(store.rules[CHANNEL_BITS])
    key = (U(state) << channels) | U(channel)
    store.sizes[ADDS] += 1
    return add(adds, store.sizes[ADDS], key, U(after), (U(64) - channels) >> ONE)
