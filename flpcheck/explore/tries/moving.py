"""Movements of fields: the places to which a renaming takes those of a general configuration, and their new values.

The author's `renamed` is called with opaque stand-ins at all places: where they are found afterwards is where it takes
what stands there, whatever that is.  What becomes of one value is then seen by calling it with this value at its place,
and stand-ins at all others.  A stand-in that is looked at, or two that become one, cannot be followed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from flpcheck.authoring.protocol import asked
from flpcheck.authoring.renaming import Renaming
from flpcheck.explore.tries.shape import LEAF, RECORD, SET, TUPLE, Broken, ConfigurationShape, ShapePlace, rebuilt
from flpcheck.explore.tries.tracing import Untraceable
from flpcheck.system.general import General

UNTRACED = "what renamed() does with each part of a configuration could not be traced"
ABSENT = object()
"""Stands for the element of a place that is no set."""


class Inspected(Exception):
    """A stand-in was looked at."""


class StandIn:
    """A stand-in for any content of a place; as a sequence or set it has two members, which stand for any.

    Parameters
    ----------
    place
        Where it came from.
    """

    __slots__ = ("place",)

    def __init__(self, place: ShapePlace) -> None:
        self.place = place

    def __iter__(self) -> Iterator[StandIn]:
        return iter((StandIn(self.place), StandIn(self.place)))

    def _refuse(self, *_: Any) -> NoReturn:
        raise Inspected

    __getattr__: Any = _refuse
    __eq__: Any = _refuse
    __ne__: Any = _refuse
    __lt__: Any = _refuse
    __le__: Any = _refuse
    __gt__: Any = _refuse
    __ge__: Any = _refuse
    __bool__: Any = _refuse
    __len__: Any = _refuse
    __contains__: Any = _refuse
    __str__: Any = _refuse
    __format__: Any = _refuse
    __hash__ = object.__hash__  # it may stand in a set


class OpaqueRenaming(Renaming):
    """A renaming that leaves stand-ins as they are: they stand for what it makes of their content, too."""

    def pid(self, name: Any) -> Any:
        """Return the new name of a process."""
        return name if isinstance(name, StandIn) else super().pid(name)

    def value(self, value: Any) -> Any:
        """Return what a value becomes."""
        return value if isinstance(value, StandIn) else super().value(value)

    def _renamed(self, thing: Any, hint: Any) -> Any:
        return thing if isinstance(thing, StandIn) else super()._renamed(thing, hint)


class Movement:
    """The effect of one renaming on each field of a shape.

    Parameters
    ----------
    system
        Whose configurations.
    shape
        Their places.
    to
        The renaming.

    Raises
    ------
    Untraceable
        If the renaming looks at a stand-in, or does not take each place to one of its own.
    Broken
        If a place has another shape than the one to which the renaming takes it.
    """

    def __init__(self, system: General, shape: ConfigurationShape, to: Renaming) -> None:
        self._protocol, self._shape, self._to = system.protocol, shape, _opaque(to)
        self._before = self._origins(self._renamed({}))
        self._after = {before: after for after, before in self._before.items()}

    def _renamed(self, genuine: Mapping[ShapePlace, Any]) -> dict[ShapePlace, Any]:
        """Return what stands at each place after the renaming, given what is genuine before it."""
        shared = _filled(self._shape.root, genuine)
        try:
            if hasattr(self._protocol, "renamed"):
                shared = asked(self._protocol, "renamed", shared, self._to)
            else:
                shared = self._to(shared)
        except Exception:  # a stand-in has failed, or was looked at
            raise Untraceable(UNTRACED) from None
        found: dict[ShapePlace, Any] = {}
        _collect(self._shape.root, shared, found)
        return found

    def _origins(self, found: Mapping[ShapePlace, Any]) -> dict[ShapePlace, ShapePlace]:
        """Return from where each place has what stands there."""
        origins: dict[ShapePlace, ShapePlace] = {}
        for place, content in found.items():
            before = set(_stand_ins(content))
            if len(before) != 1:
                raise Untraceable(UNTRACED)
            (origins[place],) = before
        for place, origin in origins.items():
            if place.kind != origin.kind:
                raise Broken(place if place.kind == SET else origin)
        if len(set(origins.values())) < len(origins):
            raise Untraceable(UNTRACED)
        return origins

    def image(self, place: ShapePlace, element: Any, value: Any) -> tuple[int, int]:
        """Return the field to which a value goes, and its number there.

        Parameters
        ----------
        place, element
            The field: a place, or an element of a set, whose value is that the set holds it.
        value
            What stands there.
        """
        there = self._after[place]
        found = self._renamed({place: value if place.kind == LEAF else frozenset({element})})
        image = found.pop(there)
        if any(set(_stand_ins(content)) != {self._before[at]} for at, content in found.items()):
            raise Untraceable(UNTRACED)
        if any(True for _ in _stand_ins(image)):
            raise Untraceable(UNTRACED)
        if there.kind == LEAF:
            return there.field, self._shape.values[there.field].number(image)
        if type(image) is not frozenset or len(image) != 1:
            raise Untraceable(UNTRACED)
        return self._shape.strict_bit(there, next(iter(image))), 1


def _opaque(to: Renaming) -> OpaqueRenaming:
    opaque = OpaqueRenaming(to.processes, {})
    opaque.values = to.values
    return opaque


def _places(place: ShapePlace) -> Iterator[ShapePlace]:
    """Yield the places of which each has a content of its own: leaves and sets."""
    if place.kind in {LEAF, SET}:
        yield place
    for part in place.parts:
        yield from _places(part)


def fields_of(shape: ConfigurationShape) -> dict[int, tuple[ShapePlace, Any]]:
    """Return the place of each field, and the element of a set that it stands for; `ABSENT` for other places."""
    found: dict[int, tuple[ShapePlace, Any]] = {}
    for place in _places(shape.root):
        if place.kind == LEAF:
            found[place.field] = place, ABSENT
        found |= {field: (place, element) for element, field in place.bits.items()}
    return found


def _filled(place: ShapePlace, genuine: Mapping[ShapePlace, Any]) -> Any:
    """Return a configuration of stand-ins, but for what is genuine."""
    if place.kind in {LEAF, SET}:
        return genuine[place] if place in genuine else StandIn(place)
    members = [_filled(part, genuine) for part in place.parts]
    if place.kind == TUPLE:
        return tuple(members)
    assert place.cls is not None
    return rebuilt(place.cls, place.names, members)


def _collect(place: ShapePlace, whole: Any, into: dict[ShapePlace, Any]) -> None:
    """Write down what stands at each leaf and set of a configuration."""
    if place.kind in {LEAF, SET}:
        into[place] = whole
        return
    if type(whole) is not place.cls:
        raise Broken(place)
    value: Any = whole
    members = [getattr(value, name) for name in place.names] if place.kind == RECORD else list(value)
    if len(members) != len(place.parts):
        raise Broken(place)
    for part, member in zip(place.parts, members, strict=True):
        _collect(part, member, into)


def _stand_ins(value: Any) -> Iterator[ShapePlace]:
    """Yield the places of the stand-ins in a value."""
    if isinstance(value, StandIn):
        yield value.place
    elif isinstance(value, tuple | frozenset):
        for member in value:
            yield from _stand_ins(member)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from _stand_ins(getattr(value, field.name))
