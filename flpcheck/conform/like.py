"""Values that a log tells in part: which of them a value of the spec fits, and where it differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple

from flpcheck.authoring.values import key, shorten, show

ABSENT = object()
"""Stands for the part of a value that is not there."""

PLAIN = (int, str, bool, type(None))


class Mismatch(NamedTuple):
    """A field in which a value of the spec is not as the log tells.

    Parameters
    ----------
    path
        The field; empty for the value itself.
    spec, log
        Both values, as text.
    """

    path: str
    spec: str
    log: str

    def __str__(self) -> str:
        return f"{self.path or 'it'} is {self.spec} in the spec, {self.log} in the log"


@dataclass(frozen=True)
class Like:
    """Part of a value: the name of its class, and what is known of its fields.

    Parameters
    ----------
    kind
        The name of the class; empty if it is not known.
    fields
        (path, what is known) pairs.  A path is a field, or several with dots between them; a number is a place in a
        tuple, `len` the length, and the empty path the value itself.  What is known is a value as JSON has it (a list
        fits a tuple or a set, an object the record with these fields), another `Like`, or a predicate.

    Examples
    --------
    >>> from flpcheck import record
    >>> @record
    ... class Vote:
    ...     term: int
    ...     granted: bool
    >>> like("Vote", term=2).fits(Vote(2, True)), like("Vote", term=lambda n: n > 2).fits(Vote(2, True))
    (True, False)
    """

    kind: str = ""
    fields: tuple[tuple[str, Any], ...] = ()

    def fits(self, value: Any) -> bool:
        """Return whether a value is as is known."""
        if self.kind and type(value).__name__ != self.kind:
            return False
        for path, known in self.fields:  # noqa: SIM110 -- the loop that takes most of the time
            if not _same(at(value, path), known):
                return False
        return True

    def mismatches(self, value: Any) -> list[Mismatch]:
        """Return where a value differs."""
        if self.kind and type(value).__name__ != self.kind:
            return [Mismatch("", shorten(show(value)), str(self))]
        pairs = [(path, at(value, path), known) for path, known in self.fields]
        return [Mismatch(path, _shown(found), _shown(known)) for path, found, known in pairs if not _same(found, known)]

    def pins(self, value: Any) -> bool:
        """Return whether no other value of this class fits: every field is known entirely."""
        names = getattr(type(value), "__dataclass_fields__", None)
        known = {path for path, what in self.fields if _is_entire(what)}
        return bool(self.kind) and ("" in known or (names is not None and known >= {*names}))

    def __str__(self) -> str:
        inside = ", ".join(f"{path}={_shown(known)}" if path else _shown(known) for path, known in self.fields)
        return f"{self.kind or '...'}({inside})"


def like(kind: str = "", fields: Mapping[str, Any] | None = None, /, **more: Any) -> Like:
    """Return what is known of a value: the name of its class, and some of its fields.

    Parameters
    ----------
    kind
        Name of its class; empty if it is not known.
    fields, more
        What is known, by path; see `Like`.

    Examples
    --------
    >>> print(like("Append", {"entries.len": 2}, term=3))
    Append(entries.len=2, term=3)
    """
    return Like(kind, (*(fields or {}).items(), *more.items()))


def at(value: Any, path: str) -> Any:
    """Return the part of a value at a path, `ABSENT` if there is none.

    Examples
    --------
    >>> at((3, (4, 5)), "1.0"), at((3, 4), "len"), at((3, 4), "2") is ABSENT
    (4, 2, True)
    """
    for name in path.split(".") if path else ():
        value = _part(value, name)
    return value


def _part(value: Any, name: str) -> Any:
    if hasattr(value, name) and not isinstance(value, (str, tuple, frozenset)):
        return getattr(value, name)
    if name == "len" and hasattr(value, "__len__"):
        return len(value)
    if name.isdigit() and isinstance(value, tuple):
        return value[int(name)] if int(name) < len(value) else ABSENT
    return getattr(value, name, ABSENT)


def _same(value: Any, known: Any) -> bool:
    """Return whether a value of the spec is what is known of it."""
    if type(value) is type(known) and type(known) in PLAIN:
        return bool(value == known)
    if isinstance(known, Like):
        return value is not ABSENT and known.fits(value)
    if callable(known):
        return value is not ABSENT and bool(known(value))
    return value is not ABSENT and _same_parts(value, known)


def _same_parts(value: Any, known: Any) -> bool:
    if isinstance(known, Mapping):
        return all(_same(_part(value, name), part) for name, part in known.items())
    if isinstance(value, Set):
        return _same_set(value, known)
    if isinstance(known, (list, tuple)):
        return isinstance(value, tuple) and len(value) == len(known) and all(map(_same, value, known))
    return key(value) == key(known) or (isinstance(value, Enum) and value.name == known)


def _same_set(value: Set[Any], known: Any) -> bool:
    """Return whether a set has as many members as a list, and each of these fits one of them."""
    listed = isinstance(known, (Sequence, Set)) and not isinstance(known, str) and len(known) == len(value)
    return listed and all(any(_same(member, one) for member in value) for one in known)


def _is_entire(known: Any) -> bool:
    """Return whether only one value is what is known."""
    if isinstance(known, (list, tuple, Set)):
        return all(map(_is_entire, known))
    return not isinstance(known, (Like, Mapping)) and not callable(known)


def _shown(value: Any) -> str:
    if value is ABSENT:
        return "absent"
    if callable(value):
        return f"as {getattr(value, '__name__', 'a predicate')} tells"
    return shorten(str(value) if isinstance(value, (Like, Mapping, list)) else show(value))


def known_as_like(known: Any) -> Like:
    """Return what is known of a value as a `Like`."""
    if isinstance(known, Like):
        return known
    if isinstance(known, type):
        return Like(known.__name__)
    return Like("", tuple(known.items())) if isinstance(known, Mapping) else Like("", (("", known),))


def all_of(likes: Sequence[Like], values: Sequence[Any]) -> Iterator[tuple[int, ...]]:
    """Yield each choice of a different value for each of some likes, as their places.

    Examples
    --------
    >>> list(all_of([Like("int"), Like("int", (("", 2),))], [1, 2, "x"]))
    [(0, 1)]
    """
    yield from _chosen(likes, values, ())


def _chosen(likes: Sequence[Like], values: Sequence[Any], taken: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    if len(taken) == len(likes):
        yield taken
        return
    for place, value in enumerate(values):
        if place not in taken and likes[len(taken)].fits(value):
            yield from _chosen(likes, values, (*taken, place))
