"""The hot loop: configurations in, successors out, by table look-ups alone.

Successors are collected in a batch; the slot of each is fetched while the next ones are made.  The loop stops where a
table is full, a field is too narrow or an observer must be asked; the configuration is then expanded again from the
start, which changes no id, because its earlier successors are found as known.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from flpcheck.explore.kernel.arrays import (
    BASE,
    CRASHING,
    CUT,
    DONE,
    EDGES,
    FOUND,
    FULL,
    LOSING,
    MISS_COMPONENT,
    MISS_FIELD,
    MISS_MESSAGE,
    NEXT,
    UNKNOWN,
    WIDE,
    Batch,
    Layout,
    Numbers,
    Space,
    Store,
    Tables,
    Word,
)
from flpcheck.explore.kernel.compile import inlined, kernel, part, prefetch
from flpcheck.explore.kernel.components import add, arrival
from flpcheck.explore.kernel.visited import home, settle
from flpcheck.explore.kernel.words import FIELD_SHIFT, HALF, ONE, TWO, ZERO, U, hashed, slot_of

COUNT = np.uint64((1 << 20) - 1)
COUNT_SHIFT = np.uint64(20)
ROW_SHIFT, ROW_COUNT_SHIFT = np.uint64(28), np.uint64(8)
FIELDS = np.uint64(127)
MESSAGES = np.uint64((1 << 25) - 1)
NEVER = np.uint64(0xFFFFFFFFFFFFFFFF)


class Limits(NamedTuple):
    """How far one call of the hot loop goes.

    Parameters
    ----------
    until
        Configurations from this id on are left for later.
    room
        Stop for more memory when so many configurations are found.
    edge_room
        Stop for more memory when so many transitions are stored.
    tight, most
        From `tight` configurations on look closely, so that there are never more than `most`.
    crashes
        How many processes may be crashed.
    distinct
        Whether crashes that lead to the same configuration are one transition.
    peek
        Only count transitions, enter nothing.
    """

    until: int
    room: int
    edge_room: int
    tight: int
    most: int
    crashes: int
    distinct: bool
    peek: bool


@part
def _learn(layout: Layout, tables: Tables, store: Store, tally: Numbers, key: Word) -> int:
    """Find out what an arrival makes of a component, and enter it; return the number, or minus a reason to stop."""
    field, number = np.int64((key >> FIELD_SHIFT) & FIELDS), np.int64((key & ~(ONE << U(63))) >> HALF)
    message = np.int64(key & MESSAGES)
    if field >= tables.rows.shape[1]:
        tally[MISS_FIELD], tally[MISS_COMPONENT], tally[MISS_MESSAGE] = field, number, message
        return -UNKNOWN
    after = arrival(store, field, number, message)
    if after < 0:
        return -FULL
    if U(after) > layout.mask[field]:
        return -WIDE
    return -FULL if add(store, tables.adds, key, after) else after


@inlined
def _deliver(layout: Layout, tables: Tables, store: Store, batch: Batch, tally: Numbers, at: Word, sends: Word) -> int:
    """Put what a move sends into a successor's mailboxes; return 0, or the reason to stop."""
    send = sends >> COUNT_SHIFT
    end = send + (sends & COUNT)
    last = (U(len(tables.adds)) >> ONE) - ONE
    while send < end:
        packed = tables.sends[send]
        field = (packed >> FIELD_SHIFT) & FIELDS
        word, shift = at + layout.word[field], layout.shift[field]
        before = (batch.words[word] >> shift) & layout.mask[field]
        key = packed | (before << HALF)
        slot = slot_of(key, last)
        while tables.adds[TWO * slot] != key and tables.adds[TWO * slot] != ZERO:
            slot = (slot + ONE) & last
        if tables.adds[TWO * slot] == ZERO:
            learnt = _learn(layout, tables, store, tally, key)
            if learnt < 0:
                return -learnt
            batch.words[word] ^= (before ^ U(learnt)) << shift
        else:
            batch.words[word] ^= (before ^ tables.adds[TWO * slot + ONE]) << shift
        send += ONE
    return 0


@inlined
def _changed(batch: Batch, at: Word, space: Space, of: Word, width: int) -> bool:
    for word in range(width):
        if batch.words[at + U(word)] != space.states[of + U(word)]:
            return True
    return False


@part
def _seen(batch: Batch, at: Word, group: Word, width: int) -> bool:
    """Return whether a successor is among the last `group` of this group; add it to them if not."""
    for other in range(group):
        same = True
        for word in range(width):
            same &= batch.group[other * U(width) + U(word)] == batch.words[at + U(word)]
        if same:
            return True
    for word in range(width):
        batch.group[group * U(width) + U(word)] = batch.words[at + U(word)]
    return False


@inlined
def _permitted(layout: Layout, tables: Tables, space: Space, of: Word, phase: int, living: bool) -> Word:
    """Return how the world's number changes by an event of this phase; `NEVER` if the phase is not possible."""
    if phase == 0:
        return ZERO
    if phase == CRASHING:
        return ZERO if living else NEVER
    field = tables.rows.shape[1]
    world = (space.states[of + layout.word[field]] >> layout.shift[field]) & layout.mask[field]
    spent = tables.world[phase - LOSING, world]
    return NEVER if spent == NEVER else spent << layout.shift[field]


@kernel
def expand(
    layout: Layout, tables: Tables, store: Store, space: Space, batch: Batch, limits: Limits, shape: tuple[int, ...]
) -> int:
    """Expand configurations in the order of their ids; return why it stopped.

    Counters in `space.tally`: how many are found, how many transitions there are, which configuration is next.
    """
    width, processes, phases = len(shape), U(tables.rows.shape[1]), tables.rows.shape[0]
    found, edges, source = U(space.tally[FOUND]), U(space.tally[EDGES]), U(space.tally[NEXT])
    until, room, edge_room = U(limits.until), U(limits.room), U(limits.edge_room)
    tight, full = U(limits.tight), U(len(batch.hashes))
    keep = len(space.targets) > 0 and not limits.peek
    world = layout.word[tables.rows.shape[1]]
    bits = U(np.log2(len(space.slots)))
    count, stop = ZERO, DONE
    base, space.tally[BASE] = space.tally[BASE], -1
    brink = min(room, tight)
    while source < until:
        if found + count >= brink or edges >= edge_room:
            found = settle(space, batch, count, found, edges, shape)
            count = ZERO
            if found >= room or edges >= edge_room:
                stop = FULL
                break
        alone, found_before, edges_before = found >= tight, found if base < 0 else U(base), edges
        base = np.int64(-1)
        of, crashed = source * U(width), ZERO
        for phase in range(phases):
            spent = _permitted(layout, tables, space, of, phase, np.int64(crashed) < limits.crashes)
            if spent == NEVER:
                continue
            for process in range(processes):
                number = (space.states[of + layout.word[process]] >> layout.shift[process]) & layout.mask[process]
                row = tables.rows[phase, process, number]
                crashed += row & ONE if phase == 0 else ZERO
                move, group = row >> ROW_SHIFT, ZERO
                end = move + ((row >> ROW_COUNT_SHIFT) & COUNT)
                while move < end:
                    at = count * U(width)
                    for word in range(width):
                        batch.words[at + U(word)] = space.states[of + U(word)]
                    batch.words[at + layout.word[process]] ^= tables.moves[TWO * move] << layout.shift[process]
                    batch.words[at + world] ^= spent
                    stop = _deliver(layout, tables, store, batch, space.tally, at, tables.moves[TWO * move + ONE])
                    if stop != DONE:
                        break
                    move += ONE
                    if not _changed(batch, at, space, of, width):
                        continue
                    if phase == CRASHING and limits.distinct:
                        if _seen(batch, at, group, width):
                            continue
                        group += ONE
                    hash_ = hashed(batch.words, at, width)
                    batch.hashes[count] = hash_
                    prefetch(space.slots, home(hash_, bits))
                    if keep:
                        space.movers[edges] = np.int16(process) if phase == 0 else np.int16(-1)
                    count += ONE
                    edges += ONE
                    if count == full:
                        found = found if limits.peek else settle(space, batch, count, found, edges, shape)
                        count = ZERO
                if stop != DONE:
                    break
            if stop != DONE:
                break
        if stop != DONE:
            space.tally[BASE] = np.int64(found_before) if alone else -1
            break
        if limits.peek:
            count = ZERO
        elif alone:
            found = settle(space, batch, count, found, edges, shape)
            count = ZERO
            if found > U(limits.most):
                found, edges, stop = found_before, edges_before, CUT
                break
        source += ONE
        space.offsets[source] = edges
    if not limits.peek:
        found = settle(space, batch, count, found, edges, shape)
    space.tally[FOUND], space.tally[EDGES], space.tally[NEXT] = found, space.offsets[source], source
    return stop
