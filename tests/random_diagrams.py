"""Diagrams at random, as runs and as rounds have them, and how near their arrows come to foreign dots."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple

from flpcheck.report.runs.spacing import CLEAR, LEAST, Arrow, Spacing, Spot, distance, flattened


class Sample(NamedTuple):
    """What `spaced` is given."""

    columns: list[float]
    rows: int
    dots: list[Spot]
    arrows: list[Arrow]
    least: float


def a_run(seed: int, processes: int, rows: int) -> Sample:
    """Return a run: one dot a row, which takes a message if one is there and sends some."""
    chance = random.Random(seed)
    dots: list[Spot] = []
    arrows: list[Arrow] = []
    under_way: list[tuple[Spot, int]] = []
    for row in range(1, rows + 1):
        process = chance.randrange(processes)
        mine = [letter for letter in under_way if letter[1] == process]
        if mine and chance.random() < 0.8:
            letter = chance.choice(mine)
            under_way.remove(letter)
            arrows.append((letter[0], (row, process)))
        dots.append((row, process))
        under_way += [((row, process), other) for other in range(processes) if chance.random() < 0.5]
    return Sample([92.0 * place for place in range(processes)], rows, dots, arrows, LEAST)


def rounds(seed: int, processes: int, rows: int) -> Sample:
    """Return rounds: a dot at every process in each row, and arrows from one row to the next, or over one."""
    chance = random.Random(seed)
    everyone = range(processes)
    dots = [(row, place) for row in range(1, rows + 1) for place in everyone if chance.random() < 0.9]
    arrows = [
        ((row - 1, one), (row, other))
        for row, other in dots
        for one in everyone
        if (row == 1 or (row - 1, one) in dots) and chance.random() < 0.7
    ]
    return Sample([92.0 * place for place in everyone], rows, dots, arrows, 2 * LEAST)


def foreign(spacing: Spacing, arrow: Arrow) -> Iterator[Spot]:
    """Yield the dots between the ends of an arrow that are not its own."""
    for dot in spacing.dots:
        if dot not in arrow and arrow[0][0] <= dot[0] <= arrow[1][0]:
            yield dot


def nearest(spacing: Spacing, arrows: list[Arrow]) -> float:
    """Return the least distance of an arrow from a dot that is not its own."""
    found = [CLEAR]
    for arrow in arrows:
        line = flattened(spacing.corners(arrow), pieces=20)
        found += [distance(spacing.at(dot), line) for dot in foreign(spacing, arrow)]
    return min(found)
