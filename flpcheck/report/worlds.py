"""The comparison of worlds as a table, and as JSON objects."""

from __future__ import annotations

from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from flpcheck.authoring.property import Verdict
from flpcheck.report.as_json import as_json
from flpcheck.report.command import replay_command
from flpcheck.worlds import Row, columns

STYLES = {Verdict.HOLDS: "green", Verdict.VIOLATED: "bold red", Verdict.INCOMPLETE: "yellow"}


def table_of(rows: list[Row]) -> Group:
    """Return a table with a line for each world, and the replay command behind each failing cell."""
    claims = columns(rows)
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("world")
    table.add_column("configurations", justify="right")
    for claim in claims:
        table.add_column(claim.name, overflow="fold")
    table.add_column("FLP", overflow="fold")
    traces: list[Text] = []
    for row in rows:
        if row.examination is None:
            table.add_row(row.name, "-", *["-"] * len(claims), Text(row.because, style="dim"))
            continue
        graph, findings = row.examination.graph, row.examination.findings
        by_claim = {finding.claim: finding.verdict for finding in findings.findings}
        cells = [Text(by_claim[c].value, style=STYLES[by_claim[c]]) if c in by_claim else Text("-") for c in claims]
        cut = "" if graph.complete else "+"
        flp = ", ".join(findings.flp.verdicts) if findings.flp else "-"
        table.add_row(row.name, f"{len(graph):,}{cut}", *cells, flp)
        traces += _traces(row)
    return Group(table, Text(), *traces)


def _traces(row: Row) -> list[Text]:
    return [
        Text(f"{row.name}, {name}: {because}\n  {command}", overflow="fold") for name, because, command in _failing(row)
    ]


def _failing(row: Row) -> list[tuple[str, str, str]]:
    """Return the name, the reason and the replay command of each violated property that has a schedule."""
    found = []
    assert row.examination is not None
    for finding in row.examination.findings.findings:
        if finding.verdict is Verdict.VIOLATED and finding.schedule is not None:
            system = row.examination.graph.system
            command = replay_command(row.examination.setting, system, finding.schedule)
            found.append((finding.claim.name, finding.because, command))
    return found


def json_of(row: Row) -> dict[str, Any]:
    """Return a row as a JSON object: that of `explore`, with the name of the world and the replay commands."""
    if row.examination is None:
        return {"name": row.name, "world": row.world.as_json(), "fits": False, "because": row.because}
    replay = {name: command for name, _, command in _failing(row)}
    return {"name": row.name, "fits": True, **as_json(row.examination), "replay": replay}
