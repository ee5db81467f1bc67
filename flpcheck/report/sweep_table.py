"""A sweep as a table: the verdicts, the frontier, and a counterexample for each failing cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from flpcheck.report.as_json import error_as_json
from flpcheck.report.command import replay_command
from flpcheck.report.contract import versioned
from flpcheck.sweep import Cell


def table(cells: Sequence[Cell]) -> Table:
    """Return the cells of a sweep of one or two ranges as rows and columns, of more ranges as a list."""
    names = list(cells[0].at)
    made = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    if len(names) != 2:
        for heading in (*names, "verdict"):
            made.add_column(heading)
        for cell in cells:
            made.add_row(*cell.at.values(), _word(cell))
        return made
    row_name, column_name = names
    columns = list(dict.fromkeys(cell.at[column_name] for cell in cells))
    for heading in (row_name, *(f"{column_name}={value}" for value in columns)):
        made.add_column(heading)
    for value in dict.fromkeys(cell.at[row_name] for cell in cells):
        made.add_row(value, *(_word(cell) for cell in cells if cell.at[row_name] == value))
    return made


COLOURS = {"HOLDS": "green", "VIOLATED": "bold red", "INCOMPLETE": "yellow"}


def _word(cell: Cell) -> Text | str:
    if cell.vacuous:
        return "-"
    if cell.failure is not None:
        return Text("error", style="bold red")
    if cell.finding is None:
        return Text("no such world", style="dim")
    word = cell.finding.verdict.value
    return Text(word, style=COLOURS[word])


def failures(cells: Sequence[Cell]) -> Iterator[str]:
    """Yield why the property fails, for each cell where it does, with the command that replays it; or what is wrong."""
    for cell in cells:
        if cell.failure is not None:
            yield f"{_where(cell)}: {cell.failure.text}"
        if cell.finding is not None and cell.finding.is_counterexample:
            yield f"{_where(cell)}: {cell.finding.because or cell.finding.claim.statement}\n    {_command(cell)}"


def _where(cell: Cell) -> str:
    return ", ".join(f"{name}={value}" for name, value in cell.at.items())


def _command(cell: Cell) -> str:
    assert cell.examination is not None
    assert cell.finding is not None
    if cell.finding.schedule is None:
        return ""
    return replay_command(cell.examination.request, cell.examination.graph.system, cell.finding.schedule)


def cell_as_json(cell: Cell) -> dict[str, Any]:
    """Return a cell as a JSON object; the verdict is null where there is no such world."""
    error = None if cell.failure is None else error_as_json(cell.failure)
    described: dict[str, Any] = {"at": dict(cell.at), "impossible": cell.impossible or None, "error": error}
    keys = ("property", "verdict", "configurations", "because", "replay")
    if cell.finding is None or cell.examination is None:
        return versioned(described | dict.fromkeys(keys))
    replay = _command(cell) or None if cell.finding.is_counterexample else None
    found = (cell.finding.claim.name, cell.finding.verdict.value, len(cell.examination.graph), cell.finding.because)
    return versioned(described | dict(zip(keys, (*found, replay), strict=True)))
