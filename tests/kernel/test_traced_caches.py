"""What `functools.cache` keeps for an author's functions is forgotten between questions, where it may hold a proxy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache
from typing import Any
from unittest.mock import Mock

import pytest
from kernel.same_engines import assert_equal

from flpcheck import Action, Event, asynchronous, protocol, put, record, replace, system_of
from flpcheck.explore import explore

pytest.importorskip("numba")
from flpcheck.explore.tries import tracing


@record
class Pair:
    """Two numbers."""

    left: int = 0
    right: int = 0


@record
class Shelf:
    """A record, a tuple, a set, and a bit that no cached function reads."""

    pair: Pair = Pair()
    row: tuple[int, int] = (0, 0)
    bag: frozenset[int] = frozenset()
    bit: int = 0


@cache
def of_record(pair: Pair) -> Pair:
    return replace(pair, left=1 - pair.right)


@cache
def of_tuple(row: tuple[int, int]) -> Any:
    return put(row, 0, 1 - row[1])


@cache
def of_set(bag: frozenset[int]) -> frozenset[int]:
    return bag | {len(bag) % 3}


def by_record(c: Shelf) -> Shelf:
    return replace(c, pair=of_record(c.pair))


def by_tuple(c: Shelf) -> Shelf:
    return replace(c, row=of_tuple(c.row))


def by_set(c: Shelf) -> Shelf:
    return replace(c, bag=of_set(c.bag))


def by_none(c: Shelf) -> Shelf:
    return replace(c, bit=1 - c.bit)


@protocol
class Shelves:
    """A rule, and one that changes what the cached function of the first one reads."""

    rule: Callable[[Shelf], Shelf] = by_none

    def initial(self) -> Iterator[Shelf]:
        yield Shelf()

    def actions(self) -> list[Action]:
        return [Action(self.apply), Action(self.change)]

    def apply(self, c: Shelf) -> Iterator[tuple[Event, Shelf]]:
        yield Event("applies"), self.rule(c)

    def change(self, c: Shelf) -> Iterator[tuple[Event, Shelf]]:
        pair, bag = Pair(c.pair.left, 1 - c.pair.right), c.bag ^ {7 + c.bit}
        yield Event("changes"), Shelf(pair, (c.row[0], 1 - c.row[1]), bag, 1 - c.bit)


@pytest.mark.parametrize("rule", [by_record, by_tuple, by_set])
def test_nothing_that_was_hashed_stays_in_a_cache(rule: Any) -> None:
    found = explore(system_of(Shelves(rule), asynchronous()), engine="kernel")
    assert found.engine == "kernel"
    assert_equal(explore(system_of(Shelves(rule), asynchronous()), engine="reference"), found)


@pytest.mark.parametrize(("rule", "looks"), [(by_none, False), (by_record, True), (by_tuple, True), (by_set, True)])
def test_caches_are_looked_for_where_something_was_hashed(
    rule: Any, looks: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = Mock(side_effect=tracing.authors_caches)
    monkeypatch.setattr(tracing, "authors_caches", looked)
    explore(system_of(Shelves(rule), asynchronous()), engine="kernel")
    assert looked.called == looks


def test_the_outcomes_of_a_coin_share_an_event() -> None:
    heads, plain = Event("flip", "p", chance=Fraction(1, 2)), Event("flip", "p")
    assert heads.toss == plain
    assert plain.toss is plain
