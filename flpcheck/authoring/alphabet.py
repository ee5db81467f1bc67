"""Messages that a Byzantine process can say: those that its author lists, or all values of a type."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from itertools import combinations, product
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NewType, Union, get_args, get_origin, get_type_hints

from flpcheck.authoring.events import Pid
from flpcheck.authoring.protocol import asked
from flpcheck.authoring.values import Key, field_place, key, place_of
from flpcheck.errors import BadProtocol, BadWorld

MOST_ELEMENTS = 12
"""Maximum number of values of a type whose frozensets are listed: 2^12 of them."""


def listed(model: Any, liar: Pid) -> dict[Key, Any]:
    """Return the messages that the protocol's `lies(liar)` lists, by identity; none without that method."""
    if not hasattr(model, "lies"):
        return {}
    found = asked(model, "lies", liar)
    if isinstance(found, (str, bytes)) or not isinstance(found, Iterable):
        raise BadProtocol(
            f"lies({liar!r}) returned {found!r}",
            place=place_of(type(model).lies),
            next_step="return or yield messages",
        )
    return {key(message): message for message in found}


def of_types(kinds: Iterable[type]) -> dict[Key, Any]:
    """Return all values of some message classes, by identity.

    Raises
    ------
    BadWorld
        If they are infinitely many.
    """
    return {key(message): message for kind in kinds for message in values_of(kind)}


def values_of(kind: Any) -> Iterator[Any]:
    """Yield every value of a type.

    Parameters
    ----------
    kind
        `bool`, `None`, a `Literal`, an enumeration, a record of such types, a union, a tuple of fixed length, a
        frozenset; `Annotated` and `NewType` of such types.

    Raises
    ------
    BadWorld
        If they are infinitely many.  Cost: 2^n for the frozensets of n values.

    Examples
    --------
    >>> list(values_of(Literal["yes", "no"] | bool))
    ['yes', 'no', False, True]
    >>> list(values_of(tuple[bool, Literal[3]]))
    [(False, 3), (True, 3)]
    """
    find = _finder(kind)
    if find is None:
        raise _infinite(kind)
    yield from find(kind)


def _finder(kind: Any) -> Callable[[Any], Iterator[Any]] | None:
    """Return what yields the values of a type; None if they are infinitely many."""
    origin = get_origin(kind)
    by_origin = {Literal: _arguments, Union: _options, UnionType: _options, tuple: _tuples, frozenset: _frozensets}
    if origin in by_origin and not (origin is tuple and ... in get_args(kind)):
        return by_origin[origin]
    if kind is bool or kind in {None, NoneType}:
        return _simple
    if origin is Annotated or isinstance(kind, NewType) or hasattr(kind, "__value__"):
        return _renamed
    if isinstance(kind, type) and issubclass(kind, Enum):
        return iter
    return _records if dataclasses.is_dataclass(kind) else None


def _simple(kind: Any) -> Iterator[Any]:
    yield from (False, True) if kind is bool else (None,)


def _arguments(kind: Any) -> Iterator[Any]:
    yield from get_args(kind)


def _options(kind: Any) -> Iterator[Any]:
    for option in get_args(kind):
        yield from values_of(option)


def _renamed(kind: Any) -> Iterator[Any]:
    names = ("__origin__", "__supertype__", "__value__")
    yield from values_of(next(getattr(kind, name) for name in names if hasattr(kind, name)))


def _tuples(kind: Any) -> Iterator[Any]:
    arguments = get_args(kind)
    yield from product(*(list(values_of(each)) for each in (() if arguments == ((),) else arguments)))


def _frozensets(kind: Any) -> Iterator[Any]:
    elements = list(values_of(get_args(kind)[0]))
    if len(elements) > MOST_ELEMENTS:
        raise BadWorld(
            f"a Byzantine process could send 2^{len(elements)} sets of {len(elements)} values",
            next_step="define a method `lies(self, liar)` that lists the messages",
        )
    for size in range(len(elements) + 1):
        yield from map(frozenset, combinations(elements, size))


def _records(kind: Any) -> Iterator[Any]:
    """Yield the values of a class of records, then those of the classes derived from it."""
    hints = get_type_hints(kind, include_extras=True)
    names = [field.name for field in dataclasses.fields(kind) if field.init]
    columns = []
    for name in names:
        try:
            columns.append(list(values_of(hints[name])))
        except BadWorld as error:
            if error.place is None:
                error.what = (
                    f"a Byzantine process could send infinitely many messages: field {name!r} of {kind.__name__}"
                )
                error.place = field_place(kind, name) or place_of(kind)
            raise
    yield from (kind(**dict(zip(names, values, strict=True))) for values in product(*columns))
    for derived in kind.__subclasses__():
        if _is_current(derived):
            yield from values_of(derived)


def _is_current(kind: type) -> bool:
    """Whether a class is not one that a file which has been read again since had defined."""
    module = sys.modules.get(kind.__module__)
    return getattr(module, kind.__qualname__, kind) is kind


def _infinite(kind: Any) -> BadWorld:
    return BadWorld(
        "a Byzantine process could send infinitely many messages",
        why=f"{getattr(kind, '__name__', kind)} has infinitely many values",
        next_step="define a method `lies(self, liar)` that lists the messages, or make the field a Literal",
    )
