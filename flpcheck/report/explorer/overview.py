"""The overview of a graph of any size: its classes of configurations that look alike, each opening its first member."""

from __future__ import annotations

from typing import Any

from flpcheck.budget import looking
from flpcheck.report.explorer.chunked_graph import ChunkedGraph
from flpcheck.report.explorer.ways import ReplayPath, way_to
from flpcheck.report.quotient import LEVELS, between, common, partition

CLASSES, ARROWS = 90, 160
"""Maximum number of classes, and of arrows between them, that can be read in a page that scrolls."""


def overview(chunked: ChunkedGraph) -> tuple[dict[str, Any], list[ReplayPath]]:
    """Return the classes of a graph as a page has them, and the ways to their first members.

    Cost: a few passes over the arrays.
    """
    analysis, graph = chunked.analysis, chunked.graph
    for by in LEVELS:
        classes = partition(analysis, by)
        arrows = between(analysis, classes)
        if len(classes.size) <= CLASSES and len(arrows.total) <= ARROWS:
            break
    ways = [way_to(graph, int(first)) for first in looking(classes.first, every=4)]
    nodes = [
        {
            "id": int(first),
            "way": str(way),
            "count": int(size),
            "valence": chunked.valence(int(first)),
            "depth": int(graph.depth[first]),
            "lines": common(analysis, classes.by, int(first)),
        }
        for first, size, way in zip(classes.first, classes.size, ways, strict=True)
    ]
    rows = zip(*(column.tolist() for column in arrows), strict=True)
    steps = [[source, target, total, int(total == world)] for source, target, total, world in rows if source != target]
    return {"by": list(classes.by), "nodes": nodes, "steps": steps}, ways
