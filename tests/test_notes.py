"""Observers of the library tell notes apart that Python calls equal."""

from __future__ import annotations

from typing import Any

import pytest

from flpcheck import Observer, Property, View, record
from flpcheck.properties import (
    Applied,
    Broadcast,
    Elected,
    applied_observer,
    broadcast_observer,
    election_observer,
    election_safety,
    primary_integrity,
    state_machine_safety,
)


@record
class Transaction:
    """What a primary broadcasts in an epoch."""

    epoch: int
    value: Any


def judged(claim: Property, observer: Observer[Any, Any], notes: list[Any], states: Any = None) -> bool:
    """Return what a property says after some notes."""
    state = observer.start
    for about in notes:
        state = observer.step(state, about)
    return claim(View(states or {}, {}, frozenset(), {}, {}, {observer.name: state}))


@pytest.mark.parametrize(("second", "safe"), [(1, True), (True, False), (2, False)])
def test_different_entries_at_one_index(second: Any, safe: bool) -> None:
    notes = [Applied(3, 1), Applied(3, second), Applied(4, 1)]
    assert judged(state_machine_safety(), applied_observer(), notes) == safe


@pytest.mark.parametrize(("notes", "safe"), [([(1, "a"), (1, "b")], False), ([(1, "a"), (True, "a")], True)])
def test_leaders_of_different_terms(notes: list[Any], safe: bool) -> None:
    assert judged(election_safety(), election_observer(), [Elected(*about) for about in notes]) == safe


@pytest.mark.parametrize(("known", "intact"), [(1, True), (True, False)])
def test_a_primary_has_delivered_the_very_transaction(known: Any, intact: bool) -> None:
    notes = [Broadcast(Transaction(2, 5), (Transaction(1, known),))]
    claim = primary_integrity(delivered=lambda log: log)
    assert judged(claim, broadcast_observer(), notes, {"a": (Transaction(1, 1),)}) == intact
