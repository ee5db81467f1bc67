"""Steps that need not be looked up, because they lead to where the search has been before.

Steps of different processes commute (Fischer, Lynch, Paterson 1985, Lemma 1).  Let B be discovered from C by a step b,
and let a be a step of another process which was taken from C before b, or sleeps in C.  If b sends nothing to the
process of a, then a is the same step in B as in C, and a(B) = b(a(C)).  Now a(C) was known before B was, so it has the
lower id and is expanded before B; then b was taken there, or slept there, because its target was known even earlier.
Hence whenever B is expanded a(B) is known already: it is counted, and not looked up.  These are the sleep sets of
Godefroid (1996, chapter 5), by process, in the order of a breadth-first search; unlike there, nothing depends on which
of several ways leads to a configuration, because a configuration keeps the set of its first discovery, as its id.

What sleeps is kept for at most 16 processes.  A step that observers hear of, a loss and a duplication put no process to
sleep; nor does a gathering, which the author's guard must allow.
"""

from __future__ import annotations

import numpy as np

from flpcheck.explore.kernel.arrays import CRASHING, Word
from flpcheck.explore.kernel.compile import inlined
from flpcheck.explore.kernel.tuples import ONE, ZERO, U

SLEEPERS = 16
"""Maximum number of processes that can sleep."""
STEPS, ALL = np.uint64((1 << SLEEPERS) - 1), np.uint64((1 << 2 * SLEEPERS) - 1)
TWICE = np.uint64(1 | 1 << SLEEPERS)
UPPER = np.uint64(SLEEPERS)


@inlined
def asleep_after(asleep: Word, phase: Word, process: Word, touched: Word, waking: Word) -> Word:
    """Return what sleeps in a configuration that is discovered by a move.

    Parameters
    ----------
    asleep
        What sleeps where the move is made: steps in the lower 16 bits, crashes in the upper ones.
    phase, process
        The kind of move, and whose it is.
    touched
        Bits of the fields that its messages and notes go to.
    waking
        Bits of the processes whose moves put no process to sleep, and of the fields of observers.
    """
    mine = ONE << process
    if phase > U(CRASHING) or (touched | mine) & waking:
        return ZERO
    lower = mine - ONE
    earlier = (STEPS | (lower << UPPER)) if phase == U(CRASHING) else lower
    awake = ((touched | mine) & STEPS) * TWICE
    return (asleep | earlier) & ~awake & ALL
