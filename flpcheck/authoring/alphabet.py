"""What a Byzantine process can say: a finite alphabet of messages, the author's or all that the types allow."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from enum import Enum
from itertools import product
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from flpcheck.authoring.events import Pid
from flpcheck.authoring.protocol import asked
from flpcheck.authoring.values import field_place, key, place_of
from flpcheck.errors import BadWorld


def alphabet(model: Any, liar: Pid, kinds: Iterable[type]) -> list[Any]:
    """Return what a liar may say to a process that takes these kinds of messages, in canonical order.

    Parameters
    ----------
    model
        The protocol; its `lies(liar)`, if it has one, gives the alphabet.
    liar
        Who speaks.  Messages carry the name of their true sender: nobody can speak in another's name.
    kinds
        The message classes that the receiver takes; without `lies`, all values of these.

    Raises
    ------
    BadWorld
        If the alphabet would be infinite.
    """
    if hasattr(model, "lies"):
        said = list(asked(model, "lies", liar))
        return sorted({key(message): message for message in said if type(message) in kinds}.values(), key=key)
    return sorted((message for kind in kinds for message in values_of(kind)), key=key)


def values_of(kind: Any) -> Iterator[Any]:
    """Yield every value of a type.

    Examples
    --------
    >>> list(values_of(Literal["yes", "no"] | bool))
    ['yes', 'no', False, True]
    """
    origin = get_origin(kind)
    if kind is bool:
        yield from (False, True)
    elif kind in {None, NoneType}:
        yield None
    elif origin is Literal:
        yield from get_args(kind)
    elif origin in {Union, UnionType}:
        for option in get_args(kind):
            yield from values_of(option)
    elif isinstance(kind, type) and issubclass(kind, Enum):
        yield from kind
    elif dataclasses.is_dataclass(kind):
        yield from _records(kind)
    else:
        raise _infinite(kind)


def _records(kind: Any) -> Iterator[Any]:
    hints = get_type_hints(kind)
    names = [field.name for field in dataclasses.fields(kind)]
    columns = []
    for name in names:
        try:
            columns.append(list(values_of(hints[name])))
        except BadWorld as error:
            if error.place is None:
                error.what = f"a Byzantine process could say infinitely many things: field {name!r} of {kind.__name__}"
                error.place = field_place(kind, name) or place_of(kind)
            raise
    yield from (kind(*values) for values in product(*columns))


def _infinite(kind: Any) -> BadWorld:
    return BadWorld(
        "a Byzantine process could say infinitely many things",
        why=f"the values of {getattr(kind, '__name__', kind)} are not finitely many",
        next_step="give the protocol a method `lies(self, liar)` that lists the messages, or make the field a Literal",
    )
