"""Rounds: what the adversary may do as plans, what processes make of it as rows, looked up for a configuration.

A plan is known by the state of the world and what the adversary knows of each process.  Each of its entries says for
every process that it stays, that it crashes, or of which kind its row is.  A row is known by its kind, the process and
the letters that it is sent.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from flpcheck.explore.kernel.arrays import Layout, Numbers, Word
from flpcheck.explore.kernel.compile import inlined, part
from flpcheck.explore.kernel.tuples import word_of
from flpcheck.explore.kernel.vectors import Vectors, number_of

MISSING = -1
WORLDLY = -1
"""The mover of what no process does."""

# Columns of `RoundArrays.parts`, `RoundArrays.courses`, `RoundArrays.entries`.
STATUS, CORPSE = range(2)
FIRST, LAST, STATE = range(3)
AFTER, MOVER, OPENS, SHARED = range(4)
RESTS, KNOWN, OPEN, BY_LETTERS = range(4)
"""Values of `STATE`: no round follows; all entries are known; those of rounds are not asked yet; they depend on what
liars are sent, and then the world may stabilise in any case."""
STAYS, CRASHES = -1, -2
"""Values in place of a row: what the process does in the entry."""
READY, PLAN, ROUNDS = -1, -2, -3
"""Kinds of missing answers in a configuration: none, its plan, the rounds of its plan; otherwise rows of an entry."""
WANTED, MET = range(2)
"""Counters of `Desk.counts`: how many successors there has to be room for; how many were met."""
MOST_OUTCOMES = 2**26
"""Maximum number of combinations in the rounds that can follow a configuration."""


class Desk(NamedTuple):
    """Scratch arrays for the configuration that is being expanded, by process unless stated otherwise.

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


class RoundArrays(NamedTuple):
    """The tables of rounds: plans, rows, letters.

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
        Vectors (world, status of each process); and (-1 - number of such a one, what each process sends to liars).
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
def read(layout: Layout, desk: Desk, current: tuple[Word, ...]) -> int:
    """Write down the number and part of each process, and return the world."""
    processes = len(desk.numbers)
    for process in range(processes):
        field = word_of(current, layout.word[process]) >> layout.shift[process] & layout.mask[process]
        desk.numbers[process] = np.int64(field)
        desk.parts[process] = np.int64(field) * processes + process
    return np.int64(word_of(current, layout.word[processes]) >> layout.shift[processes] & layout.mask[processes])


@part
def _plan(rounds: RoundArrays, world: int) -> int:
    """Return the plan of a configuration, as far as it does not depend on letters; or `MISSING`."""
    desk = rounds.desk
    desk.key[0] = world
    for process in range(len(desk.parts)):
        desk.key[process + 1] = rounds.parts[desk.parts[process], STATUS]
    return number_of(rounds.plans, desk.key)


@part
def _send(rounds: RoundArrays, world: int) -> bool:
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
def _plan_by_letters(rounds: RoundArrays, plan: int) -> int:
    desk = rounds.desk
    desk.key[0] = -1 - plan
    for process in range(len(desk.parts)):
        desk.key[process + 1] = rounds.told[desk.sendings[process]]
    return number_of(rounds.plans, desk.key)


@part
def _look(rounds: RoundArrays) -> None:
    """Write down the view of each process; where it is `MISSING`, so is each row of it."""
    desk = rounds.desk
    for process in range(len(desk.parts)):
        desk.key[0] = desk.parts[process]
        for sender in range(len(desk.parts)):
            desk.key[sender + 1] = rounds.letters[desk.sendings[sender], process]
        desk.views[process] = number_of(rounds.views, desk.key)


@part
def _choose(rounds: RoundArrays, entry: int, place: int) -> bool:
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
def _leads_on(rounds: RoundArrays, entry: int, place: int, world: int) -> bool:
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
def _course(rounds: RoundArrays, plan: int) -> int:
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
def prepare(rounds: RoundArrays, world: int, peek: bool) -> tuple[int, int, int, int]:
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
