"""Facts about what is outdated, in one table: which messages are stale, and what maps of ballots make of things.

Python is asked for each once; a question is noted down where its answer is first needed.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from flpcheck.explore.kernel.arrays import NO_ROOM, UNASKED, Numbers, Table, Words, columns
from flpcheck.explore.kernel.compile import kernel, part
from flpcheck.explore.kernel.mailbox import mixed

FACTS = columns("first", "second", "kind", "value")
"""A fact about two things: of which kind, and what it says.  Open addressing, `first` 0 is free; `value` is -1 until
Python has answered."""
ASKED = columns("first", "second", "kind")
"""A question for Python."""
STALE, MAP, LOCAL, ENVELOPE, COMPONENT, PAIR = range(6)
"""Kinds of facts.  `STALE`: whether a message is stale between two local states; it is added to the envelope times
`KINDS`.  `MAP`: the map of ballots for a mask of live ones and the lowest current one.  `LOCAL`, `ENVELOPE`,
`COMPONENT`: the image of one under a map.  `PAIR`: for how many messages two local states were judged."""
KINDS = 8
FACTS_USED, ASKED_USED = range(2)
"""Entries of `Outdated.tally`."""
MOST_BALLOT = 61
"""Largest ballot that has a bit in a mask."""
SEEN = np.uint64(1 << 62)
"""Marks the mask of a component that has been looked at."""
NEVER = 63
"""Instead of a current ballot: the process starts no other one."""


class Outdated(NamedTuple):
    """Tables of what is outdated in configurations.

    Parameters
    ----------
    drops
        Whether stale mail is dropped.
    period
        Ballots are shifted by multiples of it; 0 if they are not renamed.
    facts, asked
        `FACTS` and `ASKED`.
    in_locals, in_envelopes, in_components
        uint64[n]: the ballots in each, as bits; with `SEEN` for a component that was looked at.
    current
        int64[n]: the current ballot of each local state; negative before its process has started any.
    tally
        int64[2]: how many facts and questions there are.
    fields
        Scratch: the components of a configuration.
    """

    drops: bool
    period: int
    facts: Table
    asked: Table
    in_locals: Words
    in_envelopes: Words
    in_components: Words
    current: Numbers
    tally: Numbers
    fields: Numbers


@part
def fact_slot(outdated: Outdated, first: int, second: int, kind: int) -> int:
    """Return the slot of a fact, or the free slot for it."""
    last = len(outdated.facts) - 1
    slot = mixed(mixed(mixed(first) ^ second) ^ kind) & last
    while outdated.facts[slot].first != 0:
        found = outdated.facts[slot]
        if found.first == first and found.second == second and found.kind == kind:
            return slot
        slot = (slot + 1) & last
    return slot


@part
def note_fact(outdated: Outdated, slot: int, first: int, second: int, kind: int, value: int) -> bool:
    """Enter a fact into a slot; False if the table is full."""
    if 2 * outdated.tally[FACTS_USED] + 2 > len(outdated.facts):
        return False
    entry = outdated.facts[slot]
    entry.first, entry.second, entry.kind, entry.value = first, second, kind, value
    outdated.tally[FACTS_USED] += 1
    return True


@part
def fact_of(outdated: Outdated, first: int, second: int, kind: int) -> int:
    """Return what a fact says; `UNASKED`, once it is noted down, or `NO_ROOM` for that."""
    slot = fact_slot(outdated, first, second, kind)
    found = outdated.facts[slot]
    if found.first != 0:
        return found.value if found.value >= 0 else UNASKED
    place = outdated.tally[ASKED_USED]
    if place >= len(outdated.asked) or not note_fact(outdated, slot, first, second, kind, -1):
        return NO_ROOM
    asked = outdated.asked[place]
    asked.first, asked.second, asked.kind = first, second, kind
    outdated.tally[ASKED_USED] = place + 1
    return UNASKED


@kernel
def enter_fact(outdated: Outdated, first: int, second: int, kind: int, value: int) -> None:
    """Enter what Python has answered."""
    outdated.facts[fact_slot(outdated, first, second, kind)].value = value


@kernel
def rehash_facts(outdated: Outdated, before: Table) -> None:
    """Move all facts into an empty, larger table."""
    for old in before:
        if old.first != 0:
            entry = outdated.facts[fact_slot(outdated, old.first, old.second, old.kind)]
            entry.first, entry.second, entry.kind, entry.value = old.first, old.second, old.kind, old.value
