"""The comparison of worlds as a table, and as JSON objects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from flpcheck.analyse import Finding
from flpcheck.authoring.property import Property, Verdict
from flpcheck.examine import Examination
from flpcheck.report.as_json import as_json, error_as_json
from flpcheck.report.command import explore_command, replay_command
from flpcheck.report.contract import versioned
from flpcheck.report.summary import verbatim
from flpcheck.worlds import WorldResult, columns

STYLES = {Verdict.HOLDS: "green", Verdict.VIOLATED: "bold red", Verdict.INCOMPLETE: "yellow"}
KEY = "FAILS n: a counterexample has n events, or rounds; +: a bound cut the search, so verdicts may be open"


def table_of(rows: list[WorldResult]) -> Group:
    """Return a table with a line for each world, and the replay command behind each failing cell."""
    everywhere = [claim for claim in columns(rows) if all(_holds(row, claim) for row in rows)]
    claims = [claim for claim in columns(rows) if claim not in everywhere]
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("world", no_wrap=True)
    table.add_column("size", justify="right", no_wrap=True)
    for claim in claims:
        words = claim.name.replace("_", " ")
        table.add_column(words, min_width=max(map(len, words.split())))
    table.add_column("FLP", min_width=len("undecided"))
    for row in rows:
        if row.examination is not None:
            table.add_row(*_line(row.name, row.examination, claims))
        elif row.failure is not None:
            table.add_row(Text(row.name), Text("error", style="bold red"), *([Text("-")] * (len(claims) + 1)))
    names = ", ".join(claim.name.replace("_", " ") for claim in everywhere)
    rest = [Text(f"These hold in every world: {names}", style="green")] if everywhere else []
    unfit = [row for row in rows if row.examination is None and row.failure is None]
    misfits = [Text(f"{row.name}: {row.because}", style="dim") for row in unfit]
    misfits = [Text("These worlds do not apply:", style="dim"), *misfits, Text()] if misfits else []
    failures = [f"{row.name}: {row.failure.text}" for row in rows if row.failure is not None]
    lines = (line for text in failures for line in text.splitlines())
    broken = [Text(line, style="red", no_wrap=True, overflow="ignore") for line in lines]
    broken = [Text("These could not be examined:", style="bold red"), *broken, Text()] if broken else []
    traces = [text for row in rows if row.examination is not None for text in _traces(row)]
    return Group(table, *rest, Text(KEY, style="dim"), Text(), *misfits, *broken, *traces)


def _holds(row: WorldResult, claim: Property) -> bool:
    found = () if row.examination is None else row.examination.analysis.findings
    judged = all(finding.verdict is Verdict.HOLDS for finding in found if finding.claim == claim)
    return judged and claim not in row.vacuous


def _line(name: str, examination: Examination, claims: list[Property]) -> Iterator[Text]:
    graph, analysis = examination.graph, examination.analysis
    by_claim = {finding.claim: finding for finding in analysis.findings}
    yield Text(name)
    yield Text(f"{len(graph):,}{'' if graph.complete else '+'}")
    for claim in claims:
        yield _cell(by_claim[claim]) if claim in by_claim else Text("-")
    yield Text(", ".join(analysis.flp.verdicts).replace("_", " ") if analysis.flp else "-")


def _cell(finding: Finding) -> Text:
    verdict, length = finding.verdict, "" if finding.schedule is None else f" {len(finding.schedule)}"
    words = {Verdict.HOLDS: "holds", Verdict.VIOLATED: f"FAILS{length}", Verdict.INCOMPLETE: "open"}
    return Text(words[verdict], style=STYLES[verdict])


def _traces(row: WorldResult) -> list[Text]:
    told = ((Text(f"{row.name}, {name}: {because}"), *verbatim(command)) for name, because, command in failing(row))
    return [line for lines in told for line in lines]


def failing(row: WorldResult) -> list[tuple[str, str, str]]:
    """Return the name, the reason and a command that shows it, of each violated property that has a schedule.

    A schedule that goes on by changing nothing has no path to replay; then it is explored again.
    """
    found = []
    assert row.examination is not None
    for finding in row.examination.analysis.findings:
        if finding.verdict is Verdict.VIOLATED and finding.schedule is not None:
            system = row.examination.graph.system
            request = row.examination.request
            command = replay_command(request, system, finding.schedule)
            command = command or explore_command(request, "--property", finding.claim.name)
            found.append((finding.claim.name, finding.because, command))
    return found


def json_of(row: WorldResult) -> dict[str, Any]:
    """Return a row as a JSON object: that of `explore`, with the name of the world and the replay commands."""
    if row.examination is None:
        error = None if row.failure is None else error_as_json(row.failure)
        found = {"name": row.name, "world": row.world.as_json(), "fits": False, "because": row.because, "error": error}
        return versioned(found)
    replay = {name: command for name, _, command in failing(row)}
    return {"name": row.name, "fits": True, **as_json(row.examination), "replay": replay}
