"""Configurations that are stored column by column, as an engine that packs them has them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from flpcheck.budget import looking
from flpcheck.system import Configuration
from flpcheck.system.interface import WORLD

Ints = NDArray[np.int64]


@runtime_checkable
class Alike(Protocol):
    """Configurations of which can be told in which a function, given the author's value, reads the same."""

    def __len__(self) -> int:
        """Return how many configurations there are."""

    def __getitem__(self, number: int) -> Configuration:
        """Return a configuration."""

    def alike(self, ask: Callable[[Any], Any]) -> tuple[Ints, Ints]:
        """Return the first of all that read the same, in order; which of them each configuration is like."""


@runtime_checkable
class Columned(Protocol):
    """Configurations that are stored column by column: a number per process, one per observer, one for the world."""

    def __len__(self) -> int:
        """Return how many configurations there are."""

    def __getitem__(self, number: int) -> Configuration:
        """Return a configuration."""

    def part(self, ids: Ints) -> Columned:
        """Return some of them, in the order of these ids."""

    def column(self, owner: int, *, observer: bool = False) -> NDArray[np.uint64]:
        """uint64[n]: the number of the component of a process, of the state of an observer, or of the `WORLD`."""

    def member(self, owner: int, number: int, *, observer: bool = False) -> Any:
        """Return what a number of a column stands for."""

    def members(self, owner: int, *, observer: bool = False, mail: bool = True) -> tuple[list[Any], Ints]:
        """Return components of a process, states of an observer or of the `WORLD`, and which of them each number is.

        If mailboxes do not matter, components that differ in nothing else are one.
        """


class ListedColumns(Columned):  # by name, so that what is added there is not missing here unseen
    """Event-driven configurations that are stored one by one, as columns; each column is numbered when it is asked for.

    Parameters
    ----------
    configurations
        The configurations, with their components.
    """

    def __init__(self, configurations: Sequence[Configuration]) -> None:
        self._all, self._ids = configurations, np.arange(len(configurations))
        self._known: dict[tuple[int, bool], tuple[list[Any], NDArray[np.uint64]]] = {}

    def __len__(self) -> int:
        return len(self._ids)

    def __getitem__(self, number: int) -> Configuration:
        return self._all[int(self._ids[number])]

    def part(self, ids: Ints) -> ListedColumns:
        """Return some of them, with the same numbers."""
        some = copy(self)
        some._ids = self._ids[ids]
        return some

    def column(self, owner: int, *, observer: bool = False) -> NDArray[np.uint64]:
        """uint64[n]: the number of the component of a process, of the state of an observer, or of the `WORLD`."""
        return self._numbered(owner, observer=observer)[1][self._ids]

    def member(self, owner: int, number: int, *, observer: bool = False) -> Any:
        """Return what a number of a column stands for."""
        return self._numbered(owner, observer=observer)[0][number]

    def members(self, owner: int, *, observer: bool = False, mail: bool = True) -> tuple[list[Any], Ints]:  # noqa: ARG002
        """Return all that the numbers stand for, and that each number is one by itself."""
        members, _ = self._numbered(owner, observer=observer)
        return members, np.arange(len(members))

    def _numbered(self, owner: int, *, observer: bool) -> tuple[list[Any], NDArray[np.uint64]]:
        if (owner, observer) not in self._known:
            known: dict[Any, int] = {}
            parts = (_part_of(here, owner, observer=observer) for here in looking(self._all))
            numbers = [known.setdefault(part, len(known)) for part in parts]
            self._known[owner, observer] = list(known), np.array(numbers, np.uint64)
        return self._known[owner, observer]


def _part_of(configuration: Configuration, owner: int, *, observer: bool) -> Any:
    if owner == WORLD:
        return configuration.world
    return configuration.observers[owner] if observer else configuration.components[owner]


def in_columns(configurations: Sequence[Configuration]) -> Sequence[Configuration] | ListedColumns:
    """Return configurations column by column if they are event-driven, otherwise as they are stored."""
    plain = not isinstance(configurations, Columned | Alike) and len(configurations)
    return ListedColumns(configurations) if plain and hasattr(configurations[0], "components") else configurations
