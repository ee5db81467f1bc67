"""Rounds: the rows of the entries of a plan, joined to successors.

A successor takes one element of each row, the last process fastest.
"""

from __future__ import annotations

import numpy as np

from flpcheck.explore.kernel.arrays import (
    CUT,
    DONE,
    EDGES,
    FOUND,
    FULL,
    MISS_COMPONENT,
    MISS_FIELD,
    NEXT,
    UNKNOWN,
    Batch,
    Layout,
    Space,
    Word,
)
from flpcheck.explore.kernel.compile import inlined, kernel, part, prefetch
from flpcheck.explore.kernel.packing import bits_of
from flpcheck.explore.kernel.plans import (
    AFTER,
    CORPSE,
    CRASHES,
    MET,
    MOVER,
    OPENS,
    READY,
    SHARED,
    WANTED,
    Desk,
    RoundArrays,
    prepare,
    read,
)
from flpcheck.explore.kernel.search import Limits
from flpcheck.explore.kernel.tuples import ONE, ZERO, U, hashed, loaded, stored, xored
from flpcheck.explore.kernel.visited import home, resolve_batch


@inlined
def _put(layout: Layout, configuration: tuple[Word, ...], field: int, before: int, after: int) -> tuple[Word, ...]:
    return xored(configuration, layout.word[field], U(before ^ after) << layout.shift[field])


@inlined
def _begin(
    layout: Layout, rounds: RoundArrays, current: tuple[Word, ...], world: int, entry: int, place: int
) -> tuple[int, tuple[Word, ...]]:
    """Return how many processes have a choice in an entry, which are written down, and its first successor."""
    desk, wheels, processes = rounds.desk, 0, len(rounds.desk.parts)
    successor = _put(layout, current, processes, world, rounds.entries[entry, AFTER])
    for process in range(processes):
        kind, after = rounds.kinds[entry, process], desk.numbers[process]
        if kind == CRASHES:
            after = rounds.parts[desk.parts[process], CORPSE]
        elif kind >= 0:
            row = desk.rows[place, process]
            first, end = rounds.spans[row, 0], rounds.spans[row, 1]
            after = rounds.afters[first]
            if end > first + 1:
                desk.wheels[0, wheels], desk.wheels[1, wheels] = process, first
                desk.wheels[2, wheels], desk.wheels[3, wheels] = end, first
                wheels += 1
        successor = _put(layout, successor, process, desk.numbers[process], after)
    return wheels, successor


@inlined
def _turned(layout: Layout, rounds: RoundArrays, wheels: int, successor: tuple[Word, ...]) -> tuple[Word, ...]:
    """Return the next combination, the last process fastest; after the last one the first."""
    desk, wheel, carries = rounds.desk, wheels - 1, True
    while carries and wheel >= 0:
        at = desk.wheels[3, wheel]
        before, at = rounds.afters[at], at + 1
        carries = at == desk.wheels[2, wheel]
        if carries:
            at = desk.wheels[1, wheel]
        desk.wheels[3, wheel] = at
        successor = _put(layout, successor, desk.wheels[0, wheel], before, rounds.afters[at])
        wheel -= 1
    return successor


@part
def _forget(desk: Desk) -> None:
    """Forget which successors were met."""
    for number in range(desk.counts[MET]):
        desk.met[desk.entered[number]] = 0
    desk.counts[MET] = 0


@part
def _is_met(desk: Desk, batch: Batch, successor: tuple[Word, ...], hash_: Word) -> bool:
    """Return whether a successor was met since the last time that they were forgotten; it has been, from now on."""
    last, width = U(len(desk.met)) - ONE, U(len(successor))
    slot = hash_ & last
    while desk.met[slot] != 0:
        if loaded(batch.group, U(desk.met[slot] - 1) * width, successor) == successor:
            return True
        slot = (slot + ONE) & last
    number = desk.counts[MET]
    stored(batch.group, U(number) * width, successor)
    desk.met[slot], desk.entered[number], desk.counts[MET] = number + 1, np.int64(slot), number + 1
    return False


# What is true in the loop is said in `search.py`; the two differ in where successors come from.
@kernel
def expand_rounds(
    layout: Layout,
    rounds: RoundArrays,
    space: Space,
    batch: Batch,
    limits: Limits,
    until: int,
    shape: tuple[Word, ...],
) -> int:
    """Expand configurations in the order of their ids, as `search.expand` does; return why it stopped.

    Where Python has to be asked, the configuration and what is missing stand in the tally.  Where one may have more
    successors than there is room for, `WANTED` says how many there should be room for.
    """
    width, desk = U(len(shape)), rounds.desk
    found, edges, source = U(space.tally[FOUND]), U(space.tally[EDGES]), U(space.tally[NEXT])
    last, capacity, edge_capacity, tight = U(until), U(limits.capacity), U(limits.edge_capacity), U(limits.tight)
    keep, counted = len(space.targets) > 0 and not limits.peek, len(space.offsets) > 1
    bits, done, count, stop = bits_of(space.slots), edges, ZERO, DONE
    brink = min(capacity, tight)
    while source < last:
        if found + count >= brink or edges >= edge_capacity:
            found = resolve_batch(space, batch, count, found, edges, shape)
            count = ZERO
            if found >= capacity or edges >= edge_capacity:
                stop = FULL
                break
        alone, found_before, edges_before = found >= tight, found, edges
        current = loaded(space.states, source * width, shape)
        world = read(layout, desk, current)
        missing, entry, end, total = prepare(rounds, world, limits.peek)
        if missing != READY:
            stop = UNKNOWN
            space.tally[MISS_COMPONENT], space.tally[MISS_FIELD] = np.int64(source), missing
        elif total > desk.counts[WANTED]:
            stop = FULL
            desk.counts[WANTED] = 2 * total
        if stop != DONE:  # nothing of the configuration was entered
            break
        if limits.peek:
            edges += U(total)
        first = entry
        while entry < end:
            mover, shared = np.int16(rounds.entries[entry, MOVER]), rounds.entries[entry, SHARED] != 0
            if shared and rounds.entries[entry, OPENS] != 0:
                _forget(desk)
            wheels, successor = _begin(layout, rounds, current, world, entry, entry - first)
            for _ in range(desk.ways[entry - first]):
                hash_ = hashed(successor)
                if successor != current and not (shared and _is_met(desk, batch, successor, hash_)):
                    stored(batch.words, count * width, successor)
                    batch.hashes[count] = hash_
                    prefetch(space.slots, home(hash_, bits))
                    if keep:
                        space.movers[edges] = mover
                    count += ONE
                    edges += ONE
                    if count == U(len(batch.hashes)):
                        found = resolve_batch(space, batch, count, found, edges, shape)
                        count = ZERO
                successor = _turned(layout, rounds, wheels, successor)
            entry += 1
        if alone:
            found = resolve_batch(space, batch, count, found, edges, shape)
            count = ZERO
            if found > U(limits.most):
                found, edges, stop = found_before, edges_before, CUT
                break
        source += ONE
        done = edges
        if counted:
            space.offsets[source] = edges
    found = resolve_batch(space, batch, count, found, edges, shape)
    space.tally[FOUND], space.tally[EDGES], space.tally[NEXT] = found, done, source
    return stop
