"""`flpcheck why`: one configuration, and why it is bivalent, univalent or blocked."""

from __future__ import annotations

from typing import Any

import click

from flpcheck.cli.console import put
from flpcheck.cli.options import (
    COUNT,
    PropertyName,
    exit_code,
    quiet,
    reproducible,
    run,
    setting_options,
    settle_options,
)
from flpcheck.cli.replay_command import parse_path, read_schedule
from flpcheck.cli.topics import TopicalCommand, formats_option

KINDS = ("critical", "bivalent", "univalent", "blocked", "disagreeing")


@click.command("why", cls=TopicalCommand)
@setting_options
@click.option("--first", type=click.Choice(KINDS), help="Choose the nearest configuration of this kind.")
@click.option(
    "--configuration", type=COUNT, metavar="N", help="Choose configuration N, as numbered in pictures and messages."
)
@click.option("--path", metavar="I:A.B.C", help="Choose the end of a path, in the form that `replay` takes.")
@click.option(
    "--schedule",
    metavar="FILE",
    help="Choose the end of a schedule, in the form that `replay` takes; - reads standard input.",
)
@click.option(
    "--property",
    type=PropertyName(),
    metavar="NAME",
    help="Property whose counterexample to use, if the JSON holds several.",
)
@formats_option("--format", type=click.Choice(["text", "json"]), default="text", help="Output format.")
def command(
    first: str | None,
    configuration: int | None,
    path: str | None,
    schedule: str | None,
    property: str | None,
    format: str,
    **options: Any,
) -> int:
    """Say why a configuration of SPEC is bivalent, univalent or blocked.

    Bivalent: a schedule to each value.  Univalent: the last step at which another value was lost.  Blocked: which
    process waits for which.  Without an option, the configuration is a critical one, or else a blocked one.
    """
    from flpcheck.analyse.theorem.why import why
    from flpcheck.budget import stage
    from flpcheck.errors import BadRequest
    from flpcheck.examine import examine
    from flpcheck.explore.interrupts import deferred_interrupts

    if sum(choice is not None for choice in (first, configuration, path, schedule)) > 1:
        raise BadRequest(
            "only one configuration can be chosen", next_step="use one of --first, --configuration, --path"
        )
    with run(options) as meter:
        request = settle_options(options).unfolded
        with deferred_interrupts():
            with quiet(), reproducible(request):
                examination = examine(request, meter)
                case = examination.analysis.case
                with stage("analyse", "explaining a configuration"):
                    if schedule is not None:
                        numbers = _along(case.graph, *read_schedule(schedule, property))
                    else:
                        numbers = _numbers(case, first, configuration, path)
                    found = why(case, numbers)
            meter.clear()
            _show(examination, found, format)
            return exit_code(0)


def _along(graph: Any, initial: int, events: list[dict[str, Any]], _: int | None) -> list[int]:
    """Return the ids along a schedule."""
    from flpcheck.analyse import replay
    from flpcheck.analyse.theorem.why import ids_of

    return ids_of(graph, replay(graph.system, initial, events))


def _numbers(case: Any, first: str | None, number: int | None, path: str | None) -> list[int]:
    """Return the ids on the way to the configuration that was asked for."""
    from flpcheck.analyse import at_path, path_ids
    from flpcheck.analyse.theorem import why
    from flpcheck.errors import BadRequest

    graph = case.graph
    if number is not None:
        if not 0 <= number < len(graph):
            raise BadRequest(f"no configuration {number}", why=f"choose 0 to {len(graph) - 1}")
        return path_ids(graph, [number])
    if path is not None:
        return why.ids_of(graph, at_path(graph.system, *parse_path(path)))
    return why.first(case, first) if first is not None else why.most_telling(case)


def _show(examination: Any, found: Any, form: str) -> None:
    from flpcheck.cli.console import results
    from flpcheck.report.as_json import json_text
    from flpcheck.report.as_json.theorem import why_as_json
    from flpcheck.report.contract import versioned
    from flpcheck.report.why import explanation

    if form == "json":
        put(json_text(versioned(why_as_json(found))))
    else:
        results().print(explanation(examination, found))
