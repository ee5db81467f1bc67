"""`flpcheck export`: the state graph, or one run of it, for other people's tools."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flpcheck.cli.console import put, say
from flpcheck.cli.options import exit_code, property_option, quiet, run, setting_options, settle_options
from flpcheck.cli.topics import TopicalCommand

if TYPE_CHECKING:
    from flpcheck.cli.progress import Meter

GRAPHS = ("aut", "graphml", "parquet", "dot")
RUNS = ("mermaid", "itf", "shiviz")


@click.command("export", cls=TopicalCommand)
@setting_options
@property_option
@click.option("--to", type=click.Choice([*GRAPHS, *RUNS]), required=True, help="Format, of the graph or of a run.")
@click.option("--output", "-o", metavar="PATH", help="File to write; without it, a run is printed.")
def command(to: str, output: str | None, **options: Any) -> int:
    """Write the state graph of SPEC (aut, graphml, parquet, dot), or a counterexample (mermaid, itf, shiviz).

    The run is that of the property given with --property, or of the first one that is violated.
    """
    from flpcheck.explore.interrupts import deferred_interrupts

    with run(options) as meter:
        request = settle_options(options).unfolded
        with deferred_interrupts():
            return exit_code(
                _exported(request, meter, to, output, options["property"][0] if options["property"] else None)
            )


def _exported(request: Any, meter: Meter, to: str, output: str | None, claim: str | None) -> int:
    from flpcheck.budget import stage
    from flpcheck.examine import examine

    with quiet():
        examination = examine(request, meter)
    meter.clear()
    with stage("draw", f"writing {to}"):
        if to in GRAPHS:
            return _graph(examination, to, output)
        text = run_as(examination, to, claim)
    if output is None or output == "-":
        put(text, nl=False)
    else:
        Path(output).write_text(text, encoding="utf-8")
        say(f"wrote {output}", err=True)
    return 0


def _graph(examination: Any, form: str, output: str | None) -> int:
    from flpcheck.report.export import write

    name = examination.request.spec.name
    for path in write(examination.analysis, output or (name if form == "parquet" else f"{name}.{form}"), form):
        say(f"wrote {path}", err=True)
    return 0


def run_as(examination: Any, form: str, claim: str | None) -> str:
    """Return the run of a finding in one of `RUNS`."""
    from flpcheck.report.pictures import schedule_for
    from flpcheck.report.runs.formats import formatted_schedule

    analysis = examination.analysis
    schedule = schedule_for(analysis, claim, form).schedule
    assert schedule is not None
    return formatted_schedule(analysis.graph.system, schedule, form, examination.request.spec.path, analysis.valence)
