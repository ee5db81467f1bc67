"""The pictures of findings: which one to draw, the standard set, and writing them to files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol, TypeAlias

import numpy as np

from flpcheck.analyse import Analysis, Finding, Judged, analyse
from flpcheck.budget import current_monitor, look
from flpcheck.errors import BadRequest, nearest
from flpcheck.explore.along import graph_along
from flpcheck.report.drawing import Drawing
from flpcheck.report.neighbourhood import around, neighbourhood, trace
from flpcheck.report.picture import full, whole_or_quotient
from flpcheck.report.quotient import quotient
from flpcheck.report.raster import drawable, from_svg
from flpcheck.report.render import FORMATS, SECONDS, RenderingFailed, RenderingTooSlow, possible, render_all
from flpcheck.report.runs.pictures import fate, spacetime
from flpcheck.report.runs.spacetime import SpaceTime
from flpcheck.report.wording import title


class Laid(Protocol):
    """A picture in the DOT language, which Graphviz lays out."""

    @property
    def dot(self) -> str:
        """The source."""

    @property
    def coarser(self) -> Callable[[], Laid] | None:
        """A simpler picture of the same, for when this one takes too long to lay out."""


Picture: TypeAlias = Laid | SpaceTime
"""Something that `write` can write; a space-time diagram draws itself."""


def picture(analysis: Analysis, view: str = "auto", claim: str | None = None) -> Picture:
    """Return a picture of findings: one of the graph, as `draw` does, or one of a run.

    Parameters
    ----------
    analysis
        The analysis of a graph.
    view
        As for `draw`; or `spacetime`: a schedule with processes as lines and messages as arrows; or `fate`: which
        decisions are open after each of its steps.
    claim
        The property whose schedule is drawn; the first one that is violated if None.
    """
    if view in _OF_RUNS:
        return _OF_RUNS[view](analysis, schedule_for(analysis, claim, view))
    return draw(analysis, view, claim)


def draw(analysis: Analysis, view: str = "auto", claim: str | None = None) -> Drawing:
    """Return a picture of findings.

    Parameters
    ----------
    analysis
        The analysis of a graph.
    view
        `full`: every configuration; `quotient`: classes of configurations that look alike; `auto`: whichever of these
        can be read; `trace`: the schedule of a counterexample; `neighbourhood`: that with what else could have
        happened, or what surrounds a critical configuration if nothing is violated.
    claim
        The property whose schedule is drawn; the first one that is violated if None.

    Raises
    ------
    BadRequest
        If there is no such view, or nothing to show in it.
    """
    if view not in VIEWS:
        raise BadRequest(f"no view {view!r}", why=nearest(view, VIEWS))
    if view in _OF_SCHEDULES:
        if view == "neighbourhood" and analysis.critical and _with_schedule(analysis, claim) is None:
            return around(analysis, analysis.critical[0], "critical")
        return _OF_SCHEDULES[view](analysis, schedule_for(analysis, claim, view))
    return _OF_GRAPHS[view](analysis)


_OF_GRAPHS: dict[str, Callable[[Analysis], Drawing]] = {"auto": whole_or_quotient, "full": full, "quotient": quotient}
_OF_SCHEDULES: dict[str, Callable[[Analysis, Finding], Drawing]] = {"trace": trace, "neighbourhood": neighbourhood}


_OF_RUNS: dict[str, Callable[[Analysis, Finding], Picture]] = {"spacetime": spacetime, "fate": fate}
MOMENT = 0.2
"""Time for a picture that is begun just before the run has to end, in seconds."""
VIEWS = (*_OF_GRAPHS, *_OF_SCHEDULES)


def schedule_for(analysis: Analysis, claim: str | None, view: str) -> Finding:
    """Return the finding of a property, or the first counterexample.

    Raises
    ------
    BadRequest
        If it has no schedule to show.
    """
    finding = _with_schedule(analysis, claim)
    if finding is None:
        raise _nothing_to_show(analysis, view)
    return finding


def _with_schedule(analysis: Analysis, claim: str | None) -> Finding | None:
    """Return the finding of a property, or the first counterexample; None if there is no schedule."""
    if claim is None:
        return next((finding for finding in analysis.findings if finding.is_counterexample), None)
    known = {finding.claim.name: finding for finding in analysis.findings}
    if claim not in known:
        raise BadRequest(f"no finding on a property {claim!r}", why=nearest(claim, known))
    return known[claim] if known[claim].schedule is not None else None


def _nothing_to_show(analysis: Analysis, view: str) -> BadRequest:
    shown = [finding.claim.name for finding in analysis.findings if finding.schedule is not None]
    why = f"schedules: {', '.join(shown)}" if shown else "no property has a counterexample or a witness"
    return BadRequest(f"no run to show as {view!r}", why=why, next_step="name one with --property, or draw the graph")


def standard_pictures(analysis: Analysis) -> dict[str, Drawing]:
    """Return the pictures that a report contains, by name.

    `graph`; `counterexample-NAME` for each violated property with a schedule; `critical` for the first critical
    configuration.
    """
    pictures = {"graph": draw(analysis)}
    for finding in analysis.findings:
        if finding.is_counterexample:
            pictures[f"counterexample-{finding.claim.name}"] = neighbourhood(analysis, finding)
    if analysis.critical:
        pictures["critical"] = around(analysis, analysis.critical[0], "critical")
    return pictures


def without_events(drawing: Picture) -> Picture:
    """Return a picture whose edges do not say what happens on them: smaller, for those who look at the whole."""
    return _quiet(drawing) if isinstance(drawing, Drawing) else drawing


def _quiet(drawing: Drawing) -> Drawing:
    coarser = drawing.coarser
    edges = tuple(replace(edge, labels=()) for edge in drawing.edges)
    return replace(drawing, edges=edges, coarser=None if coarser is None else lambda: _quiet(coarser()))


def way_pictures(judged: Judged) -> dict[str, Drawing]:
    """Return the pictures of counterexamples where no graph was kept, one for each."""
    shown = [finding for finding in judged.findings if finding.is_counterexample]
    return {f"counterexample-{finding.claim.name}": _along(judged, finding) for finding in shown}


def _along(judged: Judged, finding: Finding) -> Drawing:
    """Return the neighbourhood of a counterexample, read from the graph of what lies along it."""
    assert finding.schedule is not None
    graph, ids = graph_along(judged.graph.system, finding.schedule)
    shown = replace(finding, schedule=replace(finding.schedule, numbers=ids))
    everywhere = replace(graph, frontier=np.zeros_like(graph.frontier))  # no bound has left out what is not drawn
    drawing = neighbourhood(replace(analyse(graph, ()), findings=(shown,), graph=everywhere), shown)
    nodes = tuple(replace(node, tooltip=node.tooltip.partition("; ")[2]) for node in drawing.nodes)
    return replace(drawing, nodes=nodes, title=title(judged, drawing.title[-1]))


def run_pictures(judged: Judged) -> dict[str, Picture]:
    """Return the space-time diagram of every violated property with a schedule, by name."""
    shown = [finding for finding in judged.findings if finding.is_counterexample]
    return {f"spacetime-{finding.claim.name}": spacetime(judged, finding) for finding in shown}


def write(
    drawing: Picture, path: Path | str, formats: Sequence[str] = ("svg",), seconds: float = SECONDS
) -> list[Path]:
    """Write a picture to `path` with the suffix of each format, and return the files.

    Parameters
    ----------
    drawing
        What `draw` returned.
    path
        Without a suffix; folders are made.
    formats
        `dot`, `svg`, `png`, `pdf`.
    seconds
        How long laying it out may take; then a coarser picture is drawn, if there is one.

    Raises
    ------
    NoRenderer, RenderingFailed, RenderingTooSlow
        See `render_all`.  What needs no rendering is written before.
    OutOfBudget
        If the run has to end.
    """
    stem = Path(path)
    stem.parent.mkdir(parents=True, exist_ok=True)
    files = {form: stem.with_name(f"{stem.name}.{form}") for form in dict.fromkeys(formats)}
    pictures = from_svg(drawing.svg, files) if isinstance(drawing, SpaceTime) else _laid_out(drawing, files, seconds)
    for form, content in pictures.items():
        files[form].write_bytes(content)
    return list(files.values())


def source(drawing: Picture) -> str:
    """Return a picture as text: SVG of a space-time diagram, the DOT language otherwise."""
    return drawing.svg if isinstance(drawing, SpaceTime) else drawing.dot


def writable(drawing: Picture, formats: Sequence[str]) -> tuple[str, ...]:
    """Return the formats in which a picture can be written with what is installed."""
    return drawable(formats) if isinstance(drawing, SpaceTime) else possible(formats)


def _laid_out(drawing: Laid, files: dict[str, Path], seconds: float) -> dict[str, bytes]:
    """Return a picture in some formats, or a coarser one; its source is written before it is rendered."""
    for form in files:
        if form not in {"dot", *FORMATS}:
            raise BadRequest(f"no picture format {form!r}", why=nearest(form, ("dot", *FORMATS)))
    while True:
        if "dot" in files:
            files["dot"].write_text(drawing.dot, encoding="utf-8")
        look()
        try:
            return _rendered(drawing.dot, [form for form in files if form != "dot"], seconds)
        except RenderingTooSlow:
            if drawing.coarser is None:
                raise
            drawing = drawing.coarser()


def _rendered(dot: str, formats: list[str], seconds: float) -> dict[str, bytes]:
    """Render within what is left of the run; where that ends it, the run is out of budget."""
    try:
        return render_all(dot, formats, min(seconds, current_monitor().left() + MOMENT))
    except (RenderingTooSlow, RenderingFailed):  # Ctrl-C at a terminal ends Graphviz, too
        look()
        raise
