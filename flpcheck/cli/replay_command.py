"""`flpcheck replay`: a schedule, event by event, by the reference semantics."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from flpcheck.cli.console import put
from flpcheck.cli.options import COUNT, PropertyName, quiet, setting_options, settle_options
from flpcheck.cli.topics import TopicalCommand, formats_option, search_option


@click.command("replay", cls=TopicalCommand)
@setting_options
@click.option(
    "--path",
    metavar="I:A.B.C",
    help="Initial configuration I, then its transition A, then transition B, ... (all from 0).",
)
@click.option(
    "--schedule",
    metavar="FILE",
    help="JSON: a list of events, or what `explore --format json` printed; - reads standard input.",
)
@click.option(
    "--property",
    type=PropertyName(),
    multiple=True,
    metavar="NAME",
    help="Property whose counterexample to use, if the JSON holds several.",
)
@search_option("--safety", is_flag=True, help="Set this for a schedule that was found with --safety.")
@click.option("--loop", type=COUNT, metavar="K", help="Read a lasso: the events after the K-th repeat for ever.")
@click.option(
    "--debug", type=click.IntRange(min=1), metavar="N",
    help="Stop inside the step function at step N, in Python's debugger.",
)  # fmt: skip
@formats_option(
    "--format", type=click.Choice(["text", "json", "mermaid", "itf", "shiviz"]), default="text", help="Output format."
)
def command(
    path: str | None,
    schedule: str | None,
    safety: bool,
    loop: int | None,
    debug: int | None,
    format: str,
    **options: Any,
) -> int:
    """Replay a schedule of SPEC and say after each event what has changed.

    Every counterexample is printed with the replay command that shows it again.  Add `--debug N` to it, and the step
    function stops at its first line, in Python's debugger, with the state and the event of step N.
    """
    from flpcheck.analyse import at_path, replay
    from flpcheck.errors import BadRequest

    if (path is None) == (schedule is None):
        raise BadRequest(
            "a replay needs either --path or --schedule", next_step="copy the command that explore printed"
        )
    claim = next(iter(options["property"]), None)
    request = settle_options({**options, "property": options["property"] if safety else ()})
    with quiet():
        whole = request.system
        system = _with_alphabet(request, whole.plain, keep=not safety)
        if path is not None:
            run = at_path(system, *parse_path(path))
        else:
            initial, events, loop = read_schedule(schedule or "-", claim)
            run = replay(system, initial, events, loop)
    if loop is not None:
        run = _looped(whole, run, loop)
    if debug is not None:
        _debug(system, run, debug)
    else:
        _show(system, run, format, request.spec.path)
    return 0


def _debug(system: Any, run: Any, number: int) -> None:
    from flpcheck.authoring.values import show
    from flpcheck.cli.console import say
    from flpcheck.cli.debugging import debug

    for answer in debug(system, run, number):
        say(f"step {number} has returned {show(answer)}")


def _with_alphabet(request: Any, system: Any, *, keep: bool) -> Any:
    """Return the system; where liars say what a search has heard, the search is done again, in the same mode."""
    from flpcheck.examine import examine
    from flpcheck.explore import explore

    if not system.listens:
        return system
    if keep:
        return explore(system, request.bounds, engine=request.engine, order=request.order).system
    return examine(request, keep=False).system.plain


def _looped(system: Any, run: Any, loop: int) -> Any:
    """Return a run that repeats for ever; modulo the reductions of its spec it must return to where it was."""
    from dataclasses import replace

    from flpcheck.errors import BadRequest
    from flpcheck.glossary import see

    inside = 0 <= loop < len(run)
    if not inside or len({system.representative(run.configurations[place]) for place in (loop, -1)}) > 1:
        what = f"the schedule does not return to the configuration after event {loop}"
        raise BadRequest(what, next_step=see("lasso"))
    return replace(run, loop=loop)


def parse_path(path: str) -> tuple[int, list[int]]:
    """Return the initial configuration and the positions of a path I:A.B.C."""
    from flpcheck.errors import BadRequest

    initial, colon, rest = path.partition(":")
    try:
        return int(initial), [int(step) for step in rest.split(".") if step] if colon else []
    except ValueError:
        raise BadRequest(f"{path!r} is not a path", next_step="write I:A.B.C, for instance 0:2.0.1") from None


def read_schedule(file: str, claim: str | None) -> tuple[int, list[dict[str, Any]], int | None]:
    """Return (initial, events, loop) from a list of events, or from a counterexample in the output of `explore`."""
    from flpcheck.errors import BadRequest

    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        data = json.loads(text)
    except (OSError, json.JSONDecodeError) as error:
        raise BadRequest(f"cannot read a schedule from {file!r}: {error}") from None
    if isinstance(data, list):
        return 0, data, None
    if "properties" in data:
        data = _counterexample(data["properties"], claim)
    if "schedule" not in data:
        raise BadRequest("the JSON has no schedule", next_step="give a list of events, or the output of explore")
    return data.get("initial", 0), data["schedule"], data.get("loop")


def _counterexample(properties: dict[str, Any], claim: str | None) -> dict[str, Any]:
    from flpcheck.errors import BadRequest, nearest

    shown: dict[str, dict[str, Any]] = {}
    for name, judged in properties.items():
        found = judged.get("counterexample") or judged.get("witness")
        if found:
            shown[name] = found
    if claim is None and shown:
        return next(iter(shown.values()))
    if claim is None or claim not in shown:
        what = f"no schedule for property {claim!r}" if claim else "no property has a schedule"
        raise BadRequest(what, why=nearest(claim or "", shown))
    return shown[claim]


def _show(system: Any, run: Any, form: str, source: str) -> None:
    from flpcheck.cli.console import results
    from flpcheck.report.as_json import json_text
    from flpcheck.report.contract import versioned
    from flpcheck.report.narrate import steps_of
    from flpcheck.report.summary import final, narration

    if form == "json":
        last = system.describe(run.configurations[-1])
        answer = {"initial": run.initial, "length": len(run), "loop": run.loop, "schedule": run.as_json(), "last": last}
        put(json_text(versioned(answer)))
        return
    if form != "text":
        put(_for_tools(system, run, form, source), nl=False)
        return
    console = results()
    for line in narration(steps_of(system, run), limit=None):
        console.print(line)
    console.print(final(system, run))


def _for_tools(system: Any, run: Any, form: str, source: str) -> str:
    from flpcheck.report.runs.formats import formatted_schedule

    return formatted_schedule(system, run, form, source)
