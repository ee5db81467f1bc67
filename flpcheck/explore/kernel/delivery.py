"""Delivery: messages and notes of a move are put into the mailboxes of a configuration."""

from __future__ import annotations

import numpy as np

from flpcheck.explore.kernel.arrays import (
    DONE,
    FULL,
    MISS_COMPONENT,
    MISS_FIELD,
    MISS_MESSAGE,
    SKIPPED,
    UNASKED,
    UNKNOWN,
    WIDE,
    Layout,
    Numbers,
    Size,
    Store,
    Tables,
    Word,
)
from flpcheck.explore.kernel.compile import inlined, outside, part
from flpcheck.explore.kernel.components import add, arrival
from flpcheck.explore.kernel.packing import begin_of, channel_of, end_of, field_of, key_of, value_bits
from flpcheck.explore.kernel.tuples import ONE, ZERO, U, word_of, xored
from flpcheck.explore.kernel.words import slot_of


@part
def _learnt(
    layout: Layout, tables: Tables, store: Store, tally: Numbers, field: Word, before: Word, channel: Word
) -> int:
    """Find out what an arrival makes of a component, and enter it; return the number, or minus a reason to stop."""
    message = store.channels[channel]
    if field >= U(tables.rows.shape[1]):
        tally[MISS_FIELD], tally[MISS_COMPONENT], tally[MISS_MESSAGE] = field, before, message
        return -UNKNOWN
    after, channels = arrival(store, np.int64(field), np.int64(before), message), U(store.rules.channel_bits)
    if after < 0:
        return -UNKNOWN if after == UNASKED else -FULL
    values = value_bits(channels)
    if U(after) > layout.mask[field] or U(after) >> values:
        return -WIDE
    if not add(tables.adds, store.sizes[Size.ADDS], key_of(before, channel, channels), U(after), values):
        return -FULL
    store.sizes[Size.ADDS] += 1
    return after


@outside
def _learn(
    layout: Layout, tables: Tables, store: Store, tally: Numbers, field: Word, before: Word, channel: Word
) -> int:
    return _learnt(layout, tables, store, tally, field, before, channel)


@inlined
def deliver(
    layout: Layout,
    tables: Tables,
    store: Store,
    tally: Numbers,
    configuration: tuple[Word, ...],
    sends: Word,
    channels: Word,
    learns: bool,
) -> tuple[int, tuple[Word, ...], Word]:
    """Put what a move sends into the mailboxes of a configuration.

    Return 0 or the reason to stop, the result, and the bits of the fields that it touched.
    """
    send, end, touched = begin_of(sends), end_of(sends), ZERO
    last, values = U(len(tables.adds)) - ONE, value_bits(channels)
    while send < end:
        packed = tables.sends[send]
        field, channel = field_of(packed), channel_of(packed)
        touched |= ONE << field
        word, shift = layout.word[field], layout.shift[field]
        before = (word_of(configuration, word) >> shift) & layout.mask[field]
        key = key_of(before, channel, channels)
        slot = slot_of(key, last)
        entry = tables.adds[slot]
        while entry >> values != key and entry != ZERO:
            slot = (slot + ONE) & last
            entry = tables.adds[slot]
        if entry == ZERO:
            if not learns:
                return SKIPPED, configuration, touched
            learnt = _learn(layout, tables, store, tally, field, before, channel)
            if learnt < 0:
                return -learnt, configuration, touched
            entry = U(learnt)
        after = entry & ((ONE << values) - ONE)
        configuration = xored(configuration, word, (before ^ after) << shift)
        send += ONE
    return DONE, configuration, touched
