"""`flpcheck sweep`: a property over ranges."""

from __future__ import annotations

from typing import Any

import click

from flpcheck.cli.console import put
from flpcheck.cli.options import Pair, PropertyName, exit_code, overrides_of, quiet, setting_options
from flpcheck.cli.topics import TopicalCommand


@click.command("sweep", cls=TopicalCommand)
@setting_options
@click.option(
    "--over", type=Pair(), multiple=True, required=True, metavar="NAME=RANGE",
    help="A parameter or an option of the world, and its values: n=1..5, detector=P,S, heals=on,off (may be repeated).",
)  # fmt: skip
@click.option(
    "--property",
    type=PropertyName(),
    metavar="NAME",
    default="termination",
    show_default=True,
    help="Property to judge.",
)
@click.option("--format", type=click.Choice(["text", "json"]), default="text", help="Output format.")
def command(over: tuple[tuple[str, str], ...], property: str, format: str, **options: Any) -> int:
    """Judge one property of SPEC for every combination of some ranges, and say from which values on it holds.

    Each cell in which it fails comes with the command that replays a counterexample.  Exit code 0 even if cells fail,
    since that is what a sweep looks for; 3 if a cell is inconclusive, 2 if one cannot be examined (the others are).
    """
    from flpcheck.cli.progress import Meter
    from flpcheck.exit_codes import gravest
    from flpcheck.explore.interrupts import deferred_interrupts
    from flpcheck.explore.overtime import Limited
    from flpcheck.spec import load
    from flpcheck.sweep import parse_range, sweep

    with quiet(), Limited(options["max_seconds"]):
        spec = load(options["spec"], {"protocol": options["protocol"]} if options["protocol"] else None)
    overrides = overrides_of({**options, "property": (property,)})
    with deferred_interrupts():
        with quiet(), Meter() as meter:
            cells = list(sweep(spec, overrides, {name: parse_range(text) for name, text in over}, meter))
        _show(spec.name, property, cells, format)
        return exit_code(gravest(cell.exit_code for cell in cells))


def _show(name: str, claim: str, cells: Any, format: str) -> None:
    from flpcheck.report.as_json import json_text

    if format == "json":
        from flpcheck.report.sweep_table import cell_as_json

        for cell in cells:
            put(json_text(cell_as_json(cell)))
    elif cells:  # not interrupted before the first
        _print(name, claim, cells)


def _print(name: str, claim: str, cells: Any) -> None:
    from flpcheck.cli.console import explain_terms, results
    from flpcheck.report.sweep_table import failures, table
    from flpcheck.sweep import frontier

    console = results()
    console.print(f"{name}: {claim}", style="bold")
    console.print(table(cells))
    for line in ("", *frontier(cells), "", *failures(cells)):
        console.print(line, soft_wrap=True, markup=False)
    explain_terms(console)
