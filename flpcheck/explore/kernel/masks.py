"""Masks of configurations: what their components say, OR-ed together, without an object per configuration."""

from __future__ import annotations

from flpcheck.explore.kernel.arrays import Layout, Numbers, Words
from flpcheck.explore.kernel.compile import kernel, part
from flpcheck.explore.kernel.tuples import ZERO, U

VALUES, DECIDED, CRASHES, LIVE, MOVES, BUSY = range(6)
MASKS = 6
"""Per component: the values decided, the process if it has decided, if it has crashed, the values if it is live; then
bits that say whether it has events of its own at all, and whether one of them surely changes it."""


@kernel
def combined(states: Words, layout: Layout, width: int, tables: Words, faulty: Words, first: int, into: Words) -> None:
    """Write the masks of the configurations from `first` on into the columns of an array.

    Parameters
    ----------
    tables
        uint64[processes, capacity, MASKS]; no column is read for processes without any.
    faulty
        uint64[world states]: bit p: process p misbehaves from the start; it counts as crashed.
    into
        uint64[MASKS, n].
    """
    for number in range(into.shape[1]):
        at = U((first + number) * width)
        world = (states[at + layout.word[len(tables)]] >> layout.shift[len(tables)]) & layout.mask[len(tables)]
        values, decided, crashed, live, moves, busy = ZERO, ZERO, faulty[world], ZERO, ZERO, ZERO
        for owner in range(len(tables)):
            component = (states[at + layout.word[owner]] >> layout.shift[owner]) & layout.mask[owner]
            values |= tables[owner, component, VALUES]
            decided |= tables[owner, component, DECIDED]
            crashed |= tables[owner, component, CRASHES]
            if (faulty[world] >> U(owner)) & U(1) == ZERO:
                live |= tables[owner, component, LIVE]
            moves |= tables[owner, component, MOVES]
            busy |= tables[owner, component, BUSY]
        into[VALUES, number], into[DECIDED, number] = values, decided
        into[CRASHES, number], into[LIVE, number] = crashed, live
        into[MOVES, number], into[BUSY, number] = moves, busy


@kernel
def first_holders(states: Words, layout: Layout, width: int, owner: int, kinds: Numbers, firsts: Numbers) -> None:
    """Write down which configuration is the first to hold a component of each kind; -1 if none does."""
    word, shift, mask = U(layout.word[owner]), layout.shift[owner], layout.mask[owner]
    firsts[:] = -1
    left = len(firsts)
    for number in range(len(states) // width):
        if left == 0:
            break
        kind = kinds[(states[U(number * width) + word] >> shift) & mask]
        if kind >= 0 and firsts[kind] < 0:
            firsts[kind] = number
            left -= 1


@part
def _returns(sends: Words, packed: int, owner: int) -> bool:
    """Return whether something that a move sends goes to its own process."""
    first, count = packed >> U(20), packed & U((1 << 20) - 1)
    for send in range(first, first + count):
        if sends[send] >> U(32) == U(owner):
            return True
    return False


@kernel
def liveliness(rows: Words, moves: Words, sends: Words, owner: int, first: int, into: Words) -> None:
    """Write, for components of a process, whether they have events, and whether one surely leads elsewhere.

    An event leads elsewhere if it changes the component and nothing is sent back to it that could undo the change.
    """
    for component in range(first, len(into)):
        row = rows[owner, component]
        start, count = row >> U(28), (row >> U(8)) & U((1 << 20) - 1)
        into[component, MOVES] = U(1) if count > ZERO else ZERO
        into[component, BUSY] = ZERO
        for move in range(start, start + count):
            if moves[U(2) * move] != ZERO and not _returns(sends, moves[U(2) * move + U(1)], owner):
                into[component, BUSY] = U(1)
