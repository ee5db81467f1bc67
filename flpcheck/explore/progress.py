"""Progress of a running search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from flpcheck.explore.bounds import Bounds


class Progress(NamedTuple):
    """The state of a running search, for progress reports.

    Parameters
    ----------
    started
        When it started, on the monotonic clock, in seconds.
    configurations, transitions
        Number of configurations found so far.
    depth
        Of the configuration that is being expanded, in events.
    frontier
        Number of configurations not yet expanded.
    bounds
        The bounds of the search.
    levels
        The sizes of the levels that are complete, where the search is breadth-first.
    bytes_each
        About how many bytes a configuration takes, with its transitions if they are kept; 0 if that is not known.
    news
        A message to show at once; may be empty.
    doing
        The activity after the search, such as `judging termination`.
    """

    started: float
    configurations: int
    transitions: int
    depth: int
    frontier: int
    bounds: Bounds
    levels: Sequence[int] = ()
    bytes_each: float = 0.0
    news: str = ""
    doing: str = ""
