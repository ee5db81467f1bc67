"""The whole graph in plain DOT, for tools that lay out large graphs; pictures for people are `flpcheck graph`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from flpcheck.analyse import Analysis
from flpcheck.report.export.labels import labelled_edges, refuse_beyond
from flpcheck.report.palette import Palette
from flpcheck.report.runs.text import quoted

LIMIT = 1_000_000


def write(analysis: Analysis, path: Path) -> list[Path]:
    """Write a graph as DOT, a node per configuration, coloured by valence."""
    refuse_beyond(analysis.graph, LIMIT, "DOT")
    with path.open("w", encoding="utf-8") as out:
        out.write('digraph configurations {\n  node [style=filled, fontname="DejaVu Sans"];\n')
        out.writelines(_lines(analysis))
        out.write("}\n")
    return [path]


def _lines(analysis: Analysis) -> Iterator[str]:
    palette, roots = Palette(analysis.valence), set(analysis.graph.roots)
    for number in range(len(analysis.graph)):
        shape = ", penwidth=3" if number in roots else ""
        mark = quoted(analysis.valence.name(number))
        yield f'  {number} [label={mark}, fillcolor="{palette.fill(number)}"{shape}];\n'
    for source, target, label, _ in labelled_edges(analysis.graph):
        yield f"  {source} -> {target} [label={quoted(label)}];\n"
