"""Rounds: what the adversary may do as plans, what processes make of it as rows, joined here to successors.

A plan is known by the state of the world and what the adversary knows of each process.  Each of its entries says for
every process that it stays, that it crashes, or of which kind its row is.  A row is known by its kind, the process and
the letters that it is sent.  A successor takes one element of each row, the last process fastest.
"""

from __future__ import annotations

from typing import NamedTuple

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
    Numbers,
    Space,
    Word,
)
from flpcheck.explore.kernel.compile import inlined, kernel, part, prefetch
from flpcheck.explore.kernel.packing import bits_of
from flpcheck.explore.kernel.search import Limits
from flpcheck.explore.kernel.tuples import ONE, ZERO, U, hashed, loaded, stored, word_of, xored
from flpcheck.explore.kernel.vectors import Vectors, number_of
from flpcheck.explore.kernel.visited import home, settle

MISSING = -1
WORLDLY = -1
"""The mover of what no process does."""

# Columns of `Rounds.parts`, `Rounds.courses`, `Rounds.entries`.
STATUS, CORPSE = range(2)
FIRST, LAST, STATE = range(3)
AFTER, MOVER, OPENS, SHARED = range(4)
RESTS, KNOWN, OPEN, BY_LETTERS = range(4)
"""What `STATE` says: no round follows; all entries are known; those of rounds are not asked yet; they depend on what
liars are sent, and then the world may stabilise in any case."""
STAYS, CRASHES = -1, -2
"""What a process does in an entry, where it has no row."""
READY, PLAN, ROUNDS = -1, -2, -3
"""What is missing in a configuration: nothing, its plan, the rounds of its plan; otherwise rows of an entry."""
WANTED, MET = range(2)
"""Counters of `Desk.counts`: how many successors there has to be room for; how many were met."""
MOST_OUTCOMES = 2**26
"""Maximum number of combinations in the rounds that can follow a configuration."""


class Desk(NamedTuple):
    """What is written down of the configuration that is being expanded, by process unless something else is said.

    Parameters
    ----------
    numbers, parts, views
        int64[processes]: the number in the field, the part, and the number of its part with the letters to it.
    sendings
        int64[processes]: what it sends.
    key
        int64[processes + 1]: a vector to look up.
    rows, ways
        int64[entries of a plan, processes], int64[entries of a plan]: the rows, and how many combinations there are.
    wheels
        int64[4, processes]: the processes that have a choice; where that begins, ends and stands.
    counts
        int64[2]: see the counters above.
    met, entered
        int64[2^k], int64[n]: which successor a slot has, plus one, and the slots of those in `Batch.group`.
    """

    numbers: Numbers
    parts: Numbers
    views: Numbers
    sendings: Numbers
    key: Numbers
    rows: Numbers
    ways: Numbers
    wheels: Numbers
    counts: Numbers
    met: Numbers
    entered: Numbers


class Rounds(NamedTuple):
    """What is known of rounds.

    Parameters
    ----------
    settings
        int64[worlds]: what, beside a process, decides what it sends.
    parts
        int64[parts, columns]: what the adversary knows of a part, and its number after a crash, or `MISSING`.  Part
        `number * processes + process` is the one that has this number in the field of its process.
    sendings
        Vectors (setting, part).
    letters, told
        int64[sendings, processes], int64[sendings]: the letter to each process, 0 for none; what liars learn.
    plans
        Vectors (world, status of each process); and (-1 - number of such a one, what liars are told by each process).
    courses
        int64[plans, columns]: the first entry, the one after the last, and whether there are more.
    entries
        int64[entries, columns]: the world afterwards; the mover; whether an entry is the first in which these
        processes crash, and whether others follow.
    kinds
        int64[entries, processes]: the kind of the row, or `STAYS` or `CRASHES`.
    views
        Vectors (part, letter from each process).
    rows
        Vectors (kind, view).
    spans
        int64[rows, 2]: the first of its numbers, and the one after the last.
    afters
        int64[n]: numbers of parts.
    desk
        What is written down meanwhile.
    """

    settings: Numbers
    parts: Numbers
    sendings: Vectors
    letters: Numbers
    told: Numbers
    plans: Vectors
    courses: Numbers
    entries: Numbers
    kinds: Numbers
    views: Vectors
    rows: Vectors
    spans: Numbers
    afters: Numbers
    desk: Desk


@inlined
def _read(layout: Layout, desk: Desk, current: tuple[Word, ...]) -> int:
    """Write down the number and part of each process, and return the world."""
    processes = len(desk.numbers)
    for process in range(processes):
        field = word_of(current, layout.word[process]) >> layout.shift[process] & layout.mask[process]
        desk.numbers[process] = np.int64(field)
        desk.parts[process] = np.int64(field) * processes + process
    return np.int64(word_of(current, layout.word[processes]) >> layout.shift[processes] & layout.mask[processes])


@part
def _plan(rounds: Rounds, world: int) -> int:
    """Return the plan of a configuration, as far as it does not depend on letters; or `MISSING`."""
    desk = rounds.desk
    desk.key[0] = world
    for process in range(len(desk.parts)):
        desk.key[process + 1] = rounds.parts[desk.parts[process], STATUS]
    return number_of(rounds.plans, desk.key)


@part
def _send(rounds: Rounds, world: int) -> bool:
    """Write down what each process sends; return whether that is known of all."""
    desk = rounds.desk
    desk.key[0] = rounds.settings[world]
    for process in range(len(desk.parts)):
        desk.key[1] = desk.parts[process]
        desk.sendings[process] = number_of(rounds.sendings, desk.key)
        if desk.sendings[process] == MISSING:
            return False
    return True


@part
def _plan_by_letters(rounds: Rounds, plan: int) -> int:
    desk = rounds.desk
    desk.key[0] = -1 - plan
    for process in range(len(desk.parts)):
        desk.key[process + 1] = rounds.told[desk.sendings[process]]
    return number_of(rounds.plans, desk.key)


@part
def _look(rounds: Rounds) -> None:
    """Write down the view of each process; where it is `MISSING`, so is each row of it."""
    desk = rounds.desk
    for process in range(len(desk.parts)):
        desk.key[0] = desk.parts[process]
        for sender in range(len(desk.parts)):
            desk.key[sender + 1] = rounds.letters[desk.sendings[sender], process]
        desk.views[process] = number_of(rounds.views, desk.key)


@part
def _choose(rounds: Rounds, entry: int, place: int) -> bool:
    """Write down the rows of an entry, and how many combinations they have; return whether they are known."""
    desk, ways = rounds.desk, 1
    for process in range(len(desk.parts)):
        kind = rounds.kinds[entry, process]
        if kind == CRASHES and rounds.parts[desk.parts[process], CORPSE] == MISSING:
            return False
        if kind < 0:
            continue
        desk.key[0], desk.key[1] = kind, desk.views[process]
        row = number_of(rounds.rows, desk.key)
        if row == MISSING:
            return False
        desk.rows[place, process] = row
        ways = min(ways * (rounds.spans[row, 1] - rounds.spans[row, 0]), MOST_OUTCOMES + 1)
    desk.ways[place] = ways
    return True


@part
def _leads_on(rounds: Rounds, entry: int, place: int, world: int) -> bool:
    """Return whether an entry leads away from its configuration: its combinations differ, so two cannot both stay."""
    desk = rounds.desk
    if desk.ways[place] != 1 or rounds.entries[entry, AFTER] != world:
        return desk.ways[place] > 0
    for process in range(len(desk.parts)):
        kind = rounds.kinds[entry, process]
        if kind == CRASHES:
            return True
        if kind >= 0 and rounds.afters[rounds.spans[desk.rows[place, process], 0]] != desk.numbers[process]:
            return True
    return False


@part
def _course(rounds: Rounds, plan: int) -> int:
    """Write down what is sent, and what is seen of it; return the plan with its rounds, `MISSING` if not all is known.

    A plan that depends on letters leads to another one, which does not.
    """
    if rounds.courses[plan, STATE] == BY_LETTERS:
        plan = _plan_by_letters(rounds, plan)
    if plan != MISSING and rounds.courses[plan, STATE] == OPEN:
        return MISSING
    _look(rounds)
    return plan


@part
def _prepare(rounds: Rounds, world: int, peek: bool) -> tuple[int, int, int, int]:
    """Look up all that follows a configuration, or, to peek, as much as shows whether it leads on.

    Return `READY`, or what is missing first; the first entry, the one after the last; and how many combinations there
    are, or, to peek, 1 if it leads on.
    """
    plan = _plan(rounds, world)
    if plan == MISSING:
        return PLAN, 0, 0, 0
    if peek and rounds.courses[plan, FIRST] < rounds.courses[plan, LAST]:
        first = rounds.courses[plan, FIRST]
        if rounds.entries[first, MOVER] == WORLDLY:  # it stabilises
            return READY, 0, 0, 1
    if rounds.courses[plan, STATE] != RESTS:
        plan = _course(rounds, plan) if _send(rounds, world) else MISSING
        if plan == MISSING:
            return ROUNDS, 0, 0, 0
    first, last, total = rounds.courses[plan, FIRST], rounds.courses[plan, LAST], 0
    for entry in range(first, last):
        if not _choose(rounds, entry, entry - first):
            return entry, 0, 0, 0
        if peek and _leads_on(rounds, entry, entry - first, world):
            return READY, 0, 0, 1
        total += rounds.desk.ways[entry - first]
    return READY, first, last, 0 if peek else total


@inlined
def _put(layout: Layout, configuration: tuple[Word, ...], field: int, before: int, after: int) -> tuple[Word, ...]:
    return xored(configuration, layout.word[field], U(before ^ after) << layout.shift[field])


@inlined
def _begin(
    layout: Layout, rounds: Rounds, current: tuple[Word, ...], world: int, entry: int, place: int
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
def _turned(layout: Layout, rounds: Rounds, wheels: int, successor: tuple[Word, ...]) -> tuple[Word, ...]:
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
    rounds: Rounds,
    origin: Space,
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
    last, room, edge_room, tight = U(until), U(limits.room), U(limits.edge_room), U(limits.tight)
    keep, counted = len(space.targets) > 0 and not limits.peek, len(space.offsets) > 1
    bits, done, count, stop, none = bits_of(origin.slots), edges, ZERO, DONE, U(0)
    brink = min(room, tight)
    while source < last:
        if found + count >= brink or edges >= edge_room:
            found = settle(origin, space, batch, count, found, edges, none, shape)
            count = ZERO
            if found >= room or edges >= edge_room:
                stop = FULL
                break
        alone, found_before, edges_before = found >= tight, found, edges
        current = loaded(origin.states, source * width, shape)
        world = _read(layout, desk, current)
        missing, entry, end, total = _prepare(rounds, world, limits.peek)
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
                    prefetch(origin.slots, home(hash_, bits))
                    if keep:
                        space.movers[edges] = mover
                    count += ONE
                    edges += ONE
                    if count == U(len(batch.hashes)):
                        found = settle(origin, space, batch, count, found, edges, none, shape)
                        count = ZERO
                successor = _turned(layout, rounds, wheels, successor)
            entry += 1
        if alone:
            found = settle(origin, space, batch, count, found, edges, none, shape)
            count = ZERO
            if found > U(limits.most):
                found, edges, stop = found_before, edges_before, CUT
                break
        source += ONE
        done = edges
        if counted:
            space.offsets[source - U(limits.first)] = edges
    found = settle(origin, space, batch, count, found, edges, none, shape)
    space.tally[FOUND], space.tally[EDGES], space.tally[NEXT] = found, done, source
    return stop
