"""The visited table: 4-byte slots that hold an id and a few bits of hash; the configuration itself is the key.

Slots are verified against the states array, so look-ups are exact, and ids come for free.  A batch is looked up in two
passes: the first fetches the configurations that the slots point to, the second compares.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from flpcheck.explore.kernel.arrays import FOUND, Batch, Space, Word, Words
from flpcheck.explore.kernel.compile import inlined, kernel, part, prefetch
from flpcheck.explore.kernel.packing import bits_of
from flpcheck.explore.kernel.tuples import HALF, ONE, ZERO, U, hashed, loaded


@inlined
def _equal(states: Words, at: Word, words: Words, of: Word, width: int) -> Any:
    for word in range(width):
        if states[at + U(word)] != words[of + U(word)]:
            return False
    return True


@inlined
def home(hash_: Word, bits: Word) -> Word:
    """Return the home slot of a hash: its top bits, since the tag holds the lowest."""
    return hash_ >> (U(64) - bits)


@inlined
def _tag(hash_: Word, bits: Word) -> Word:
    return hash_ & ((ONE << (HALF - bits)) - ONE)


@inlined
def fetch(space: Space, batch: Batch, count: Word, bits: Word, width: int) -> None:
    """Ask for the configurations that the slots of a batch point to."""
    ids = (ONE << bits) - ONE
    for entry in range(count):
        hash_ = batch.hashes[entry]
        slot = U(space.slots[home(hash_, bits)])
        if slot != ZERO and slot >> bits == _tag(hash_, bits):
            prefetch(space.states, ((slot & ids) - ONE) * U(width))


@inlined
def _sought(space: Space, batch: Batch, entry: Word, known: Word, bits: Word, width: int) -> tuple[Word, Word]:
    """Return the id of a successor and its slot; `known` and the free slot where it belongs if it is not known.

    Only the first `known` configurations count: others may be entered at the same time, whose slots are passed over.
    """
    hash_ = batch.hashes[entry]
    ids = (ONE << bits) - ONE
    tag, at, of = _tag(hash_, bits), home(hash_, bits), entry * U(width)
    slot = U(space.slots[at])
    while slot != ZERO:
        number = (slot & ids) - ONE
        if slot >> bits == tag and number < known and _equal(space.states, number * U(width), batch.words, of, width):
            return number, at
        at = (at + ONE) & ids
        slot = U(space.slots[at])
    return known, at


@inlined
def resolve(space: Space, batch: Batch, entry: Word, found: Word, bits: Word, width: int) -> Word:
    """Return the id of a successor; it is `found` if the successor is new, and then it has been entered."""
    number, at = _sought(space, batch, entry, found, bits, width)
    if number < found:
        return number
    of, tag = entry * U(width), _tag(batch.hashes[entry], bits)
    space.slots[at] = np.uint32((tag << bits) | (found + ONE))
    for word in range(width):
        space.states[found * U(width) + U(word)] = batch.words[of + U(word)]
    if len(space.asleep) > 0:
        space.asleep[found] = np.uint32(batch.asleep[entry])
    return found


@part
def _settle_apart(
    origin: Space,
    space: Space,
    batch: Batch,
    count: Word,
    found: Word,
    edges: Word,
    known: Word,
    shape: tuple[Word, ...],
) -> Word:
    """Do as `resolve_batch` does, for a worker: what is unknown gets a number of its own, as target -1 - number."""
    width = len(shape)
    far, near = bits_of(origin.slots), bits_of(space.slots)
    fetch(origin, batch, count, far, width)
    keep, target = len(space.targets) > 0, edges - count
    for entry in range(count):
        number, _ = _sought(origin, batch, entry, known, far, width)
        if number < known:
            if keep:
                space.targets[target + entry] = np.int32(number)
            continue
        number = resolve(space, batch, entry, found, near, width)
        if number == found:
            found += ONE
        if keep:
            space.targets[target + entry] = np.int32(-1) - np.int32(number)
    return found


@part
def resolve_batch(
    origin: Space,
    space: Space,
    batch: Batch,
    count: Word,
    found: Word,
    edges: Word,
    known: Word,
    shape: tuple[Word, ...],
) -> Word:
    """Look a batch up, enter what is new, store the targets that end at `edges`; return how many are found now."""
    width = len(shape)
    if known != ZERO:
        return _settle_apart(origin, space, batch, count, found, edges, known, shape)
    bits = bits_of(space.slots)
    fetch(space, batch, count, bits, width)
    keep = len(space.targets) > 0
    target = edges - count
    for entry in range(count):
        number = resolve(space, batch, entry, found, bits, width)
        if number == found:
            found += ONE
        if keep:
            space.targets[target + entry] = np.int32(number)
    return found


@kernel
def enter(space: Space, batch: Batch, shape: tuple[Word, ...]) -> int:
    """Enter the one configuration that stands in the batch, and return its id."""
    width, found = len(shape), U(space.tally[FOUND])
    batch.hashes[0] = hashed(loaded(batch.words, ZERO, shape))
    bits = bits_of(space.slots)
    number = resolve(space, batch, ZERO, found, bits, width)
    space.tally[FOUND] += number == found
    return np.int64(number)


@kernel
def rebuild(space: Space, batch: Batch, shape: tuple[Word, ...], start: int) -> None:
    """Enter the configurations from `start` on into a table that has all before them, and none of them."""
    width = len(shape)
    bits = bits_of(space.slots)
    last = (ONE << bits) - ONE
    found = U(space.tally[FOUND])
    size = U(len(batch.hashes))
    first = U(start)
    while first < found:
        count = min(size, found - first)
        for entry in range(count):
            hash_ = hashed(loaded(space.states, (first + entry) * U(width), shape))
            batch.hashes[entry] = hash_
            prefetch(space.slots, home(hash_, bits))
        for entry in range(count):
            hash_ = batch.hashes[entry]
            at = home(hash_, bits)
            while space.slots[at] != 0:
                at = (at + ONE) & last
            space.slots[at] = np.uint32((_tag(hash_, bits) << bits) | (first + entry + ONE))
        first += count


@kernel
def discoverers(space: Space, parent: NDArray[np.int32], roots: int) -> None:
    """Write by whom each configuration was discovered: ids that are no roots appear among the targets in order."""
    fresh = roots
    for source in range(len(parent)):
        for edge in range(space.offsets[source], space.offsets[source + 1]):
            if space.targets[edge] == fresh:
                parent[fresh] = source
                fresh += 1
