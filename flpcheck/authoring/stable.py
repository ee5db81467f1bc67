"""Stable storage: stable fields of a local state survive a crash; volatile ones return to their defaults."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from functools import cache
from typing import Annotated, Any, TypeVar, get_type_hints

from flpcheck.authoring.values import field_place, place_of
from flpcheck.errors import BadProtocol, nearest

T = TypeVar("T")

_STABLE = "stable storage"
Stable = Annotated[T, _STABLE]
"""A field of a local state that survives a crash, such as `promised: Stable[int] = -1`.

Only worlds with recoveries look at it.  The registers `input` and `decision` survive without being marked.
"""
REGISTERS = ("input", "decision")


@cache
def stable_fields(kind: type) -> tuple[str, ...]:
    """Return the fields of a record that are marked `Stable`.

    Examples
    --------
    >>> from flpcheck import record
    >>> @record
    ... class Acceptor:
    ...     promised: Stable[int] = -1
    ...     answers: int = 0
    >>> stable_fields(Acceptor)
    ('promised',)
    """
    hints = get_type_hints(kind, include_extras=True)
    return tuple(name for name, hint in hints.items() if _STABLE in getattr(hint, "__metadata__", ()))


def recovered(state: Any, stable: Iterable[str] | None = None) -> Any:
    """Return the local state in which a process recovers: stable fields as they were, the others at their defaults.

    Parameters
    ----------
    state
        The local state in which it crashed.
    stable
        The names of its stable fields; those that are marked `Stable` if None.

    Raises
    ------
    BadProtocol
        If no field is declared stable, a stable field does not exist, or a volatile one has no default.
    """
    kind: Any = type(state)
    kept = _survivors(kind, None if stable is None else tuple(stable))
    return kind(**{name: getattr(state, name) for name in kept})


@cache
def _survivors(kind: Any, stable: tuple[str, ...] | None) -> tuple[str, ...]:
    has_fields = dataclasses.is_dataclass(kind)
    if not has_fields:
        raise BadProtocol(
            f"a local state of type {kind.__name__} cannot recover",
            why="stable and volatile parts are fields of the state, and it has none",
            next_step="make the state a @record, and mark what survives a crash as Stable[...]",
        )
    fields = {field.name: field for field in dataclasses.fields(kind)}
    named = stable_fields(kind) if stable is None else stable
    for name in named:
        if name not in fields:
            why = nearest(name, fields)
            raise BadProtocol(f"stable field {name!r} of {kind.__name__} does not exist", place=place_of(kind), why=why)
    if stable is None and not named:
        raise BadProtocol(
            f"no field of {kind.__name__} is marked as surviving a crash",
            place=place_of(kind),
            next_step="mark fields as Stable[...]; for a process without stable storage write Process(..., stable=())",
        )
    kept = tuple(name for name in fields if name in named or name in REGISTERS)
    for name, field in fields.items():
        if name not in kept and field.default is field.default_factory is dataclasses.MISSING:
            raise BadProtocol(
                f"volatile field {name!r} of {kind.__name__} has no default",
                place=field_place(kind, name),
                why="a recovery resets it to its default",
                next_step=f"give it a default, or mark it as Stable: `{name}: Stable[...]`",
            )
    return kept
