"""Live progress of a long search, on standard error: a line that renews itself, or a heartbeat in a log."""

from __future__ import annotations

import math
import sys
import time
from types import TracebackType
from typing import Any

from flpcheck.explore import Bounds, Progress, peak_memory
from flpcheck.explore.forecast import forecast
from flpcheck.stops import StopReason

PATIENCE = 0.7
"""Seconds before anything is shown: short searches say nothing."""
HEARTBEAT = 30.0


class Meter:
    """Shows the progress of one search; use it as a context manager and as the `report` of `explore`.

    Parameters
    ----------
    silent
        Show nothing: for searches in parallel.
    """

    def __init__(self, *, silent: bool = False) -> None:
        self._silent = silent
        self._live = sys.stderr.isatty()
        self._next = time.monotonic() + (PATIENCE if self._live else HEARTBEAT)
        self._shown = False
        self._told = False
        self._started = time.monotonic()

    def __enter__(self) -> Meter:
        return self

    def __call__(self, progress: Progress) -> None:
        """Show the progress if it is time to, news at once."""
        if self._silent:
            return
        if progress.news:
            sys.stderr.write(progress.news + "\n")
            return
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + (0.2 if self._live else HEARTBEAT)
        if not self._told and progress.bytes_each:
            self._told = True
            sys.stderr.write(memory_line(progress) + "\n")
        self._shown = True
        end = "\x1b[K\r" if self._live else "\n"
        sys.stderr.write(line(progress, now) + end)
        sys.stderr.flush()

    def say(self, doing: str) -> None:
        """Show what is being done where there is nothing to count, if it is time to."""
        self(Progress(self._started, 0, 0, 0, 0, Bounds(), doing=doing))

    def clear(self) -> None:
        """Wipe the line away: results follow."""
        if self._shown and self._live:
            sys.stderr.write("\x1b[K")
            sys.stderr.flush()
        self._shown = False

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clear()


def line(progress: Progress, now: float) -> str:
    """Return how a search is getting on, in one line."""
    seconds = max(now - progress.started, 1e-9)
    spent = [f"{peak_memory() / 2**30:.1f} GB", f"{seconds:.0f} s"]
    if progress.doing:
        found = [f"{progress.configurations:,} configurations"] if progress.configurations else []
        return " | ".join([progress.doing, *found, *spent, *_share(progress, progress.bounds, seconds)[-1:]])
    parts: list[Any] = [
        f"depth {progress.depth}",
        f"{progress.configurations:,} configurations",
        f"{progress.transitions:,} transitions",
        f"frontier {progress.frontier:,}",
        f"{progress.configurations / seconds:,.0f}/s",
        *spent,
    ]
    return " | ".join([*parts, *_share(progress, progress.bounds, seconds), *_forecast(progress)])


def memory_line(progress: Progress) -> str:
    """Return what a configuration takes, and how many fit into the memory that the search may have."""
    each = f"about {progress.bytes_each:.0f} bytes per configuration"
    if progress.bounds.memory is None:
        return each
    fit = _about(progress.bounds.memory / progress.bytes_each)
    return f"{each}: about {fit} fit into the {progress.bounds.memory / 2**30:.1f} GB of {StopReason.MAX_MEMORY}"


def _forecast(progress: Progress) -> list[str]:
    """Return the forecast if there is an honest one that says more than is known."""
    found = forecast(progress.levels)
    if found is None or found.high < progress.configurations:
        return []
    return [
        f"{band(max(found.low, progress.configurations), found.high)} at the end if levels keep shrinking like this"
    ]


def band(low: int, high: int) -> str:
    """Say between what a number lies, rounded outwards, with as many digits as the distance gives a meaning to.

    Examples
    --------
    >>> band(2_431_000, 4_890_000)
    'about 2,000,000 to 5,000,000'
    >>> band(3_043_516, 3_046_100)
    'about 3,043,000 to 3,047,000'
    >>> band(3_043_684, 3_043_684)
    'about 3,043,684'
    """
    if low == high:
        return f"about {low:,}"
    unit = 10 ** int(math.log10(high - low))
    return f"about {low // unit * unit:,} to {-(-high // unit) * unit:,}"


def _about(number: float) -> str:
    """Return a number with two digits that mean something."""
    return f"{float(f'{number:.1e}'):,.0f}"


def _share(progress: Progress, bounds: Bounds, seconds: float) -> list[str]:
    """Return how much of each bound is used up: breadth-first search knows no honest percentage of the whole."""
    shares = []
    if bounds.configurations:
        shares.append(
            f"{100 * progress.configurations / bounds.configurations:.0f} % of {StopReason.MAX_CONFIGURATIONS}"
        )
    if bounds.seconds:
        shares.append(f"{100 * seconds / bounds.seconds:.0f} % of {StopReason.MAX_SECONDS}")
    return shares
