"""Forecasts: a band that holds what comes, and none where there is no telling."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from functools import cache, partial

import numpy as np
import pytest

from flpcheck import Bounds, asynchronous, load, system_of
from flpcheck.cli.progress import line, memory_line
from flpcheck.explore import Progress, explore
from flpcheck.explore.forecast import forecast


@cache
def levels_of(managers: int) -> list[int]:
    system = system_of(load("tla/two_phase").protocol(resource_managers=managers), asynchronous(network="set"))
    sizes: list[int] = np.bincount(explore(system).depth).tolist()
    return sizes


@pytest.mark.parametrize(
    "found", [partial(levels_of, 5), partial(levels_of, 6), lambda: [math.comb(40, n) // 10**5 for n in range(10, 31)]]
)
def test_the_band_holds_what_comes(found: Callable[[], list[int]]) -> None:
    sizes = found()
    forecasts = [forecast(sizes[:known]) for known in range(len(sizes))]
    told = [found for found in forecasts if found is not None]
    assert len(told) > 4
    assert all(found.low <= sum(sizes) <= found.high for found in told)
    widths = [found.high - found.low for found in told]
    assert all(later <= earlier for earlier, later in itertools.pairwise(widths))


@pytest.mark.parametrize(
    "sizes",
    [[], [1, 5, 9], [2**n for n in range(20)], [1000] * 20, [1000, 900, 800, 900, 1000, 1100], [9, 8, 7, 6, 5, 4]],
)
def test_there_is_no_forecast_without_a_trend(sizes: list[int]) -> None:
    assert forecast(sizes) is None


def test_the_progress_line_says_what_is_likely_to_come() -> None:
    sizes = levels_of(6)
    progress = Progress(0.0, sum(sizes[:14]), 10, 13, 5, Bounds(memory=2**30), sizes[:14], 19.2)
    assert "about 48,000 to 53,000 at the end if levels keep shrinking like this" in line(progress, 2.0)
    assert "at the end" not in line(progress._replace(levels=sizes[:6]), 2.0)
    assert (
        memory_line(progress) == "about 19 bytes per configuration: about 56,000,000 fit into the 1.0 GB of max-memory"
    )
    assert memory_line(progress._replace(bounds=Bounds())) == "about 19 bytes per configuration"
