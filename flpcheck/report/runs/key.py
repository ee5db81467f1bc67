"""The key below a space-time diagram: what its signs mean, of those that occur."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from flpcheck.authoring.values import shorten
from flpcheck.report.palette import LOOP
from flpcheck.report.runs.signs import ARROW, crash, decision, head, step, stub, trigger, unseen_crash, world_event
from flpcheck.report.runs.spacing import Point
from flpcheck.report.runs.timeline import OF_LINKS, arrives
from flpcheck.report.svg import element, width_of, words

if TYPE_CHECKING:
    from flpcheck.report.runs.spacetime import SpaceTime

SIZE = 10.0
WORLD_EVENT = "an event of the world, not of a process"


@dataclass(frozen=True)
class KeyEntry:
    """A sign, by name, and what it means."""

    sign: str
    meaning: str

    @property
    def width(self) -> float:
        """Its width, in pixels."""
        return 46 + width_of(self.meaning, SIZE)


@dataclass(frozen=True)
class DiagramKey:
    """The entries of a key, line by line."""

    lines: tuple[tuple[KeyEntry, ...], ...]

    def drawn(self, line: tuple[KeyEntry, ...], y: float) -> Iterator[str]:
        """Yield the signs of a line and their meanings."""
        x = 14.0
        for entry in line:
            yield _sign(entry.sign, x + 12, y)
            yield words(x + 30, y, entry.meaning, SIZE)
            x += entry.width


def key_of(diagram: SpaceTime, width: float) -> DiagramKey:
    """Return the key of a diagram, in lines that fit."""
    lines: list[list[KeyEntry]] = [[]]
    for entry in _entries(diagram):
        if lines[-1] and sum(one.width for one in lines[-1]) + entry.width > width - 20:
            lines.append([])
        lines[-1].append(entry)
    return DiagramKey(tuple(map(tuple, lines)))


def _entries(diagram: SpaceTime) -> Iterator[KeyEntry]:
    run, flights = diagram.run, diagram.run.flights
    kinds = {moment.kind for moment in run.moments}
    occurs = {
        "step": (any(kind in {"deliver", "gather"} for kind in kinds), "a step"),
        "open": (bool(kinds & {"start", "timeout"}), "a start or a timeout"),
        "round": (any(moment.living for moment in run.moments), "the end of a round"),
        "decides": (any(moment.decided or moment.decisions for moment in run.moments), "a decision"),
        "crash": ("crash" in kinds or any(moment.crashing for moment in run.moments), "a crash"),
        "blamed": (bool(diagram.blamed), "takes no further step: it has crashed unseen"),
        "trigger": (run.trigger is not None, f"trigger: {shorten(run.owed, 60)}"),
        "world": (any(not m.living and (m.process is None or m.kind in OF_LINKS) for m in run.moments), WORLD_EVENT),
        "arrow": (any(map(arrives, flights)), "a message, from its sending to its receipt"),
        "stub": (any(not arrives(f) and f.fate != "lost" for f in flights), "a message not received"),
        "lost": (any(flight.fate == "lost" for flight in flights), "a message lost"),
        "loop": (run.loop is not None, "repeats for ever"),
    }
    yield from (KeyEntry(sign, meaning) for sign, (there, meaning) in occurs.items() if there)


def _sign(sign: str, x: float, y: float) -> str:
    if sign in _SIGNS:
        return _SIGNS[sign]((x, y))
    if sign in {"stub", "lost"}:
        return stub((x - 14, y), 0, lost=sign == "lost")
    colour, dashes = (ARROW, None) if sign == "arrow" else (LOOP, "5 4")
    d = f"M{x - 12:.1f} {y:.1f}L{x + 8:.1f} {y:.1f}"
    line = element("path", d=d, fill="none", stroke=colour, stroke_width=1.3, stroke_dasharray=dashes)
    return line + (head((x, y), (x + 13, y)) if sign == "arrow" else "")


_SIGNS: dict[str, Callable[[Point], str]] = {
    "step": step,
    "round": step,
    "open": partial(step, hollow=True),
    "decides": decision,
    "crash": crash,
    "blamed": unseen_crash,
    "trigger": trigger,
    "world": world_event,
}
