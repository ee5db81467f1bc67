"""The signs of a space-time diagram, as its rows and its key draw them."""

from __future__ import annotations

from math import cos, hypot, radians, sin

from flpcheck.report.palette import ALARM, VALUES
from flpcheck.report.runs.spacing import Point
from flpcheck.report.svg import INK, Value, cross, element

ARROW = "#2F6DB5"
UNRECEIVED = "#8492A0"
DECIDED = "#1B6E4B"
WORLD = "#5A6B7B"
DOT = 5.5
"""Radius of a step, in pixels."""
STUB = 24.0
"""Length of the stub of a message that does not arrive, in pixels."""


def step(where: Point, *, hollow: bool = False) -> str:
    """Return a step: hollow for a start or a timeout, which no message causes."""
    return element("circle", cx=where[0], cy=where[1], r=DOT, fill="white" if hollow else INK, stroke=INK)


def decision(where: Point) -> str:
    """Return a step that decides: ringed."""
    look: dict[str, Value] = {"cx": where[0], "cy": where[1], "stroke": DECIDED}
    ring = element("circle", **look, r=DOT + 2.5, fill="white", stroke_width=1.4)
    return ring + element("circle", **look, r=DOT, fill=VALUES[2])


def crash(where: Point) -> str:
    """Return a crash."""
    return cross(*where, 6, stroke=ALARM, stroke_width=2.4)


def unseen_crash(where: Point) -> str:
    """Return a crash that no step shows: the outline of a cross."""
    return cross(*where, 6, stroke=ALARM, stroke_width=5) + cross(*where, 6, stroke="white", stroke_width=2.4)


def trigger(where: Point) -> str:
    """Return the mark of the step after which what is owed never comes."""
    x, y = where
    return element("path", d=f"M{x - 4:.1f} {y - 5:.1f}L{x + 5:.1f} {y:.1f}L{x - 4:.1f} {y + 5:.1f}Z", fill=ALARM)


def world_event(where: Point) -> str:
    """Return an event that belongs to no process."""
    return element("rect", x=where[0] - 4, y=where[1] - 4, width=8, height=8, fill="white", stroke=WORLD)


def head(before: Point, tip: Point, colour: str = ARROW) -> str:
    """Return the head of an arrow that comes from a point."""
    length = hypot(tip[0] - before[0], tip[1] - before[1]) or 1.0
    x, y = (tip[0] - before[0]) / length, (tip[1] - before[1]) / length
    back = (tip[0] - 7 * x, tip[1] - 7 * y)
    corners = [tip, (back[0] + 3.2 * y, back[1] - 3.2 * x), (back[0] - 3.2 * y, back[1] + 3.2 * x)]
    d = "".join(f"{'L' if place else 'M'}{a:.1f} {b:.1f}" for place, (a, b) in enumerate(corners))
    return element("path", d=f"{d}Z", fill=colour)


def stub(start: Point, angle: float, *, lost: bool) -> str:
    """Return a message that does not arrive: a dashed stub with a hollow end, or with a cross if it is lost."""
    across, down = cos(radians(angle)), sin(radians(angle))
    begin = (start[0] + 7 * across, start[1] + 7 * down)
    end = (start[0] + STUB * across, start[1] + STUB * down)
    colour = ALARM if lost else UNRECEIVED
    d = f"M{begin[0]:.1f} {begin[1]:.1f}L{end[0]:.1f} {end[1]:.1f}"
    line = element("path", d=d, fill="none", stroke=colour, stroke_width=1.2, stroke_dasharray="3 2.5")
    if lost:
        return line + cross(*end, 3.2, stroke=ALARM, stroke_width=1.6)
    return line + element("circle", cx=end[0], cy=end[1], r=2.6, fill="white", stroke=colour)
