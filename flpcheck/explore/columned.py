"""Configurations that are stored column by column, as an engine that packs them has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from flpcheck.system import Configuration

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
