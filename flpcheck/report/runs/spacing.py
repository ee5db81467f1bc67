"""Positions of the rows of a space-time diagram and ways of its arrows: none comes near a dot that is not its own.

Rows are stretched until every arrow keeps its distance from every foreign dot; an arrow that would stretch a row too
far is bent round the dot instead.  Pure arithmetic, and the same as `spacing.js` does: `tests/explorer/spacing.json`
holds what both must find.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from math import inf, sqrt
from typing import TypeAlias

Spot: TypeAlias = tuple[int, int]
"""A row and a column."""
Arrow: TypeAlias = tuple[Spot, Spot]
"""From where to where; the first row lies above the second."""
Point: TypeAlias = tuple[float, float]

CLEAR = 10.0
"""Distance that an arrow keeps from a foreign dot, in pixels."""
LEAST = 28.0
"""Least height of a row, in pixels."""
STRETCH = 2.5
"""Maximum height of a row, in least heights."""
CORNER = 14.0
"""Maximum distance of a bend from where its rounding begins, in pixels."""
SIDE = 13.0
"""Distance of a message to oneself from the line of its process, in pixels."""
ATTEMPTS = 8


@dataclass
class Threat:
    """A foreign dot beside an arrow: `share` of the arrow's width lies before it; `side` is 1 if it lies below."""

    arrow: Arrow
    dot: Spot
    share: float
    side: int = 0
    given_up: bool = False


@dataclass(frozen=True)
class Spacing:
    """The positions of a diagram.

    Parameters
    ----------
    columns
        The x of every process's line, in pixels, ascending.
    dots
        Where something happens.
    rows
        The y of every row, in pixels; row 0 is the beginning.
    """

    columns: tuple[float, ...]
    dots: tuple[Spot, ...]
    rows: tuple[float, ...] = field(default=())

    def at(self, spot: Spot) -> Point:
        """Return the position of a row and column."""
        return self.columns[spot[1]], self.rows[spot[0]]

    def corners(self, arrow: Arrow) -> list[Point]:
        """Return an arrow as a polygonal line, whose corners `rounded` rounds.

        Cost: the dots between its ends, a few times.
        """
        start, end = self.at(arrow[0]), self.at(arrow[1])
        if arrow[0][1] == arrow[1][1]:
            return _beside(start, end)
        foreign = [self.at(dot) for dot in self.dots if dot not in arrow and arrow[0][0] <= dot[0] <= arrow[1][0]]
        return _round_the(foreign, start, end)


def spaced(
    columns: Sequence[float], rows: int, dots: Sequence[Spot], arrows: Sequence[Arrow], least: float = LEAST
) -> Spacing:
    """Return the positions of a diagram in which arrows keep their distance from foreign dots.

    Parameters
    ----------
    columns
        The x of every process's line, in pixels, ascending.
    rows
        How many rows follow the beginning.
    dots, arrows
        What is drawn.
    least
        Least height of a row, in pixels.

    Returns
    -------
    Spacing
        Its rows are at most `STRETCH` times as high as the least; cost: at most thirty passes per row over all pairs
        of an arrow and a dot beside it, usually one per pair that is too near.
    """
    gaps = [0.0, *[least] * rows]
    threats = list(_threats(columns, dots, arrows))
    for _ in range(30 * rows):
        heights = list(accumulate(gaps))
        worst = max(threats, key=lambda threat: _lacks(threat, columns, heights), default=None)
        if worst is None or _lacks(worst, columns, heights) <= 0:
            break
        _stretch(worst, columns, heights, gaps, least * STRETCH)
    return Spacing(tuple(columns), tuple(dots), tuple(accumulate(gaps)))


def _length(x: float, y: float) -> float:
    """Return the length of a vector, to the last bit as JavaScript has it: `hypot` rounds differently there."""
    return sqrt(x * x + y * y)


def _threats(columns: Sequence[float], dots: Sequence[Spot], arrows: Sequence[Arrow]) -> Iterator[Threat]:
    """Yield the dots within the rectangle of each arrow, its border included: steep arrows graze their own columns."""
    for arrow in dict.fromkeys(arrows):
        (top, sender), (bottom, receiver) = arrow
        first, last = sorted((sender, receiver))
        for dot in dots:
            if sender != receiver and dot not in arrow and top <= dot[0] <= bottom and first <= dot[1] <= last:
                width = columns[receiver] - columns[sender]
                yield Threat(arrow, dot, (columns[dot[1]] - columns[sender]) / width)


def _measured(threat: Threat, columns: Sequence[float], heights: Sequence[float]) -> tuple[float, float]:
    """Return how far the dot lies below the arrow and how far it should lie from it, both measured vertically."""
    (top, sender), (bottom, receiver) = threat.arrow
    height, width = heights[bottom] - heights[top], abs(columns[receiver] - columns[sender])
    below = heights[threat.dot[0]] - (heights[top] + threat.share * height)
    return below, CLEAR * _length(width, height) / width


def _lacks(threat: Threat, columns: Sequence[float], heights: Sequence[float]) -> float:
    """Return by how much an arrow passes too near; at most 0 if it does not, or must be bent anyway."""
    below, wanted = _measured(threat, columns, heights)
    if threat.given_up:
        return -inf
    return wanted - (threat.side * below if threat.side else abs(below)) - 1e-9


def _stretch(
    threat: Threat, columns: Sequence[float], heights: Sequence[float], gaps: list[float], most: float
) -> None:
    """Stretch the row above or below a dot until the arrow passes far enough; the side stays what it is at first."""
    below, wanted = _measured(threat, columns, heights)
    row, ((top, _), (bottom, _)) = threat.dot[0], threat.arrow
    lower = (wanted - below) / (1 - threat.share) if threat.share < 1 and row > top else inf
    upper = (wanted + below) / threat.share if threat.share > 0 and row < bottom else inf
    threat.side = threat.side or (1 if lower <= upper else -1)
    stretched, more = (row, lower) if threat.side > 0 else (row + 1, upper)
    if more == inf or gaps[stretched] + more > most:
        threat.given_up = True
    else:
        gaps[stretched] += more


def _beside(start: Point, end: Point) -> list[Point]:
    """Return the way of a message that a process sends to itself: beside its line."""
    bend = min(CORNER, (end[1] - start[1]) / 2)
    x = start[0] - SIDE
    return [start, (x, start[1] + bend), (x, end[1] - bend), end]


def _round_the(dots: Sequence[Point], start: Point, end: Point) -> list[Point]:
    """Bend an arrow round the dots that it comes too near, farther with every attempt."""
    offsets: dict[Point, float] = {}
    corners = [start, end]
    for _ in range(ATTEMPTS):
        line = flattened(corners)
        near = [dot for dot in dots if distance(dot, line) < CLEAR]
        if not near:
            break
        for dot in near:
            offsets[dot] = offsets[dot] + 1.5 if dot in offsets else CLEAR + 0.5
        corners = [start, *_waypoints(offsets, start, end), end]
    return corners


def _waypoints(offsets: dict[Point, float], start: Point, end: Point) -> list[Point]:
    """Return a point beside each dot, on the side on which the straight arrow passes, in the order of the arrow."""
    length = _length(end[0] - start[0], end[1] - start[1])
    along = ((end[0] - start[0]) / length, (end[1] - start[1]) / length)
    placed = []
    for (x, y), offset in offsets.items():
        across = (x - start[0]) * along[1] - (y - start[1]) * along[0]  # > 0: the dot lies on the side of the normal
        push = -offset if across > 0 else offset
        before = (x - start[0]) * along[0] + (y - start[1]) * along[1]
        placed.append((before, (x + push * along[1], y - push * along[0])))
    return [point for _, point in sorted(placed)]


def rounded(corners: Sequence[Point]) -> list[tuple[Point, Point, Point]]:
    """Return the roundings of a polygonal line, one per inner corner: where it begins, the corner, where it ends."""
    found = []
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        found.append((_towards(corner, before), corner, _towards(corner, after)))
    return found


def _towards(corner: Point, other: Point) -> Point:
    """Return the point where the rounding of a corner meets the line to its neighbour."""
    length = _length(other[0] - corner[0], other[1] - corner[1])
    share = min(CORNER, length / 2) / length if length else 0.0
    return corner[0] + share * (other[0] - corner[0]), corner[1] + share * (other[1] - corner[1])


def flattened(corners: Sequence[Point], pieces: int = 8) -> list[Point]:
    """Return a polygonal line that follows the rounded one."""
    line = [corners[0]]
    for begin, corner, end in rounded(corners):
        line += [_quadratic(begin, corner, end, piece / pieces) for piece in range(pieces + 1)]
    return [*line, corners[-1]]


def _quadratic(begin: Point, corner: Point, end: Point, share: float) -> Point:
    one, two, three = (1 - share) * (1 - share), 2 * share * (1 - share), share * share
    return one * begin[0] + two * corner[0] + three * end[0], one * begin[1] + two * corner[1] + three * end[1]


def distance(point: Point, line: Sequence[Point]) -> float:
    """Return the distance of a point from a polygonal line, in pixels."""
    return min(_from_segment(point, one, other) for one, other in pairwise(line))


def _from_segment(point: Point, one: Point, other: Point) -> float:
    x, y = other[0] - one[0], other[1] - one[1]
    square = x * x + y * y
    share = ((point[0] - one[0]) * x + (point[1] - one[1]) * y) / square if square else 0.0
    share = min(1.0, max(0.0, share))
    return _length(point[0] - one[0] - share * x, point[1] - one[1] - share * y)


def path_of(corners: Sequence[Point], form: Callable[[float], str] = lambda number: f"{number:.1f}") -> str:
    """Return a rounded polygonal line as the `d` of an SVG path."""

    def text(point: Point) -> str:
        return f"{form(point[0])} {form(point[1])}"

    steps = [f"M{text(corners[0])}"]
    steps += [f"L{text(begin)}Q{text(corner)} {text(end)}" for begin, corner, end in rounded(corners)]
    return "".join([*steps, f"L{text(corners[-1])}"])


def shortened(corners: Sequence[Point], by: float) -> list[Point]:
    """Return a polygonal line without its last pixels, where the dot of its end and the head of the arrow are."""
    *rest, before, last = corners
    length = _length(last[0] - before[0], last[1] - before[1])
    share = min(by, length * 0.9) / length if length else 0.0
    return [*rest, before, (last[0] + share * (before[0] - last[0]), last[1] + share * (before[1] - last[1]))]
