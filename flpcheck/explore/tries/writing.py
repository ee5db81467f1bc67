"""The writes of an outcome: the fields that differ afterwards, so that moving parts about is not reading them."""

from __future__ import annotations

from typing import Any, TypeAlias

from flpcheck.explore.tries.proxies import Reads, changes_of, genuine, is_traced, place_of, reads_of
from flpcheck.explore.tries.shape import LEAF, SET, TUPLE, Broken, ShapePlace

Written: TypeAlias = tuple[dict[int, int], list[ShapePlace]]
UNCHANGED: Any = object()


def writes(reads: Reads, after: Any) -> Written:
    """Return what an outcome writes: field -> number; and the sets that it writes as a whole.

    Elements of these that are met later are not in them.

    Raises
    ------
    Broken
        If the outcome does not fit into the shape.
    """
    found: dict[int, int] = {}
    whole: list[ShapePlace] = []
    _write(reads, reads.shape.root, after, (found, whole))
    return found, whole


def _write(reads: Reads, place: ShapePlace, value: Any, into: Written) -> None:
    if is_traced(value) and reads_of(value) is not reads:  # kept from an earlier call
        value = genuine(value)
    if place.kind == LEAF:
        into[0][place.field] = reads.shape.values[place.field].number(genuine(value))
        return
    if is_traced(value) and place_of(value) is place and place.kind != SET:
        for which, changed in changes_of(value).items():
            _write(reads, place.parts[which], changed, into)
        return
    if value.__class__ is not place.cls:
        raise Broken(place)
    if place.kind == SET:
        _write_set(reads, place, value, into)
        return
    members = _members(reads, place, value)
    if len(members) != len(place.parts):
        raise Broken(place)
    for part, member in zip(place.parts, members, strict=True):
        if member is not UNCHANGED:
            _write(reads, part, member, into)


def _members(reads: Reads, place: ShapePlace, value: Any) -> list[Any]:
    """Return what a value has for each part of a place; `UNCHANGED` where that is what stands there already."""
    if not is_traced(value):
        return list(value) if place.kind == TUPLE else [getattr(value, name) for name in place.names]
    changes, parts = changes_of(value), place_of(value).parts
    found = [changes.get(which, UNCHANGED) for which in range(len(parts))]
    for which, (there, here) in enumerate(zip(parts, place.parts, strict=False)):
        if found[which] is UNCHANGED and there is not here:
            found[which] = reads.at(there)
    return found


def _write_set(reads: Reads, place: ShapePlace, value: Any, into: Written) -> None:
    shape, (found, whole) = reads.shape, into
    if is_traced(value) and place_of(value) is place:
        for element, inside in changes_of(value).items():
            found[shape.strict_bit(place, element)] = int(inside)
        return
    held = genuine(value)
    for element in held:
        shape.strict_bit(place, element)
    found.update({field: int(element in held) for element, field in place.bits.items()})
    whole.append(place)
