"""The messages of a space-time diagram: arrows with their names, and stubs for what does not arrive."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import atan2, degrees, hypot

from flpcheck.authoring.values import shorten
from flpcheck.report.runs.flights import Flight, TracedRun
from flpcheck.report.runs.signs import ARROW, head, stub
from flpcheck.report.runs.spacing import Arrow, Point, Spacing, Spot, distance, flattened, path_of, shortened
from flpcheck.report.runs.timeline import Timeline, arrives
from flpcheck.report.svg import INK, element, tooltip, width_of, words

SHORT = 8.0
"""Pixels between the head of an arrow and the middle of its dot."""
ANGLES = (35, 145, 60, 120, 80, 100)
"""Directions of a stub, in degrees clockwise from the right."""
LABEL = 22
"""Maximum length of a message beside its arrow, in characters."""
SIZE = 9.5
SHARES = (0.5, 0.4, 0.6, 0.3, 0.7)
"""Places along an arrow where its message may stand."""


@dataclass(frozen=True)
class Stroke:
    """A piece of a diagram.

    Parameters
    ----------
    since
        The row from which on it is seen, when the run is played.
    svg
        The piece.
    way
        Of a message that arrives: the corners of its arrow.
    message
        The message, as text.
    """

    since: int
    svg: str
    way: tuple[Point, ...] = ()
    message: str = ""


class Arrows:
    """The messages of a run, placed.

    Parameters
    ----------
    run, rows, spacing
        The run, its rows, and their positions.
    top
        The y of row 0, in pixels.
    """

    def __init__(self, run: TracedRun, rows: Timeline, spacing: Spacing, top: float) -> None:
        self.run, self.rows, self.spacing, self.top = run, rows, spacing, top

    @cached_property
    def ways(self) -> dict[Arrow, list[Point]]:
        """The corners of every arrow, in the picture."""
        lowered = {}
        for arrow in self.rows.arrows:
            lowered[arrow] = [(x, y + self.top) for x, y in self.spacing.corners(arrow)]
        return lowered

    def drawn(self) -> Iterator[Stroke]:
        """Yield the messages that arrive; then the names that find room."""
        for arrow, flights in self._by_arrow().items():
            way = self.ways[arrow]
            svg = element("g", tooltip(_said(flights)), *_arrow(way))
            yield Stroke(arrow[1][0], svg, tuple(way), shorten(flights[0].message, LABEL))
        yield from self._names()

    def _by_arrow(self) -> dict[Arrow, list[Flight]]:
        found = defaultdict(list)
        for flight in self.run.flights:
            if arrives(flight):
                found[self.rows.arrow(flight)].append(flight)
        return dict(found)

    def _names(self) -> Iterator[Stroke]:
        """Name one arrow of each broadcast, where a box meets no dot, no other arrow and no other name."""
        dots = [(x, y + self.top) for x, y in map(self.spacing.at, self.spacing.dots)]
        lines = {arrow: flattened(way) for arrow, way in self.ways.items()}
        taken: list[tuple[float, float, float]] = []
        said: set[tuple[Spot, str]] = set()
        for arrow, flights in self._by_arrow().items():
            text = shorten(flights[0].message, LABEL)
            if (arrow[0], text) in said:
                continue
            others = [line for other, line in lines.items() if other != arrow]
            box = _free(lines[arrow], width_of(text, SIZE) + 4, dots, others, taken)
            if box is not None:
                taken.append(box)
                said.add((arrow[0], text))
                yield Stroke(arrow[1][0], _named(box, text))

    def stubs(self) -> Iterator[Stroke]:
        """Yield what does not arrive: one stub at a dot for all copies of one fate."""
        found: dict[tuple[Spot, bool], list[Flight]] = defaultdict(list)
        for flight in self.run.flights:
            if not arrives(flight):
                found[self.rows.source(flight), flight.fate == "lost"].append(flight)
        used: dict[Spot, list[float]] = defaultdict(list)
        for (spot, lost), flights in found.items():
            angle = self._direction(spot, used[spot])
            used[spot].append(angle)
            x, y = self.spacing.at(spot)
            yield Stroke(spot[0], element("g", tooltip(_said(flights)), stub((x, y + self.top), angle, lost=lost)))

    def _direction(self, spot: Spot, used: Sequence[float]) -> float:
        """Return the direction that is farthest from the arrows at a dot, and from its other stubs."""
        taken = [*used]
        for arrow, way in self.ways.items():
            if arrow[0] == spot:
                taken.append(_angle(way[0], way[1]))
            elif arrow[1] == spot:
                taken.append(_angle(way[-1], way[-2]))
        return max(ANGLES, key=lambda angle: min((abs((angle - one + 180) % 360 - 180) for one in taken), default=360))


def _angle(start: Point, end: Point) -> float:
    return degrees(atan2(end[1] - start[1], end[0] - start[0]))


def _arrow(way: Sequence[Point]) -> Iterator[str]:
    short = shortened(way, SHORT)
    yield element("path", d=path_of(short), fill="none", stroke=ARROW, stroke_width=1.3)
    yield head(short[-2], shortened(way, SHORT - 2)[-1])


def _free(
    line: Sequence[Point],
    width: float,
    dots: Sequence[Point],
    others: Sequence[Sequence[Point]],
    taken: Sequence[tuple[float, float, float]],
) -> tuple[float, float, float] | None:
    """Return the middle and the width of a box on an arrow that meets nothing else; None if there is none."""
    for share in SHARES:
        x, y = along(line, share)
        if any(abs(x - a) < width / 2 + 12 and abs(y - b) < 16 for a, b in dots):
            continue
        if any(abs(x - a) < (width + wide) / 2 + 4 and abs(y - b) < 14 for a, b, wide in taken):
            continue
        points = [(x + width * part / 2, y) for part in (-1, -0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75, 1)]
        if all(distance(point, other) > 8 for other in others for point in points):
            return x, y, width
    return None


def along(line: Sequence[Point], share: float) -> Point:
    """Return the point of a polygonal line after a part of its length."""
    left = share * sum(hypot(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(line))
    for (a, b), (c, d) in pairwise(line):
        length = hypot(c - a, d - b)
        if length >= left and length:
            return a + (c - a) * left / length, b + (d - b) * left / length
        left -= length
    return line[-1]


def _named(box: tuple[float, float, float], text: str) -> str:
    x, y, width = box
    ground = element("rect", x=x - width / 2, y=y - 7, width=width, height=14, rx=3, fill="white", fill_opacity=0.9)
    return ground + words(x, y, text, SIZE, text_anchor="middle", fill=INK)


def _said(flights: Sequence[Flight]) -> str:
    return "; ".join(f"{flight.message} from {flight.sender} to {flight.receiver}: {flight.fate}" for flight in flights)
