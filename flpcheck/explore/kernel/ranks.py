"""The ids that one worker alone would have given to what several have found in a portion.

It enters a configuration when it first comes to it, so ids are in the order of the least keys.  For each configuration
of the portion a bit marks which of its transitions entered something: how many are marked before one is the rank of
what it has entered.
"""

from __future__ import annotations

import numpy as np

from flpcheck.explore.kernel.arrays import BATCH, Numbers, Space, Word, Words
from flpcheck.explore.kernel.atomic import marked, ones
from flpcheck.explore.kernel.compile import inlined, kernel, prefetch
from flpcheck.explore.kernel.packing import bits_of
from flpcheck.explore.kernel.portion import FRESH, NEVER, Portion
from flpcheck.explore.kernel.portions import POSITION, SOURCE_SHIFT
from flpcheck.explore.kernel.tuples import HALF, ONE, U, loaded, stored

WORD, IN_WORD = np.uint64(6), np.uint64(63)
SLEEP = np.uint64((1 << 32) - 1)


@inlined
def _place(key: Word, stride: Word) -> tuple[Word, Word]:
    """Return the word of a key's mark, and the mark."""
    position = (key >> HALF) & POSITION
    return (key >> SOURCE_SHIFT) * stride + (position >> WORD), ONE << (position & IN_WORD)


@kernel
def mark(portion: Portion, marks: Words, stride: int, first: int, last: int) -> None:
    """Mark the transitions that entered some ids, counted from the first of the portion.

    Parameters
    ----------
    marks
        uint64[stride * n]: the bits of each configuration of the portion, zero before.
    """
    for number in range(U(first), U(last)):
        key = portion.keys[number]
        if key != NEVER:
            word, bit = _place(key, U(stride))
            marked(marks, word, bit)


@kernel
def count_marks(marks: Words, before: Numbers) -> int:
    """Write how many marks stand before each word, and return how many there are."""
    count = 0
    for word in range(len(marks)):
        before[word] = count
        count += np.int64(ones(marks[word]))
    return count


@kernel
def rank(
    space: Space, marks: Words, before: Numbers, stride: int, into: Words, first: int, last: int,
    shape: tuple[Word, ...],
) -> None:  # fmt: skip
    """Give some ids their rank: it replaces the key, and the id in the slot; the configuration is copied to its place.

    Parameters
    ----------
    into
        uint64[n * words]: the configurations by rank.
    """
    portion, bits, width = space.portion, bits_of(space.slots), U(len(shape))
    fresh = U(portion.counters[FRESH])
    ids = (ONE << bits) - ONE
    end = U(last)
    for number in range(U(first), end):
        ahead = number + U(BATCH)
        if ahead < end and portion.keys[ahead] != NEVER:
            prefetch(space.slots, U(portion.slots[ahead]))
        key = portion.keys[number]
        if key == NEVER:
            continue
        word, bit = _place(key, U(stride))
        place = U(before[word]) + ones(marks[word] & (bit - ONE))
        stored(into, place * width, loaded(space.states, (fresh + number) * width, shape))
        if len(space.asleep) > 0:
            space.asleep[fresh + place] = np.uint32(key & SLEEP)
        slot = portion.slots[number]
        space.slots[slot] = np.uint32((U(space.slots[slot]) & ~ids) | (fresh + place + ONE))
        portion.keys[number] = place


@kernel
def gather(space: Space, held: Space, shift: int, first: int, last: int) -> None:
    """Copy the transitions of some configurations of a portion to their places, with the ids that remain.

    Parameters
    ----------
    space
        Where they belong; its `offsets` say where.
    held
        Where the workers have put them.
    shift
        The first configuration of the portion.
    first, last
        Which configurations, counted from there.
    """
    portion = held.portion
    fresh = U(portion.counters[FRESH])
    for source in range(first, last):
        into = U(space.offsets[shift + source])
        for place in range(U(portion.starts[source]), U(portion.ends[source])):
            target = U(held.targets[place])
            target = target if target < fresh else fresh + portion.keys[target - fresh]
            space.targets[into] = np.int32(target)
            space.movers[into] = held.movers[place]
            into += ONE
