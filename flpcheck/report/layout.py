"""How a drawing is laid out: which way it runs, so that it is no strip, and how hard Graphviz may try."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from flpcheck.report.drawing import Drawing, Edge

LETTER, LINE_HEIGHT = 0.075, 0.17
"""Inches that a letter and a line of small text take up, roughly."""
SCREEN = 1.5
"""The ratio of width to height that suits a screen."""
MANY = 400
"""From so many nodes and edges on Graphviz is told not to optimise for long."""


class Plan(NamedTuple):
    """What Graphviz is told about the layout.

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
    ranks = _ranks(drawing)
    length, breadth = len(ranks), max(ranks, default=1)
    label = max((len(text) for edge in drawing.edges for text in edge.labels), default=0) * LETTER
    lines = max((len(edge.labels) for edge in drawing.edges), default=0) * LINE_HEIGHT
    wide = max((len(t) for n in drawing.nodes for t in (*n.lines, *n.detail, *n.alarms)), default=4) * LETTER + 0.3
    tall = max((node.rows for node in drawing.nodes), default=1) * LINE_HEIGHT + 0.2
    sideways = length * (wide + label + 0.4), breadth * (max(tall, lines) + 0.25)
    downwards = breadth * (max(wide, label) + 0.3), length * (tall + lines + 0.4)
    direction = "LR" if _misfit(sideways) <= _misfit(downwards) else "TB"
    hard = len(drawing.nodes) + len(drawing.edges) > MANY
    limits = {"nslimit": "2", "nslimit1": "2", "mclimit": "0.5"} if hard else {}
    return Plan(direction, 0.35 if direction == "LR" else 0.3, 0.2, limits)


def _misfit(size: tuple[float, float]) -> float:
    """Return how badly a size in inches suits a screen: its larger side, in screens."""
    width, height = size
    return max(width / SCREEN, height)


def _ranks(drawing: Drawing) -> list[int]:
    """Return how many nodes are how far away from where the picture begins."""
    after: dict[str, list[Edge]] = {node.name: [] for node in drawing.nodes}
    entered = set()
    for edge in drawing.edges:
        after[edge.source].append(edge)
        if edge.source != edge.target:
            entered.add(edge.target)
    first = [n.name for n in drawing.nodes if n.start is not None or n.name not in entered] or list(after)[:1]
    rank = dict.fromkeys(first, 0)
    waiting = deque(first)
    while waiting:
        here = waiting.popleft()
        for edge in after[here]:
            if edge.target not in rank:
                rank[edge.target] = rank[here] + 1
                waiting.append(edge.target)
    counts = [0] * (max(rank.values(), default=0) + 1)
    for place in rank.values():
        counts[place] += 1
    return counts
