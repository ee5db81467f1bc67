"""Renaming: a value with the ballots in it mapped, wherever its records declare one."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from functools import cache
from types import EllipsisType
from typing import Any, TypeAlias, get_args, get_type_hints

from flpcheck.authoring.events import Event, Gather, Letter
from flpcheck.authoring.reduction import is_ballot
from flpcheck.authoring.renaming import alternatives, items

Map: TypeAlias = Callable[[int], int]
_NONE = -1
FAR = 1009
"""Distance by which ballots are shifted to see whether anything changes: a prime, so that it changes remainders,
too."""


@cache
def _plan(kind: Any) -> tuple[tuple[str, Any], ...]:
    """Return the fields of a record that can hold a ballot, with their types, annotations included."""
    hints = get_type_hints(kind, include_extras=True)
    fields = ((field.name, hints.get(field.name)) for field in dataclasses.fields(kind))
    return tuple((name, hint) for name, hint in fields if _bears(hint, frozenset({kind})))


def _bears(hint: Any, above: frozenset[type]) -> bool:
    """Whether a value of this type can hold a ballot; a record inside itself adds nothing."""
    if is_ballot(hint) or hint is Any or hint is None:
        return True
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        hints = get_type_hints(hint, include_extras=True)
        return hint not in above and any(_bears(inner, above | {hint}) for inner in hints.values())
    return any(_bears(inner, above) for inner in get_args(hint) if not isinstance(inner, EllipsisType))


def renamed(value: Any, ballots: Map, hint: Any = None) -> Any:
    """Return a value with its ballots mapped; a negative one stands for none and stays.

    Parameters
    ----------
    value
        A record, or a value that stands in one.
    ballots
        The new number of each ballot.
    hint
        The declared type of the value, where it stands in a record.

    Examples
    --------
    >>> from flpcheck.spec import load
    >>> duel = load("paxos_duel").module
    >>> renamed(duel.Prepare(3), lambda ballot: ballot + 10)
    Prepare(ballot=13)
    """
    if type(value) is int:
        return ballots(value) if value > _NONE and _marked(hint) else value
    if hasattr(value, "__dataclass_fields__"):
        return _renamed_record(value, ballots)
    if isinstance(value, Letter):
        return Letter(value.sender, renamed(value.message, ballots))
    if isinstance(value, tuple):
        members = (renamed(item, ballots, kind) for item, kind in zip(value, items(hint, len(value)), strict=True))
        return tuple.__new__(type(value), members)
    if isinstance(value, frozenset):
        (inner,) = items(hint, 1)
        return frozenset(renamed(item, ballots, inner) for item in value)
    return value


def _renamed_record(value: Any, ballots: Map) -> Any:
    if isinstance(value, Gather):
        return Gather(tuple(renamed(letter, ballots) for letter in value.letters))
    changes = {name: renamed(getattr(value, name), ballots, hint) for name, hint in _plan(type(value))}  # type: ignore[arg-type]
    return _rebuilt(value, changes)


def _rebuilt(value: Any, changes: dict[str, Any]) -> Any:
    if all(changes[name] is getattr(value, name) for name in changes):
        return value
    copy = object.__new__(type(value))
    for field in dataclasses.fields(value):  # not what a cached_property has computed from the old ones
        object.__setattr__(copy, field.name, changes.get(field.name, getattr(value, field.name)))
    return copy


@cache
def _marked(hint: Any) -> bool:
    return any(is_ballot(member) for member in alternatives(hint))


def ballots_in(value: Any) -> frozenset[int]:
    """Return the ballots that stand in a value.

    Examples
    --------
    >>> ballots_in("no record, no ballot")
    frozenset()
    """
    found: set[int] = set()
    renamed(value, lambda ballot: found.add(ballot) or ballot)  # type: ignore[func-returns-value]
    return frozenset(found)


def renamed_event(event: Event, ballots: Map) -> Event:
    """Return an event with the ballots of its messages mapped."""
    during = None if event.during is None else renamed_event(event.during, ballots)
    message = None if event.message is None else renamed(event.message, ballots)
    sent = tuple(renamed(message, ballots) for message in event.sent)
    return dataclasses.replace(event, message=message, during=during, sent=sent)


def gaps(
    ballots: frozenset[int], period: int, fixed_from: int | None, literals: frozenset[int] = frozenset()
) -> Iterator[tuple[str, Map]]:
    """Yield renamings that must change nothing: everything later by some periods, or a gap below what is current.

    Parameters
    ----------
    ballots
        The ballots of a row.
    period
        Shifts are by multiples of it.
    fixed_from
        From here on distances between ballots matter; None if only their order does.
    literals
        Numbers that stand in what is asked: ballots and distances are made to be one of them, where they are less.

    Examples
    --------
    >>> [what for what, _ in gaps(frozenset({0, 1}), 2, 1, frozenset({7}))][:3]
    ['all ballots higher by 2', 'all ballots higher by 6', 'all ballots higher by 2018']
    >>> [what for what, _ in gaps(frozenset({0, 1}), 2, 1, frozenset({7}))][-3:]
    ['a gap of 1 below ballot 1', 'a gap of 6 below ballot 1', 'a gap of 1009 below ballot 1']
    """
    later = {literal - ballot for literal in literals for ballot in ballots}
    for by in sorted({period, FAR * period} | {by for by in later if by > 0 and by % period == 0}):
        yield f"all ballots higher by {by}", partial_shift(0, by, by, fixed_from)
    for low in sorted(b for b in ballots if fixed_from is None or b <= fixed_from):
        distances = {high - below for below in ballots for high in ballots if below < low <= high}
        wider = {literal - distance for literal in literals for distance in distances}
        for by in sorted({1, FAR} | {by for by in wider if by > 0}):
            beyond = by + -by % period
            yield f"a gap of {by} below ballot {low}", partial_shift(low, by, beyond, fixed_from)


def partial_shift(start: int, by: int, beyond: int, fixed_from: int | None) -> Map:
    """Return the map that leaves what is below `start`, and moves the rest; from `fixed_from` on by `beyond`.

    Examples
    --------
    >>> [partial_shift(2, 3, 10, fixed_from=5)(ballot) for ballot in (1, 2, 4, 5, 6)]
    [1, 5, 7, 15, 16]
    """

    def moved(ballot: int) -> int:
        if fixed_from is not None and ballot >= fixed_from:
            return ballot + beyond
        return ballot + by if ballot >= start else ballot

    return moved
