"""Bounds of the engine: they cut the search and mark the frontier, they never disable an event."""

from __future__ import annotations

from dataclasses import dataclass

from flpcheck.budget import Bounds, BudgetMonitor
from flpcheck.errors import BadRequest
from flpcheck.machine import peak_memory, physical_memory, resident_memory
from flpcheck.stops import StopReason

__all__ = [
    "Bounds",
    "BudgetMonitor",
    "Cut",
    "parse_size",
    "peak_memory",
    "physical_memory",
    "resident_memory",
]


@dataclass(frozen=True)
class Cut:
    """A bound that ended a search, and where.

    Parameters
    ----------
    bound
        The bound, or another reason.
    frontier
        Number of configurations left unexpanded.
    """

    bound: StopReason
    frontier: int


_UNITS = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}


def parse_size(text: str) -> int:
    """Return the bytes that a size such as `800M` or `4G` means.

    Examples
    --------
    >>> parse_size("4G"), parse_size("500 kB")
    (4294967296, 512000)
    """
    plain = text.strip().lower().removesuffix("b").removesuffix("i")
    number, unit = (plain[:-1], plain[-1:]) if plain[-1:].isalpha() else (plain, "")
    try:
        return int(float(number) * _UNITS[unit])
    except (KeyError, ValueError, OverflowError):
        raise BadRequest(f"{text!r} is not a size", next_step="write 800M or 4G") from None
