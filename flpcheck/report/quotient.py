"""The quotient of a state graph: configurations that look alike are one node, so that large graphs can be read.

Alike are configurations of the same depth and valence in which as many processes have decided, the same values, and
as many have crashed.  Where that leaves too many classes, depth is given up first, then crashes, then decisions.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from flpcheck.analyse import Analysis
from flpcheck.analyse.sweep import popcount
from flpcheck.report.drawing import Drawing, Edge, Node
from flpcheck.report.legend import Legend
from flpcheck.report.palette import PLAIN
from flpcheck.report.sketch import Sketch, ending
from flpcheck.report.wording import counted, times, title

CLASSES, ARROWS = 80, 100
"""Maximum number of classes, and of pairs of classes with transitions between them, that can be read in one picture."""
LEVELS: tuple[tuple[str, ...], ...] = (
    ("depth", "valence", "decisions", "crashed"),
    ("depth", "valence", "decisions"),
    ("valence", "decisions", "crashed"),
    ("valence", "decisions"),
    ("valence",),
)
Ints = NDArray[np.int64]


class Classes(NamedTuple):
    """A partition of the configurations.

    Parameters
    ----------
    by
        The attributes that members of a class share.
    of
        int64[n]: the class of each configuration.
    first
        int64[k]: the lowest id in each class.
    size
        int64[k]: how many members each class has.
    """

    by: tuple[str, ...]
    of: Ints
    first: Ints
    size: Ints


class ClassEdges(NamedTuple):
    """The transitions between classes: source, target, how many, and how many of these are world events."""

    source: Ints
    target: Ints
    total: Ints
    world: Ints


def quotient(analysis: Analysis, level: int = 0) -> Drawing:
    """Return a picture with a node for every class of configurations, of the first level that can be read.

    Parameters
    ----------
    analysis
        The analysis of the graph.
    level
        The finest level to try, as a position in `LEVELS`.  Cost: a few passes over the arrays.
    """
    for place in range(level, len(LEVELS)):
        classes = partition(analysis, LEVELS[place])
        arrows = between(analysis, classes)
        if len(classes.size) <= CLASSES and len(arrows.total) <= ARROWS:
            break
    coarser = partial(quotient, analysis, place + 1) if place + 1 < len(LEVELS) else None
    return _drawn(analysis, classes, arrows, coarser)


def partition(analysis: Analysis, by: tuple[str, ...]) -> Classes:
    """Return the classes of configurations that have some features in common, in order of their first members."""
    features = _features(analysis)
    columns = np.stack([features[name] for name in by], axis=1)
    _, first, of, size = np.unique(columns, axis=0, return_index=True, return_inverse=True, return_counts=True)
    order = np.argsort(first, kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return Classes(by, rank[of.reshape(-1)], first[order], size[order])


def _features(analysis: Analysis) -> dict[str, Ints]:
    graph, valence, marks = analysis.graph, analysis.valence, analysis.graph.marks
    values = np.unique(marks.values, return_inverse=True)[1].reshape(-1)
    reach = np.unique(valence.low, return_inverse=True)[1].reshape(-1)
    return {
        "depth": graph.depth.astype(np.int64),
        "valence": reach * 2 + valence.open,
        "decisions": values.astype(np.int64) * 100 + popcount(marks.decided),
        "crashed": popcount(marks.crashed).astype(np.int64),
    }


def between(analysis: Analysis, classes: Classes) -> ClassEdges:
    """Return the transitions between classes, those inside a class included."""
    graph, k = analysis.graph, len(classes.size)
    pair = classes.of[graph.sources] * k + classes.of[graph.targets]
    pairs, where = np.unique(pair, return_inverse=True)
    count = np.bincount(where.reshape(-1), minlength=len(pairs))
    world = np.bincount(where.reshape(-1), weights=(graph.movers < 0), minlength=len(pairs)).astype(np.int64)
    return ClassEdges(pairs // k, pairs % k, count, world)


def _drawn(analysis: Analysis, classes: Classes, arrows: ClassEdges, coarser: Callable[[], Drawing] | None) -> Drawing:
    graph, sketch = analysis.graph, Sketch(analysis)
    rows = list(zip(*(column.tolist() for column in arrows), strict=True))
    inside = {source: total for source, target, total, _ in rows if source == target}
    tallies = Tallies.of(sketch, classes)
    nodes = tuple(_node(sketch, classes, tallies, place, inside.get(place, 0)) for place in range(len(classes.size)))
    edges = tuple(
        Edge(f"q{source}", f"q{target}", (times(total),), world=total == world, weight=total)
        for source, target, total, world in rows
        if source != target
    )
    shown = f"quotient by {', '.join(classes.by)}: {counted(len(nodes), 'node')}"
    what = f"{shown} stand{'s' if len(nodes) == 1 else ''} for {counted(len(graph), 'configuration')}"
    legend = Legend(sketch.palette, counts=True)
    return Drawing("graph", title(analysis, what), nodes, edges, legend, len(graph), coarser)


class Tallies(NamedTuple):
    """Counts of the special members of each class, and of what is violated in them."""

    critical: Ints
    disagreeing: Ints
    initial: Ints
    unexpanded: Ints
    endings: dict[int, tuple[str, ...]]

    @classmethod
    def of(cls, sketch: Sketch, classes: Classes) -> Tallies:
        """Return the tallies of a partition."""
        analysis, k = sketch.analysis, len(classes.size)
        groups = (
            np.flatnonzero(analysis.valence.critical),
            np.flatnonzero(analysis.valence.disagreeing),
            np.unique(np.array(list(analysis.graph.roots), dtype=np.int64)),
            np.flatnonzero(analysis.graph.frontier),
        )
        endings: dict[int, tuple[str, ...]] = {}
        for number, found in sketch.ends.items():
            place = int(classes.of[number])
            endings[place] = (*endings.get(place, ()), *map(ending, found))
        critical, disagreeing, initial, unexpanded = (np.bincount(classes.of[g], minlength=k) for g in groups)
        return cls(critical, disagreeing, initial, unexpanded, endings)


def _node(sketch: Sketch, classes: Classes, tallies: Tallies, place: int, inside: int) -> Node:
    first, size = int(classes.first[place]), counted(int(classes.size[place]), "configuration")
    critical, disagreeing, initial, unexpanded = (int(column[place]) for column in tallies[:4])
    lines = [size] if sketch.decides else []
    lines += common(sketch.analysis, classes.by, first)
    lines += [f"{critical:,} critical"] if critical else []
    lines += [f"{unexpanded:,} unexpanded"] if unexpanded else []
    lines += [f"{times(inside)} inside"] if inside else []
    alarms = tallies.endings.get(place, ())
    return Node(
        name=f"q{place}",
        mark=sketch.analysis.valence.name(first) if sketch.decides else size,
        fill=sketch.palette.fill(first) if sketch.decides else PLAIN,
        lines=tuple(lines),
        alarms=(*alarms, f"two decisions in {disagreeing:,}") if disagreeing else alarms,
        critical=bool(critical),
        unexpanded=bool(unexpanded),
        start=f"{initial} initial" if initial else None,
        tooltip="; ".join([size, *lines[1:]]),
    )


def common(analysis: Analysis, by: tuple[str, ...], member: int) -> list[str]:
    """Return what the members of a class have in common besides their valence."""
    marks, lines = analysis.graph.marks, []
    if "depth" in by:
        lines.append(f"depth {int(analysis.graph.depth[member])}")
    deciders = int(marks.decided[member]).bit_count()
    if "decisions" in by and deciders:
        mask = int(marks.values[member])
        values = [str(value) for bit, value in analysis.valence.ordered() if mask >> bit & 1]
        lines.append(f"{deciders} decided {' and '.join(values)}")
    crashed = int(marks.crashed[member]).bit_count()
    if "crashed" in by and crashed:
        world = analysis.graph.system.world
        lies = world.failures.misbehaving or (world.rounds is not None and world.rounds.faulty)
        lines.append(f"‡ {crashed} faulty" if lies else f"† {crashed} crashed")
    return lines
