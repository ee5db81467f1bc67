"""Arithmetic on packed words: unsigned throughout."""

from __future__ import annotations

import numpy as np

from flpcheck.explore.kernel.arrays import Batch, Layout, Word, Words
from flpcheck.explore.kernel.compile import inlined, kernel
from flpcheck.explore.kernel.tuples import HALF, SPREAD, ZERO, U, word_of

NEIGHBOURS = np.uint64(3)
"""A cache line holds eight slots of eight bytes: what arrives at one component is looked up in few of them."""
NEIGHBOUR = np.uint64((1 << 3) - 1)


@inlined
def slot_of(key: Word, last: Word) -> Word:
    """Return the home of a key in a table with that last slot; keys that differ in their last bits are neighbours."""
    spread = (key >> NEIGHBOURS) * SPREAD
    return (((spread ^ (spread >> HALF)) << NEIGHBOURS) | (key & NEIGHBOUR)) & last


@inlined
def value_of(layout: Layout, configuration: tuple[Word, ...], field: Word) -> Word:
    """Return the number that a field of a configuration holds."""
    return (word_of(configuration, layout.word[field]) >> layout.shift[field]) & layout.mask[field]


@kernel
def repack(
    states: Words, before: Layout, width: int, into: Words, after: Layout, wider: int, first: int, last: int
) -> None:  # fmt: skip
    """Copy some configurations from one layout into another."""
    for number in range(first, last):
        source, target = U(number * width), U(number * wider)
        for word in range(wider):
            into[target + U(word)] = ZERO
        for field in range(len(before.word)):
            value = (states[source + before.word[field]] >> before.shift[field]) & before.mask[field]
            into[target + after.word[field]] |= value << after.shift[field]


@kernel
def column(states: Words, layout: Layout, width: int, field: int, into: Words) -> None:
    """Write one field of every configuration into an array."""
    word, shift, mask = U(layout.word[field]), layout.shift[field], layout.mask[field]
    for number in range(len(into)):
        into[number] = (states[U(number * width) + word] >> shift) & mask


def new_batch(width: int, size: int, moves: int, group: int) -> Batch:
    """Return an empty batch.

    Parameters
    ----------
    width, size
        How many words a configuration has, and how many configurations the batch.
    moves, group
        How many moves a configuration may have, and how many of them may be crashes of one process.
    """
    return Batch(*(np.zeros(count, np.uint64) for count in (size * width, size, moves, group * width, size)))
