"""Renaming: processes and values under other names, wherever they stand in a value."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Mapping, Sequence
from enum import Enum
from functools import cache
from types import EllipsisType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from flpcheck.authoring.events import Gather, Pid
from flpcheck.authoring.reduction import is_choice
from flpcheck.authoring.values import key, show

T = TypeVar("T")


class Renaming:
    """A permutation of the names of processes, and of values.

    A general protocol whose configurations are more than records of names and values (a tuple with a place for each
    process, say) says itself what a renaming makes of them: `renamed(configuration, to)`.  So does a record with such
    places: `renamed(self, to)`.

    Parameters
    ----------
    processes
        The new name of each process that gets another one.
    values
        The new value for each value that is exchanged.

    Examples
    --------
    >>> swap = Renaming({"a": "b", "b": "a"}, {"x": "y", "y": "x"})
    >>> swap.pid("a"), swap.value("x"), swap.row(("a", "b", "c"), (1, 2, 3))
    ('b', 'y', (2, 1, 3))
    >>> swap(("a", 7, ("c", "x")))
    ('b', 7, ('c', 'y'))
    """

    def __init__(self, processes: Mapping[Pid, Pid], values: Mapping[Any, Any]) -> None:
        self.processes = dict(processes)
        self.values = {key(old): new for old, new in values.items()}

    def pid(self, name: Pid) -> Pid:
        """Return the new name of a process."""
        return self.processes.get(name, name)

    def value(self, value: T) -> T:
        """Return what a value becomes; None and all that is not exchanged stay."""
        return self.values.get(key(value), value) if self.values else value

    def row(self, names: Sequence[Pid], row: Sequence[T]) -> tuple[T, ...]:
        """Return a tuple that has a place for each process, with the items where their processes are now."""
        places = {self.pid(name): item for name, item in zip(names, row, strict=True)}
        return tuple(places[name] for name in names)

    def __call__(self, thing: T, hint: Any = None) -> T:
        """Return a value with everything in it renamed: names of processes, and the values that are exchanged.

        Parameters
        ----------
        thing
            A record, or anything that may stand in one.
        hint
            Its declared type, where it stands in a record: integers are values only where it says `Choice`.
        """
        return self._renamed(thing, hint)  # type: ignore[no-any-return]

    def _renamed(self, thing: Any, hint: Any) -> Any:
        kind = type(thing)
        if kind is str:
            return self.processes[thing] if thing in self.processes else self.value(thing)
        if kind is int:
            return self.value(thing) if _chosen(hint) else thing
        if isinstance(thing, tuple):
            return tuple.__new__(kind, map(self._renamed, thing, items(hint, len(thing))))  # a letter stays a letter
        if kind is frozenset:
            inner = items(hint, 1)[0]
            return frozenset(self._renamed(item, inner) for item in thing)
        if dataclasses.is_dataclass(thing):
            return self._record(thing)
        return self.value(thing) if isinstance(thing, Enum) else thing

    def _record(self, thing: Any) -> Any:
        if hasattr(type(thing), "renamed"):
            return thing.renamed(self)
        copy = object.__new__(type(thing))
        for name, hint in _fields(type(thing)):  # type: ignore[arg-type]
            object.__setattr__(copy, name, self._renamed(getattr(thing, name), hint))
        return copy


def words(to: Renaming) -> str:
    """Return what is called what, as text.

    Examples
    --------
    >>> words(Renaming({"a": "b"}, {"x": "y"}))
    "with a called b, 'x' called 'y'"
    """
    pairs = [*to.processes.items(), *((show(old[-1]), show(new)) for old, new in to.values.items())]
    return "with " + ", ".join(f"{old} called {new}" for old, new in pairs)


def exchanges(processes: Sequence[Hashable], order: Sequence[Hashable]) -> dict[Any, Any]:
    """Return the permutation that takes each of some names to the one at its place in another order.

    Examples
    --------
    >>> exchanges("abc", "bac")
    {'a': 'b', 'b': 'a'}
    """
    return {old: new for old, new in zip(processes, order, strict=True) if old != new}


@cache
def _fields(kind: type) -> tuple[tuple[str, Any], ...]:
    hints = {} if kind is Gather else get_type_hints(kind, include_extras=True)
    return tuple((field.name, hints.get(field.name)) for field in dataclasses.fields(kind))


def alternatives(hint: Any) -> tuple[Any, ...]:
    """Return the members of a union, or the type itself."""
    return get_args(hint) if get_origin(hint) in {Union, UnionType} else (hint,)


@cache
def _chosen(hint: Any) -> bool:
    return any(is_choice(member) for member in alternatives(hint))


@cache
def items(hint: Any, size: int) -> tuple[Any, ...]:
    """Return the declared types of the members of a tuple or set; None where nothing is declared."""
    for member in alternatives(hint):
        origin, arguments = get_origin(member), get_args(member)
        if origin is frozenset or (origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis):
            return (arguments[0],) * size
        if origin is tuple and len(arguments) == size and not isinstance(arguments[-1], EllipsisType):
            return arguments
    return (None,) * size
