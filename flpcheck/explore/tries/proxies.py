"""Proxies: configurations that note which of their fields an author's function reads.

Only places that always hold a record, a tuple of one length or a frozenset have proxies; fields are handed out as
genuine values, because `is` cannot be overloaded.  A changed record, tuple or set is its proxy with what differs, so
moving parts about is not reading them.  What a proxy cannot do raises, and then the question is put to the genuine
configuration, which counts as reading all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from functools import partial
from types import FunctionType
from typing import Any, NoReturn

from flpcheck.authoring.values import REPLACED
from flpcheck.explore.tries.shape import LEAF, SET, TUPLE, ConfigurationShape, ShapePlace, rebuilt

SCALARS = frozenset({type(None), bool, int, str, float, bytes})
UNTOUCHED = frozenset({
    "__class__", "__new__", "__init__", "__dict__", "__weakref__", "__slots__", "__setattr__", "__delattr__",
    "__getstate__", "__setstate__", "__reduce__", "__reduce_ex__", "__init_subclass__", "__subclasshook__", REPLACED,
})  # fmt: skip


class Reads:
    """The fields of a configuration that one question reads.

    Parameters
    ----------
    shape
        The places.
    numbers
        The value of each field, as it is known when the question is put.

    Attributes
    ----------
    fields
        The fields that were read, in order.
    closed
        Whether the question has been answered.  What was kept of it, by a cache say, is a value like any other.
    hashed
        Whether a proxy was hashed, as whatever looks up what it has kept does.
    whole
        The sets of which all elements were asked for, so that those that are met later count as read, too.
    """

    def __init__(self, shape: ConfigurationShape, numbers: Sequence[int]) -> None:
        self.shape = shape
        self.numbers = numbers
        self.fields: dict[int, None] = {}
        self.whole: dict[ShapePlace, None] = {}
        self.closed = self.hashed = False
        self._made: dict[ShapePlace, Traced] = {}

    def number(self, field: int) -> int:
        """Return the number of a field, which counts as read; an element that was met just now is in no set."""
        if not self.closed:
            self.fields[field] = None
        return self.numbers[field] if field < len(self.numbers) else 0

    def at(self, place: ShapePlace) -> Any:
        """Return what stands at a place: a genuine value, or a proxy."""
        if place.kind == LEAF:
            return self.shape.values[place.field].met[self.number(place.field)]
        found = self._made.get(place)
        if found is None:
            found = self._made[place] = proxy_class(place)(self, place, {})
        return found

    def everything(self) -> None:
        """Count all as read."""
        self.fields.update(dict.fromkeys(self.shape.root.fields()))
        self.whole.update(dict.fromkeys(self.shape.root.sets()))


class Traced:
    """Base class of proxies: their place in the configuration, and what differs there."""

    __slots__ = ("_at", "_changes", "_reads")
    _reads: Reads
    _at: ShapePlace
    _changes: dict[Any, Any]

    def __init__(self, reads: Reads, at: ShapePlace, changes: dict[Any, Any]) -> None:
        for descriptor, value in zip(SLOTS, (changes, at, reads), strict=True):
            descriptor.__set__(self, value)

    def __setattr__(self, name: str, _: object) -> NoReturn:
        raise AttributeError(name)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a proxy is no value")


SLOTS: list[Any] = [vars(Traced)[name] for name in ("_changes", "_at", "_reads")]
"""The slots themselves: a record may have fields of the same names."""
changes_of: Callable[[Traced], dict[Any, Any]] = SLOTS[0].__get__
place_of: Callable[[Traced], ShapePlace] = SLOTS[1].__get__
reads_of: Callable[[Traced], Reads] = SLOTS[2].__get__


def part_of(proxy: Traced, which: int) -> Any:
    """Return a field of a record, or a member of a tuple, by position."""
    changes = changes_of(proxy)
    return changes[which] if which in changes else reads_of(proxy).at(place_of(proxy).parts[which])


def _part(which: int, proxy: Traced) -> Any:
    return part_of(proxy, which)


def is_traced(value: Any) -> bool:
    """Return whether a value is a proxy."""
    return issubclass(type(value), Traced)


# Tuples.


class TracedTuple(Traced):
    """A tuple of one length."""

    __slots__ = ()
    __class__ = property(lambda _: tuple)

    def __len__(self) -> int:
        return len(place_of(self).parts)

    def __iter__(self) -> Iterator[Any]:
        return (part_of(self, which) for which in range(len(self)))

    def __getitem__(self, which: Any) -> Any:
        found = range(len(self))[which]  # raises what a tuple raises, in other words
        return part_of(self, found) if isinstance(found, int) else tuple(part_of(self, one) for one in found)

    def __contains__(self, item: object) -> bool:
        return any(member is item or member == item for member in self)

    def __eq__(self, other: object) -> Any:
        if not isinstance(other, tuple):
            return NotImplemented
        return len(self) == len(other) and all(a is b or a == b for a, b in zip(self, other, strict=True))

    def __ne__(self, other: object) -> Any:
        found = self.__eq__(other)
        return found if found is NotImplemented else not found

    def __hash__(self) -> int:
        reads_of(self).hashed = True
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(genuine(self))

    def __lt__(self, other: Any) -> Any:
        return _opened(self) < _opened(other)

    def __le__(self, other: Any) -> Any:
        return _opened(self) <= _opened(other)

    def __gt__(self, other: Any) -> Any:
        return _opened(self) > _opened(other)

    def __ge__(self, other: Any) -> Any:
        return _opened(self) >= _opened(other)

    def __add__(self, other: Any) -> Any:
        return _opened(self) + _opened(other)

    def __radd__(self, other: Any) -> Any:
        return other + _opened(self)

    def __mul__(self, times: Any) -> Any:
        return _opened(self) * times

    __rmul__ = __mul__

    def index(self, *arguments: Any) -> int:
        """Do as a tuple does."""
        return _opened(self).index(*arguments)  # type: ignore[no-any-return]

    def count(self, item: Any) -> int:
        """Do as a tuple does."""
        return _opened(self).count(item)  # type: ignore[no-any-return]

    def _replaced(self, changes: dict[Any, Any]) -> Any:
        """Return the tuple with other members, by position; `NotImplemented` where a tuple would not do that."""
        if not all(type(which) is int and 0 <= which < len(self) for which in changes):
            return NotImplemented
        return type(self)(reads_of(self), place_of(self), changes_of(self) | changes)


setattr(TracedTuple, REPLACED, TracedTuple._replaced)
Sequence.register(TracedTuple)


def _opened(value: Any) -> Any:
    return tuple(value) if is_traced(value) and value.__class__ is tuple else value


# Sets.


class TracedSet(Traced):
    """A frozenset; `_changes` holds for some elements whether they are in it."""

    __slots__ = ()
    __class__ = property(lambda _: frozenset)

    def __contains__(self, item: object) -> bool:
        element = genuine(item)
        changes = changes_of(self)
        if element in changes:
            return bool(changes[element])
        reads, place = reads_of(self), place_of(self)
        return bool(reads.number(reads.shape.bit(place, element)))

    def _whole(self) -> frozenset[Any]:
        reads, place, changes = reads_of(self), place_of(self), changes_of(self)
        reads.whole[place] = None
        held = {element for element, field in tuple(place.bits.items()) if reads.number(field)}
        added = {element for element, inside in changes.items() if inside}
        return frozenset(held - (changes.keys() - added) | added)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._whole())

    def __len__(self) -> int:
        return len(self._whole())

    def __hash__(self) -> int:
        reads_of(self).hashed = True
        return hash(self._whole())

    def __repr__(self) -> str:
        return repr(self._whole())

    def __eq__(self, other: object) -> Any:
        return self._whole() == _whole(other) if isinstance(other, (frozenset, set)) else NotImplemented

    def __ne__(self, other: object) -> Any:
        return self._whole() != _whole(other) if isinstance(other, (frozenset, set)) else NotImplemented

    def __le__(self, other: Any) -> Any:
        return self._whole() <= _whole(other)

    def __lt__(self, other: Any) -> Any:
        return self._whole() < _whole(other)

    def __ge__(self, other: Any) -> Any:
        return all(element in self for element in _whole(other))

    def __gt__(self, other: Any) -> Any:
        return self._whole() > _whole(other)

    def __or__(self, other: Any) -> Any:
        return self._with(_elements(other), inside=True)

    def __sub__(self, other: Any) -> Any:
        return self._with(_elements(other), inside=False)

    __ror__ = __or__

    def __and__(self, other: Any) -> Any:
        return frozenset(element for element in _elements(other) if element in self)

    __rand__ = __and__

    def __rsub__(self, other: Any) -> Any:
        return frozenset(element for element in _elements(other) if element not in self)

    def __xor__(self, other: Any) -> Any:
        return self._whole() ^ _elements(other)

    __rxor__ = __xor__

    def _with(self, elements: frozenset[Any], *, inside: bool) -> Any:
        changes = changes_of(self) | dict.fromkeys(elements, inside)
        return type(self)(reads_of(self), place_of(self), changes)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._whole(), name)


Set.register(TracedSet)


def _whole(value: Any) -> Any:
    return TracedSet._whole(value) if type(value) is TracedSet else value


def _elements(value: Any) -> frozenset[Any]:
    """Return the elements of a set, genuine ones."""
    if not isinstance(value, (frozenset, set)):
        raise TypeError("not a set")
    return frozenset(map(genuine, _whole(value)))


# Records.


class TracedRecord(Traced):
    """A record; each class of records has a class of proxies, with its methods."""

    __slots__ = ()

    def _replaced(self, changes: dict[Any, Any]) -> Any:
        """Return the record with other fields; `NotImplemented` where its class has a say in that."""
        names = place_of(self).names
        if hasattr(self.__class__, "__post_init__") or not changes.keys() <= set(names):
            return NotImplemented
        by_position = {names.index(name): value for name, value in changes.items()}
        return type(self)(reads_of(self), place_of(self), changes_of(self) | by_position)


_CLASSES: dict[type, type[Traced]] = {tuple: TracedTuple, frozenset: TracedSet}


def proxy_class(place: ShapePlace) -> type[Traced]:
    """Return the class of the proxies of a place."""
    assert place.cls is not None
    if place.cls not in _CLASSES:
        _CLASSES[place.cls] = _record_class(place.cls, place.names)
    return _CLASSES[place.cls]


def _record_class(cls: type, names: tuple[str, ...]) -> type[Traced]:
    """Return a class that does what a class of records does, on proxies."""
    space: dict[str, Any] = {}
    for base in reversed(cls.__mro__[:-1]):
        space |= {name: _bound(thing, cls) for name, thing in base.__dict__.items() if name not in UNTOUCHED}
    space |= {name: property(partial(_part, which)) for which, name in enumerate(names)}
    space |= {"__slots__": (), "__class__": property(lambda _: cls), REPLACED: TracedRecord._replaced}
    if callable(hash_of := space.get("__hash__")):
        space["__hash__"] = _noted(hash_of)
    made: type[Traced] = type(cls.__name__, (TracedRecord,), space)
    return made


def _noted(hash_of: Callable[[Any], int]) -> Callable[[Any], int]:
    """Return a hash function of proxies that notes that it was called."""

    def hashed(proxy: Traced) -> int:
        reads_of(proxy).hashed = True
        return hash_of(proxy)

    return hashed


def _bound(thing: Any, cls: type) -> Any:
    """Return an attribute of a class as its proxies have it: class methods stay those of the class."""
    if isinstance(thing, (FunctionType, property, staticmethod)):
        return thing
    return staticmethod(thing.__get__(None, cls)) if isinstance(thing, classmethod) else thing


# Back to genuine values.


def genuine(value: Any) -> Any:
    """Return a value without any proxy in it; whatever that takes counts as read."""
    kind = type(value)
    if kind in SCALARS:
        return value
    if issubclass(kind, Traced):
        return _genuine_of(value)
    if kind is tuple:
        members = tuple(map(genuine, value))
        return value if all(a is b for a, b in zip(members, value, strict=True)) else members
    if issubclass(kind, frozenset):
        elements = [genuine(element) for element in value]
        return value if all(a is b for a, b in zip(elements, value, strict=True)) else frozenset(elements)
    if hasattr(kind, "__dataclass_fields__"):
        return _genuine_record(value, kind)
    return value


def _genuine_of(proxy: Traced) -> Any:
    place = place_of(proxy)
    if place.kind == SET:
        return _whole(proxy)
    members = [genuine(part_of(proxy, which)) for which in range(len(place.parts))]
    if place.kind == TUPLE:
        return tuple(members)
    assert place.cls is not None
    return rebuilt(place.cls, place.names, members)


def _genuine_record(value: Any, kind: Any) -> Any:
    names = tuple(kind.__dataclass_fields__)
    before = [getattr(value, name) for name in names]
    after = [genuine(member) for member in before]
    return value if all(a is b for a, b in zip(after, before, strict=True)) else rebuilt(kind, names, after)
