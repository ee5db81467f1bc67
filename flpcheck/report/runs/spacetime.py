"""Space-time diagrams: processes as lines, time downwards, messages as arrows from one step to another.

The form is that of Lamport (1978, figure 1), turned so that time runs downwards.  Every position is fixed
here; Graphviz only draws, so that SVG, PNG and PDF come out alike on any machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from flpcheck.analyse.finding import AbstractRun
from flpcheck.report.narrate import NO_SUCH_STEP
from flpcheck.report.palette import ALARM, LOOP, VALUES
from flpcheck.report.runs.flights import BEFORE, Flight, Moment, TracedRun
from flpcheck.report.runs.text import LETTER, at, beside, quoted

STEP = 42
"""Points between two steps."""
NARROW, WIDE = 120, 260
"""Points between two processes: at least, and at most."""
ROUND = 2
"""Factor applied to `STEP` for a round: all its messages cross in it."""
STUB = 26
LONG = 46
"""Maximum length of a label, in characters."""
LATER = "#5A6B7B"
UNSEEN = "shape=point, width=0.01, style=invis"
FONT = 'fontname="DejaVu Sans"'


@dataclass(frozen=True)
class SpaceTime:
    """A space-time diagram, to be written like any picture.

    Parameters
    ----------
    run
        The run that it shows.
    title
        Lines above it.
    """

    run: TracedRun
    title: tuple[str, ...] = ()
    name: str = "spacetime"
    coarser: None = None

    @property
    def dot(self) -> str:
        """The diagram in the DOT language, with every position pinned."""
        lines = [*self._lines_of_life(), *self._moments(), *self._flights(), *self._frame(), *self._remarks()]
        head = "digraph spacetime {\n  layout=neato; inputscale=72; splines=line; outputorder=edgesfirst; pad=0.3;"
        usual = f"  node [{FONT}, fontsize=11]; edge [{FONT}, fontsize=10];"
        return "\n".join([head, usual, *(f"  {line}" for line in lines), "}"]) + "\n"

    @cached_property
    def _side(self) -> float:
        """The position right of all that processes do."""
        last = self.run.processes[-1:]
        labels = [len(_text(moment)) for moment in self.run.moments if moment.process in last]
        return max(self._columns.values(), default=0.0) + max(NARROW, 30 + max(labels, default=0) * LETTER) + 60

    def _remarks(self) -> Iterator[str]:
        """Write the trigger, and the run that a refined protocol sees, beside the steps."""
        if self.run.trigger is not None:
            y = self._y(self.run.trigger)
            yield from beside("trigger", self._side, y, f"trigger: {self.run.owed}", ALARM)
        if self.run.beside is not None:
            yield from self._refined(self.run.beside, self._side)

    def _refined(self, run: AbstractRun, x: float) -> Iterator[str]:
        """Draw another line of life for the protocol that is refined, with the steps that it takes."""
        box = f"shape=box, style=dashed, height=0.3, label={quoted(run.name)}"
        yield f"hb [{at(x, 0)}, {box}];"
        yield f"eb [{at(x, self._y(len(run.steps) + 1))}, {UNSEEN}];"
        yield 'hb -> eb [arrowhead=none, style=dashed, color="#9AA5B1", penwidth=1.2];'
        for number, step in enumerate(run.steps, start=1):
            if step == "":
                continue
            wrong = f'shape=plaintext, label="✕", fontsize=20, fontcolor="{ALARM}", width=0.1, height=0.1, margin=0'
            look = wrong if step is None else 'shape=circle, label="", width=0.11, style=filled, fillcolor="white"'
            yield f"a{number} [{at(x, self._y(number))}, {look}];"
            text, colour = step or NO_SUCH_STEP, "#1F2933" if step else ALARM
            yield from beside(f"as{number}", x + 9, self._y(number), text, colour)

    @cached_property
    def _columns(self) -> dict[str, float]:
        """The position of each process's line; the labels between two lines fit."""
        places, x = {}, 0.0
        for process in self.run.processes:
            places[process] = x
            widest = max((len(_text(m)) for m in self.run.moments if m.process == process), default=0)
            x += min(max(NARROW, 30 + widest * LETTER), WIDE)
        return places

    def _y(self, number: float) -> float:
        return -STEP * number * (ROUND if any(m.living for m in self.run.moments) else 1)

    def _lives(self, process: str) -> Iterator[tuple[float, float]]:
        """Yield from when to when a process is up; in a round it crashes while it sends."""
        up: float | None = 0
        for moment in self.run.moments:
            mine = moment.kind if moment.process == process else ""
            if up is not None and (mine == "crash" or process in moment.crashing):
                yield up, moment.number - 0.75 * (process in moment.crashing)
                up = None
            elif mine == "recover":
                up = moment.number
        if up is not None:
            yield up, len(self.run.moments) + 1

    def _lines_of_life(self) -> Iterator[str]:
        for place, (process, x) in enumerate(self._columns.items()):
            box = f"shape=box, style=filled, fillcolor=white, height=0.3, label={quoted(process)}"
            yield f"h{place} [{at(x, 0)}, {box}];"
            for number, (up, down) in enumerate(self._lives(process)):
                begin, end = f"b{place}_{number}" if number else f"h{place}", f"e{place}_{number}"
                if number:
                    yield f"{begin} [{at(x, self._y(up))}, {UNSEEN}];"
                yield f"{end} [{at(x, self._y(down))}, {UNSEEN}];"
                yield f'{begin} -> {end} [arrowhead=none, color="#9AA5B1", penwidth=1.2];'

    def _moments(self) -> Iterator[str]:
        for moment in self.run.moments:
            if moment.living:
                yield from self._round(moment)
                continue
            x = self._columns.get(moment.process or "", -NARROW / 2)
            y = self._y(moment.number)
            yield f"m{moment.number} [{at(x, y)}, {_look(moment)}, tooltip={quoted(moment.title)}];"
            yield from beside(f"t{moment.number}", x + 9, y, _text(moment), _colour(moment))

    def _round(self, moment: Moment) -> Iterator[str]:
        """Draw a round: all that live through it are at its end at the same time."""
        y, decided = self._y(moment.number), dict(moment.decisions)
        left = min(self._columns.values()) - NARROW / 2 - 20
        yield from beside(f"t{moment.number}", left, y + 20, moment.title.partition(":")[0], "#1F2933")
        for process in moment.living:
            look = _look(replace(moment, decided=decided.get(process, "")))
            where = at(self._columns[process], y)
            yield f"{self._point(moment.number, process)} [{where}, {look}, tooltip={quoted(moment.title)}];"
            if process in decided:
                text, x = f"decides {decided[process]}", self._columns[process]
                yield from beside(f"d{moment.number}_{self._place(process)}", x + 9, y - 18, text, "#1F2933")
        for process in moment.crashing:
            where = at(self._columns[process], self._y(moment.number - 0.75))
            name, look = f"x{moment.number}_{self._place(process)}", _look(replace(moment, kind="crash"))
            yield f"{name} [{where}, {look}, tooltip={quoted(moment.title)}];"

    def _place(self, process: str) -> int:
        return list(self._columns).index(process)

    def _point(self, number: int, process: str) -> str:
        """Return the node of a step; a round has one at each process."""
        return f"m{number}_{self._place(process)}" if self.run.moments[number - 1].living else f"m{number}"

    def _flights(self) -> Iterator[str]:
        for number, flight in enumerate(self.run.flights):
            source = self._source(number, flight)
            yield from source.lines
            if flight.fate == "received" and flight.ended is not None:
                yield f"{source.name} -> {self._point(flight.ended, flight.receiver)} [{_arrow(flight)}];"
            else:
                yield from self._stub(number, flight, source.name)

    def _source(self, number: int, flight: Flight) -> _Source:
        world = flight.sent != BEFORE and self.run.moments[flight.sent - 1].process is None
        if flight.sent != BEFORE and not (world and not self.run.moments[flight.sent - 1].living):
            return _Source(self._point(flight.sent, flight.sender), ())
        x = self._columns.get(flight.sender, -NARROW / 2)
        y = -STEP / 2 if flight.sent == BEFORE else self._y(flight.sent)
        return _Source(f"b{number}", (f"b{number} [{at(x, y)}, shape=point, width=0.03];",))

    def _stub(self, number: int, flight: Flight, source: str) -> Iterator[str]:
        """Draw a message that does not arrive: a short dashed arrow towards its receiver, crossed out if it is lost."""
        x = self._columns.get(flight.sender, 0.0)
        towards = self._columns.get(flight.receiver, x)
        reach = STUB if towards > x else -STUB if towards < x else 0
        y = self._y(flight.sent if flight.sent != BEFORE else 0.5) - STUB * 0.7
        shape = 'shape=plaintext, label="✕", fontcolor="#C00000", width=0.1, height=0.1, margin=0'
        if flight.fate != "lost":
            shape = UNSEEN
        yield f"s{number} [{at(x + reach, y)}, {shape}];"
        yield f"{source} -> s{number} [{_arrow(flight)}];"

    def _frame(self) -> Iterator[str]:
        """Write the title, the beginning, the valences and the border of the loop."""
        left = min(self._columns.values(), default=0.0) - NARROW / 2 - 20
        above = STEP * (1 + 0.5 * len(self.title))
        for place, text in enumerate(self.title):
            size = 15 if place == 0 else 11
            yield from beside(f"title{place}", left, above - place * 20, text, "#1F2933", size)
        yield from beside("beginning", left, STEP * 0.75, self.run.beginning, LATER)
        for moment in self.run.moments:
            if moment.valence:
                where, mark = at(left + 10, self._y(moment.number)), quoted(f"[{moment.valence}]")
                yield f'v{moment.number} [{where}, shape=plaintext, label={mark}, fontcolor="{LATER}"];'
        if self.run.loop is not None:
            yield from self._loop(left, self.run.loop)

    def _loop(self, left: float, start: int) -> Iterator[str]:
        right = max(self._columns.values(), default=0.0) + NARROW
        after = 0.2 if any(m.living for m in self.run.moments) else 0.5  # what a round sends is sent where it begins
        for name, number in (("from", start + after), ("to", len(self.run.moments) + after)):
            y = self._y(number)
            yield f"l{name} [{at(left, y)}, {UNSEEN}];"
            yield f"r{name} [{at(right, y)}, {UNSEEN}];"
            yield f'l{name} -> r{name} [arrowhead=none, style=dashed, color="{LOOP}"];'
        yield f'rto -> rfrom [color="{LOOP}", penwidth=1.6];'
        middle = (self._y(start + 0.5) + self._y(len(self.run.moments) + 0.5)) / 2
        yield from beside("again", right + 6, middle, "for ever", LOOP)


@dataclass(frozen=True)
class _Source:
    """The node that a message's arrow starts from, and the lines that make it, if it is none of a step."""

    name: str
    lines: tuple[str, ...]


def _text(moment: Moment) -> str:
    label = moment.label if len(moment.label) <= LONG else moment.label[: LONG - 1] + "…"
    return f"{label} ⇒ decides {moment.decided}" if moment.decided else label


def _look(moment: Moment) -> str:
    if moment.kind == "crash":
        return f'shape=plaintext, label="✕", fontsize=20, fontcolor="{ALARM}", width=0.1, height=0.1, margin=0'
    if moment.decided:
        return f'shape=doublecircle, label="", width=0.13, style=filled, fillcolor="{VALUES[2]}"'
    fill = "white" if moment.kind in {"start", "timeout"} else "#1F2933"
    return f'shape=circle, label="", width=0.11, style=filled, fillcolor="{fill}"'


def _colour(moment: Moment) -> str:
    return ALARM if moment.kind in {"crash", "lose"} else "#1F2933"


def _arrow(flight: Flight) -> str:
    label = quoted(f"{flight.message} to {flight.receiver}: {flight.fate}")
    if flight.fate == "received":
        return f'color="#2F6DB5", arrowsize=0.7, edgetooltip={label}'
    colour = ALARM if flight.fate == "lost" else "#9AA5B1"
    return f'color="{colour}", style=dashed, arrowsize=0.5, edgetooltip={label}'
