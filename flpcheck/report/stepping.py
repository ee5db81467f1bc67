"""Stepping through a state space in a terminal: where one is, what can happen next, and where that leads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from flpcheck.analyse import Schedule, at_path
from flpcheck.authoring.values import shorten
from flpcheck.report.explorer import Explorer
from flpcheck.report.explorer.chunked_graph import CRITICAL, DISAGREEING
from flpcheck.report.explorer.ways import ReplayPath
from flpcheck.report.narrate import steps_of
from flpcheck.system import Transition

STYLES = {"bivalent": "black on yellow", "none": "black on white", "unknown": "reverse"}
VALUES = ("black on cyan", "black on bright_red", "black on green", "black on magenta", "black on blue")
WIDE = 100


class PathCursor:
    """A path through a state space, with a cursor on it.

    Parameters
    ----------
    explorer
        What the page is made of, too.

    Attributes
    ----------
    initial, positions, numbers, cursor
        Which initial configuration, the steps taken, the configurations passed, and how many of the steps lie behind.
    """

    def __init__(self, explorer: Explorer) -> None:
        self.explorer = explorer
        self.chunked = explorer.chunked
        self.begin(0)

    def begin(self, initial: int) -> None:
        """Start over in an initial configuration."""
        self.initial = initial
        self.positions: list[int] = []
        self.numbers: list[int] = [int(self.chunked.graph.roots[initial])]
        self.cursor = 0

    @property
    def here(self) -> int:
        """The number of the current configuration."""
        return self.numbers[self.cursor]

    @property
    def way(self) -> ReplayPath:
        """The path up to the cursor."""
        return ReplayPath(self.initial, tuple(self.positions[: self.cursor]), tuple(self.numbers[: self.cursor + 1]))

    def steps(self) -> list[tuple[int, Transition]]:
        """Return the next steps, each with the number of the configuration that it leads to."""
        return self.chunked.steps(self.here, further=True)

    def take(self, position: int) -> bool:
        """Take a step; return whether there is one of that position.  What lay ahead is left, unless it is the same."""
        steps = self.steps()
        if not 0 <= position < len(steps):
            return False
        if self.positions[self.cursor : self.cursor + 1] != [position]:
            del self.positions[self.cursor :], self.numbers[self.cursor + 1 :]
            self.positions.append(position)
            self.numbers.append(steps[position][0])
        self.cursor += 1
        return True

    def go(self, place: int) -> None:
        """Move the cursor along the path."""
        self.cursor = max(0, min(place, len(self.positions)))

    def follow(self, way: ReplayPath) -> None:
        """Take another path."""
        self.initial, self.positions, self.numbers = way.initial, list(way.positions), list(way.numbers)
        self.cursor = len(self.positions)

    def schedule(self) -> Schedule:
        """Return the path up to the cursor, run by the reference semantics."""
        return at_path(self.chunked.graph.system, self.initial, self.positions[: self.cursor])

    def changes(self) -> Sequence[str]:
        """Return what the last step has changed, a line each."""
        return steps_of(self.chunked.graph.system, self.schedule())[-1].changes if self.cursor else ()

    def last(self) -> str:
        """Return the last step as a sentence, or how the run begins."""
        if self.cursor:
            return str(self.schedule().transitions[-1].event)
        return steps_of(self.chunked.graph.system, self.schedule())[0].title


def configuration_text(walk: PathCursor) -> Group:
    """Return the current configuration, what has changed, and the numbered next steps with their valence."""
    head = Text(f"\nstep {walk.cursor}: ", style="dim").append(shorten(walk.last(), WIDE), "bold").append("  ")
    parts: list[RenderableType] = [head.append_text(_tag(walk, walk.here))]
    parts += [Text(f"    {shorten(line, WIDE)}", style="green") for line in walk.changes()]
    parts += [Padding(_processes(walk), (1, 0, 1, 2)), _next(walk)]
    return Group(*parts)


def _tag(walk: PathCursor, number: int) -> Text:
    chunked = walk.chunked
    row = chunked.valences[chunked.valence(number)]
    style = VALUES[row["value"] % len(VALUES)] if row["kind"] == "value" else STYLES[row["kind"]]
    text = Text(f" {shorten(row['name'], 40)} ", style=style) if chunked.graph.deciding else Text("")
    flags = chunked.flags(number)
    for flag, words in ((CRITICAL, "critical"), (DISAGREEING, "two decisions")):
        text.append(f" {words}" if flags & flag else "", "bold red")
    return text


def _processes(walk: PathCursor) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    part_table, values = walk.chunked.part_table, walk.chunked.values
    for name, part in zip(part_table.names, part_table.numbers(walk.chunked.configuration(walk.here)), strict=True):
        row = part_table.table[part]
        state = Text(shorten(values.shown(row["s"], named=True), 2 * WIDE) if "s" in row else "")
        state.stylize("strike" if row.get("x") else "")
        mail = Text("\n".join(_letters(walk, row)), style="cyan")
        if "b" in row:
            state = Text(f"{row['b']} ", style="bold red").append_text(state)
        table.add_row(
            Text(shorten(name, 40), style="bold"),
            state,
            mail,
            Text(shorten(row.get("w", ""), WIDE), style="dim italic"),
        )
    return table


def _letters(walk: PathCursor, row: dict[str, Any]) -> Iterator[str]:
    for sender, message in row.get("m", ()):
        yield f"✉ {shorten(walk.chunked.values.shown(message), WIDE)} from {walk.chunked.part_table.names[sender]}"


def _next(walk: PathCursor) -> RenderableType:
    steps = walk.steps()
    if not steps:
        return Text("  nothing more can happen", style="dim")
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for place, (target, transition) in enumerate(steps, start=1):
        outcome = f" [{transition.outcome + 1}]" if transition.outcome else ""
        rule = shorten(transition.rule.name, 60) if transition.rule else ""
        what = Text(shorten(str(transition.event), WIDE) + outcome, style="dim" if transition.mover < 0 else "")
        table.add_row(
            Text(f"{place:>3}", style="bold"),
            what,
            Text(rule, style="cyan"),
            Text("→ ").append_text(_tag(walk, target)),
        )
    return table


def path_lines(walk: PathCursor) -> Iterator[Text]:
    """Yield the path, a line for each step, the cursor marked; what lies ahead of it is dim."""
    whole = at_path(walk.chunked.graph.system, walk.initial, walk.positions)
    titles = [steps_of(walk.chunked.graph.system, whole)[0].title, *(str(t.event) for t in whole.transitions)]
    for place, title in enumerate(titles):
        line = Text("→ " if place == walk.cursor else "  ").append(f"{place:>3}  {shorten(title, WIDE)}  ")
        line.stylize("dim" if place > walk.cursor else "")
        yield line.append_text(_tag(walk, walk.numbers[place]))
