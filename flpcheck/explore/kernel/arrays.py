"""The arrays that kernels work on, bundled by role, and what their columns and counters mean."""

from __future__ import annotations

from enum import IntEnum
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from flpcheck.explore.kernel.portion import Portion

Words: TypeAlias = NDArray[np.uint64]
Numbers: TypeAlias = NDArray[np.int64]
Table: TypeAlias = NDArray[np.record]
Word: TypeAlias = Any
"""One uint64 inside a kernel; plain Python would call it an int."""

# Why a kernel stopped.
DONE, FULL, WIDE, UNKNOWN, CUT, SKIPPED = range(6)

COPIES, CROWDED, CHOICES, TIES = 1, 2, 3, 4
"""A number that does not fit into its bits; or too many arrangements of names to be tried."""


def columns(*names: str) -> np.dtype[np.record]:
    """Return the type of a table's rows, each with these columns; all are int64."""
    return np.dtype((np.record, [(name, np.int64) for name in names]))


LOCALS = columns("owner", "status", "corpse", "first", "last")
"""A local state: whose it is, `CRASHED` and so on, what a crash leaves of it (-1: it cannot crash), and the outcomes of
its process's own events (-1: not asked yet).  What is left of a process has those of its recovery instead."""
OUTCOMES = columns("local", "sends_first", "sends_count", "idle", "terms", "mark")
"""An outcome of a step: the local state afterwards, what it sends, whether it changes and sends nothing; its terms; a
number for all else that tells it from others."""
ANSWERS = columns("question", "first", "last", "dead")
"""The outcomes of a question, -1 until Python has answered; open addressing by question, 0 is free.  A letter that is
dead is dropped from the mailboxes of its local state."""
ENVELOPES = columns("sender", "rank")
"""An envelope's sender, and its place in the canonical order of all."""
COMPONENTS = columns("local", "box", "number", "groups_first", "groups_last", "heard_first", "heard_last")
"""A component: local state, mailbox, number within its process, the groups that it may gather, and those with lies."""
GROUPS = columns("takes_first", "takes_last", "first", "last")
"""A group of letters: its envelopes in `Store.takes`, and the outcomes of gathering it."""
HEARD = columns("voice", "takes_first", "takes_last", "first", "last", "terms")
"""A group with lies in it: the voice of the first of its liars, its mail, the outcomes of gathering it; its terms."""
MISSES = columns("local", "envelope", "first", "last", "dead")
"""A question for Python, envelope `OWN` for the process's own events; then the outcomes that it answers, and whether
the letter is dead."""
LIES = columns("receiver", "envelope", "terms")
"""The messages that a liar may send at any time, on some terms."""


class Size(IntEnum):
    """Entries of `Store.sizes`: how much of each array is in use, and three more."""

    MOVES = 0
    SENDS = 1
    OUTCOMES = 2
    RUNS = 3
    BOXES = 4
    COMPONENTS = 5
    ADDS = 6
    MISSES = 7
    GROUPS = 8
    TAKES = 9
    ANSWERS = 10
    LARGEST = 11
    """The most moves of a row."""
    LONGEST = 12
    """The most runs of a mailbox."""
    BEYOND = 13
    """The number that does not fit into its bits: `COPIES` and so on; 0 if all fit."""
    HEARD = 14
    TELLING = 15


# `LOCALS.status`: who takes no steps and receives nothing, since a liar is not counted among the crashed; a learner; a
# copy of a process that runs twice, whose steps are the world's.
CRASHED, SILENT, LIAR, TWIN = 1, 2, 4, 8
GONE = CRASHED | LIAR
OWN = -1
NO_ROOM, UNASKED = -1, -2
"""Instead of a number: an array is full; a question was noted down that Python has to answer first."""
"""The envelope of a question about a process's own events."""

# Flags of a row: its component has crashed; each of its moves changes its own component for good; it takes no steps and
# receives nothing.
ROW_CRASHED, ROW_PLAIN, ROW_GONE = 1, 2, 4
# Its timer is armed; it can start, or receive something, which changes it, without a letter across a partition or by
# such a letter; it can do so without changing, and sends something; Python has answered everything about it.
ROW_ARMED, ROW_ACTS, ROW_ACTS_ACROSS, ROW_SENDS, ROW_READY = 8, 16, 32, 64, 128
# The terms of a move: its law, which signed messages of liars it takes, whether its step rearms the timer of its
# process, whether that timer fires.
LAW_BITS, SAID_BITS = 14, 16
RESTARTS, FIRES = 1 << 30, 1 << 31
# What `Tables.laws` says of an event in a state of the world: see `explore/lawbook.py`.
NEEDED, FORBIDDING, COVERED, CHANGE = range(4)

MULTISET, SET, FIFO = range(3)
"""Kinds of mailboxes."""
BEFORE, WRITTEN, TORN = 1, 2, 3
"""States that a crash inside a step can leave: the state before the step, the state after it, or mixtures of both."""
MIXTURES = 1 << 31
"""Added to the number of a local state: the `envelope` of the question what torn writes leave on the way to it."""


class Rules(NamedTuple):
    """The rules of the world.

    Parameters
    ----------
    kind
        `MULTISET`, `SET` or `FIFO`.
    stays
        Whether a message that changes nothing stays in its mailbox.
    processes
        Their number.
    crashes, losses, duplications, lies
        Whether the world allows any.
    drops
        Whether mailboxes are kept without dead letters.
    interrupts
        What a crash in the middle of a step leaves; 0 if there are none.
    channel_bits
        Number of bits of a channel in the words of `Tables.adds`.
    most_copies, most_moves, most_choices
        What has bits: equal messages in a mailbox, moves of a row, messages of a step that is cut short.
    laws, first_turn
        The number of laws of steps, 0 where the world hinders nothing; the first law of a turn.
    crossing, waiting
        The law of a letter across a partition, and the one that holds while timers wait for messages.
    lied
        The first law of a crash in the middle of a step that a lie causes: `laws` for each process, voice by voice; 0
        if there are none.
    knowledge
        The field of what liars know of signatures; 0 where they may forge any.
    timers
        The field of what is known of timers that wait for messages; 0 where none do.
    age_bits
        Number of bits of the age of a timer; 0 where timers are equally patient.
    """

    kind: int
    stays: bool
    processes: int
    crashes: bool
    interrupts: int
    losses: bool
    duplications: bool
    lies: bool
    drops: bool
    channel_bits: int
    most_copies: int
    most_moves: int
    most_choices: int
    laws: int
    first_turn: int
    crossing: int
    waiting: int
    lied: int
    knowledge: int
    timers: int
    age_bits: int


# Phases of the row table: what the transitions of a row are.
STEPS, CRASHING, LOSING, DUPLICATING, RECOVERING, RELAPSING = range(6)
"""The last one: a process that recovers crashes in the middle of doing so."""
PHASES = 6
"""After these comes one phase for each process that may misbehave, and one of turns where there are laws."""
TWINS = -1

# Entries of `Space.tally`.  For a worker FOUND is the next id that it may give, ID_END the end of those; where
# transitions are kept EDGES is the next place for one, PLACE_END the end of those.  NEXT is a position in
# `Portion.todo`.
FOUND, EDGES, NEXT, BASE, MISS_FIELD, MISS_COMPONENT, MISS_MESSAGE, ID_END, PLACE_END = range(9)
TALLIES = 9
COUNT_BITS = 20
"""A run of a mailbox is `envelope << COUNT_BITS | count`; the same split packs (first, count) pairs of sends."""
COUNT_MASK = (1 << COUNT_BITS) - 1


class Layout(NamedTuple):
    """The position of each field of a configuration in its words: processes, world, observers, knowledge, timers.

    Parameters
    ----------
    word, shift, mask
        uint64[fields].
    """

    word: Words
    shift: Words
    mask: Words


class Tables(NamedTuple):
    """The tables that the hot loop reads.

    Parameters
    ----------
    rows
        uint64[phases, processes, capacity]: each component's transitions, as `packing.py` has rows.
    moves
        uint64[2 * n]: terms, with the change of the owner's component number, and the span of its sends.
    sends
        uint64[n]: to which field, and on which channel.  A channel is a message on its way to one process, or a note to
        one observer; they are numbered from 1.
    adds
        uint64[n]: what arrivals make of components, open addressing in one word: component before, channel, component
        after.  The bits are shared out by `channel_bits` in `Store.rules`; the components have half of the rest each.
    world
        uint64[phases from `LOSING` on, world states]: the change of the world's number by such an event; `FORBIDDEN`
        if the budget is spent, or the process does not misbehave.
    laws
        uint64[laws, world states, 4]: whether the world lets an event happen; without elements where it always does.
    sayable
        uint64[states of knowledge, n]: bit by bit what liars can say; without elements where they can say anything.
    """

    rows: Words
    moves: Words
    sends: Words
    adds: Words
    world: Words
    laws: Words
    sayable: Words


class Store(NamedTuple):
    """Tables of single processes: local states, results of steps, mailboxes, components.

    Parameters
    ----------
    rules
        The rules of the world.
    sizes
        int64: how much of each array is in use, by `Size`.
    locals_, outcomes, answers, envelopes, components, groups, heard, misses
        Tables with the columns above.
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
    suspects
        int64[n]: the processes that may misbehave, one for each phase from `PHASES` on; `TWINS` for the steps of all
        copies of processes that run twice.
    patience
        int64[processes]: the patience of timers.
    turns
        int64[turns, 2]: the first of the sends of a turn, and how many there are.
    letters
        int64[processes, processes]: the law of what one process receives from another, by sender and receiver.
    lies, lies_first
        `LIES`, and int64[suspects + 1]: those of each suspect one after the other.
    telling_first, telling
        int64[n]: by the number of what a whole step tells liars, where it stands what they learn if only some of its
        messages are sent; -1 if that is not wanted.  The sends to the field of knowledge for all choices of messages,
        as bits; 0 where there is none.
    scratch, receivable
        int64[n]: a mailbox being built; what can be received from one.
    """

    rules: Rules
    sizes: Numbers
    locals_: Table
    outcomes: Table
    answers: Table
    envelopes: Table
    components: Table
    groups: Table
    heard: Table
    channels: Numbers
    takes: Numbers
    runs: Numbers
    boxes: Numbers
    box_slots: Numbers
    component_slots: Numbers
    index: Numbers
    counts: Numbers
    degrees: Numbers
    misses: Table
    suspects: Numbers
    patience: Numbers
    turns: Numbers
    letters: Numbers
    lies: Table
    lies_first: Numbers
    telling_first: Numbers
    telling: Numbers
    scratch: Numbers
    receivable: Numbers


class Space(NamedTuple):
    """The configurations and transitions found.

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
    renamed
        uint16[m]: modulo symmetry, the renaming along each transition; without elements elsewhere.
    portion
        What several workers are expanding.
    """

    states: Words
    slots: NDArray[np.uint32]
    offsets: Numbers
    targets: NDArray[np.int32]
    movers: NDArray[np.int16]
    tally: Numbers
    asleep: NDArray[np.uint32]
    renamed: NDArray[np.uint16]
    portion: Portion


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
        uint64[64]: what will be asleep in each successor; where several workers search, the key of how it was reached.
    """

    words: Words
    hashes: Words
    agenda: Words
    group: Words
    asleep: Words


FORBIDDEN = np.uint64((1 << 64) - 1)
BATCH = 64
