"""Runs under a time limit that must not be reached before something has happened.

A start takes a part of a second on a quiet machine, and several on a busy one.  So no limit is both short and safe:
a run that its limit has ended too early is repeated with twice the time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

MOST = 128
"""Seconds that a run may be given; one that is ended too early with these counts."""
T = TypeVar("T")


def with_time_enough(run: Callable[[float], T], too_early: Callable[[T], bool], seconds: float) -> T:
    """Return the result of the first run that was not ended too early.

    Parameters
    ----------
    run
        Called with a time limit in seconds.
    too_early
        Whether the limit has ended the run that gave this result before what it is about.
    seconds
        The first time limit.
    """
    while too_early(found := run(seconds)) and seconds < MOST:
        seconds *= 2
    return found
