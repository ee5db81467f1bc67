"""`flpcheck worlds`: one protocol in every world that applies to it, in one table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from flpcheck.cli.console import put
from flpcheck.cli.options import exit_code, property_option, quiet, setting_options, settle_options
from flpcheck.cli.topics import TopicalCommand

SECONDS, CONFIGURATIONS = 20.0, 50_000


@click.command("worlds", cls=TopicalCommand)
@setting_options
@property_option
@click.option(
    "--format",
    type=click.Choice(["text", "json"]),
    default="text",
    help="Output format: a table, or one JSON object per line.",
)
def command(format: str, **options: Any) -> int:
    """Compare the properties of SPEC in the worlds that apply to it.

    Networks, partitions, crashes, recoveries, omissions and lies; timers, GST and failure detectors where its steps
    ask for them; for a protocol in rounds lock-step, Heard-Of and partially synchronous rounds.

    Each world is explored within bounds (50,000 configurations and 20 seconds without options); a verdict that a cut
    search leaves open is INCOMPLETE.  Each failing cell comes with a replay command.  Exit code 0, or 2 if some world
    could not be examined because of a mistake in SPEC.
    """
    from flpcheck.cli.console import explain_terms, results
    from flpcheck.exit_codes import gravest
    from flpcheck.explore import Bounds
    from flpcheck.explore.interrupts import deferred_interrupts
    from flpcheck.report.as_json import json_text
    from flpcheck.report.worlds import json_of, table_of
    from flpcheck.worlds import compare

    request = settle_options(options)
    most = options["max_configurations"]
    bounds = Bounds(
        configurations=CONFIGURATIONS if most is None else most or None,
        depth=options["max_depth"],
        seconds=options["max_seconds"] or SECONDS,
        memory=options["max_memory"],
    )
    with deferred_interrupts():
        with quiet():
            rows = _printed(compare(request, bounds)) if format == "text" else list(compare(request, bounds))
        if format == "text":
            console = results()
            console.print(table_of(rows))
            explain_terms(console)
        else:
            for row in rows:
                put(json_text(json_of(row)))
        return exit_code(gravest(row.failure.code for row in rows if row.failure is not None))


def _printed(rows: Iterable[Any]) -> list[Any]:
    """Return rows, shown as a growing table while a person waits at a terminal."""
    from rich.console import Console
    from rich.live import Live

    from flpcheck.report.worlds import table_of

    console, found = Console(stderr=True), list[Any]()
    if not console.is_terminal:
        return list(rows)
    with Live(console=console, transient=True, auto_refresh=False) as live:
        for row in rows:
            found.append(row)
            live.update(table_of(found), refresh=True)
    return found
