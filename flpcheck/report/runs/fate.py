"""The fate of a run: which decisions are still open after each step, from both down to one, or to none.

The sets of decisions that can still be reached are ordered by inclusion (a Hasse diagram); valence only shrinks along a
run (Fischer, Lynch, Paterson 1985, section 3), so the run climbs down this order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flpcheck.analyse import Schedule, Valence
from flpcheck.report.palette import LOOP, NONE, Palette
from flpcheck.report.runs.flights import Moment, TracedRun
from flpcheck.report.runs.text import at, beside, quoted

ACROSS = 34
"""Points between two steps."""
DOWN = 62
"""Points between two levels."""


@dataclass(frozen=True)
class Fate:
    """The picture of how a run loses its open decisions.

    Parameters
    ----------
    run
        What it shows; its steps know their valence.
    numbers
        Ids of the configurations passed.
    valence
        Of all configurations.
    title
        Lines above it.
    """

    run: TracedRun
    numbers: tuple[int, ...]
    valence: Valence
    title: tuple[str, ...] = ()
    name: str = "fate"
    coarser: None = None

    @classmethod
    def of(cls, run: TracedRun, schedule: Schedule, valence: Valence, title: tuple[str, ...] = ()) -> Fate:
        """Return the picture of a schedule that was read from a graph."""
        return cls(run, schedule.numbers, valence, title)

    @property
    def levels(self) -> list[str]:
        """The valences that the run passes, the most open one first."""
        return _in_order([self.valence.name(number) for number in self.numbers])

    @property
    def turns(self) -> list[tuple[Moment, str, str]]:
        """The steps that change the valence: (step, before, after)."""
        names = [self.valence.name(number) for number in self.numbers]
        pairs = zip(self.run.moments, names, names[1:], strict=False)
        return [(moment, before, after) for moment, before, after in pairs if before != after]

    @property
    def dot(self) -> str:
        """The picture in the DOT language, with every position pinned."""
        lines = [*self._rows(), *self._points(), *self._steps(), *self._words()]
        head = "digraph fate {\n  layout=neato; inputscale=72; splines=line; bgcolor=white; pad=0.3;"
        usual = '  node [fontname="DejaVu Sans", fontsize=10]; edge [fontname="DejaVu Sans", fontsize=10];'
        return "\n".join([head, usual, *(f"  {line}" for line in lines), "}"]) + "\n"

    def _y(self, name: str) -> float:
        return -DOWN * self.levels.index(name)

    def _rows(self) -> Iterator[str]:
        right = ACROSS * len(self.run.moments)
        for place, name in enumerate(self.levels):
            y = -DOWN * place
            look = "shape=point, width=0.01, style=invis"
            yield f"a{place} [{at(-ACROSS, y)}, {look}]; z{place} [{at(right + ACROSS, y)}, {look}];"
            yield f'a{place} -> z{place} [arrowhead=none, color="#D6DCE2"];'
            yield from beside(
                f"level{place}", -ACROSS - 6.4 * len(_words_of(name)) - 12, y, _words_of(name), "#1F2933", 11
            )

    def _points(self) -> Iterator[str]:
        palette = Palette(self.valence)
        for step, number in enumerate(self.numbers):
            fill = palette.fill(number) if not self.valence.none[number] else NONE
            look = "fontsize=8, shape=circle, width=0.22, fixedsize=true, style=filled"
            label = f'label="{step}", {look}, fillcolor="{fill}"'
            yield f"c{step} [{at(ACROSS * step, self._y(self.valence.name(number)))}, {label}];"

    def _steps(self) -> Iterator[str]:
        for moment in self.run.moments:
            colour = LOOP if moment.loops else "#1F2933"
            tip = quoted(f"{moment.number}. {moment.title}")
            yield f'c{moment.number - 1} -> c{moment.number} [color="{colour}", arrowsize=0.6, edgetooltip={tip}];'

    def _words(self) -> Iterator[str]:
        for place, text in enumerate(self.title):
            yield from beside(f"title{place}", -ACROSS * 3, 70 - 20 * place, text, "#1F2933", 15 if place == 0 else 11)
        for moment in self.run.moments:
            if moment.decided:
                y = self._y(self.valence.name(self.numbers[moment.number]))
                says = f"{moment.process} decides {moment.decided}"
                yield from beside(f"decides{moment.number}", ACROSS * moment.number - 12, y + 20, says, "#1F2933", 8)
        for moment, before, after in self.turns:
            middle = (self._y(before) + self._y(after)) / 2
            says = f"{moment.number}. {moment.title}"
            yield from beside(f"turn{moment.number}", ACROSS * moment.number + 8, middle, says, "#1F2933")


def _in_order(names: Sequence[str]) -> list[str]:
    """Return the different valences, those with more open decisions first."""
    return sorted(dict.fromkeys(names), key=lambda name: (name == "none", -name.count("/"), name))


def _words_of(name: str) -> str:
    if name == "none":
        return "no decision"
    return f"{name} open" if "/" in name else f"{name}-valent"
