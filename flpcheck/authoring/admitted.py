"""The classes of events that an annotation admits: one meaning for honest mail, for lies and for own events."""

from __future__ import annotations

from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, NewType, TypeVar, Union, get_args, get_origin


class _Anything(Exception):
    """The annotation admits whatever there is."""


def kinds_of(hint: Any) -> tuple[type, ...]:
    """Return the classes that an annotation admits, a union flattened; empty if it admits everything.

    Parameters
    ----------
    hint
        A resolved annotation; None where there is none.

    Returns
    -------
    tuple of type
        What cannot be told apart by class, such as `Any` or a type variable without a bound, admits everything.

    Examples
    --------
    >>> kinds_of(int | Annotated[str, "a name"])
    (<class 'int'>, <class 'str'>)
    >>> kinds_of(Any)
    ()
    """
    if hint is None:
        return ()
    try:
        return tuple(dict.fromkeys(_classes(hint)))
    except _Anything:
        return ()


def _classes(hint: Any) -> Iterator[type]:
    origin = get_origin(hint)
    if origin in {Union, UnionType}:
        for member in get_args(hint):
            yield from _classes(member)
    elif isinstance(hint, TypeVar):
        yield from _variable(hint)
    elif origin is Annotated or isinstance(hint, NewType):
        yield from _classes(hint.__origin__ if origin is Annotated else hint.__supertype__)
    elif hasattr(hint, "__value__"):  # the alias that a `type` statement makes
        yield from _classes(hint.__value__)
    elif _is_plain(origin or hint):
        yield origin or hint
    else:
        raise _Anything


def _variable(hint: TypeVar) -> Iterator[type]:
    """Yield the classes of a type variable: its constraints, or its bound."""
    options = hint.__constraints__ or ((hint.__bound__,) if hint.__bound__ is not None else ())
    if not options:
        raise _Anything
    for option in options:
        yield from _classes(option)


def _is_plain(kind: Any) -> bool:
    """Whether instances can be told by this class; `object` and structural protocols tell nothing."""
    return isinstance(kind, type) and kind not in {object, Any} and not getattr(kind, "_is_protocol", False)
