"""The model of a picture, before any DOT is written: nodes, edges, a title, and a legend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from flpcheck.report.legend import Item, Legend


@dataclass(frozen=True)
class Node:
    """A configuration, or a class of configurations.

    Parameters
    ----------
    name
        Stable: it depends on what the node stands for only.
    mark
        The valence as text, `0/1`, `0`, `none`, `?`; empty for a node that is only a remark.
    fill
        The colour that says the same.
    lines
        Decisions, crashes and counts, as text.
    detail
        Further lines, left-justified: the parts of a configuration.
    alarms
        Properties violated here.
    critical, unexpanded, remark
        Whether it is critical, was left unexpanded by a bound, or stands for something that is not drawn.
    start
        For initial configurations: the inputs as text.
    on_path
        Whether the schedule that the picture is about passes it.
    tooltip
        Tooltip in a browser.
    """

    name: str
    mark: str = ""
    fill: str = "white"
    lines: tuple[str, ...] = ()
    detail: tuple[str, ...] = ()
    alarms: tuple[str, ...] = ()
    critical: bool = False
    unexpanded: bool = False
    remark: bool = False
    start: str | None = None
    on_path: bool = False
    tooltip: str = ""

    @property
    def rows(self) -> int:
        """Number of lines of text."""
        return 1 + len(self.lines) + len(self.detail) + len(self.alarms)


@dataclass(frozen=True)
class Edge:
    """All transitions from one node to another.

    Parameters
    ----------
    source, target
        Names of nodes.
    labels
        Their labels, one per line.
    world
        Whether all of them are events of the world.
    weight
        Number of transitions that it represents.
    on_path, in_loop
        Whether the schedule that the picture is about takes it, and takes it for ever.
    settles
        Whether the picture is about its settling the outcome.
    remark
        Whether it only leads to a remark.
    """

    source: str
    target: str
    labels: tuple[str, ...] = ()
    world: bool = False
    weight: int = 1
    on_path: bool = False
    in_loop: bool = False
    settles: bool = False
    remark: bool = False


@dataclass(frozen=True)
class Drawing:
    """A picture to be rendered.

    Parameters
    ----------
    name
        Its name in file names.
    title
        Lines above the picture, the first one larger.
    nodes, edges
        In the order in which they are written.
    legend
        The explanations for it.
    configurations
        Number of configurations that the nodes represent.
    coarser
        A simpler picture of the same, for when this one takes too long to lay out.
    direction
        `TB` or `LR`; None for whichever suits a screen.
    """

    name: str
    title: tuple[str, ...]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    legend: Legend = field(default_factory=Legend)
    configurations: int = 0
    coarser: Callable[[], Drawing] | None = None
    direction: str | None = None

    @property
    def dot(self) -> str:
        """The picture in the DOT language of Graphviz."""
        from flpcheck.report.dot import dot_source

        return dot_source(self)

    @property
    def explanations(self) -> tuple[Item, ...]:
        """The legend: an item for everything that occurs in the picture, and for nothing else."""
        return self.legend.items(self.nodes, self.edges)
