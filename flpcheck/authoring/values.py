"""Values that may stand in a configuration: immutable, comparable by type and content, printed the same everywhere.

`key` gives every such value an identity that does not depend on hash seeds or addresses, and an order;
tables and mailboxes are keyed and sorted by it.  It tells `True` from `1`, `Prepare(1)` from `Accept(1)`, and the
`Grant(1)` of one module from that of another.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Hashable, Iterable, Iterator
from enum import Enum
from fractions import Fraction
from operator import is_
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, dataclass_transform

from flpcheck.authoring.kinds import (
    KindName,
    fields_of_record,
    name_of,
    refuse_float,
    refuse_hidden,
    refuse_open_tuple,
)
from flpcheck.errors import BadValue, Place

Key: TypeAlias = tuple[Any, ...]
T = TypeVar("T")
_RECORDS: dict[type, tuple[KindName, tuple[str, ...]]] = {}
"""The names and the fields of the records that were found to be immutable."""
_TUPLES: dict[type, KindName] = {tuple: name_of(tuple)}
"""The names of the classes of tuples whose instances hold their members and nothing else."""
RANKS: dict[type, int] = {bool: 21, int: 22, str: 23, bytes: 25, Fraction: 26}
"""The ranks of the kinds whose equality is identity; floats, of rank 24, are looked at one by one."""
FLOAT = 24
REPLACED = "__flpcheck_replaced__"
"""The method by which a value that is watched is changed without being read: {field or place: value} -> value."""


@dataclass_transform(frozen_default=True)
def record(cls: type[T]) -> type[T]:
    """Make a class an immutable record: a message, or the local state of a process.

    Records of different classes are never equal, whatever their fields hold.

    Examples
    --------
    >>> @record
    ... class Propose:
    ...     value: int
    >>> Propose(1) == Propose(1)
    True
    """
    return dataclasses.dataclass(frozen=True)(cls)


if TYPE_CHECKING:
    from dataclasses import replace as replace  # which type checkers know  # noqa: PLC0414
else:

    def replace(record: T, /, **changes: Any) -> T:
        """Return the record with other values in some fields.

        It is `dataclasses.replace`, but where a search notes what a rule reads, the other fields do not count as read.

        Examples
        --------
        >>> @record
        ... class Propose:
        ...     value: int
        ...     ballot: int = 0
        >>> replace(Propose(1), ballot=2)
        Propose(value=1, ballot=2)
        """
        made = getattr(type(record), REPLACED, _by_copying)(record, changes)
        return dataclasses.replace(record, **changes) if made is NotImplemented else made


def put(values: tuple[T, ...], place: int, value: T) -> tuple[T, ...]:
    """Return the tuple with one of its members replaced; as with `replace`, the others do not count as read.

    Examples
    --------
    >>> put(("a", "b", "c"), 1, "x")
    ('a', 'x', 'c')
    """
    made = getattr(type(values), REPLACED, _by_copying)(values, {place: value})
    return (*values[:place], value, *values[place + 1 :]) if made is NotImplemented else made


def _by_copying(_: Any, __: dict[Any, Any]) -> Any:
    return NotImplemented


def place_of(thing: Any) -> Place | None:
    """Return where a class or function is defined, if its source is known."""
    try:
        file = inspect.getsourcefile(thing)
        _, lines_before = inspect.findsource(inspect.unwrap(thing))  # `getsourcelines` also looks for the end
    except (OSError, TypeError):
        return None
    return Place(file, lines_before + 1) if file else None


def key(value: object) -> Key:
    """Return the identity of a value, by class and content: hashable, totally ordered, the same in every process.

    Parameters
    ----------
    value
        None, bool, int, str, float, bytes, Fraction, an Enum member, a record, or a tuple or frozenset of such.

    Raises
    ------
    BadValue
        If the value is mutable, is NaN or -0.0, holds more than its fields say, or is of a kind whose identity would
        depend on the run; from a comparison of keys, if two classes have one name.
        Cost: linear in the size of the value; about 1 microsecond and 0.2 for each field.

    Examples
    --------
    >>> key(True) == key(1), key(frozenset({2, 1})) == key(frozenset({1, 2}))
    (False, True)
    """
    kind = type(value)  # by exact class: a bool is no int, nor is a member of an IntEnum
    rank = RANKS.get(kind)
    if rank is not None:
        return (rank, value)
    record = _RECORDS.get(kind)
    if record is not None:
        return _record_key(value, *record)
    return (0,) if value is None else _compound_key(value, kind)


def _compound_key(value: Any, kind: type) -> Key:
    tuples = _TUPLES.get(kind)
    if tuples is not None:
        return (30, tuples, len(value), *map(key, value))
    if kind is frozenset or kind is _Backwards:
        return (31, len(value), *_members(value))
    if kind is float:
        refuse_float(value)
        return (FLOAT, value)
    if isinstance(value, Enum):
        return (5, name_of(kind), value.name or "", *(() if value.name else (key(value.value),)))
    return _key_of_new_kind(value, kind)


def _key_of_new_kind(value: Any, kind: type) -> Key:
    """Return the identity of the first value of its class, if that can be used."""
    if isinstance(value, tuple):
        refuse_open_tuple(kind)
        _TUPLES[kind] = name_of(kind)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        _RECORDS[kind] = name_of(kind), fields_of_record(kind)
    else:
        raise _unusable(value)
    return key(value)


def _members(value: frozenset[Any]) -> list[Key]:
    """Return the identities of the members in order; plain members of one type are sorted as they are."""
    kinds = set(map(type, value))
    rank = RANKS.get(kinds.pop()) if len(kinds) == 1 else None
    return sorted(map(key, value)) if rank is None else [(rank, member) for member in sorted(value)]


def _record_key(value: Any, name: KindName, fields: tuple[str, ...]) -> Key:
    try:
        found = value.__dict__
        made = (40, name, *[key(found[field]) for field in fields])
        if len(found) != len(fields):
            refuse_hidden(value, fields)
    except (AttributeError, KeyError):
        return _slotted_key(value, name, fields)
    except BadValue as error:
        raise _in_field(value, dataclasses.fields(value), error) from None
    return made


def _slotted_key(value: Any, name: KindName, fields: tuple[str, ...]) -> Key:
    """Return the identity of a record with slots, or with a field whose value stands in the class."""
    refuse_hidden(value, fields)
    try:
        return (40, name, *[key(getattr(value, field)) for field in fields])
    except BadValue as error:
        raise _in_field(value, dataclasses.fields(value), error) from None


def _in_field(value: Any, fields: tuple[dataclasses.Field[Any], ...], error: BadValue) -> BadValue:
    """Say which field holds the unusable value: the record's own line helps more than the value's class."""
    for field in fields:
        try:
            key(getattr(value, field.name))
        except BadValue:
            what = f"field {field.name!r} of {type(value).__name__}: {error.what}"
            place = field_place(type(value), field.name) or error.place
            return BadValue(what, place=place, why=error.why, next_step=error.next_step)
    return error


def field_place(cls: type, name: str) -> Place | None:
    """Return the line on which a record declares a field, or the record itself."""
    place = place_of(cls)
    if place is None:
        return None
    for offset, line in enumerate(inspect.getsourcelines(cls)[0]):
        if line.strip().startswith(f"{name}:"):
            return Place(place.file, place.line + offset)
    return place


def _unusable(value: object) -> BadValue:
    kind = type(value).__name__
    advice = {"list": "use a tuple", "set": "use a frozenset", "dict": "use a frozenset of pairs, or a record"}
    if isinstance(value, (bool, int, str, float, bytes, Fraction, frozenset)):
        plain = next(base for base in type(value).__mro__ if base in {*RANKS, float, frozenset})
        why = f"only plain {plain.__name__} values are compared by content"
        next_step = f"write {plain.__name__}(...) around it"
        what = f"a {kind} cannot be part of a state or message: {shorten(repr(value))}"
        return BadValue(what, place=place_of(type(value)), why=why, next_step=next_step)
    why = (
        "a configuration must be immutable and hashable"
        if kind in advice
        else (
            "only None, bool, int, str, float, bytes, Fraction, Enum, records, tuples and frozensets have an identity "
            "that is the same in every run"
        )
    )
    return BadValue(
        f"a {kind} cannot be part of a state or message: {shorten(repr(value))}",
        place=place_of(type(value)),
        why=why,
        next_step=advice.get(kind, "decorate its class with @record, or store a plain value"),
    )


def shorten(text: str, limit: int = 120) -> str:
    """Return the text, cut in the middle if it is longer than `limit` characters."""
    if len(text) <= limit:
        return text
    half = (limit - 5) // 2
    return f"{text[:half]} ... {text[-half:]}"


def printable(text: str) -> str:
    r"""Return the text with every character that does not print, but for line ends, as its escape.

    Names come from a spec, and a spec from anywhere: what is shown must not drive a terminal, nor end a document.

    Examples
    --------
    >>> printable("p0\x1b[31m")
    'p0\\x1b[31m'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)


def show(value: object) -> str:
    """Return the text of a value: sets in order, fields without names, the same in every run.

    Examples
    --------
    >>> show(frozenset({(2, "b"), (1, "a")}))
    "{(1, 'a'), (2, 'b')}"
    """
    if isinstance(value, frozenset):
        return "{" + ", ".join(show(item) for item in sorted(value, key=key)) + "}"
    if isinstance(value, tuple):
        inner = ", ".join(map(show, value))
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, Enum):
        return value.name
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return f"{type(value).__name__}({', '.join(show(getattr(value, f.name)) for f in dataclasses.fields(value))})"
    return repr(value)


class _Backwards(frozenset[Hashable]):
    """A frozenset, equal to its original, that iterates in the opposite order.

    It keeps that order itself: members that collide stand in a copy in another order than in the original.
    """

    _order: tuple[Hashable, ...]

    def __new__(cls, members: Iterable[Hashable]) -> _Backwards:
        order = tuple(members)
        made = super().__new__(cls, order)
        made._order = order[::-1]
        return made

    def __iter__(self) -> Iterator[Hashable]:
        return iter(self._order)

    __hash__ = frozenset.__hash__


def backwards(value: T) -> T:
    """Return an equal value in which every frozenset iterates backwards.

    A step whose answer changes with it depends on the order of a set, which differs from run to run.

    Examples
    --------
    >>> letters = frozenset("abc")
    >>> backwards(letters) == letters, list(backwards(letters)) == list(letters)
    (True, False)
    """
    return _rebuild(value)  # type: ignore[no-any-return]


def _rebuild(value: Any) -> Any:
    if value is None or type(value) in RANKS:
        return value
    if isinstance(value, frozenset):
        return _Backwards(_rebuild(item) for item in value) if len(value) > 1 else value
    if isinstance(value, tuple):
        items = map(_rebuild, value)
        return tuple.__new__(type(value), items)  # a named tuple, a letter say, keeps its type
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _rebuild_record(value)
    return value


def _rebuild_record(value: Any) -> Any:
    kind = type(value)
    names = _RECORDS[kind][1] if kind in _RECORDS else tuple(field.name for field in dataclasses.fields(value))
    before = [getattr(value, name) for name in names]
    after = [_rebuild(item) for item in before]
    if all(map(is_, before, after)):
        return value
    copy = object.__new__(kind)
    for name, item in zip(names, after, strict=True):
        object.__setattr__(copy, name, item)
    return copy
