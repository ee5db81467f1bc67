"""GraphML, which yEd, Gephi and networkx read: nodes with valence and depth, edges with labels."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flpcheck.analyse import Analysis
from flpcheck.authoring.values import printable
from flpcheck.report.export.labels import labelled_edges, refuse_beyond

if TYPE_CHECKING:
    import networkx

LIMIT = 200_000
"""Maximum number of transitions; more take networkx minutes and gigabytes."""


def write(analysis: Analysis, path: Path) -> list[Path]:
    """Write a graph as GraphML."""
    import networkx

    networkx.write_graphml(annotated(analysis), path, encoding="utf-8")
    return [path]


def annotated(analysis: Analysis) -> networkx.MultiDiGraph:
    """Return a graph as a networkx graph with plain attributes.

    Nodes carry `valence`, `depth`, `initial`, `critical`, `frontier`; edges carry `label` and `kind`.

    Raises
    ------
    BadRequest
        Beyond `LIMIT` transitions.
    """
    import networkx

    graph, roots, critical = analysis.graph, set(analysis.graph.roots), set(analysis.critical)
    refuse_beyond(graph, LIMIT, "GraphML and networkx")
    made = networkx.MultiDiGraph()
    for number in range(len(graph)):
        made.add_node(
            number, valence=printable(analysis.valence.name(number)),
            depth=int(graph.depth[number]), initial=number in roots,
            critical=number in critical, frontier=bool(graph.frontier[number]),
        )  # fmt: skip
    for source, target, label, kind in labelled_edges(graph):
        made.add_edge(source, target, label=printable(label), kind=kind)
    return made
