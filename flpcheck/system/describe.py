"""States as text, field by field: what traces and pictures print."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from flpcheck.authoring.values import show


def fields_of(state: object) -> dict[str, Any]:
    """Return the fields of a record as text; any other value as one field without a name.

    Examples
    --------
    >>> fields_of(3)
    {'': '3'}
    """
    if state is None:
        return {}
    if _is_record(state):
        return {field.name: show(getattr(state, field.name)) for field in dataclasses.fields(state)}  # type: ignore[arg-type]
    return {"": show(state)}


def leaves_of(state: object) -> dict[str, str]:
    """Return the leaves of nested records and tuples of records as text, by their paths.

    Examples
    --------
    >>> leaves_of((1, 2))
    {'0': '1', '1': '2'}
    """
    return dict(_leaves(state, ""))


def _leaves(state: object, path: str) -> Iterator[tuple[str, str]]:
    if _is_record(state):
        parts = [(field.name, getattr(state, field.name)) for field in dataclasses.fields(state)]  # type: ignore[arg-type]
    elif isinstance(state, tuple) and state:
        parts = [(str(number), item) for number, item in enumerate(state)]
    else:
        yield path, show(state)
        return
    for name, item in parts:
        yield from _leaves(item, f"{path}.{name}" if path else name)


def _is_record(state: object) -> bool:
    return dataclasses.is_dataclass(state) and not isinstance(state, type)
