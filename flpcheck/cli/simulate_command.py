"""`flpcheck simulate`: random runs, for spaces that no search finishes."""

from __future__ import annotations

from typing import Any

import click

from flpcheck.cli.console import put
from flpcheck.cli.options import COUNT, exit_code, property_option, quiet, reproducible, run, setting_options
from flpcheck.cli.options import settle_options as settled
from flpcheck.cli.topics import TopicalCommand, formats_option, search_option

SOME = click.IntRange(min=1)


@click.command("simulate", cls=TopicalCommand)
@setting_options
@property_option
@click.option("--runs", type=SOME, default=1_000, show_default=True, metavar="N", help="Number of runs.")
@click.option("--seed", type=int, default=0, show_default=True, metavar="S", help="Other runs for another number.")
@click.option(
    "--max-length", type=SOME, default=200, show_default=True, metavar="N", help="Maximum number of events of a run."
)
@search_option("--run", "only", type=COUNT, metavar="I", help="Make only run I of this seed, to see it again.")
@search_option(
    "--until-covered", is_flag=True, help="Stop once every rule was taken and every kind of message received."
)
@formats_option("--format", common=True, type=click.Choice(["text", "json"]), default="text", help="Output format.")
def command(
    runs: int, seed: int, max_length: int, only: int | None, format: str, *, until_covered: bool, **options: Any
) -> int:  # fmt: skip
    """Make random runs of SPEC, and judge safety properties on what they reach; the first violation ends it.

    A violation is made short and replayed.  Without one, every verdict is INCOMPLETE: random runs prove nothing.
    The same seed gives the same runs.  Exit code 0: a violation that the instance expects; 1: another one; 3: none.
    """
    from flpcheck.simulate import RunPlan, simulate

    with run(options) as meter:
        request = settled(options)
        with quiet(), reproducible(request):
            simulation = simulate(request, RunPlan(runs, seed, max_length, only, until_covered), meter)
        meter.clear()
        _show(simulation, format)
        return exit_code(simulation.exit_code)


def _show(simulation: Any, form: str) -> None:
    from flpcheck.cli.console import results
    from flpcheck.report.as_json import json_text
    from flpcheck.report.as_json.simulation import simulation_as_json
    from flpcheck.report.simulation import simulation_report

    if form == "json":
        put(json_text(simulation_as_json(simulation)))
    else:
        results().print(simulation_report(simulation))
