"""Tracing: what an action, or a predicate, reads of a configuration, and what it answers there."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from functools import cache, cached_property
from inspect import unwrap
from typing import Any

from flpcheck.authoring.actions import Action
from flpcheck.authoring.events import Event
from flpcheck.authoring.values import Key, backwards, key
from flpcheck.budget import OutOfBudget
from flpcheck.errors import BadAnswer
from flpcheck.explore.limits import TooWide
from flpcheck.explore.tries.building import TrieOutcome
from flpcheck.explore.tries.proxies import Reads, genuine
from flpcheck.explore.tries.shape import ConfigurationShape
from flpcheck.explore.tries.writing import writes
from flpcheck.failure import is_authors_file
from flpcheck.system.general import SAMPLE, SURELY, General


class Untraceable(TooWide):
    """Raised where the reads of an author's function cannot be traced, or its writes cannot be kept."""


class Tracer:
    """Puts the questions of a system, and notes what is read.

    Parameters
    ----------
    system
        Whose actions.
    shape
        The places of its configurations.

    Attributes
    ----------
    asked
        How many questions were put; the first `SURELY` and then one in `SAMPLE` are compared with the plain answer.
    """

    def __init__(self, system: General, shape: ConfigurationShape) -> None:
        self.system = system
        self.shape = shape
        self.asked = 0
        self._owners: dict[Event, Action] = {}
        self._coins, self._shared = set[Event](), set[Event]()

    def trace(self, action: Action, numbers: Sequence[int]) -> tuple[Reads, list[TrieOutcome]]:
        """Return what an action reads and does where fields have these numbers.

        Raises
        ------
        SpecError
            If the author's function fails, or answers differently from call to call.
        Untraceable
            If the proxies made a difference.
        """
        self.asked += 1
        reads = Reads(self.shape, numbers)
        try:
            found = [self._labelled(reads, item) for item in action(reads.at(self.shape.root))]
        except OutOfBudget:
            raise
        except Exception:  # a proxy has failed, or the author's code has: the genuine configuration tells
            reads, found = self._plainly(action, numbers)
        if reads.hashed:  # so they may be keys of a cache
            for kept in self._caches:
                kept.cache_clear()
        if self.asked <= SURELY or self.asked % SAMPLE == 0:
            self._compare(action, numbers, found)
        self._toss(action, numbers, [event for event, _ in found])
        complete(reads, [outcome for _, outcome in found])
        return reads, [outcome for _, outcome in found if outcome.writes or outcome.whole]

    @cached_property
    def _caches(self) -> list[Any]:
        """Caches of the author's functions, found among all objects there are."""
        return authors_caches()

    def _labelled(self, reads: Reads, item: Any) -> tuple[Event, TrieOutcome]:
        """Return an event and its outcome, both genuine: making them so counts as reading."""
        labelled, after = item
        event: Event = genuine(labelled)
        hash(event)  # refuses what may not stand in an event
        changed, whole = writes(reads, after)
        return event, TrieOutcome(changed, whole, self.system.mover(event), event.kind)

    def _plainly(self, action: Action, numbers: Sequence[int]) -> tuple[Reads, list[tuple[Event, TrieOutcome]]]:
        reads = Reads(self.shape, numbers)
        found = self.system.outcomes_of(action, self.shape.decode(numbers))
        reads.everything()
        return reads, [self._labelled(reads, item) for item in found]

    def _toss(self, action: Action, numbers: Sequence[int], events: Sequence[Event]) -> None:
        """Check the coins that an action tosses; one that several actions toss is left to the plain engine."""
        try:
            self._coins |= set(self.system.coins_of(events, self.shape.decode(numbers)))
        except BadAnswer:  # unless other actions toss the rest of a coin
            raise Untraceable("the chances of a coin are wrong, or not in one action") from None
        for event in (event.toss for event in events):
            owner = self._owners.setdefault(event, action)
            self._shared |= {event} if owner.identity != action.identity else set()
        if self._coins & self._shared:
            raise Untraceable("several actions toss one coin")

    def _compare(self, action: Action, numbers: Sequence[int], found: list[tuple[Event, TrieOutcome]]) -> None:
        shared = self.shape.decode(numbers)
        plainly = _rows(self.system.outcomes_of(action, backwards(shared)))
        traced = [(event, self.shape.decode(after(numbers, outcome, self.shape))) for event, outcome in found]
        if plainly != _rows(traced):
            self.refute(shared, action)

    def refute(self, shared: Any, action: Action | None = None) -> None:
        """Raise what two answers that differ show: a fault of the author's, if plain calls differ too; else ours."""
        self.system.confirm(shared)
        what = "an action" if action is None else f"{action.name}()"
        raise Untraceable(f"what {what} reads could not be traced")


def authors_caches() -> list[Any]:
    """Return what `functools.cache` keeps for the author's functions: no plain answer may hold a proxy."""
    kind = type(cache(len))
    found = [(thing, unwrap(thing)) for thing in gc.get_objects() if type(thing) is kind]
    return [kept for kept, of in found if hasattr(of, "__code__") and is_authors_file(of.__code__.co_filename)]


def _rows(found: Sequence[tuple[Event, Any]]) -> list[tuple[Event, Key]]:
    return [(event, key(after)) for event, after in found]


def complete(reads: Reads, outcomes: Sequence[TrieOutcome]) -> None:
    """Count elements of sets that were met while a question was put: as read, and as written where a set was."""
    reads.closed = True
    for place in reads.whole:
        reads.fields.update(dict.fromkeys(place.bits.values()))
    for outcome in outcomes:
        for place in outcome.whole:
            for field in place.bits.values():
                outcome.writes.setdefault(field, 0)


def after(numbers: Sequence[int], outcome: TrieOutcome, shape: ConfigurationShape) -> list[int]:
    """Return the numbers of all fields after an outcome."""
    found = list(numbers)
    shape.extend(found)
    for field, number in outcome.writes.items():
        found[field] = number
    return found


def reads_of_predicate(shape: ConfigurationShape, predicate: Callable[[Any], Any], numbers: Sequence[int]) -> Reads:
    """Return what a function reads of a configuration; it is all of it where a proxy does not do, or it fails."""
    reads = Reads(shape, numbers)
    try:
        genuine(predicate(reads.at(shape.root)))
    except OutOfBudget:
        raise
    except Exception:
        reads = Reads(shape, numbers)
        reads.everything()
    complete(reads, ())
    return reads
