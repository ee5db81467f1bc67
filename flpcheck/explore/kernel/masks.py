"""Masks of configurations: what their fields say, OR-ed together, one field after the other."""

from __future__ import annotations

from flpcheck.explore.kernel.arrays import Layout, Numbers, Words
from flpcheck.explore.kernel.compile import kernel, part
from flpcheck.explore.kernel.packing import begin_of, count_of, difference_of, end_of, field_of, first_of, terms_of
from flpcheck.explore.kernel.tuples import ONE, TWO, ZERO, U

VALUES, DECIDED, CRASHES, LIVE, MOVES, BUSY = range(6)
MASKS = 6
"""Per component: the values decided, the process if it has decided, if it has crashed, the values if it is live; then
bits that say whether it has events of its own at all, and whether one of them surely changes it."""


@kernel
def or_masks(states: Words, layout: Layout, width: int, field: int, table: Words, into: Words) -> None:
    """OR into the mask of each configuration what one of its fields says.

    Parameters
    ----------
    states
        uint64[n * width].
    table
        uint64[capacity]: the mask of each number of the field.
    into
        uint64[n].
    """
    word, shift, mask = layout.word[field], layout.shift[field], layout.mask[field]
    for number in range(len(into)):
        into[number] |= table[(states[U(number * width) + word] >> shift) & mask]


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
def _returns(sends: Words, span: int, owner: int) -> bool:
    """Return whether something that a move sends goes to its own process."""
    for send in range(begin_of(span), end_of(span)):
        if field_of(sends[send]) == U(owner):
            return True
    return False


@kernel
def liveliness(rows: Words, moves: Words, sends: Words, owner: int, numbers: Numbers, into: Words) -> None:
    """Write, for components of a process, whether they have events, and whether one surely leads elsewhere.

    An event leads elsewhere if the world always lets it happen, and it changes the component, and nothing is sent back
    to it that could undo the change.
    """
    for component in numbers:
        row = rows[owner, component]
        start, count = first_of(row), count_of(row)
        into[MOVES, component] = U(1) if count > ZERO else ZERO
        into[BUSY, component] = ZERO
        for move in range(start, start + count):
            change = moves[TWO * move]
            free = terms_of(change) == ZERO and difference_of(change) != ZERO
            if free and not _returns(sends, moves[TWO * move + ONE], owner):
                into[BUSY, component] = U(1)
