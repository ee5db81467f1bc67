"""Layout of a drawing: its direction, chosen to avoid a long strip, and the effort of Graphviz."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from flpcheck.report.drawing import Drawing, Edge, Node

LETTER, LINE_HEIGHT = 0.075, 0.17
"""Inches per letter and per line of small text, roughly."""
SCREEN = 1.5
"""The ratio of width to height that suits a screen."""
READABLE, LARGEST = 40, 60
"""Inches: what can be read in one piece, and what a picture is shrunk to, lest a PNG takes long to compress."""
MANY = 400
"""Maximum number of nodes and edges together that Graphviz optimises without limit."""


PageSize = tuple[float, float]


class Plan(NamedTuple):
    """Instructions to Graphviz about the layout.

    Parameters
    ----------
    direction
        `LR` or `TB`.
    rank_gap, node_gap
        Inches between ranks, and between the nodes of a rank.
    limits
        Attributes that bound the work.
    """

    direction: str
    rank_gap: float
    node_gap: float
    limits: dict[str, str]


def planned(drawing: Drawing) -> Plan:
    """Return the plan whose picture is closest to the shape of a screen, estimated from the sizes of the texts."""
    direction = drawing.direction or _direction(drawing)
    hard = len(drawing.nodes) + len(drawing.edges) > MANY
    limits = {"size": f"{LARGEST},{LARGEST}"}
    limits |= {"nslimit": "1", "nslimit1": "1", "mclimit": "0.3"} if hard else {}
    return Plan(direction, 0.35 if direction == "LR" else 0.3, 0.14 if direction == "LR" else 0.2, limits)


def fits(drawing: Drawing) -> bool:
    """Return whether a drawing can be read by scrolling a little: its larger side is no more than `READABLE`."""
    sideways, downwards = estimates(drawing)
    return max(sideways if _direction(drawing) == "LR" else downwards) <= READABLE


def _direction(drawing: Drawing) -> str:
    """Return the direction in which the picture suits a screen better."""
    sideways, downwards = estimates(drawing)
    return "LR" if _misfit(sideways) <= _misfit(downwards) else "TB"


def estimates(drawing: Drawing) -> tuple[PageSize, PageSize]:
    """Return the width and height in inches that a drawing may take up, in `LR` and in `TB`.

    Across the direction the nodes of a rank lie side by side, and so do the labels of the edges between two ranks.
    """
    rank = _ranks(drawing)
    places: dict[int, list[PageSize]] = {}  # two for each rank: its nodes, and the labels of the edges out of it
    for node in drawing.nodes:
        places.setdefault(2 * rank[node.name], []).append(_node_size(node))
    for edge in drawing.edges:
        places.setdefault(2 * rank[edge.source] + 1, []).append(_label_size(edge))
    widths = [[width for width, _ in sizes] for sizes in places.values()]
    heights = [[height for _, height in sizes] for sizes in places.values()]
    sideways = sum(map(max, widths)), max(map(sum, heights), default=0)
    downwards = max(map(sum, widths), default=0), sum(map(max, heights))
    return sideways, downwards


def _node_size(node: Node) -> PageSize:
    small = max((len(text) for text in (*node.lines, *node.detail, *node.alarms)), default=0) * LETTER
    return max(small, len(node.mark) * LETTER * 1.5, 0.4) + 0.4, node.rows * LINE_HEIGHT + 0.35


def _label_size(edge: Edge) -> PageSize:
    return max(map(len, edge.labels), default=0) * LETTER + 0.3, len(edge.labels) * LINE_HEIGHT + 0.1


def _misfit(size: PageSize) -> float:
    """Return how badly a size in inches suits a screen: its larger side, in screens."""
    width, height = size
    return max(width / SCREEN, height)


def _ranks(drawing: Drawing) -> dict[str, int]:
    """Return how far away each node is from where the picture begins."""
    after: dict[str, list[str]] = {node.name: [] for node in drawing.nodes}
    entered = set()
    for edge in drawing.edges:
        after[edge.source].append(edge.target)
        if edge.source != edge.target:
            entered.add(edge.target)
    first = [n.name for n in drawing.nodes if n.start is not None or n.name not in entered] or list(after)[:1]
    rank = dict.fromkeys(first, 0)
    waiting = deque(first)
    while waiting:
        here = waiting.popleft()
        for target in after[here]:
            if target not in rank:
                rank[target] = rank[here] + 1
                waiting.append(target)
    return {name: rank.get(name, 0) for name in after}
