"""Values that cannot be configurations: which method of the protocol yields them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flpcheck.authoring.values import key, place_of, shorten, show
from flpcheck.errors import BadValue


def located(error: BadValue, method: Callable[..., Any], found: Iterable[Any], *seen: Any) -> BadValue:
    """Return an error with the place of a method, if that is what yields a value that cannot be a configuration.

    Parameters
    ----------
    error
        The error, which names the place already if it is that of a field.
    method
        A method of the protocol.
    found
        The configurations that it yields.
    seen
        The configuration that it was asked about, if any.
    """
    if all(map(_is_usable, found)):
        return error
    function = getattr(method, "__func__", method)
    where = f" in {shorten(show(seen[0]), 300)}" if seen else ""
    error.place = error.place or place_of(function)
    error.details += (f"{function.__name__}() yields it{where}",)
    return error


def _is_usable(value: Any) -> bool:
    try:
        key(value)
    except BadValue:
        return False
    return True
