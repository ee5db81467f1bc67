"""A run that moves: a space-time diagram played as an animated SVG, as frames of a film, or as slides.

Time is counted in rows.  A row is seen from its time on and is pale before; a message travels along its arrow in
the step before it is received, otherwise half of a long run would be on its way at once.  A loop is played again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from html import escape

from flpcheck.report.runs.arrows import SHORT, Stroke, along
from flpcheck.report.runs.spacetime import SpaceTime
from flpcheck.report.runs.spacing import Point, flattened, path_of, shortened
from flpcheck.report.svg import document, element, width_of, words

SECONDS = 1.1
"""Duration of a step, in seconds."""
REST = 2
"""Time for which the end is shown before everything begins again, in steps."""
TURNS = 3
"""Number of times that a loop is played."""
PALE = 0.13
"""Opacity of what is still to come."""
MOVING = "#E8710A"
WIDE, HIGH = 1280, 720
"""A slide, in pixels."""


class Motion:
    """A diagram in time.

    Parameters
    ----------
    diagram
        The diagram.
    """

    def __init__(self, diagram: SpaceTime) -> None:
        self.diagram = diagram

    @cached_property
    def ticks(self) -> tuple[int, ...]:
        """The row that is reached at each point in time; the rows of a loop come `TURNS` times."""
        rows, loop = len(self.diagram.timeline), self.diagram.run.loop
        again = [] if loop is None else list(range(self.diagram.timeline.of(loop) + 1, rows)) * (TURNS - 1)
        return (*range(rows), *again)

    @property
    def length(self) -> int:
        """Duration of the whole, in steps."""
        return len(self.ticks) - 1 + REST

    @property
    def svg(self) -> str:
        """An SVG that plays by itself, also as an image; where the reader wants no motion it stands still, complete.

        Cost: as for the diagram, and one animation for each message and turn.
        """
        pieces = [element("g", mark.svg, class_=f"r{mark.since}") for mark in self.diagram.marks]
        travelling = [svg for mark in self.diagram.marks if mark.way for svg in self._travelling(mark)]
        style = element("style", escape(self._style(), quote=False))
        return self.diagram.around(*pieces, *travelling, head=style)

    def _style(self) -> str:
        rules = "".join(self._keyframes(row) for row in range(1, len(self.diagram.timeline)))
        moves = "".join(
            f".r{row}{{animation:r{row} {self.length * SECONDS:.1f}s infinite}}"
            for row in range(1, len(self.diagram.timeline))
        )
        still = "@media (prefers-reduced-motion:reduce){.moving{display:none}}"
        return f"@media (prefers-reduced-motion:no-preference){{{moves}}}{still}{rules}"

    def _keyframes(self, row: int) -> str:
        """Say when a row is seen: from each time on at which it is reached, until its loop begins again."""
        seen = [row <= tick for tick in self.ticks]
        steps = []
        for tick, (before, now) in enumerate(zip([not seen[0], *seen], seen, strict=False)):
            if before != now:
                at = 100 * tick / self.length
                steps += [f"{max(at - 0.01, 0):.2f}%{{opacity:{_opacity(seen=before)}}}"] if tick else []
                steps.append(f"{at:.2f}%{{opacity:{_opacity(seen=now)}}}")
        return f"@keyframes r{row}{{{''.join(steps)}100%{{opacity:1}}}}"

    def _travelling(self, mark: Stroke) -> Iterator[str]:
        """Yield a dot with the message above it for each time that the message is received."""
        whole = f"{self.length * SECONDS:.1f}s"
        for tick in (tick for tick, row in enumerate(self.ticks) if row == mark.since):
            begin, end = (tick - 1) / self.length, tick / self.length
            times = f"0;{begin:.4f};{end:.4f};1"
            timed = {"dur": whole, "repeatCount": "indefinite"}
            move = element(
                "animateMotion", **timed, calcMode="linear", keyPoints="0;0;1;1", keyTimes=times, path=path_of(mark.way)
            )
            show = element(
                "animate", **timed, attributeName="opacity", calcMode="discrete", values="0;1;0",
                keyTimes=f"0;{begin:.4f};{end:.4f}",
            )  # fmt: skip
            yield element("g", *_message((0.0, 0.0), mark.message), move, show, class_="moving", opacity=0)

    def frame(self, time: float) -> str:
        """Return the diagram at a point in time, counted in steps from 0 to `length`."""
        return self.diagram.around(*self._at(time))

    def frames(self, per_step: int = 6) -> Iterator[str]:
        """Yield the frames of a film; its last steps show the end."""
        for number in range(per_step * self.length):
            yield self.frame(number / per_step)

    def slides(self) -> Iterator[str]:
        """Yield a slide for the beginning and for every step, sixteen to nine, with what happens below."""
        for row in range(len(self.diagram.timeline)):
            if not self.diagram.timeline.of_crashes(row):
                yield self._slide(row)

    def _at(self, time: float) -> Iterator[str]:
        tick = min(int(time), len(self.ticks) - 1)
        for mark in self.diagram.marks:
            seen = mark.since <= self.ticks[tick]
            yield mark.svg if seen else element("g", mark.svg, opacity=PALE)
        following = self.ticks[tick + 1] if tick + 1 < len(self.ticks) else -1
        for mark in self.diagram.marks:
            if mark.way and mark.since == following:
                yield from _message(along(flattened(mark.way), time - tick), mark.message)

    def _slide(self, row: int) -> str:
        width, height = self.diagram.size
        scale = min((WIDE - 40) / width, (HIGH - 120) / height)
        across = (WIDE - scale * width) / 2
        marks = [mark.svg if mark.since <= row else element("g", mark.svg, opacity=PALE) for mark in self.diagram.marks]
        marks += [_received(mark) for mark in self.diagram.marks if mark.way and mark.since == row]
        moved = f"translate({across:.1f} 16) scale({scale:.3f})"
        picture = element("g", self.diagram.inside(*marks), transform=moved)
        moment = self.diagram.timeline.moments[row]
        said = f"{moment.number}. {moment.title}" if row else self.diagram.run.beginning or "the beginning"
        size = min(28.0, 28.0 * (WIDE - 80) / max(width_of(said, 28), 1))
        caption = words(WIDE / 2, HIGH - 50, said, size, text_anchor="middle")
        return document(WIDE, HIGH, picture, caption, label=said)


def _received(mark: Stroke) -> str:
    """Return the arrow of a message that is received just now, to be drawn over it."""
    return element("path", d=path_of(shortened(mark.way, SHORT)), fill="none", stroke=MOVING, stroke_width=2.4)


def _opacity(*, seen: bool) -> float:
    return 1 if seen else PALE


def _message(where: Point, text: str) -> Sequence[str]:
    """Return a message on its way: a dot, and what it says above."""
    x, y = where
    wide = width_of(text, 10) + 10
    pill = element("rect", x=x - wide / 2, y=y - 25, width=wide, height=16, rx=8, fill="white", stroke=MOVING)
    return element("circle", cx=x, cy=y, r=5, fill=MOVING), pill, words(x, y - 17, text, 10, text_anchor="middle")
