"""`flpcheck trace`: whether what a real system has logged is a run of a spec."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from flpcheck.cli.console import put
from flpcheck.cli.options import COUNT, exit_code, quiet, run, setting_options
from flpcheck.cli.options import settle_options as settled
from flpcheck.cli.topics import TopicalCommand, formats_option, search_option

if TYPE_CHECKING:
    from flpcheck.conform.mapping import MappingFunction, Observations
    from flpcheck.settle import Request


@click.command("trace", cls=TopicalCommand)
@setting_options
@click.argument("logs", nargs=-1, required=True, metavar="LOG...")
@click.option(
    "--map", "map_file", type=click.Path(exists=True, dir_okay=False), metavar="FILE",
    help="Python file whose function `seen` tells what lines mean; without one, the spec's own, or lines of RunLog.",
)  # fmt: skip
@click.option(
    "--interleaving", type=click.Choice(["file", "causal"]), default="file", show_default=True,
    help="Whether all lines are in order, or only those of each process.",
)  # fmt: skip
@click.option(
    "--gap", type=COUNT, default=0, show_default=True, metavar="N",
    help="Maximum number of unlogged steps of a process before each of its lines.",
)  # fmt: skip
@search_option("--max-steps", type=click.IntRange(min=1), metavar="N", help="Maximum number of steps to try.")
@formats_option("--format", common=True, type=click.Choice(["text", "json"]), default="text", help="Output format.")
def command(
    logs: tuple[str, ...], map_file: str | None, interleaving: str, gap: int, max_steps: int | None, format: str,
    **options: Any,
) -> int:  # fmt: skip
    """Hold logs of a real system against SPEC: whether what they tell is a run of it.

    LOG is a file with a JSON object on each line, plain or compressed with gzip; - reads standard input.
    Exit code 0: it is a run; 1: it is none, and for each process the line says why; 3: the search gave up.
    """
    from flpcheck.conform.conformance import LogPlan, conform
    from flpcheck.conform.search import STEPS
    from flpcheck.explore.gc_pause import gc_paused

    with run(options) as meter:
        request = settled(options)
        with quiet(), gc_paused():
            observations = _observed(request, logs, map_file)
            conformance = conform(request.system.plain, observations, LogPlan(interleaving, gap, max_steps or STEPS))
        meter.clear()
        _show(request, conformance, format)
        return exit_code(conformance.exit_code)


def _observed(request: Request, logs: tuple[str, ...], map_file: str | None) -> Observations:
    from flpcheck.conform.lines import FieldsRead, read_logs
    from flpcheck.conform.machine import event_driven
    from flpcheck.conform.mapping import observe

    system, fields = event_driven(request.system.plain), FieldsRead()
    return observe(system, _mapping(request, map_file), read_logs(logs, fields), fields)


def _mapping(request: Request, map_file: str | None) -> MappingFunction:
    from flpcheck.conform.machine import event_driven
    from flpcheck.conform.mapping import NAME, mapping_in, written_by
    from flpcheck.spec import import_spec

    if map_file is not None:
        return mapping_in(import_spec(map_file), map_file)
    if hasattr(request.spec.module, NAME):
        return mapping_in(request.spec.module, request.spec.path)
    return written_by(event_driven(request.system.plain))


def _show(request: Request, conformance: Any, form: str) -> None:
    from flpcheck.cli.console import results
    from flpcheck.report.as_json import json_text
    from flpcheck.report.as_json.conformance import conformance_as_json
    from flpcheck.report.conformance import conformance_report

    if form == "json":
        put(json_text(conformance_as_json(request, conformance)))
    else:
        results().print(conformance_report(request, conformance))
