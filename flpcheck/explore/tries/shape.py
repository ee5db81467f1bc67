"""Shapes: which places of a general configuration are fields, and what their values are numbered.

A place that is always the same record has a place for each field; a tuple of one length, one for each member; a
frozenset, a bit for each element seen.  Anything else is a field of its own.  Shapes are learnt from examples, so a
later configuration may break one; then the search begins again with a shape in which that place is a field.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from flpcheck.authoring.values import Key, key
from flpcheck.system.general import GeneralConfiguration

LEAF, RECORD, TUPLE, SET = range(4)
Path: TypeAlias = tuple[int, ...]
EXAMPLES = 4_000
"""Maximum number of configurations from which a shape is learnt."""
MOST_ELEMENTS = 256
"""Maximum number of elements of a set that have bits; a set of more is a field."""


class Broken(BaseException):
    """A value does not fit into the shape of its place; no `except Exception` of the author's catches it."""

    def __init__(self, place: ShapePlace) -> None:
        super().__init__(place)
        self.place = place


class ShapePlace:
    """A place in a configuration.

    Attributes
    ----------
    path
        The positions on the way to it.
    kind
        `LEAF`, `RECORD`, `TUPLE` or `SET`.
    cls
        The class of its values; None for a leaf.
    field
        For a leaf: which field it is.
    names, parts
        For a record: its fields, and their places.  For a tuple: the places of its members.
    bits
        For a set: the field of each element, as Python compares elements.
    elements
        For a set: the identity of each element.
    """

    __slots__ = ("bits", "cls", "elements", "field", "kind", "names", "parts", "path")

    def __init__(self, path: Path, kind: int, cls: type | None = None) -> None:
        self.path, self.kind, self.cls, self.field = path, kind, cls, -1
        self.names: tuple[str, ...] = ()
        self.parts: list[ShapePlace] = []
        self.bits: dict[Any, int] = {}
        self.elements: dict[Any, Key] = {}

    def fields(self) -> Iterator[int]:
        """Yield all fields at and below the place."""
        if self.kind == LEAF:
            yield self.field
        yield from self.bits.values()
        for part in self.parts:
            yield from part.fields()

    def sets(self) -> Iterator[ShapePlace]:
        """Yield all sets at and below the place."""
        if self.kind == SET:
            yield self
        for part in self.parts:
            yield from part.sets()


class Values:
    """The values of one field, numbered as they are met.

    Those of an element's bit are False and, once some set holds it, True.
    """

    __slots__ = ("_ids", "met")

    def __init__(self, **first: Any) -> None:
        self.met: list[Any] = []
        self._ids: dict[Key, int] = {}
        for value in first.values():
            self.number(value)

    def number(self, value: Any) -> int:
        """Return the number of a value."""
        name = key(value)
        found = self._ids.get(name)
        if found is None:
            found = self._ids[name] = len(self.met)
            self.met.append(value)
        return found


class ConfigurationShape:
    """Places and fields of the configurations of one protocol; field 0 says who has crashed.

    Parameters
    ----------
    examples
        Some configurations.
    flat
        Places that are fields, whatever the examples say.

    Attributes
    ----------
    root
        The place of the whole configuration.
    values
        The values of each field.
    fresh
        Elements of sets that were met since someone looked here last: the set, and their field.
    """

    def __init__(self, examples: Sequence[Any], flat: frozenset[Path] = frozenset()) -> None:
        self._examples, self.flat = examples, flat
        self.values: list[Values] = [Values()]
        self.fresh: list[tuple[ShapePlace, int]] = []
        self.root = self._place((), list(examples))

    def _place(self, path: Path, examples: list[Any]) -> ShapePlace:
        if path in self.flat:
            return self._leaf(path)
        kinds = {type(value) for value in examples}
        cls = kinds.pop() if len(kinds) == 1 else None
        if cls is frozenset and (place := self._set(path, examples)) is not None:
            return place
        if cls is tuple and len({len(value) for value in examples}) == 1:
            place, members = ShapePlace(path, TUPLE, tuple), zip(*examples, strict=True)
            place.parts = [self._place((*path, at), list(several)) for at, several in enumerate(members)]
            return place
        if cls is not None and is_plain_record(cls):
            place = ShapePlace(path, RECORD, cls)
            place.names = tuple(field.name for field in dataclasses.fields(cls))
            columns = ([getattr(value, name) for value in examples] for name in place.names)
            place.parts = [self._place((*path, at), several) for at, several in enumerate(columns)]
            return place
        return self._leaf(path)

    def _leaf(self, path: Path) -> ShapePlace:
        place = ShapePlace(path, LEAF)
        place.field = len(self.values)
        self.values.append(Values())
        return place

    def _set(self, path: Path, examples: list[frozenset[Any]]) -> ShapePlace | None:
        place, elements = ShapePlace(path, SET, frozenset), set[Any]().union(*examples)
        if len(elements) > MOST_ELEMENTS:
            return None
        for element in sorted(elements, key=key):
            self.strict_bit(place, element)
        return place

    @staticmethod
    def _fits(place: ShapePlace, element: Any) -> bool:
        """Whether a set tells an element from all others as `key` does."""
        return place.elements.get(element, name := key(element)) == name

    def bit(self, place: ShapePlace, element: Any) -> int:
        """Return the field of an element of a set, a new one if it was not met before.

        Raises
        ------
        Broken
            If the set has too many elements, or one that is equal to this one and not the same.
        """
        found = place.bits.get(element)
        if found is None:
            if len(place.bits) >= MOST_ELEMENTS:
                raise Broken(place)
            found = place.bits[element] = len(self.values)
            place.elements[element] = key(element)
            self.values.append(Values(first=False))
            self.fresh.append((place, found))
        return found

    def encode(self, value: Any) -> dict[int, int]:
        """Return the number of each field of a configuration; a field that is not there has number 0.

        Raises
        ------
        Broken
            If it does not fit.
        """
        found: dict[int, int] = {}
        self._encode(self.root, value, found)
        return found

    def _encode(self, place: ShapePlace, value: Any, found: dict[int, int]) -> None:
        if place.kind == LEAF:
            found[place.field] = self.values[place.field].number(value)
            return
        members: Any = value
        if type(value) is not place.cls:
            raise Broken(place)
        if place.kind == SET:
            for element in members:
                found[self.strict_bit(place, element)] = 1
            return
        members = members if place.kind == TUPLE else [getattr(value, name) for name in place.names]
        if len(members) != len(place.parts):
            raise Broken(place)
        for part, member in zip(place.parts, members, strict=True):
            self._encode(part, member, found)

    def strict_bit(self, place: ShapePlace, element: Any) -> int:
        """Return the field of an element that a set holds; errors as for `bit`."""
        if not self._fits(place, element):
            raise Broken(place)
        found = self.bit(place, element)
        self.values[found].number(value=True)
        return found

    def decode(self, numbers: Sequence[int]) -> Any:
        """Return the configuration whose fields have these numbers."""
        return self.decode_at(self.root, numbers)

    def decode_at(self, place: ShapePlace, numbers: Sequence[int]) -> Any:
        """Return what stands at a place."""
        if place.kind == LEAF:
            return self.values[place.field].met[numbers[place.field]]
        if place.kind == SET:
            known = len(numbers)  # an element that was met later is not in it
            return frozenset(element for element, field in place.bits.items() if field < known and numbers[field])
        members = [self.decode_at(part, numbers) for part in place.parts]
        if place.kind == TUPLE:
            return tuple(members)
        assert place.cls is not None
        return rebuilt(place.cls, place.names, members)

    def extend(self, row: list[int]) -> None:
        """Give a row a number in each field: elements that were met since it was made are in no set of it."""
        row += [0] * (len(self.values) - len(row))

    def widths(self) -> list[int]:
        """Return how many bits each field but the first needs."""
        return [max(len(values.met) - 1, 0).bit_length() for values in self.values[1:]]

    def refined(self, broken: ShapePlace) -> ConfigurationShape:
        """Return a shape in which a place that was broken is a field."""
        return ConfigurationShape(self._examples, self.flat | {broken.path})


def is_plain_record(cls: type) -> bool:
    """Return whether a class is a record whose fields are all that its instances hold, and are read as usual."""
    hooks = ("__getattribute__", "__getattr__")
    own = any(hook in one.__dict__ for one in cls.__mro__[:-1] for hook in hooks)
    return dataclasses.is_dataclass(cls) and not own and not issubclass(cls, (tuple, frozenset, str, int))


def rebuilt(cls: type, names: Sequence[str], members: Sequence[Any]) -> Any:
    """Return a record with these fields, made without its `__init__`, which need not take them."""
    made: Any = object.__new__(cls)
    for name, member in zip(names, members, strict=True):
        object.__setattr__(made, name, member)
    return made


def examples_of(configurations: Sequence[GeneralConfiguration]) -> list[Any]:
    """Return what the author calls a configuration of some of these, spread over all, the first ones included."""
    some = configurations[:: -(-len(configurations) // EXAMPLES) or 1]
    return [configuration.situation.shared for configuration in some]
