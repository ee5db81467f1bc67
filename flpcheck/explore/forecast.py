"""Forecast of the size of a breadth-first search from the sizes of its levels.

From some level on, levels grow by ever smaller factors and then shrink.  If the logarithms of these factors go on
falling about as they did in the last levels, the forecast is what is still to come then; the band is what comes if they
fall half as fast, or five times as fast.  While levels grow fast, or do not slow down, there is no honest forecast.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

FAST = 1.2
"""Maximum growth factor of levels that allow a forecast."""
SMALL = 50
LOOK = 4
SLOWER, FASTER = 0.45, 5.0
MOST_LEVELS = 10_000


class Forecast(NamedTuple):
    """Between how many configurations a search will probably end."""

    low: int
    high: int


def forecast(levels: Sequence[int]) -> Forecast | None:
    """Return how many configurations there will be, from the sizes of the levels that are complete; None if unclear.

    Examples
    --------
    >>> forecast([1, 10, 100, 1000])
    >>> forecast([100, 200, 300, 350, 330, 260, 170, 90])
    Forecast(low=1819, high=1875)
    """
    sizes = list(levels[-LOOK - 1 :])
    if len(sizes) <= LOOK or min(sizes) < SMALL:
        return None
    factors = [math.log(after / before) for before, after in pairwise(sizes)]
    fall = (factors[0] - factors[-1]) / (LOOK - 1)
    if fall <= 0 or factors[-1] > math.log(FAST):
        return None
    low, high = (_to_come(sizes[-1], factors[-1], fall * speed) for speed in (FASTER, SLOWER))
    return None if high is None or low is None else Forecast(sum(levels) + low, sum(levels) + high)


def _to_come(size: float, factor: float, fall: float) -> int | None:
    """Return how many configurations follow a level; None if that does not end."""
    total = 0.0
    for _ in range(MOST_LEVELS):
        factor -= fall
        size *= math.exp(factor)
        total += size
        if size < 1:
            return int(total)
    return None
