"""Type checks of the values that a spec writes into a world."""

from __future__ import annotations

import dataclasses
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from flpcheck.authoring.values import shorten
from flpcheck.errors import BadWorld

WORDS = {bool: "True or False", int: "a number", str: "a text", tuple: "a tuple", frozenset: "a set", NoneType: "None"}


def check_types(part: Any, **called: str) -> None:
    """Raise `BadWorld` if a field of a part of a world does not hold what it is declared to hold.

    Only the kind of a value is looked at: what a tuple may hold is checked where that is known.

    Parameters
    ----------
    part
        A network, failures, and so on.
    called
        What an author calls a field, where that is another word.
    """
    kind: type = type(part)
    for name, kinds in _kinds(kind).items():
        value = getattr(part, name)
        if not isinstance(value, kinds):
            wanted = " or ".join(WORDS.get(kind, f"a {kind.__name__}") for kind in kinds)
            raise BadWorld(f"{called.get(name, name)}={shorten(repr(value))} is not {wanted}")


@cache
def _kinds(part: type) -> dict[str, tuple[type, ...]]:
    hints = get_type_hints(part)
    return {field.name: tuple(_flat(hints[field.name])) for field in dataclasses.fields(part) if field.init}


def _flat(hint: Any) -> list[type]:
    if get_origin(hint) in {Union, UnionType}:
        return [kind for member in get_args(hint) for kind in _flat(member)]
    return [get_origin(hint) or hint]
