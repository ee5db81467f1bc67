"""The visited table: 4-byte slots that hold an id and a few bits of hash; the configuration itself is the key.

Slots are verified against the states array, so look-ups are exact, and ids come for free.  A batch is looked up in two
passes: the first fetches the configurations that the slots point to, the second compares.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from flpcheck.explore.kernel.arrays import FORBIDDEN, FOUND, Batch, Space, Word, Words
from flpcheck.explore.kernel.atomic import exchanged, lowered, read
from flpcheck.explore.kernel.compile import inlined, kernel, part, prefetch
from flpcheck.explore.kernel.packing import bits_of
from flpcheck.explore.kernel.portion import FRESH, NEVER
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
def resolve(space: Space, batch: Batch, entry: Word, found: Word, bits: Word, width: int) -> Word:
    """Return the id of a successor; it is `found` if the successor is new, and then it has been entered.

    Only the first `found` configurations count: slots may lead to others where a search was cut.
    """
    hash_ = batch.hashes[entry]
    ids = (ONE << bits) - ONE
    tag, at, of = _tag(hash_, bits), home(hash_, bits), entry * U(width)
    slot = U(space.slots[at])
    while slot != ZERO:
        number = (slot & ids) - ONE
        if slot >> bits == tag and number < found and _equal(space.states, number * U(width), batch.words, of, width):
            return number
        at = (at + ONE) & ids
        slot = U(space.slots[at])
    space.slots[at] = np.uint32((tag << bits) | (found + ONE))
    for word in range(width):
        space.states[found * U(width) + U(word)] = batch.words[of + U(word)]
    if len(space.asleep) > 0:
        space.asleep[found] = np.uint32(batch.asleep[entry])
    return found


@inlined
def _resolve_together(space: Space, batch: Batch, entry: Word, given: Word, bits: Word, width: int) -> Word:
    """Do as `resolve` does while others do the same; `given` is the next id that this worker may give.

    A configuration is written before the slot that leads to it.  A worker that finds the slot taken looks there.
    """
    hash_, key, portion, of = batch.hashes[entry], batch.asleep[entry], space.portion, entry * U(width)
    ids, fresh = (ONE << bits) - ONE, U(portion.counters[FRESH])
    tag, at, written = _tag(hash_, bits), home(hash_, bits), False
    while True:
        slot = U(read(space.slots, at))
        if slot == ZERO:
            if not written:
                for word in range(width):
                    space.states[given * U(width) + U(word)] = batch.words[of + U(word)]
                portion.keys[given - fresh], written = key, True
            portion.slots[given - fresh] = np.uint32(at)
            slot = U(exchanged(space.slots, at, np.uint32(0), np.uint32((tag << bits) | (given + ONE))))
            if slot == ZERO:
                return given
        number = (slot & ids) - ONE
        if slot >> bits == tag and _equal(space.states, number * U(width), batch.words, of, width):
            break
        at = (at + ONE) & ids
    if written:
        portion.keys[given - fresh] = NEVER
    if number >= fresh and key < portion.keys[number - fresh]:
        lowered(portion.keys, number - fresh, key)
    return number


@part
def resolve_batch(
    space: Space, batch: Batch, count: Word, found: Word, edges: Word, shape: tuple[Word, ...]
) -> Word:  # fmt: skip
    """Look a batch up, enter what is new, store the targets that end at `edges`; return how many are found now."""
    width, bits, together = len(shape), bits_of(space.slots), len(space.portion.keys) > 0
    fetch(space, batch, count, bits, width)
    keep = len(space.targets) > 0
    target = edges - count
    for entry in range(count):
        if together:
            number = _resolve_together(space, batch, entry, found, bits, width)
        else:
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
def rebuild(space: Space, batch: Batch, shape: tuple[Word, ...], start: int, stop: int) -> None:
    """Enter some configurations into a table that has none of them; others may be entering others.

    Ids that workers may give, and have not given, are passed over.
    """
    width, portion = len(shape), space.portion
    fresh = U(portion.counters[FRESH]) if len(portion.keys) > 0 else FORBIDDEN
    bits = bits_of(space.slots)
    last = (ONE << bits) - ONE
    size, first, end = U(len(batch.hashes)), U(start), U(stop)
    while first < end:
        count = min(size, end - first)
        for entry in range(count):
            hash_ = hashed(loaded(space.states, (first + entry) * U(width), shape))
            batch.hashes[entry] = hash_
            prefetch(space.slots, home(hash_, bits))
        for entry in range(count):
            number = first + U(entry)
            if number >= fresh and portion.keys[number - fresh] == NEVER:
                continue
            hash_ = batch.hashes[entry]
            slot, at = np.uint32((_tag(hash_, bits) << bits) | (number + ONE)), home(hash_, bits)
            while space.slots[at] != 0 or exchanged(space.slots, at, np.uint32(0), slot) != 0:
                at = (at + ONE) & last
            if number >= fresh:
                portion.slots[number - fresh] = np.uint32(at)
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
