"""The report on a log that was held against a spec: a run, or for each process where and why it is none."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from flpcheck.authoring.property import HOLDS, INCOMPLETE, VIOLATED
from flpcheck.conform.conformance import Conformance
from flpcheck.conform.stuck import Stuck
from flpcheck.report.summary import head_of, unexercised
from flpcheck.report.wording import counted
from flpcheck.settle import Request

STYLES = {HOLDS: "bold green", VIOLATED: "bold red", INCOMPLETE: "bold yellow"}


def conformance_report(request: Request, conformance: Conformance) -> Group:
    """Return the report on a log, to be printed with rich."""
    parts: list[RenderableType] = [head_of(request), _counts(conformance)]
    parts.append(Padding(Text(verdict_text(conformance), style=STYLES[conformance.verdict]), (0, 1)))
    for stuck in conformance.stuck:
        parts += [Padding(Text(line), (0, 1)) for line in stuck_lines(stuck)]
    parts += [Padding(Text(line, style="yellow"), (0, 1)) for line in remarks(conformance)]
    return Group(*parts)


def _counts(conformance: Conformance) -> Table:
    observations, plan = conformance.observations, conformance.plan
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim")
    table.add_column()
    table.add_row("log", f"{counted(observations.lines, 'line')}, {counted(len(observations.seens), 'observation')}")
    orders = {"file": "the lines are in order", "causal": "the lines of each process are in order"}
    table.add_row("order", orders[plan.interleaving])
    if plan.gap:
        table.add_row("unlogged", f"at most {counted(plan.gap, 'step')} of a process before each of its lines")
    table.add_row("exercised", conformance.coverage.sentence)
    return table


def verdict_text(conformance: Conformance) -> str:
    """Return the verdict in a sentence."""
    told, known = len(conformance.observations.seens), conformance.explanation.explained
    if conformance.verdict is HOLDS:
        more = f", with {counted(conformance.unlogged, 'unlogged step')}" if conformance.unlogged else ""
        return f"the log is a run of the spec{more}"
    far = f"{known:,} of {counted(told, 'observation')} explained"
    copies = "; it is one if the network may duplicate messages" if conformance.only_with_copies else ""
    if conformance.verdict is VIOLATED:
        return f"the log is NOT a run of the spec: {far}{copies}"
    limit = f"gave up after {counted(conformance.plan.limit, 'step')} (--max-steps)"
    return f"INCOMPLETE: {limit}; {far} by the best attempt{copies}"


def stuck_lines(stuck: Stuck) -> Iterator[str]:
    """Yield what is to be said of an observation that cannot be explained, line by line."""
    yield f"{stuck.seen.place}: {stuck.seen}"
    yield f"    {stuck.why}"
    yield f"    in the spec {stuck.process} is {stuck.state}"
    for candidate in stuck.candidates:
        yield f"    nearest: {candidate.what}" + ("" if candidate.mismatches else " (fits)")
        yield from (f"        {mismatch}" for mismatch in candidate.mismatches)


def remarks(conformance: Conformance) -> Iterator[str]:
    """Yield what the log leaves open: rules and messages without a line, fields that were not read."""
    if conformance.verdict is HOLDS:
        yield from unexercised(conformance.untaken, conformance.coverage.messages)
    unread = conformance.observations.fields.unread
    if unread:
        yield f"fields of the log that the mapping did not read: {', '.join(unread)}"
