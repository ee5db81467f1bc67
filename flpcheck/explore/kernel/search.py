"""The hot loop: configurations in, successors out, by table look-ups alone.

Successors are collected in a batch; the slot of each is fetched while the next ones are made.  The loop stops where a
table is full, a field is too narrow or an observer must be asked; the configuration is then expanded again from the
start, which changes no id, because its earlier successors are found as known.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba.core import types
from numba.core.extending import overload

from flpcheck.explore.kernel.agenda import agenda_of, sayable_only, spent, world_after
from flpcheck.explore.kernel.arrays import (
    BASE,
    CUT,
    DONE,
    EDGES,
    FORBIDDEN,
    FOUND,
    FULL,
    NEXT,
    UNKNOWN,
    Batch,
    Layout,
    Space,
    Store,
    Tables,
    Word,
)
from flpcheck.explore.kernel.compile import HOT, inlined, kernel, part, prefetch
from flpcheck.explore.kernel.delivery import deliver
from flpcheck.explore.kernel.folding import folded
from flpcheck.explore.kernel.groups import CRASH, FAULT, LOSS, RELAPSE, in_groups, seen_before
from flpcheck.explore.kernel.outdated import up_to_date
from flpcheck.explore.kernel.packing import (
    ANEW,
    ASLEEP,
    MOVE,
    PHASE_SHIFT,
    PROCESS_SHIFT,
    bits_of,
    difference_of,
    law_of,
    process_of,
    terms_of,
)
from flpcheck.explore.kernel.portion import FIRST
from flpcheck.explore.kernel.portions import brinks_of, hand_out, key_of, leave_out, more_of
from flpcheck.explore.kernel.sleep import asleep_after
from flpcheck.explore.kernel.stubborn import EventSelection, begin_choice, can_move, choose, is_chosen, is_full
from flpcheck.explore.kernel.timers import TimerFacts, fit_to_fire, moment_of, quiet_after, timed
from flpcheck.explore.kernel.tuples import ONE, TWO, ZERO, U, hashed, loaded, stored, xored
from flpcheck.explore.kernel.visited import home, resolve_batch


class ProcessTables(NamedTuple):
    """Tables of single processes: those that the hot loop reads, and those that they are filled from.

    `outdated` is an `Outdated` where mail is dropped or ballots are renamed, `folding` a `Folding` modulo symmetry,
    `selection` a `EventSelection` where events are left out.  Where one is None nothing of its stage is compiled.
    """

    tables: Tables
    store: Store
    outdated: Any = None
    folding: Any = None
    selection: Any = None


class Limits(NamedTuple):
    """Limits of one call of the hot loop.

    Parameters
    ----------
    capacity
        Number of configurations found at which to stop for more memory.
    edge_capacity
        Number of transitions stored at which to stop for more memory.
    tight, most
        From `tight` configurations on look closely, so that there are never more than `most`.
    crashes
        Maximum number of crashed processes.
    distinct, omits
        Whether crashes, and omissions, that lead to the same configuration are one transition.
    peek
        Only count transitions, enter nothing.
    channel_bits
        Number of bits of a channel in the words of `Tables.adds`.
    beside
        Not empty where there are fields beside those of processes, the world and observers: what these cost is left out
        of the machine code where there are none, because the length of a tuple is part of its type; and it is not even
        compiled where a function takes this tuple as an argument, since Numba sees the length of no other.
    knowledge
        The field of what liars know of signatures; 0 where they may forge any.
    waking
        Bits of the processes whose moves put no process to sleep, and of the fields of observers.
    learns
        Whether the kernel fills tables as it goes, which only one thread may do at a time.
    """

    capacity: int
    edge_capacity: int
    tight: int
    most: int
    crashes: int
    distinct: bool
    omits: bool
    peek: bool
    channel_bits: int
    beside: tuple[int, ...]
    knowledge: int
    waking: int
    learns: bool


@part
def _opened(layout: Layout, tables: Tables, batch: Batch, current: tuple[Word, ...], entry: Word) -> Word:
    """Begin a group of successors; a crash in the middle of a recovery that spends the recovery alone is none."""
    if entry < RELAPSE or entry >= FAULT:
        return ZERO
    world = tables.rows.shape[1]
    change = spent(layout, tables, current, np.int64(entry >> PHASE_SHIFT))
    seen_before(batch, xored(current, layout.word[world], change << layout.shift[world]), ZERO)
    return ONE


@inlined
def _moved(layout: Layout, tables: Tables, current: tuple[Word, ...], entry: Word, process: Word) -> tuple[Word, ...]:
    """Return the configuration after a move of the agenda, before anything that it sends has arrived."""
    change, world = tables.moves[TWO * (entry & MOVE)], tables.rows.shape[1]
    successor = xored(current, layout.word[process], difference_of(change) << layout.shift[process])
    if entry < LOSS and terms_of(change) == ZERO:
        return successor
    after = world_after(layout, tables, current, entry, law_of(change))
    return xored(successor, layout.word[world], after << layout.shift[world])


@inlined
def _keep(space: Space, edge: Word, entry: Word, renaming: int) -> None:
    """Store who moves along a transition, and the renaming that it applies, if that is wanted."""
    space.movers[edge] = np.int16(process_of(entry)) if entry < CRASH else np.int16(-1)
    if len(space.renamed) > 0:
        space.renamed[edge] = np.uint16(renaming)


@inlined
def _agenda(
    layout: Layout,
    process_tables: ProcessTables,
    space: Space,
    batch: Batch,
    current: tuple[Word, ...],
    limits: Limits,
    beside: tuple[int, ...],
    asleep: Word,
) -> tuple[int, Word, Word, TimerFacts]:
    """Write down the moves to be made; return why it stopped, how many there are, how many sleep, and timers."""
    tables, store, _, _, _ = process_tables
    items, slept = agenda_of(layout, tables, batch.agenda, current, limits.crashes, asleep)
    stop, now = DONE, TimerFacts(ZERO, ZERO, ZERO, False, False)
    if len(beside) > 0:
        if limits.knowledge > 0:
            items = sayable_only(layout, tables, batch.agenda, current, limits.knowledge, items)
        if store.rules.timers > 0:
            stop, now = moment_of(layout, tables, store, space.tally, current, limits.learns)
            items = fit_to_fire(tables, batch.agenda, items, now) if stop == DONE else ZERO
    if stop == DONE:
        selection = process_tables.selection
        stop, items = selected(layout, process_tables, selection, space, batch, current, limits, items)
    return stop, items, slept, now


@inlined
def _made(
    layout: Layout,
    process_tables: ProcessTables,
    space: Space,
    current: tuple[Word, ...],
    entry: Word,
    limits: Limits,
    beside: tuple[int, ...],
    now: TimerFacts,
) -> tuple[int, tuple[Word, ...], Word]:
    """Make a move; return why it stopped, where it leads, and whose components it has touched."""
    tables, store, _, _, _ = process_tables
    process, sends = process_of(entry), tables.moves[TWO * (entry & MOVE) + ONE]
    successor = _moved(layout, tables, current, entry, process)
    stop, successor, touched = deliver(
        layout, tables, store, space.tally, successor, sends, U(limits.channel_bits), limits.learns
    )
    if len(beside) > 0 and store.rules.timers > 0 and stop == DONE:
        rearmed = ONE << process if tables.moves[TWO * (entry & MOVE)] & ANEW else ZERO
        stop, successor = timed(layout, tables, store, space.tally, successor, now, rearmed, limits.learns)
    return stop, successor, touched


@inlined
def _represented(
    layout: Layout,
    process_tables: ProcessTables,
    space: Space,
    current: tuple[Word, ...],
    successor: tuple[Word, ...],
    limits: Limits,
    beside: tuple[int, ...],
) -> tuple[int, tuple[Word, ...], int]:
    """Return why it stopped, what represents a successor, and the number of the renaming that leads there."""
    tables, store, outdated, folding, _ = process_tables
    stop, after = up_to_date(layout, store, outdated, current, successor)
    if len(beside) > 0 and store.rules.timers > 0 and stop == DONE and after != successor:
        stop, after = quiet_after(layout, tables, store, space.tally, after, limits.learns)
    if stop != DONE:
        return stop, successor, 0
    return folded(layout, store, folding, after)


@part
def select(
    layout: Layout, process_tables: ProcessTables, space: Space, batch: Batch, current: tuple[Word, ...],
    limits: Limits, items: Word,
) -> tuple[int, Word]:  # fmt: skip
    """Leave out of the agenda what can wait, where no timers do; return why it stopped, and how many moves are left."""
    selection, now = process_tables.selection, TimerFacts(ZERO, ZERO, ZERO, False, False)
    begin_choice(selection, layout, current)
    for item in range(items):
        entry = batch.agenda[item]
        stop, successor, _ = _made(layout, process_tables, space, current, entry, limits, limits.beside, now)
        if stop != DONE:
            return stop, ZERO
        if successor != current:
            can_move(selection, process_of(entry), entry & MOVE)
    if is_full(selection, current):
        return DONE, items
    if not choose(selection):
        return UNKNOWN, ZERO
    kept = ZERO
    for item in range(items):
        entry = batch.agenda[item]
        if is_chosen(selection, process_of(entry), entry & MOVE):
            batch.agenda[kept] = entry
            kept += ONE
    return DONE, kept


def selected(
    layout: Layout, process_tables: ProcessTables, selection: EventSelection | None, space: Space, batch: Batch,
    current: tuple[Word, ...], limits: Limits, items: Word,
) -> tuple[int, Word]:  # fmt: skip
    """Do as `select` does, and nothing where no event is left out."""
    if selection is None:
        return DONE, items
    return select(layout, process_tables, space, batch, current, limits, items)


@overload(selected, jit_options=HOT, strict=False)
def _selected(_: Any, __: Any, selection: Any, ___: Any, ____: Any, _____: Any, ______: Any, _______: Any) -> Any:
    if isinstance(selection, types.NoneType):
        return lambda _, __, ___, ____, _____, ______, _______, items: (DONE, items)

    def left(
        layout: Any, process_tables: Any, _: Any, space: Any, batch: Any, current: Any, limits: Any, items: Any
    ) -> Any:  # fmt: skip
        return select(layout, process_tables, space, batch, current, limits, items)

    return left


# What is true in the loop of `expand`:
# found      configurations entered; `count` successors more wait in the batch.  For a worker: the next id it may give
# source     the configuration being expanded; `place` is its id, or in a portion its position in `todo`
# edges      transitions counted so far, those of `source` included; a sleeping one counts and is not made; `done` are
#            those of all before it.  For a worker, where they are kept: the next place for one
# brink      from here on there may not be room for one more configuration
# alone      near `most`: each configuration is settled by itself, so that it can be undone (`found_before`)
# base       where a configuration that was interrupted by a question began; -1 if none was
@kernel
def expand(
    layout: Layout,
    process_tables: ProcessTables,
    space: Space,
    batch: Batch,
    limits: Limits,
    until: int,
    shape: tuple[Word, ...],
) -> int:
    """Expand configurations in the order of their ids; return why it stopped.

    Parameters
    ----------
    space
        What is found, with counters in `space.tally`.  A worker expands what `space.portion` hands out, while others do
        the same; what it cannot expand without learning something it leaves out.
    until
        Configurations from this id on are left for later; in a portion, those from this position in `todo` on.
    """
    tables, beside, portion = process_tables.tables, limits.beside, space.portion
    width, bits, shared = U(len(shape)), bits_of(space.slots), len(portion.keys) > 0
    found, edges, place = U(space.tally[FOUND]), U(space.tally[EDGES]), U(space.tally[NEXT])
    last, capacity, edge_capacity, tight = U(until), U(limits.capacity), U(limits.edge_capacity), U(limits.tight)
    keep, counted = len(space.targets) > 0 and not limits.peek, len(space.offsets) > 1 and not shared
    sleepy, waking = len(space.asleep) > 0 and not limits.peek, U(limits.waking)
    count, stop, done, origin = ZERO, DONE, edges, ZERO
    brink, edge_brink = min(capacity, tight), edge_capacity
    if shared:
        origin = U(portion.counters[FIRST])
        brink, edge_brink = brinks_of(portion, space.tally, keep)
    base, space.tally[BASE] = space.tally[BASE], -1
    while True:
        if place >= last:
            place, last = hand_out(portion) if shared and not limits.learns else (place, place)
            if place == last:
                break
        if found + count >= brink or edges >= edge_brink:
            found = resolve_batch(space, batch, count, found, edges, shape)
            count = ZERO
            if shared:
                found, edges = more_of(portion, space.tally, found, edges, keep)
                brink, edge_brink = brinks_of(portion, space.tally, keep)
                done, capacity, edge_capacity = edges, brink, edge_brink
            if found >= capacity or edges >= edge_capacity:
                stop = FULL
                break
        source = U(portion.todo[place]) if shared else place
        alone, found_before, edges_before = found >= tight and not shared, found if base < 0 else U(base), edges
        base = np.int64(-1)
        current = loaded(space.states, source * width, shape)
        asleep = U(space.asleep[source]) if sleepy else ZERO
        stop, items, slept, now = _agenda(layout, process_tables, space, batch, current, limits, beside, asleep)
        edges += slept
        group, grouped = ZERO, FORBIDDEN
        for item in range(items):
            entry = batch.agenda[item]
            process = process_of(entry)
            stop, successor, touched = _made(layout, process_tables, space, current, entry, limits, beside, now)
            if stop != DONE:
                break
            if successor == current:
                continue
            if entry >= CRASH and in_groups(entry, limits.distinct, limits.omits):
                if entry >> PROCESS_SHIFT != grouped:
                    group, grouped = _opened(layout, tables, batch, current, entry), entry >> PROCESS_SHIFT
                if seen_before(batch, successor, group):
                    continue
                group += ONE
            if entry & ASLEEP:
                edges += ONE
                continue
            stop, successor, renaming = _represented(layout, process_tables, space, current, successor, limits, beside)
            if stop != DONE:
                break
            hash_ = hashed(successor)
            sleep = asleep_after(asleep, entry >> PHASE_SHIFT, process, touched, waking) if sleepy else ZERO
            batch.asleep[count] = key_of(source - origin, edges - edges_before, sleep) if shared else sleep
            stored(batch.words, count * width, successor)
            batch.hashes[count] = hash_
            prefetch(space.slots, home(hash_, bits))
            if keep:
                _keep(space, edges, entry, renaming)
            count, edges = count + ONE, edges + ONE
            if count == U(len(batch.hashes)):
                found = found if limits.peek else resolve_batch(space, batch, count, found, edges, shape)
                count = ZERO
        if stop != DONE and shared and not limits.learns:
            found = resolve_batch(space, batch, count, found, edges, shape)
            leave_out(portion, place, place + ONE)
            place, count, edges, stop = place + ONE, ZERO, edges_before, DONE
            continue
        if stop != DONE:
            space.tally[BASE] = np.int64(found_before) if alone else -1
            break
        if limits.peek:
            count = ZERO
        elif alone:
            found = resolve_batch(space, batch, count, found, edges, shape)
            count = ZERO
            if found > U(limits.most):
                found, edges, stop = found_before, edges_before, CUT
                break
        place += ONE
        done = edges
        if counted:
            space.offsets[place] = edges
        elif shared and keep:
            portion.starts[source - origin], portion.ends[source - origin] = edges_before, edges
    if not limits.peek:
        found = resolve_batch(space, batch, count, found, edges, shape)
    space.tally[FOUND], space.tally[EDGES], space.tally[NEXT] = found, done, place
    if place < last and shared and not limits.learns:
        leave_out(portion, place, last)
    return stop
