"""`flpcheck graph`: one picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from flpcheck.cli.console import put, say
from flpcheck.cli.options import COUNT, exit_code, property_option, quiet, run, setting_options, settle_options
from flpcheck.cli.topics import TopicalCommand, files_option

SUFFIXES = {".dot", ".svg", ".png", ".pdf", ".html"}
FILMS = {".gif", ".apng", ".webp"}


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
@files_option(
    "--fastest",
    type=click.Choice(["decision", "all-decisions", "log"]),
    help="Draw, in space and time, the run without failures that gets there after the fewest message delays.",
)
@files_option("--animate", is_flag=True, help="With --view spacetime: write an SVG that plays the run.")
@files_option(
    "--slides",
    type=click.Path(file_okay=False),
    metavar="DIR",
    help="With --view spacetime: write a slide of the run for each step, as PNG, 16:9.",
)
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False),
    default="graph.svg",
    help="Write NAME.svg, .png, .pdf or .dot, or NAME.html for the explorer; with --view spacetime also .gif, .apng "
    "or .webp, which play the run; - prints DOT, or SVG for spacetime.",
)
def command(
    view: str,
    around: int | None,
    fastest: str | None,
    output: str,
    slides: str | None,
    *,
    animate: bool,
    events: bool,
    **options: Any,
) -> int:
    """Draw the state graph of SPEC, coloured and marked by valence.

    A graph that is too large to read is drawn as a quotient by depth, valence and decisions.
    """
    from flpcheck.budget import stage
    from flpcheck.errors import BadRequest
    from flpcheck.examine import examine
    from flpcheck.explore.interrupts import deferred_interrupts
    from flpcheck.report import neighbourhood, pictures

    suffix = Path(output).suffix
    if output != "-" and suffix not in SUFFIXES | FILMS:
        raise BadRequest(
            f"unknown picture format: {output!r}",
            next_step="use a name ending in .svg, .png, .pdf, .dot or .html; or .gif, .apng or .webp for a film",
        )
    if fastest and (view not in {"auto", "spacetime"} or around is not None):
        what = f"--fastest and {'--around' if around is not None else f'--view {view}'} cannot be combined"
        raise BadRequest(what, why="the fastest run is drawn in space and time", next_step="remove one of them")
    view = "spacetime" if fastest else view
    plays = animate or bool(slides) or suffix in FILMS
    if plays and (view != "spacetime" or around is not None):
        raise BadRequest("only a space-time diagram can be played", next_step="add --view spacetime, without --around")
    if animate and suffix != ".svg" and output != "-":
        raise BadRequest(f"--animate writes an SVG, and {output!r} is none", next_step="use a name ending in .svg")
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
                    drawing = _of_run(examination, fastest) if fastest else _picture(examination, view, claim)
                if plays:
                    return exit_code(_played(drawing, output, slides, animate=animate))
                return exit_code(_drawn(drawing if events else pictures.without_events(drawing), output, suffix))


def _of_run(examination: Any, goal: str) -> Any:
    from flpcheck.report.fastest_runs import finding_of
    from flpcheck.report.runs.pictures import spacetime

    return spacetime(examination.judged, finding_of(examination.delays, goal))


def _picture(examination: Any, view: str, claim: str | None) -> Any:
    from flpcheck.report import pictures

    return pictures.picture(examination.analysis, view, claim)


def _drawn(drawing: Any, output: str, suffix: str) -> int:
    from flpcheck.report import pictures

    if output == "-":
        put(pictures.source(drawing))
        return 0
    for path in pictures.write(drawing, Path(output).with_suffix(""), (suffix[1:],)):
        say(f"wrote {path}", err=True)
    return 0


def _played(diagram: Any, output: str, slides: str | None, *, animate: bool) -> int:
    from flpcheck.report import film
    from flpcheck.report.runs.motion import Motion

    motion = Motion(diagram)
    if slides:
        for path in film.write_slides(motion, Path(slides)):
            say(f"wrote {path}", err=True)
        return 0
    if animate:
        if output == "-":
            put(motion.svg)
            return 0
        Path(output).write_text(motion.svg, encoding="utf-8")
    else:
        film.write_film(motion, Path(output))
    say(f"wrote {output}", err=True)
    return 0


def _explorer(examination: Any, output: str) -> int:
    from flpcheck.report.explorer import explorer_page
    from flpcheck.toured import toured

    with quiet():
        page = explorer_page(examination, others=toured(examination.request))
    Path(output).write_text(page, encoding="utf-8")
    say(f"wrote {output}", err=True)
    return 0


def _existing(analysis: Any, number: int) -> int:
    from flpcheck.errors import BadRequest

    if not 0 <= number < len(analysis.graph):
        raise BadRequest(f"no configuration {number}", why=f"choose 0 to {len(analysis.graph) - 1}")
    return number
