"""Space-time diagrams: processes as lines, time downwards, messages as arrows from one step to another.

The form is that of Lamport (1978, figure 1), turned so that time runs downwards.  One step stands in one row, what
happens in it is said beside the row, and `spacing` keeps arrows away from steps that they do not belong to.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from flpcheck.authoring.events import Pid
from flpcheck.authoring.values import shorten
from flpcheck.report.narrate import NO_SUCH_STEP
from flpcheck.report.palette import ALARM, LOOP
from flpcheck.report.runs.arrows import Arrows, Stroke
from flpcheck.report.runs.flights import Moment, TracedRun
from flpcheck.report.runs.key import key_of
from flpcheck.report.runs.signs import DECIDED, WORLD, crash, decision, head, step, trigger, unseen_crash, world_event
from flpcheck.report.runs.spacing import LEAST, Point, Spacing, Spot, spaced
from flpcheck.report.runs.timeline import OF_LINKS, Timeline
from flpcheck.report.svg import INK, Value, document, element, tooltip, width_of, words

LEFT = 104
"""Pixels before the first line: the numbers of the steps and their valence."""
COLUMN = 92
"""Least distance of two lines, in pixels."""
GUTTER = 340
"""Maximum width of what is said beside the rows, in pixels."""
SAID = 10.5
"""Size of what is said."""
NAME = 14
"""Maximum length of a name above its line, in characters."""
LINE_OF_LIFE = "#9AA5B1"


@dataclass(frozen=True)
class SpaceTime:
    """A space-time diagram, to be written like any picture.

    Parameters
    ----------
    run
        The run that it shows.
    title
        Lines above it.
    blamed
        Processes that crash although no step says so: each ends in a hollow cross.
    """

    run: TracedRun
    title: tuple[str, ...] = ()
    blamed: tuple[Pid, ...] = ()

    @property
    def svg(self) -> str:
        """The diagram; cost: rows times messages."""
        return self.around(*(mark.svg for mark in self.marks))

    def around(self, *pieces: str, head: str = "") -> str:
        """Return pieces of the diagram on its ground, with all that never changes."""
        return document(*self.size, self.inside(*pieces), head=head, label=" ".join(self.title) or "a run")

    def inside(self, *pieces: str) -> str:
        """Return pieces of the diagram with all that never changes, without the ground."""
        return "".join([*self._title(), *self._lines_of_life(), *pieces, *self._legend()])

    @cached_property
    def marks(self) -> tuple[Stroke, ...]:
        """All that happens, row by row: arrows first, so that nothing is hidden by them."""
        dots = [*self._beginning(), *self._beside()]
        dots += [mark for row in range(1, len(self.timeline)) for mark in self._row(row)]
        loop = [Stroke(len(self.timeline) - 1, svg) for svg in self._loop()]
        return (*self.arrows.drawn(), *self.arrows.stubs(), *loop, *dots)

    @cached_property
    def timeline(self) -> Timeline:
        """Which step stands in which row."""
        return Timeline(self.run)

    @cached_property
    def arrows(self) -> Arrows:
        """The messages."""
        return Arrows(self.run, self.timeline, self.spacing, self.top)

    @cached_property
    def spacing(self) -> Spacing:
        """The positions of the columns and rows; a round is higher, because all its messages cross in it."""
        wide = max([COLUMN, *(width_of(shorten(name, NAME), 12) + 18 for name in self.run.processes)])
        columns = [LEFT + wide * place for place in range(len(self.run.processes))]
        least = LEAST * (2 if self.timeline.in_rounds else 1)
        return spaced(columns, len(self.timeline) - 1, self.timeline.dots, self.timeline.arrows, least)

    @cached_property
    def top(self) -> float:
        """The y of row 0, in pixels."""
        return 24.0 + 17 * len(self._title_lines) + 30

    @cached_property
    def size(self) -> Point:
        """Width and height, in pixels."""
        return self._width, self._bottom + 26 + 20 * len(key_of(self, self._width).lines)

    @property
    def _right(self) -> float:
        return max(self.spacing.columns, default=LEFT)

    @property
    def _gutter(self) -> float:
        return self._right + (66 if self.run.loop is not None else 40)

    @cached_property
    def _width(self) -> float:
        return max(480.0, self._aside + GUTTER * 0.8 if self.run.beside else self._aside)

    @cached_property
    def _aside(self) -> float:
        """The x behind all that is said of the steps."""
        said = [min(GUTTER, width_of(moment.title, SAID) + 24) for moment in self.run.moments]
        return self._gutter + max(said, default=0)

    @property
    def _bottom(self) -> float:
        return self.top + self.spacing.rows[-1] + 30

    def at(self, spot: Spot) -> Point:
        """Return the position of a row and column in the picture."""
        x, y = self.spacing.at(spot)
        return x, y + self.top

    @cached_property
    def _title_lines(self) -> list[tuple[str, float]]:
        sized = [(text, 15.0 if place == 0 else 11.5) for place, text in enumerate(self.title)]
        sized += [(self.run.beginning, 11.0)] if self.run.beginning else []
        wide = self._width - 20
        return [(line, size) for text, size in sized for line in textwrap.wrap(text, int(wide / width_of("x", size)))]

    def _title(self) -> Iterator[str]:
        for place, (text, size) in enumerate(self._title_lines):
            yield words(12, 20 + 17 * place, text, size, font_weight="bold" if size > 12 else None)

    def _lines_of_life(self) -> Iterator[str]:
        for place, name in enumerate(self.run.processes):
            x, y = self.at((0, place))
            shown = shorten(name, NAME)
            wide = width_of(shown, 12) + 12
            yield element("rect", x=x - wide / 2, y=y - 26, width=wide, height=20, rx=3, fill="white", stroke=INK)
            yield words(x, y - 16, shown, 12, text_anchor="middle")
            for up, down, is_down in self.timeline.lives(name, self.blamed):
                begin = y - 6 if up == 0 else self.at((up, place))[1]
                end = self._bottom - 12 if down is None else self.at((down, place))[1]
                dashes = "2 4" if is_down else None
                yield element("line", x1=x, y1=begin, x2=x, y2=end, stroke=LINE_OF_LIFE, stroke_dasharray=dashes)
            if name in self.blamed:
                yield unseen_crash((x, self._bottom - 8))

    def _row(self, row: int) -> Iterator[Stroke]:
        moment = self.timeline.moments[row]
        crashes = self.timeline.of_crashes(row)
        pieces = [] if crashes else [*self._words(row, moment)]
        for place in self.timeline.places(row):
            pieces += self._dot(moment, self.at((row, place)), self.run.processes[place], crashes=crashes)
        if not moment.living and (moment.process is None or moment.kind in OF_LINKS):
            pieces.append(world_event((LEFT - 34, self.at((row, 0))[1])))
        yield Stroke(row, element("g", tooltip(f"{moment.number}. {moment.title}"), *pieces))

    def _beginning(self) -> Iterator[Stroke]:
        if self.run.trigger == 0:
            yield Stroke(0, trigger((9, self.at((0, 0))[1])))

    def _beside(self) -> Iterator[Stroke]:
        """Draw a line of life for a protocol that is refined, with the steps that it sees."""
        seen, x = self.run.beside, self._aside
        if seen is None:
            return
        yield Stroke(0, words(x, self.top - 16, f"{seen.name} sees", 12, font_weight="bold"))
        look: dict[str, Value] = {"stroke": LINE_OF_LIFE, "stroke_dasharray": "6 4"}
        yield Stroke(0, element("line", x1=x, y1=self.top - 4, x2=x, y2=self._bottom - 12, **look))
        for number, told in enumerate(seen.steps, start=1):
            if told != "":
                row = self.timeline.of(number)
                y, text = self.at((row, 0))[1], shorten(told or NO_SUCH_STEP, 38)
                sign = crash((x, y)) if told is None else step((x, y), hollow=True)
                yield Stroke(row, sign + words(x + 13, y, text, SAID, fill=INK if told else ALARM))

    def _words(self, row: int, moment: Moment) -> Iterator[str]:
        """Say what happens: the number and the valence before the lines, the sentence behind them."""
        y = self.at((row, 0))[1]
        yield words(24, y, str(moment.number), 10, text_anchor="end", fill=WORLD)
        if moment.number == self.run.trigger:
            yield trigger((9, y))
        if moment.valence:
            yield words(30, y, f"[{moment.valence}]", 9, fill=WORLD)
        lines = textwrap.wrap(moment.title, int((GUTTER - 16) / width_of("x", SAID))) or [""]
        if len(lines) > 2:
            lines = [lines[0], shorten(" ".join(lines[1:]), len(lines[0]))]
        colour = ALARM if moment.kind in {"crash", "lose"} else INK
        for place, line in enumerate(lines):
            yield words(self._gutter, y + 13 * (place - (len(lines) - 1) / 2), line, SAID, fill=colour)

    def _dot(self, moment: Moment, where: Point, process: Pid, *, crashes: bool) -> Iterator[str]:
        value = self.timeline.decided(moment, process)
        if crashes or moment.kind == "crash":
            yield crash(where)
        elif value:
            text, x, y = f"decides {shorten(value, 12)}", where[0] + 11, where[1] + 11
            yield decision(where)
            yield words(x, y, text, 9.5, fill="white", stroke="white", stroke_width=3)
            yield words(x, y, text, 9.5, fill=DECIDED, font_weight="bold")
        else:
            yield step(where, hollow=moment.kind in {"start", "timeout"})

    def _loop(self) -> Iterator[str]:
        """Close the loop: from below its last row back to below the row before its first."""
        if self.run.loop is None:
            return
        first, last = self.timeline.of(self.run.loop), len(self.timeline) - 1
        upper, lower, right = self.at((first, 0))[1] + 12, self.at((last, 0))[1] + 14, self._right + 40
        for y in (upper, lower):
            yield element("line", x1=LEFT - 18, y1=y, x2=right, y2=y, stroke=LOOP, stroke_dasharray="5 4")
        d = f"M{right:.1f} {lower:.1f}L{right:.1f} {upper + 7:.1f}"
        yield element("path", d=d, fill="none", stroke=LOOP, stroke_width=1.6)
        yield head((right, lower), (right, upper), LOOP)
        y = (upper + lower) / 2
        turned = f"rotate(-90 {right + 10:.1f} {y:.1f})"
        yield words(right + 10, y, "for ever", 10.5, fill=LOOP, text_anchor="middle", transform=turned)

    def _legend(self) -> Iterator[str]:
        key = key_of(self, self._width)
        for place, line in enumerate(key.lines):
            yield from key.drawn(line, self._bottom + 18 + 20 * place)
