"""Space-time diagrams: no arrow comes near a dot that is not its own, and both languages place everything alike."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from random_diagrams import Sample, a_run, foreign, nearest, rounds

from flpcheck.report.runs.spacing import (
    CLEAR,
    LEAST,
    STRETCH,
    Spacing,
    distance,
    flattened,
    path_of,
    shortened,
    spaced,
)

FIXTURES = Path(__file__).parents[1] / "explorer" / "spacing.json"


@pytest.mark.parametrize("make", [a_run, rounds])
@pytest.mark.parametrize(("processes", "rows", "seeds"), [(3, 12, 20), (5, 40, 5), (8, 80, 1)])
def test_arrows_keep_their_distance(
    make: Callable[[int, int, int], Sample], processes: int, rows: int, seeds: int
) -> None:
    for seed in range(seeds):
        sample = make(seed, processes, min(rows, 20) if make is rounds else rows)
        spacing = spaced(*sample)
        assert nearest(spacing, sample.arrows) >= CLEAR - 0.1, seed
        gaps = [lower - upper for upper, lower in pairwise(spacing.rows)]
        assert min(gaps) >= sample.least - 1e-6
        assert max(gaps) <= STRETCH * sample.least + 1e-6


@pytest.mark.long
@pytest.mark.parametrize("make", [a_run, rounds])
def test_arrows_keep_their_distance_in_a_thousand_diagrams(make: Callable[[int, int, int], Sample]) -> None:
    for seed in range(1000):
        sample = make(seed, 2 + seed % 7, 4 + seed % (16 if make is rounds else 50))
        assert nearest(spaced(*sample), sample.arrows) >= CLEAR - 0.1, seed


def test_rows_at_equal_distances_would_not_do() -> None:
    """The property bites: without stretching and bending, arrows pass through dots."""
    sample = a_run(1, 5, 40)
    equal = Spacing(tuple(sample.columns), tuple(sample.dots), tuple(LEAST * row for row in range(41)))
    straight = [
        min((distance(equal.at(dot), [equal.at(arrow[0]), equal.at(arrow[1])]) for dot in foreign(equal, arrow)),
            default=CLEAR)
        for arrow in sample.arrows if arrow[0][1] != arrow[1][1]
    ]  # fmt: skip
    assert min(straight) < CLEAR / 2


def test_a_message_to_itself_runs_beside_the_line() -> None:
    spacing = spaced([0.0, 92.0], 3, [(1, 0), (2, 0), (3, 0)], [((1, 0), (3, 0))])
    line = flattened(spacing.corners(((1, 0), (3, 0))))
    assert min(x for x, _ in line) < -CLEAR
    assert distance(spacing.at((2, 0)), line) >= CLEAR


def test_an_arrow_without_its_end_is_shorter() -> None:
    assert shortened([(0.0, 0.0), (0.0, 100.0)], 8) == [(0.0, 0.0), (0.0, 92.0)]
    assert path_of([(0.0, 0.0), (50.0, 0.0), (50.0, 50.0)]) == "M0.0 0.0L36.0 0.0Q50.0 0.0 50.0 14.0L50.0 50.0"


def placed(sample: Sample) -> dict[str, object]:
    """Return where everything lies, rounded to a thousandth of a pixel."""
    spacing = spaced(*sample)
    ways = [[[round(number, 3) for number in corner] for corner in spacing.corners(arrow)] for arrow in sample.arrows]
    return {"rows": [round(y, 3) for y in spacing.rows], "ways": ways}


def fixtures() -> list[dict[str, object]]:
    """Return diagrams and how they are placed, for both languages."""
    samples = [a_run(seed, 4, 18) for seed in range(4)] + [rounds(1, 4, 5), a_run(7, 6, 40)]
    return [{"given": sample._asdict(), "found": placed(sample)} for sample in samples]


def test_the_fixtures_of_both_languages_are_current() -> None:
    """`python -m report.test_spacing` in tests/ writes them again."""
    assert json.loads(FIXTURES.read_text(encoding="utf-8")) == json.loads(json.dumps(fixtures()))
    bent = sum(len(way) > 2 for one in json.loads(FIXTURES.read_text(encoding="utf-8")) for way in one["found"]["ways"])
    assert bent > 0


if __name__ == "__main__":
    FIXTURES.write_text(json.dumps(fixtures()) + "\n", encoding="utf-8")
