"""Packing of small numbers into words: rows, changes, spans of sends, sends, arrivals, entries of an agenda.

A row is `first << 28 | count << 8 | flags`: where the moves of a component begin in `Tables.moves`, how many there
are, and `ROW_CRASHED`, `ROW_PLAIN`.  A span is `first << 20 | count`: the sends of a move.  A send is
`field << 32 | channel`.  A change is `terms << 32 | difference`: what a move does to its component's number; terms are
`fires << 31 | restarts << 30 | said << 14 | law`.  An arrival
is `(before << channel bits | channel) << value bits | after`.  An entry of an
agenda is `phase << 56 | process << 50 | asleep << 49 | move`, so its phase can be told by comparing.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from flpcheck.explore.kernel.arrays import COUNT_BITS, COUNT_MASK, FIRES, LAW_BITS, RESTARTS, SAID_BITS, Word
from flpcheck.explore.kernel.compile import inlined
from flpcheck.explore.kernel.tuples import HALF, ONE, ZERO, U

FLAG_BITS = np.uint64(8)
FIRST_SHIFT = np.uint64(8 + COUNT_BITS)
COUNT_SHIFT, COUNT = np.uint64(COUNT_BITS), np.uint64(COUNT_MASK)
LOWER = np.uint64(0xFFFFFFFF)
PHASE_SHIFT, PROCESS_SHIFT = np.uint64(56), np.uint64(50)
ASLEEP = np.uint64(1 << 49)
PROCESS, MOVE = np.uint64(63), np.uint64((1 << 49) - 1)
LAW, FIRING = np.uint64((1 << LAW_BITS) - 1), np.uint64(FIRES << 32)
SAID_SHIFT, SAID = np.uint64(32 + LAW_BITS), np.uint64((1 << SAID_BITS) - 1)
ANEW = np.uint64((FIRES | RESTARTS) << 32)


@inlined
def row_of(first: int, count: int, flags: int) -> Word:
    """Return the row of a component: `count` moves from `first` on."""
    return (U(first) << FIRST_SHIFT) | (U(count) << FLAG_BITS) | U(flags)


@inlined
def first_of(row: Word) -> Word:
    """Return where the moves of a row begin."""
    return row >> FIRST_SHIFT


@inlined
def count_of(row: Word) -> Word:
    """Return how many moves a row has."""
    return (row >> FLAG_BITS) & COUNT


@inlined
def change_of(terms: int, before: int, after: int) -> Word:
    """Return what a move does to its component, on some terms."""
    return (U(terms) << HALF) | U(before ^ after)


@inlined
def terms_of(change: Word) -> Word:
    """Return the terms of a move: its law, and what it does to the timer of its process."""
    return change >> HALF


@inlined
def law_of(change: Word) -> Word:
    """Return the law of a move; 0 if the world always lets it happen."""
    return (change >> HALF) & LAW


@inlined
def said_of(change: Word) -> Word:
    """Return which signed messages of liars a move takes; 0 if none."""
    return (change >> SAID_SHIFT) & SAID


@inlined
def difference_of(change: Word) -> Word:
    """Return how a move changes its component's number."""
    return change & LOWER


@inlined
def span_of(first: int, count: int) -> Word:
    """Return what a move sends: `count` sends from `first` on."""
    return (U(first) << COUNT_SHIFT) | U(count)


@inlined
def begin_of(span: Word) -> Word:
    """Return where the sends of a span begin."""
    return span >> COUNT_SHIFT


@inlined
def end_of(span: Word) -> Word:
    """Return where the sends of a span end."""
    return (span >> COUNT_SHIFT) + (span & COUNT)


@inlined
def field_of(send: Word) -> Word:
    """Return to which field of a configuration something is sent: a process, or an observer's."""
    return send >> HALF


@inlined
def channel_of(send: Word) -> Word:
    """Return what is sent there."""
    return send & LOWER


@inlined
def value_bits(channel_bits: Word) -> Word:
    """Return how many bits of an arrival the component has, before it and after it."""
    return (U(64) - channel_bits) >> ONE


@inlined
def key_of(before: Word, channel: Word, channel_bits: Word) -> Word:
    """Return the key of an arrival: the component before it, and the channel."""
    return (before << channel_bits) | channel


@inlined
def process_of(entry: Word) -> Word:
    """Return the process that an entry of an agenda moves."""
    return (entry >> PROCESS_SHIFT) & PROCESS


@inlined
def bits_of(slots: Any) -> Word:
    """Return k for a table of 2^k slots."""
    bits, length = ZERO, U(len(slots))
    while length > ONE:
        length >>= ONE
        bits += ONE
    return bits
