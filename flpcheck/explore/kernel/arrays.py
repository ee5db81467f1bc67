"""The arrays that kernels work on, bundled by role, and what their columns and counters mean."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Words: TypeAlias = NDArray[np.uint64]
Numbers: TypeAlias = NDArray[np.int64]
Word: TypeAlias = Any
"""One uint64 inside a kernel; plain Python would call it an int."""

# Why a kernel stopped.
DONE, FULL, WIDE, UNKNOWN, CUT, SKIPPED = 0, 1, 2, 3, 4, 5

# Counters of `Store.sizes`: how much of each array is in use.
MOVES, SENDS, OUTCOMES, RUNS, BOXES, COMPONENTS, ADDS, LARGEST, MISSES, GROUPS, TAKES, ANSWERS, BEYOND = range(13)
SIZES = 16
COPIES, CROWDED, CHOICES = 1, 2, 3
"""What `BEYOND` says of a number that does not fit into its bits; 0 if all do."""

# Columns of `Store.locals_`.
OWNER, FLAGS, CORPSE, OWN_FIRST, OWN_LAST = range(5)
CRASHED, SILENT, LIAR = 1, 2, 4
GONE = CRASHED | LIAR
"""Who takes no steps and receives nothing; a liar is not counted among the crashed."""

# Flags of a row: its component has crashed; each of its moves changes its own component for good.
ROW_CRASHED, ROW_PLAIN = 1, 2

# Columns of `Store.outcomes`.
NEXT_LOCAL, SENDS_FIRST, SENDS_COUNT, IDLE = range(4)

# Columns of `Store.answers`.
QUESTION, ANSWER_FIRST, ANSWER_LAST = range(3)

# Columns of `Store.envelopes`.
SENDER, RANK = range(2)

# Columns of `Store.components`.
LOCAL, BOX, NUMBER, GROUPS_FIRST, GROUPS_LAST = range(5)

# Columns of `Store.groups`.
TAKES_FIRST, TAKES_LAST, GROUP_FIRST, GROUP_LAST = range(4)

# Entries of `Store.rules`: what the world is like.
(
    KIND,
    STAYS,
    PROCESSES,
    CRASHES,
    INTERRUPTS,
    LOSSES,
    DUPLICATIONS,
    CHANNEL_BITS,
    LIES,
    MOST_COPIES,
    MOST_MOVES,
    MOST_CHOICES,
) = range(12)
MULTISET, SET, FIFO = range(3)

# What `INTERRUPTS` says of a crash in the middle of a step: the state before it, or after it, or mixtures of both.
BEFORE, WRITTEN, TORN = 1, 2, 3
MIXTURES = 1 << 31
"""Added to the number of a local state: the `envelope` of the question what torn writes leave on the way to it."""

# Phases of the row table: what the transitions of a row are.
STEPS, CRASHING, LOSING, DUPLICATING, RECOVERING, RELAPSING = range(6)
"""The last one: a process that recovers crashes in the middle of doing so."""
PHASES = 6
"""After these comes one phase for each process that may misbehave."""

# Entries of `Space.tally`.
FOUND, EDGES, NEXT, BASE, MISS_FIELD, MISS_COMPONENT, MISS_MESSAGE, SKIPS = range(8)
TALLIES = 8

COUNT_BITS = 20
"""A run of a mailbox is `envelope << COUNT_BITS | count`; the same split packs (first, count) pairs of sends."""
COUNT_MASK = (1 << COUNT_BITS) - 1


class Layout(NamedTuple):
    """Where each field of a configuration stands in its words: processes, then the world, then observers.

    Parameters
    ----------
    word, shift, mask
        uint64[fields].
    """

    word: Words
    shift: Words
    mask: Words


class Tables(NamedTuple):
    """What the hot loop reads.

    Parameters
    ----------
    rows
        uint64[phases, processes, capacity]: each component's transitions, as `packing.py` has rows.
    moves
        uint64[2 * n]: the change of the owner's component number, and the span of its sends.
    sends
        uint64[n]: to which field, and on which channel.  A channel is a message on its way to one process, or a note to
        one observer; they are numbered from 1.
    adds
        uint64[n]: what arrivals make of components, open addressing in one word: component before, channel, component
        after.  The bits are shared out by `channel_bits` in `Store.rules`; the components have half of the rest each.
    world
        uint64[phases from `LOSING` on, world states]: the change of the world's number by such an event; `FORBIDDEN`
        if the budget is spent, or the process does not misbehave.
    """

    rows: Words
    moves: Words
    sends: Words
    adds: Words
    world: Words


class Store(NamedTuple):
    """What is known of one process at a time: local states, answers, mailboxes, components.

    Parameters
    ----------
    rules
        int64: the kind of network and failures.
    sizes
        int64: how much of each array is in use.
    locals_, outcomes, answers, envelopes, components, groups
        int64[n, columns], see the columns above; `answers` is open addressing by question.
    channels
        int64[n]: the message, or the note, of each channel.
    takes
        int64[n]: the envelopes that gatherings take.
    runs
        int64[n]: the contents of all mailboxes, one after the other.
    boxes
        int64[n + 1]: where each mailbox starts in `runs`.
    box_slots, component_slots
        int64[n]: open addressing, number plus one.
    index
        int64[processes, capacity]: which component has a number within its process.
    counts
        int64[processes]: how many components each process has.
    degrees
        int64[processes]: most transitions of a component of the process.
    misses
        int64[n, 4]: (local state, envelope) pairs that Python must answer, envelope -1 for the process's own events;
        then where the outcomes that it answers stand, first and last.
    suspects
        int64[n]: the processes that may misbehave, one for each phase from `PHASES` on.
    lies
        int64[n, 2]: (receiver, envelope) pairs that liars may send at any time, ...
    lies_first
        int64[suspects + 1]: ... those of each suspect one after the other.
    scratch, receivable
        int64[n]: a mailbox in the making; what can be received from one.
    """

    rules: Numbers
    sizes: Numbers
    locals_: Numbers
    outcomes: Numbers
    answers: Numbers
    envelopes: Numbers
    components: Numbers
    groups: Numbers
    channels: Numbers
    takes: Numbers
    runs: Numbers
    boxes: Numbers
    box_slots: Numbers
    component_slots: Numbers
    index: Numbers
    counts: Numbers
    degrees: Numbers
    misses: Numbers
    suspects: Numbers
    lies: Numbers
    lies_first: Numbers
    scratch: Numbers
    receivable: Numbers


class Space(NamedTuple):
    """What has been found.

    Parameters
    ----------
    states
        uint64[n * words]: the configurations by id.
    slots
        uint32[2^k]: the visited table, `tag << k | id + 1`; 0 is free.  The id leads to the configuration itself,
        so a look-up is exact.
    offsets, targets, movers
        The transitions; without elements (`offsets` with one) where they are not wanted.
    tally
        int64: counters.
    asleep
        uint32[n]: the processes whose steps, and in the upper half those whose crashes, lead from a configuration to
        where the search has been before; see `sleep.py`.  Without elements where transitions are stored.
    skips
        int64[n, 3]: what a worker left out, because a process or an observer has to be asked: the configuration, and
        how many configurations and transitions the worker had found before it.  Without elements where nothing is left
        out.
    """

    states: Words
    slots: NDArray[np.uint32]
    offsets: Numbers
    targets: NDArray[np.int32]
    movers: NDArray[np.int16]
    tally: Numbers
    asleep: NDArray[np.uint32]
    skips: Numbers


class Batch(NamedTuple):
    """Successors on their way to the visited table.

    Parameters
    ----------
    words, hashes
        uint64[64 * words], uint64[64].
    agenda
        uint64[n]: the moves of the configuration that is being expanded.
    group
        uint64[n * words]: the crashes, or omissions, of one process, to tell those that lead to the same configuration.
    asleep
        uint64[64]: what will be asleep in each successor.
    """

    words: Words
    hashes: Words
    agenda: Words
    group: Words
    asleep: Words


FORBIDDEN = (1 << 64) - 1
BATCH = 64
