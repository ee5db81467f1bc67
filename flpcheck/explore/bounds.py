"""Bounds of the engine: they cut the search and mark the frontier, they never disable an event."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flpcheck.errors import BadRequest
from flpcheck.explore.interrupts import wished

INTERRUPTED = "interrupted"


@dataclass(frozen=True)
class Bounds:
    """How far a search may go; None for no bound.

    Parameters
    ----------
    configurations
        At most so many configurations are stored; the initial ones always are.
    depth
        Configurations so many events away from an initial one are not expanded.
    seconds
        Wall-clock seconds.
    memory
        Bytes of resident memory of the whole process.
    """

    configurations: int | None = None
    depth: int | None = None
    seconds: float | None = None
    memory: int | None = None

    def __post_init__(self) -> None:
        for name, bound in vars(self).items():
            if bound is not None and bound < (0 if name == "depth" else 1e-9):
                raise BadRequest(f"bound {name}={bound} leaves nothing to explore", next_step="give a larger bound")


@dataclass(frozen=True)
class Cut:
    """Where a bound ended a search.

    Parameters
    ----------
    bound
        Name of the bound, as its option is called; `interrupted` for Ctrl-C.
    frontier
        How many configurations were left unexpanded.
    """

    bound: str
    frontier: int

    def as_json(self) -> dict[str, Any]:
        """Return the cut as the JSON contract has it."""
        return {"bound": self.bound, "frontier": self.frontier}


class Watchman:
    """Looks at the clock, at the memory and for Ctrl-C now and then."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self.started = time.monotonic()
        self._deadline = None if bounds.seconds is None else self.started + bounds.seconds

    def elapsed(self) -> float:
        """Return the seconds since the start."""
        return time.monotonic() - self.started

    def has(self, seconds: float) -> bool:
        """Return whether so many seconds are left."""
        return self._deadline is None or time.monotonic() + seconds < self._deadline

    def exceeded(self) -> str | None:
        """Return the name of the bound that is exceeded, if one is.  Cost: some microseconds."""
        if wished():
            return INTERRUPTED
        if self._deadline is not None and time.monotonic() > self._deadline:
            return "max-seconds"
        if self.bounds.memory is not None and resident_memory() > self.bounds.memory:
            return "max-memory"
        return None


PAGE = 4096


def resident_memory() -> int:
    """Return the bytes of memory that this process occupies now (its peak, where the system tells no more)."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * PAGE
    except OSError:
        return peak_memory()


def physical_memory() -> int:
    """Return the bytes of memory of this machine; 0 where the system does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return 0


def peak_memory() -> int:
    """Return the most bytes of memory that this process ever occupied; 0 where the system does not tell."""
    try:
        import resource
        import sys
    except ImportError:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


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
