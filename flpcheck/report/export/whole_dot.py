"""The whole graph in plain DOT, for tools that lay out large graphs; pictures for people are `flpcheck graph`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from flpcheck.analyse import Findings
from flpcheck.report.export.labels import labelled, refuse_beyond
from flpcheck.report.palette import Palette
from flpcheck.report.runs.text import quoted

LIMIT = 1_000_000


def write(findings: Findings, path: Path) -> list[Path]:
    """Write a graph as DOT, a node per configuration, coloured by valence."""
    refuse_beyond(findings.graph, LIMIT, "DOT")
    with path.open("w", encoding="utf-8") as out:
        out.write('digraph configurations {\n  node [style=filled, fontname="DejaVu Sans"];\n')
        out.writelines(_lines(findings))
        out.write("}\n")
    return [path]


def _lines(findings: Findings) -> Iterator[str]:
    palette, roots = Palette(findings.valence), set(findings.graph.roots)
    for number in range(len(findings.graph)):
        shape = ", penwidth=3" if number in roots else ""
        mark = quoted(findings.valence.name(number))
        yield f'  {number} [label={mark}, fillcolor="{palette.fill(number)}"{shape}];\n'
    for source, target, label, _ in labelled(findings.graph):
        yield f"  {source} -> {target} [label={quoted(label)}];\n"
