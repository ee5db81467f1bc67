"""Aldebaran's AUT, which CADP and mCRL2 read: `des (initial, transitions, states)`, then a line per transition.

The format has one initial state.  If there are several initial configurations a new state 0 leads to each of them by an
event `initial ...`, and all others move up by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from flpcheck.analyse import Analysis
from flpcheck.authoring.values import printable
from flpcheck.explore import StateGraph
from flpcheck.report.export.labels import labelled_edges


def write(analysis: Analysis, path: Path) -> list[Path]:
    """Write a graph as AUT.  Cost: one pass, nothing is kept in memory."""
    graph = analysis.graph
    roots = list(dict.fromkeys(graph.roots))
    extra = len(roots) > 1
    edges = len(graph.targets) + (len(roots) if extra else 0)
    with path.open("w", encoding="utf-8") as out:
        out.write(f"des ({0 if extra else roots[0]},{edges},{len(graph) + extra})\n")
        out.writelines(_lines(graph, roots if extra else []))
    return [path]


def _lines(graph: StateGraph, roots: list[int]) -> Iterator[str]:
    shift = 1 if roots else 0
    for root in roots:
        yield f'(0,"initial {root}",{root + shift})\n'
    for source, target, label, _ in labelled_edges(graph):
        yield f'({source + shift},"{_plain(label)}",{target + shift})\n'


def _plain(label: str) -> str:
    """Return a label without what would end it: the format knows no escapes.

    Examples
    --------
    >>> _plain('p0 receives "x"')
    "p0 receives 'x'"
    """
    return " ".join(printable(label).replace('"', "'").split())
