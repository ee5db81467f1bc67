"""Timers that wait for messages: which may fire in a configuration, and what is known of them after an event.

`system/clock.py` and `system/patience.py` have the meaning.  The field of the timers holds a bit for each process whose
timer is due, then the ages; whether a timer is armed, and a process busy, are flags of rows.  So the row of a component
must be known as soon as a configuration has it, and not only when that is expanded.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from flpcheck.explore.kernel.arrays import (
    CHANGE,
    DONE,
    FORBIDDEN,
    MISS_COMPONENT,
    MISS_FIELD,
    ROW_ACTS,
    ROW_ACTS_ACROSS,
    ROW_ARMED,
    ROW_READY,
    ROW_SENDS,
    SKIPPED,
    UNKNOWN,
    Layout,
    Numbers,
    Rules,
    Store,
    Tables,
    Word,
    Words,
)
from flpcheck.explore.kernel.compile import kernel, part
from flpcheck.explore.kernel.delivery import deliver
from flpcheck.explore.kernel.packing import (
    FIRING,
    MOVE,
    begin_of,
    count_of,
    difference_of,
    end_of,
    first_of,
    law_of,
    process_of,
)
from flpcheck.explore.kernel.tuples import ONE, TWO, ZERO, U, xored
from flpcheck.explore.kernel.words import value_of

ARMED_SHIFT = np.uint64(ROW_ARMED.bit_length() - 1)
ACTS, ACTS_ACROSS, SENDS, READY = (np.uint64(flag) for flag in (ROW_ACTS, ROW_ACTS_ACROSS, ROW_SENDS, ROW_READY))


class TimerFacts(NamedTuple):
    """Facts of a configuration that matter for the timers of its successors.

    Parameters
    ----------
    due
        Whose timer may fire while timers wait for messages, and whose is armed before that, as bits.
    armed
        Whose timer is armed, as bits.
    ages
        The ages of the timers.
    waits
        Whether timers wait for messages.
    quiet
        Whether no process can start, or receive something, that changes the configuration.
    """

    due: Word
    armed: Word
    ages: Word
    waits: bool
    quiet: bool


# Rows.


@part
def _is_act(rules: Rules, change: Word) -> bool:
    """Return whether a process's own event is a start or receives something: no timeout, no answer of a detector."""
    law = law_of(change)
    return change & FIRING == ZERO and (law == ZERO or law == U(rules.crossing))


@part
def timing(store: Store, tables: Tables, first: int, last: int) -> int:
    """Return the flags of a row of steps that say whether its timer is armed, and whether it is busy."""
    flags = 0
    for move in range(first, last):
        change, span = tables.moves[2 * move], tables.moves[2 * move + 1]
        if change & FIRING:
            flags |= ROW_ARMED
        if _is_act(store.rules, change):
            if difference_of(change) != ZERO:
                flags |= ROW_ACTS if law_of(change) == ZERO else ROW_ACTS_ACROSS
            elif begin_of(span) < end_of(span):
                flags |= ROW_SENDS
    return flags


@kernel
def make_ready(store: Store, tables: Tables, wanted: Numbers, first: int, failed: Numbers) -> None:
    """Mark the rows of the wanted components from `first` on as ready, but for those on which Python has failed."""
    for component in wanted[first:]:
        if component not in failed:
            here = store.components[component]
            owner = store.locals_[here.local].owner
            tables.rows[0, owner, here.number] |= READY


# Configurations.


@part
def _row(layout: Layout, tables: Tables, configuration: tuple[Word, ...], process: Word) -> Word:
    """Return the row of a process's steps; one without any flag where there is none yet."""
    number = value_of(layout, configuration, process)
    return tables.rows[0, process, number] if number < U(tables.rows.shape[2]) else ZERO


@part
def _armed(
    layout: Layout, tables: Tables, tally: Numbers, configuration: tuple[Word, ...], learns: bool
) -> tuple[int, Word]:
    """Return whose timer is armed, as bits, or the reason to stop: a component of which that is unknown."""
    armed = ZERO
    for process in range(U(tables.rows.shape[1])):
        row = _row(layout, tables, configuration, process)
        if row & READY == ZERO:
            tally[MISS_FIELD], tally[MISS_COMPONENT] = process, value_of(layout, configuration, process)
            return UNKNOWN if learns else SKIPPED, ZERO
        armed |= ((row >> ARMED_SHIFT) & ONE) << process
    return DONE, armed


@part
def _lets(layout: Layout, tables: Tables, configuration: tuple[Word, ...], law: int) -> bool:
    world = value_of(layout, configuration, U(tables.rows.shape[1]))
    return tables.laws[law, world, CHANGE] != FORBIDDEN


@part
def _sends_something(
    layout: Layout,
    tables: Tables,
    store: Store,
    tally: Numbers,
    configuration: tuple[Word, ...],
    row: Word,
    learns: bool,
) -> tuple[int, bool]:
    """Return whether some step that does not change its own process changes the configuration by what it sends."""
    channels = U(store.rules.channel_bits)
    for move in range(first_of(row), first_of(row) + count_of(row)):
        change, span = tables.moves[TWO * move], tables.moves[TWO * move + ONE]
        if (
            _is_act(store.rules, change)
            and difference_of(change) == ZERO
            and begin_of(span) < end_of(span)
            and _lets(layout, tables, configuration, np.int64(law_of(change)))
        ):
            stop, after, _ = deliver(layout, tables, store, tally, configuration, span, channels, learns)
            if stop != DONE or after != configuration:
                return stop, True
    return DONE, False


@part
def _busy(
    layout: Layout, tables: Tables, store: Store, tally: Numbers, configuration: tuple[Word, ...], learns: bool
) -> tuple[int, bool]:
    """Return whether some process can start, or receive something, that changes the configuration."""
    certain = ACTS
    if _lets(layout, tables, configuration, store.rules.crossing):
        certain |= ACTS_ACROSS
    for process in range(U(tables.rows.shape[1])):
        row = _row(layout, tables, configuration, process)
        if row & certain:
            return DONE, True
        if row & SENDS:
            stop, changes = _sends_something(layout, tables, store, tally, configuration, row, learns)
            if stop != DONE or changes:
                return stop, True
    return DONE, False


@part
def moment_of(
    layout: Layout, tables: Tables, store: Store, tally: Numbers, configuration: tuple[Word, ...], learns: bool
) -> tuple[int, TimerFacts]:
    """Return what matters for the timers in what follows a configuration, or the reason to stop."""
    rules, nothing = store.rules, TimerFacts(ZERO, ZERO, ZERO, False, False)
    stop, armed = _armed(layout, tables, tally, configuration, learns)
    if stop != DONE:
        return stop, nothing
    if not _lets(layout, tables, configuration, rules.waiting):
        return DONE, TimerFacts(armed, armed, ZERO, False, False)
    stop, busy = _busy(layout, tables, store, tally, configuration, learns)
    if stop != DONE:
        return stop, nothing
    held, processes = value_of(layout, configuration, U(rules.timers)), U(rules.processes)
    ages = held >> processes
    due = held & ((ONE << processes) - ONE) if busy else _ripe(store, armed, ages)
    return DONE, TimerFacts(due, armed, ages, True, not busy)


@part
def fit_to_fire(tables: Tables, agenda: Words, items: Word, now: TimerFacts) -> Word:
    """Strike out the timeouts that do not happen now, whole or cut short; return the agenda's new length.

    Before timers wait every timer that is armed is due.
    """
    kept = ZERO
    for item in range(items):
        entry = agenda[item]
        fires = tables.moves[TWO * (entry & MOVE)] & FIRING
        if not fires or (now.due >> process_of(entry)) & ONE:
            agenda[kept] = entry
            kept += ONE
    return kept


@part
def timed(
    layout: Layout,
    tables: Tables,
    store: Store,
    tally: Numbers,
    successor: tuple[Word, ...],
    now: TimerFacts,
    rearmed: Word,
    learns: bool,
) -> tuple[int, tuple[Word, ...]]:
    """Return a successor with what is known of its timers, or the reason to stop.

    Parameters
    ----------
    now
        Of the configuration before.
    rearmed
        Whose timer has fired, or was restarted by the step, as bits.
    """
    rules = store.rules
    if not _lets(layout, tables, successor, rules.waiting):
        return DONE, successor
    stop, armed = _armed(layout, tables, tally, successor, learns)
    if stop != DONE:
        return stop, successor
    due, ages, busy = now.due & ~rearmed & armed, ZERO, True
    if due != ZERO or rules.age_bits > 0:
        stop, busy = _busy(layout, tables, store, tally, successor, learns)
        if stop != DONE:
            return stop, successor
    if not busy:
        due = ZERO
    if rules.age_bits > 0:
        ages = _aged(store, now, now.armed & armed & ~rearmed, armed, not busy)
    field = U(rules.timers)
    change = value_of(layout, successor, field) ^ (due | (ages << U(rules.processes)))
    return DONE, xored(successor, layout.word[field], change << layout.shift[field])


@part
def quiet_after(
    layout: Layout, tables: Tables, store: Store, tally: Numbers, configuration: tuple[Word, ...], learns: bool
) -> tuple[int, tuple[Word, ...]]:
    """Return a configuration from which mail was dropped, or the reason to stop.

    If that makes it quiet, no timer is due before others.
    """
    rules, field = store.rules, U(store.rules.timers)
    held = value_of(layout, configuration, field)
    if held == ZERO or not _lets(layout, tables, configuration, rules.waiting):
        return DONE, configuration
    stop, _ = _armed(layout, tables, tally, configuration, learns)
    if stop != DONE:
        return stop, configuration
    stop, busy = _busy(layout, tables, store, tally, configuration, learns)
    if stop != DONE or busy:
        return stop, configuration
    ages = held >> U(rules.processes)
    after = _ranked(rules, ages, ONE) << U(rules.processes) if rules.age_bits > 0 else ZERO
    return DONE, xored(configuration, layout.word[field], (held ^ after) << layout.shift[field])


# Ages.


@part
def _age(rules: Rules, ages: Word, process: Word) -> Word:
    bits = U(rules.age_bits)
    return (ages >> (process * bits)) & ((ONE << bits) - ONE)


@part
def _earlier(rules: Rules) -> Word:
    """Return the age of a timer of which the order is unknown: the largest one."""
    return (ONE << U(rules.age_bits)) - ONE


@part
def _ripe(store: Store, armed: Word, ages: Word) -> Word:
    """Return whose timer may fire in a quiet moment, as bits: no less patient one was armed as early."""
    rules, found = store.rules, armed
    if rules.age_bits == 0:
        return found
    for later in range(U(rules.processes)):
        age = _age(rules, ages, later)
        for sooner in range(U(rules.processes)):
            if (
                (armed >> sooner) & ONE
                and store.patience[sooner] < store.patience[later]
                and _age(rules, ages, sooner) >= age
                and age != _earlier(rules)
            ):
                found &= ~(ONE << later)
    return found


@part
def _aged(store: Store, now: TimerFacts, kept: Word, armed: Word, quiet: bool) -> Word:
    """Return the ages after an event.

    Parameters
    ----------
    kept, armed
        Whose timer keeps running, and whose is armed after the event, as bits.
    quiet
        Whether all is quiet then.
    """
    rules, ages, earlier = store.rules, ZERO, _earlier(store.rules)
    for process in range(U(rules.processes)):
        if (armed >> process) & ONE:
            age = earlier
            if now.waits:
                age = _age(rules, now.ages, process) if (kept >> process) & ONE else ONE
                if (kept >> process) & ONE and now.quiet and age != earlier:
                    age += ONE
            ages |= age << (process * U(rules.age_bits))
    return _ranked(rules, ages, ONE if quiet else TWO) if now.waits else ages


@part
def _ranked(rules: Rules, ages: Word, first: Word) -> Word:
    """Return the ages as ranks without gaps, starting at `first`; smaller ages stay, and so do those without order."""
    rank, found, earlier = first, ages, _earlier(rules)
    for old in range(first, earlier):
        held = False
        for process in range(U(rules.processes)):
            if _age(rules, ages, process) == old:
                found ^= (old ^ rank) << (process * U(rules.age_bits))
                held = True
        if held:
            rank += ONE
    return found
