"""Verification of declared symmetries: what a step makes of an image is the image of what it makes."""

from __future__ import annotations

from typing import Any

import numpy as np

from flpcheck.explore.kernel.arrays import LAW_BITS, OWN, Numbers, Store, Tables
from flpcheck.explore.kernel.compile import kernel, part
from flpcheck.explore.kernel.components import answered, ask
from flpcheck.explore.kernel.packing import channel_of, field_of
from flpcheck.explore.kernel.renamings import Renamings
from flpcheck.explore.kernel.tuples import U

LAWS = (1 << LAW_BITS) - 1


@kernel
def ask_images(store: Store, renamings: Renamings, asked: Numbers, generators: Numbers, first: int) -> int:
    """Note down the images of answered questions that were not put yet; return where it had to stop.

    Parameters
    ----------
    asked
        int64[n, 2]: local states and envelopes.
    generators
        Renamings that generate all.
    """
    for place in range(first, len(asked)):
        for renaming in generators:
            local, envelope = _asked_under(renamings, asked, place, renaming)
            new = envelope != OWN or store.locals_[local].first < 0
            if new and not ask(store, local, envelope):
                return place
    return len(asked)


@part
def _asked_under(renamings: Renamings, asked: Numbers, place: int, renaming: int) -> tuple[int, int]:
    """Return a question under a renaming."""
    local, envelope = np.int64(renamings.locals_[asked[place, 0], renaming]), asked[place, 1]
    if envelope == OWN:
        return local, envelope
    return local, np.int64(renamings.envelopes[envelope, renaming])


@kernel
def contradiction(store: Store, tables: Tables, renamings: Renamings, asked: Numbers, generators: Numbers) -> int:
    """Return the first question, times the number of generators, and the generator under which its answer changes.

    -1 if there is none: then every renaming that these generate commutes with all steps, since all images were asked.
    """
    for place in range(len(asked)):
        here = answered(store, asked[place, 0], asked[place, 1])
        for number in range(len(generators)):
            local, envelope = _asked_under(renamings, asked, place, generators[number])
            there = answered(store, local, envelope)
            if not _same_outcomes(
                store, tables, renamings, generators[number], here.first, here.last, there.first, there.last
            ):
                return place * len(generators) + number
    return -1


@kernel
def contradicting(store: Store, tables: Tables, renamings: Renamings, pairs: Numbers) -> int:
    """Return the first of (renaming, first, last, other, end) whose outcomes are no images; -1 if there is none."""
    for place in range(len(pairs)):
        renaming, first, last, other, end = pairs[place]
        if not _same_outcomes(store, tables, renamings, renaming, first, last, other, end):
            return place
    return -1


@part
def _same_outcomes(
    store: Store, tables: Tables, renamings: Renamings, renaming: int, first: int, last: int, other: int, end: int
) -> bool:
    """Return whether outcomes from `first` to `last` are, renamed and as a set, those from `other` to `end`."""
    for one in range(first, last):
        if not _among(store, tables, renamings, renaming, one, one + 1, other, end):
            return False
    for one in range(other, end):
        if not _among(store, tables, renamings, renaming, first, last, one, one + 1):
            return False
    return True


@part
def _among(
    store: Store, tables: Tables, renamings: Renamings, renaming: int, first: int, last: int, other: int, end: int
) -> bool:
    """Return whether the image of some outcome is among others."""
    for one in range(first, last):
        for candidate in range(other, end):
            if _is_image(store, tables, renamings, renaming, one, candidate):
                return True
    return False


@part
def _is_image(store: Store, tables: Tables, renamings: Renamings, renaming: int, one: int, other: int) -> bool:
    here, there = store.outcomes[one], store.outcomes[other]
    if renamings.locals_[here.local, renaming] != there.local or here.mark != there.mark:
        return False
    if here.sends_count != there.sends_count or _terms_under(renamings, renaming, here.terms) != there.terms:
        return False
    for send in range(here.sends_first, here.sends_first + here.sends_count):
        if not _is_sent(store, tables, renamings, renaming, here, there, send):
            return False
    return True


@part
def _terms_under(renamings: Renamings, renaming: int, terms: int) -> int:
    """Return the terms of a step under a renaming: an answer about a process becomes one about another."""
    law = terms & LAWS
    return terms - law + renamings.laws[renaming, law]


@part
def _is_sent(
    store: Store, tables: Tables, renamings: Renamings, renaming: int, here: Any, there: Any, send: int
) -> bool:
    """Return whether a message is sent, renamed, in the other outcome: as the same one in order to its receiver."""
    field = field_of(tables.sends[send])
    earlier = 0
    for before in range(here.sends_first, send):
        earlier += field_of(tables.sends[before]) == field
    if len(renamings.watches) > 0 and field > U(store.rules.processes):
        return _is_noted(store, tables, renamings, renaming, there, send, earlier)
    receiver = U(renamings.to[renaming, np.int64(field)])
    for candidate in range(there.sends_first, there.sends_first + there.sends_count):
        packed = tables.sends[candidate]
        if field_of(packed) == receiver:
            if earlier == 0:
                envelope = store.channels[channel_of(tables.sends[send])]
                return store.channels[channel_of(packed)] == renamings.envelopes[envelope, renaming]
            earlier -= 1
    return False


@part
def _is_noted(
    store: Store, tables: Tables, renamings: Renamings, renaming: int, there: Any, send: int, earlier: int
) -> bool:
    """Return whether a note is made, renamed, in the other outcome: as the same one in order to its observer."""
    field, note = field_of(tables.sends[send]), store.channels[channel_of(tables.sends[send])]
    for candidate in range(there.sends_first, there.sends_first + there.sends_count):
        packed = tables.sends[candidate]
        if field_of(packed) == field:
            if earlier == 0:
                return store.channels[channel_of(packed)] == renamings.notes[note, renaming]
            earlier -= 1
    return False
