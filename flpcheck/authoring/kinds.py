"""Classes of values: what they are called in keys, which fields their records have, and which classes cannot be used.

A class is its object, not its name: records of two classes are never equal.  In a key stands its name (qualified name,
then module), because that is the same in every interpreter.  Two classes of one name are told apart nevertheless, and
comparing their values is an error: nothing could say which of them comes first.
"""

from __future__ import annotations

import dataclasses
import math
import sys
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from flpcheck.errors import BadValue, from_here

HEAP_TYPE = 1 << 9
"""The flag of classes that were made by a `class` statement (CPython, `Py_TPFLAGS_HEAPTYPE`)."""


class KindName(str):
    """The name of a class as part of a key: strings in every respect, but two classes of one name are not equal.

    Raises
    ------
    BadValue
        From a comparison, if two classes have the same name.
    """

    __slots__ = ("kind",)
    kind: type

    def __new__(cls, kind: type) -> KindName:
        """Make the name of a class."""
        made = super().__new__(cls, f"{kind.__qualname__}\0{kind.__module__}")
        made.kind = kind
        return made

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        same = str.__eq__(self, other)
        if same is True and isinstance(other, KindName) and self.kind is not other.kind:
            raise _of_one_name(self.kind, other.kind)
        return same is True

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__

    def __reduce__(self) -> tuple[Any, ...]:
        return KindName, (self.kind,)


_NAMES: dict[type, KindName] = {}


def name_of(kind: type) -> KindName:
    """Return the name of a class: one object for each class."""
    found = _NAMES.get(kind)
    return _NAMES.setdefault(kind, KindName(kind)) if found is None else found


def _of_one_name(one: type, other: type) -> BadValue:
    from flpcheck.authoring.values import place_of

    places = [place_of(kind) for kind in (one, other)]
    known = [str(place) if place else _file_of(one) for place in places]
    advice = "rename one of them"
    if "<locals>" in one.__qualname__:
        why, advice = (
            f"{one.__qualname__} is defined again by each call",
            "define the class once, at the top of the module",
        )
    elif known[0] == known[1]:
        why = "one module defines the name twice, or was loaded twice"
    else:
        why = "classes are identified by name, so that every interpreter identifies values alike"
    where = ", ".join(dict.fromkeys(known))
    return BadValue(f"two classes are called {one.__name__}: {where}", place=places[0], why=why, next_step=advice)


def _file_of(kind: type) -> str:
    """Return where a class without source text of its own is, such as an Enum made by a call."""
    return from_here(getattr(sys.modules.get(kind.__module__), "__file__", None) or kind.__module__)


def fields_of_record(kind: Any) -> tuple[str, ...]:
    """Return the names of a record's fields, those of its bases included.

    Raises
    ------
    BadValue
        If its instances can change, or hold more than the fields say.
    """
    from flpcheck.authoring.values import place_of

    fields = tuple(field.name for field in dataclasses.fields(kind))
    if not kind.__dataclass_params__.frozen:
        raise BadValue(
            f"{kind.__name__} is mutable",
            place=place_of(kind),
            why="configurations are shared between runs and must be immutable",
            next_step="decorate it with @record instead of @dataclass",
        )
    for base in kind.__mro__[:-1]:
        if not base.__flags__ & HEAP_TYPE and (base.__basicsize__ > object.__basicsize__ or base.__itemsize__):
            what = f"{kind.__name__} is a record and a {base.__name__}"
            why = f"its content as a {base.__name__} is not a field, so two different ones would count as equal"
            raise BadValue(what, place=place_of(kind), why=why, next_step=f"make the {base.__name__} a field")
    for slot in _slots(kind):
        if slot not in fields:
            raise _hidden(kind, slot)
    return fields


def _slots(kind: type) -> Iterator[str]:
    for base in kind.__mro__:
        slots = vars(base).get("__slots__", ())
        for slot in (slots,) if isinstance(slots, str) else slots:
            if slot not in {"__dict__", "__weakref__"}:
                yield f"_{base.__name__.lstrip('_')}{slot}" if slot.startswith("__") and slot[-2:] != "__" else slot


def refuse_hidden(value: Any, fields: tuple[str, ...]) -> None:
    """Raise `BadValue` if a record has an attribute that is no field, unless it is computed by a `cached_property`."""
    kind = type(value)
    for name in getattr(value, "__dict__", {}):
        if name not in fields and not isinstance(_in_class(kind, name), cached_property):
            raise _hidden(kind, name)


def _in_class(kind: type, name: str) -> object:
    return next((vars(base)[name] for base in kind.__mro__ if name in vars(base)), None)


def _hidden(kind: type, name: str) -> BadValue:
    from flpcheck.authoring.values import place_of

    return BadValue(
        f"{kind.__name__} has an attribute {name!r} that is not a field",
        place=place_of(kind),
        why="values are compared by their fields, so two that differ only in this attribute would count as equal",
        next_step="make it a field, or compute it with a property",
    )


def refuse_open_tuple(kind: type) -> None:
    """Raise `BadValue` if instances of a class of tuples can have attributes."""
    from flpcheck.authoring.values import place_of

    if kind.__dictoffset__:
        raise BadValue(
            f"{kind.__name__} is a tuple with attributes",
            place=place_of(kind),
            why="tuples are compared by their members, so two that differ only in an attribute would count as equal",
            next_step="add `__slots__ = ()` to the class, or make it a record",
        )


def refuse_float(value: float) -> None:
    """Raise `BadValue` for the numbers that equality does not tell apart, or does not find again."""
    if math.isnan(value):
        what, why = "nan cannot be part of a state or message", "NaN is not equal to itself"
        raise BadValue(what, why=why, next_step="use None, or a field that marks the number as missing")
    if str(value) == "-0.0":
        what, why = "-0.0 cannot be part of a state or message", "-0.0 is equal to 0.0 and behaves differently"
        raise BadValue(what, why=why, next_step="add 0.0 to it, or use a Fraction")
