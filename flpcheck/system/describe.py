"""States as text, field by field: what traces and pictures print."""

from __future__ import annotations

import dataclasses
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
    if dataclasses.is_dataclass(state) and not isinstance(state, type):
        return {field.name: show(getattr(state, field.name)) for field in dataclasses.fields(state)}
    return {"": show(state)}
