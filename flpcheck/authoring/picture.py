"""Shapes for pictures of configurations: a protocol may have a method `picture(self, view)` that yields them.

They are data, not markup: whatever texts they hold, a page shows them as texts.  Lengths are in units of about one
letter's height; x goes to the right and y goes down.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Box:
    """A rectangle with a text in its middle; `strong` ones stand out, `faint` ones step back."""

    x: float
    y: float
    width: float
    height: float
    text: str = ""
    tone: str = "plain"


@dataclass(frozen=True)
class Disc:
    """A circle around a point, with a text in its middle."""

    x: float
    y: float
    radius: float
    text: str = ""
    tone: str = "plain"


@dataclass(frozen=True)
class Line:
    """A line between two points, with an arrow head at its end on request."""

    x: float
    y: float
    to_x: float
    to_y: float
    arrow: bool = False
    tone: str = "plain"


@dataclass(frozen=True)
class Label:
    """A text around a point."""

    x: float
    y: float
    text: str
    tone: str = "plain"


Shape: TypeAlias = Box | Disc | Line | Label
