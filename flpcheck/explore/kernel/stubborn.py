"""Stubborn sets inside the hot loop: which moves of a configuration are made, as `reduce/stubborn_sets.py` chooses.

Sets of events are words of bits, by process.  What follows of a process from its local state by some events is a fact
of a table; Python is asked for each once, noted down where it is first needed.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from flpcheck.explore.kernel.arrays import Layout, Numbers, Word, Words
from flpcheck.explore.kernel.compile import kernel, part
from flpcheck.explore.kernel.tuples import ONE, SPREAD, SPREAD_AGAIN, ZERO, U
from flpcheck.explore.kernel.words import value_of

# What a fact says, by the local state and some events: which deliveries these may make possible, which of them may
# show, whether they may change a decision, which of them conflict with another event, which of them cause a delivery.
SENT, SHOWN, MIND, CONFLICTS = range(4)
CODES, EVENTS = 8, 1 << 20
"""A question is its kind, plus `CODES` times its event; of a cause, `EVENTS` times its receiver plus one is added to
the event."""
COMING, CHOSEN, DONE, ABLE, BEST = range(5)
SETS = 5
"""Sets of events in `EventSelection.sets`."""
BIT, WORD_SHIFT = np.uint64(63), np.uint64(6)


class EventSelection(NamedTuple):
    """The tables by which stubborn sets are chosen.

    Parameters
    ----------
    places
        int64[processes, components]: the place of each component.
    here
        uint64[processes, components, words]: its own events, and those whose messages wait.
    events
        int32[moves]: the event of each move.
    senders
        int64[processes, events]: the sender of the message of each event, -1 of own events.
    heeded
        uint64[places, words]: the events that can occur in each place.
    slots
        int64[2^k]: facts by open addressing, number plus one; 0 is free.
    keys
        uint64[n, 2 + words]: the place, the question and the events of each fact.
    facts
        uint64[n, processes, words]: what it says.
    question
        uint64[3 + words]: whether there is a question for Python, then its key.
    now
        int64[processes, 2]: place and component of each process in a configuration.
    sets
        uint64[SETS, processes, words]: scratch.
    free
        uint64[words]: scratch.
    full
        uint64[n, words of a configuration]: configurations of which nothing is left out.
    passes
        Whether what properties see may pass, whatever happens to decisions.
    """

    places: Numbers
    here: NDArray[np.uint64]
    events: NDArray[np.int32]
    senders: Numbers
    heeded: NDArray[np.uint64]
    slots: Numbers
    keys: NDArray[np.uint64]
    facts: NDArray[np.uint64]
    question: Words
    now: Numbers
    sets: NDArray[np.uint64]
    free: Words
    full: NDArray[np.uint64]
    passes: bool


@part
def _slot_of(selection: EventSelection, place: Word, code: Word, events: Words) -> int:
    """Return the slot of a fact, or the free slot for it."""
    last = U(len(selection.slots) - 1)
    mixed = (place * SPREAD) ^ (code * SPREAD_AGAIN)
    for word in range(len(events)):
        mixed = ((mixed ^ events[word]) * SPREAD) ^ (mixed >> U(29))
    slot = np.int64((mixed ^ (mixed >> U(32))) & last)
    while selection.slots[slot] != 0:
        number, same = selection.slots[slot] - 1, True
        if selection.keys[number, 0] == place and selection.keys[number, 1] == code:
            for word in range(len(events)):
                same = same and selection.keys[number, 2 + word] == events[word]
            if same:
                return slot
        slot = (slot + 1) & np.int64(last)
    return slot


@part
def _fact(selection: EventSelection, process: int, kind: int, code: int, events: Words) -> int:
    """Return the number of a fact about a process in its place; -1 if Python has to be asked, which is noted down."""
    place, code_ = U(selection.now[process, 0]), U(code * CODES + kind)
    found = selection.slots[_slot_of(selection, place, code_, events)] - 1
    if found < 0:
        selection.question[0] = ONE
        selection.question[1], selection.question[2] = place, code_
        for word in range(len(events)):
            selection.question[3 + word] = events[word]
    return found


@kernel
def enter_facts(selection: EventSelection, first: int, last: int) -> None:
    """Enter facts whose keys are there into the slots."""
    for number in range(first, last):
        keys = selection.keys[number]
        selection.slots[_slot_of(selection, keys[0], keys[1], keys[2:])] = number + 1


@part
def begin_choice(selection: EventSelection, layout: Layout, current: tuple[Word, ...]) -> None:
    """Look where each process is."""
    for process in range(len(selection.now)):
        number = np.int64(value_of(layout, current, U(process)))
        selection.now[process, 1] = number
        selection.now[process, 0] = selection.places[process, number]
    selection.sets[:] = ZERO


@part
def can_move(selection: EventSelection, process: Word, move: Word) -> None:
    """Note down that a move leads elsewhere."""
    event = U(selection.events[move])
    selection.sets[ABLE, process, event >> WORD_SHIFT] |= ONE << (event & BIT)


@part
def is_chosen(selection: EventSelection, process: Word, move: Word) -> bool:
    """Return whether a move is to be made."""
    event = U(selection.events[move])
    return (selection.sets[BEST, process, event >> WORD_SHIFT] >> (event & BIT)) & ONE != ZERO


@part
def _count(events: Words) -> int:
    found = 0
    for word in range(len(events)):
        left = events[word]
        while left != ZERO:
            left &= left - ONE
            found += 1
    return found


@part
def _lowest(word: Word) -> Word:
    """Return the place of the lowest bit of a word that has one."""
    place = ZERO
    while (word >> place) & ONE == ZERO:
        place += ONE
    return place


@part
def _find_coming(selection: EventSelection) -> bool:
    """Find the events that may occur from now on; return False if Python has to be asked."""
    coming, grows = selection.sets[COMING], True
    words = coming.shape[1]
    for process in range(len(coming)):
        place, number = selection.now[process]
        for word in range(words):
            coming[process, word] = selection.here[process, number, word] & selection.heeded[place, word]
    while grows:
        grows = False
        for process in range(len(coming)):
            if _count(coming[process]) == 0:
                continue
            fact = _fact(selection, process, SENT, 0, coming[process])
            if fact < 0:
                return False
            for to in range(len(coming)):
                for word in range(words):
                    new = selection.facts[fact, to, word] & selection.heeded[selection.now[to, 0], word]
                    if new & ~coming[to, word] != ZERO:
                        coming[to, word] |= new
                        grows = True
    return True


@part
def _may_pass(selection: EventSelection) -> int:
    """Return whether what properties see may pass, as 0 or 1; -1 if Python has to be asked."""
    if selection.passes:
        return 1
    for process in range(len(selection.now)):
        fact = _fact(selection, process, MIND, 0, selection.sets[COMING, process])
        if fact < 0:
            return -1
        if selection.facts[fact, 0, 0] != ZERO:
            return 1
    return 0


@part
def _next_event(selection: EventSelection) -> tuple[int, int]:
    """Return the first process with a chosen event that was not looked at, and that event; -1 if there is none."""
    chosen, done = selection.sets[CHOSEN], selection.sets[DONE]
    for process in range(len(chosen)):
        for word in range(chosen.shape[1]):
            left = chosen[process, word] & ~done[process, word]
            if left != ZERO:
                return process, 64 * word + np.int64(_lowest(left))
    return -1, 0


@part
def _set_free(selection: EventSelection, process: int) -> None:
    for word in range(len(selection.free)):
        selection.free[word] = selection.sets[COMING, process, word] & ~selection.sets[CHOSEN, process, word]


@part
def _add(selection: EventSelection, process: int, fact: int, row: int) -> None:
    for word in range(len(selection.free)):
        selection.sets[CHOSEN, process, word] |= selection.facts[fact, row, word]


@part
def _add_shown(selection: EventSelection, process: int, event: int) -> bool:
    """Add all events that may show if one of them may; return False if Python has to be asked."""
    coming = selection.sets[COMING]
    fact = _fact(selection, process, SHOWN, 0, coming[process])
    if fact < 0:
        return False
    if (selection.facts[fact, 0, event >> 6] >> U(event & 63)) & ONE == ZERO:
        return True
    for other in range(len(coming)):
        if _count(coming[other]) > 0:
            fact = _fact(selection, other, SHOWN, 0, coming[other])
            if fact < 0:
                return False
            _add(selection, other, fact, 0)
    return True


@part
def _close(selection: EventSelection, process: int, event: int, passes: bool) -> bool:
    """Find the least stubborn set with an event; return False if Python has to be asked."""
    sets = selection.sets
    sets[CHOSEN], sets[DONE] = ZERO, ZERO
    sets[CHOSEN, process, event >> 6] = ONE << U(event & 63)
    while process >= 0:
        word, bit = event >> 6, ONE << U(event & 63)
        sets[DONE, process, word] |= bit
        if selection.here[process, selection.now[process, 1], word] & bit == ZERO:
            sender = selection.senders[process, event]
            _set_free(selection, sender)
            code = (process + 1) * EVENTS + event
            fact = _fact(selection, sender, CONFLICTS, code, selection.free)
            if fact < 0:
                return False
            _add(selection, sender, fact, 0)
        else:
            _set_free(selection, process)
            fact = _fact(selection, process, CONFLICTS, event, selection.free)
            if fact < 0:
                return False
            _add(selection, process, fact, 0)
            if passes and not _add_shown(selection, process, event):
                return False
        process, event = _next_event(selection)
    return True


@part
def _copy(before: Any, after: Any) -> None:
    for process in range(len(before)):
        for word in range(before.shape[1]):
            after[process, word] = before[process, word]


@part
def choose(selection: EventSelection) -> bool:
    """Choose the events to expand; return False if Python has to be asked."""
    sets = selection.sets
    fewest = 0
    _copy(sets[ABLE], sets[BEST])
    for process in range(len(selection.now)):
        fewest += _count(sets[ABLE, process])
    if fewest <= 1:
        return True
    if not _find_coming(selection):
        return False
    passes = _may_pass(selection)
    if passes < 0:
        return False
    for process in range(len(selection.now)):
        for word in range(sets.shape[2]):
            left = sets[ABLE, process, word]
            while left != ZERO:
                if fewest <= 1:
                    return True
                if not _close(selection, process, 64 * word + np.int64(_lowest(left)), passes == 1):
                    return False
                left &= left - ONE
                fewest = _better(selection, fewest)
    return True


@part
def _better(selection: EventSelection, fewest: int) -> int:
    """Take the set that was found if fewer of its events lead elsewhere; return their number then."""
    sets, count = selection.sets, 0
    for process in range(len(selection.now)):
        for word in range(sets.shape[2]):
            left = sets[CHOSEN, process, word] & sets[ABLE, process, word]
            while left != ZERO:
                left &= left - ONE
                count += 1
    if count >= fewest:
        return fewest
    _copy(sets[CHOSEN], sets[BEST])
    return count


@part
def is_full(selection: EventSelection, current: tuple[Word, ...]) -> bool:
    """Return whether nothing is left out of a configuration."""
    for number in range(len(selection.full)):
        same = True
        for word, held in enumerate(current):
            same = same and selection.full[number, word] == held
        if same:
            return True
    return False
