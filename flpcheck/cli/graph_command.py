"""`flpcheck graph`: one picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from flpcheck.cli.console import put, say
from flpcheck.cli.options import COUNT, exit_code, property_option, quiet, run, setting_options, settle_options
from flpcheck.cli.topics import TopicalCommand

SUFFIXES = {".dot", ".svg", ".png", ".pdf", ".html"}


@click.command("graph", cls=TopicalCommand)
@setting_options
@property_option
@click.option(
    "--view",
    type=click.Choice(["auto", "full", "quotient", "trace", "neighbourhood", "spacetime", "fate"]),
    default="auto",
    help="Draw everything (full), classes of configurations (quotient), or a counterexample: by itself (trace), with "
    "alternatives (neighbourhood), in space and time (spacetime), or by the decisions still open (fate).",
)
@click.option("--around", type=COUNT, metavar="N", help="Draw configuration N with its neighbours and a path to it.")
@click.option("--events/--no-events", default=True, help="Label edges with their events.")
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False),
    default="graph.svg",
    help="Write NAME.svg, .png, .pdf or .dot, or NAME.html for the explorer; - prints DOT.",
)
def command(view: str, around: int | None, output: str, *, events: bool, **options: Any) -> int:
    """Draw the state graph of SPEC, coloured and marked by valence.

    A graph that is too large to read is drawn as a quotient by depth, valence and decisions.
    """
    from flpcheck.budget import stage
    from flpcheck.errors import BadRequest
    from flpcheck.examine import examine
    from flpcheck.explore.interrupts import deferred_interrupts
    from flpcheck.report import neighbourhood, pictures

    suffix = Path(output).suffix
    if output != "-" and suffix not in SUFFIXES:
        raise BadRequest(
            f"unknown picture format: {output!r}",
            next_step="use a name ending in .svg, .png, .pdf, .dot or .html",
        )
    claim = options["property"][0] if options["property"] else None
    with run(options) as meter:
        request = settle_options(options).unfolded
        with deferred_interrupts():
            with quiet():
                examination = examine(request, meter)
            meter.clear()
            with stage("draw", "drawing"):
                if suffix == ".html":
                    return exit_code(_explorer(examination, output))
                if around is not None:
                    analysis = examination.analysis
                    drawing: pictures.Picture = neighbourhood.around(analysis, _existing(analysis, around))
                else:
                    drawing = pictures.picture(examination.analysis, view, claim)
                return exit_code(_drawn(drawing if events else pictures.without_events(drawing), output, suffix))


def _drawn(drawing: Any, output: str, suffix: str) -> int:
    from flpcheck.report import pictures

    if output == "-":
        put(drawing.dot)
        return 0
    for path in pictures.write(drawing, Path(output).with_suffix(""), (suffix[1:],)):
        say(f"wrote {path}", err=True)
    return 0


def _explorer(examination: Any, output: str) -> int:
    from flpcheck.report.explorer import explorer_page

    with quiet():
        page = explorer_page(examination)
    Path(output).write_text(page, encoding="utf-8")
    say(f"wrote {output}", err=True)
    return 0


def _existing(analysis: Any, number: int) -> int:
    from flpcheck.errors import BadRequest

    if not 0 <= number < len(analysis.graph):
        raise BadRequest(f"no configuration {number}", why=f"choose 0 to {len(analysis.graph) - 1}")
    return number
