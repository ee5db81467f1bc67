"""How a running search is getting on."""

from __future__ import annotations

from typing import NamedTuple

from flpcheck.explore.bounds import Bounds


class Progress(NamedTuple):
    """A look at a running search.

    Parameters
    ----------
    started
        When it started, on the monotonic clock, in seconds.
    configurations, transitions
        How many were found so far.
    depth
        Of the configuration that is being expanded, in events.
    frontier
        How many configurations wait to be expanded.
    bounds
        The bounds of the search.
    """

    started: float
    configurations: int
    transitions: int
    depth: int
    frontier: int
    bounds: Bounds
