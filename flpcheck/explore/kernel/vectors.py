"""Vectors of whole numbers, numbered in the order in which they are entered: an exact table, since it holds them.

The slots say where the vector with a hash stands; the vector itself is the key, so no two are ever confused, and there
is no limit on how long one is, or on what it holds.
"""

from __future__ import annotations

from typing import NamedTuple

from flpcheck.explore.kernel.arrays import Numbers, Word
from flpcheck.explore.kernel.compile import inlined, kernel, part
from flpcheck.explore.kernel.tuples import HALF, ONE, SPREAD, SPREAD_AGAIN, ZERO, U


class Vectors(NamedTuple):
    """Vectors of one length.

    Parameters
    ----------
    slots
        int64[2^k]: the number of a vector plus one, 0 where there is none.
    keys
        int64[n, length].
    """

    slots: Numbers
    keys: Numbers


@inlined
def _hash(key: Numbers, length: int) -> Word:
    spread = ZERO
    for at in range(length):
        spread = (spread ^ (spread >> HALF) ^ U(key[at])) * SPREAD_AGAIN
    spread = (spread ^ (spread >> HALF)) * SPREAD
    return spread ^ (spread >> HALF)


@inlined
def _same(vectors: Vectors, number: int, key: Numbers) -> bool:
    for at in range(vectors.keys.shape[1]):
        if vectors.keys[number, at] != key[at]:
            return False
    return True


@part
def slot_of_vector(vectors: Vectors, key: Numbers) -> Word:
    """Return the slot where a vector stands, or the free one where it belongs; only its length of `key` is read."""
    last = U(len(vectors.slots)) - ONE
    slot = _hash(key, vectors.keys.shape[1]) & last
    while vectors.slots[slot] != 0 and not _same(vectors, vectors.slots[slot] - 1, key):
        slot = (slot + ONE) & last
    return slot


@inlined
def number_of(vectors: Vectors, key: Numbers) -> int:
    """Return the number of a vector; -1 if it was not entered."""
    return vectors.slots[slot_of_vector(vectors, key)] - 1


@kernel
def look_up(vectors: Vectors, key: Numbers) -> int:
    """Return the number of a vector; -1 if it was not entered."""
    return number_of(vectors, key)


@kernel
def enter_vectors(vectors: Vectors, first: int, last: int) -> None:
    """Enter the vectors from one number on, which stand among the keys and in no slot."""
    for number in range(first, last):
        vectors.slots[slot_of_vector(vectors, vectors.keys[number])] = number + 1
