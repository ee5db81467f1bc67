"""The whole state graph, drawn: for graphs that can be read."""

from __future__ import annotations

from functools import partial

from flpcheck.analyse import Analysis
from flpcheck.errors import BadRequest
from flpcheck.report.drawing import Drawing
from flpcheck.report.layout import fits
from flpcheck.report.legend import Legend
from flpcheck.report.quotient import quotient
from flpcheck.report.sketch import Sketch
from flpcheck.report.wording import counted, title

READABLE = 150
"""Maximum number of configurations that can be read in one picture."""
LIMIT = 400
"""Maximum number of configurations drawn one by one, even on request."""


def whole_or_quotient(analysis: Analysis) -> Drawing:
    """Return a picture of the whole graph if a person can read it, else its quotient."""
    if len(analysis.graph) > READABLE:
        return quotient(analysis)
    drawing = full(analysis)
    return drawing if fits(drawing) else quotient(analysis)


def full(analysis: Analysis) -> Drawing:
    """Return a picture with a node for every configuration.

    Raises
    ------
    BadRequest
        If there are too many.
    """
    graph = analysis.graph
    if len(graph) > LIMIT:
        raise BadRequest(
            f"a picture of {counted(len(graph), 'configuration')} would be unreadable",
            why=f"at most {LIMIT:,} are drawn one by one",
            next_step="draw the quotient, or the neighbourhood of a schedule; or set --max-depth",
        )
    sketch = Sketch(analysis)
    everything = range(len(graph))
    shown = "its valence: the decisions that can still be reached" if sketch.decides else "its number and its state"
    return Drawing(
        name="graph",
        title=title(analysis, f"every configuration, with {shown}"),
        nodes=tuple(sketch.node(number) for number in everything),
        edges=tuple(edge for number in everything for edge in sketch.edges(number, everything)),
        legend=Legend(sketch.palette),
        configurations=len(graph),
        coarser=partial(quotient, analysis),
    )
