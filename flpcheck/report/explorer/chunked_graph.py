"""A state graph in chunks: configurations with their next steps, by number, in a form that a page can read.

A chunk holds some configurations and whatever entries of the tables they need that the reader does not have yet; a page
in a file holds one chunk, a live page asks for more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flpcheck.analyse import Analysis
from flpcheck.authoring.tour import Story
from flpcheck.authoring.values import shorten
from flpcheck.budget import looking
from flpcheck.report.explorer.event_table import EventTable
from flpcheck.report.explorer.part_table import PartTable
from flpcheck.report.explorer.pictures import Pictures
from flpcheck.report.explorer.post_table import PostTable
from flpcheck.report.explorer.value_table import LONGEST, ValueTable
from flpcheck.system import EVERYBODY, Configuration, Transition

CRITICAL, DISAGREEING, UNEXPANDED, INITIAL, ELSEWHERE = 1, 2, 4, 8, 16
LOOKED_UP = 300_000
"""Maximum number of configurations for which a table of them is made; without it, what lies beyond a bound is not
recognised if known."""


@dataclass(frozen=True)
class Known:
    """Number of entries of each table that a reader has already."""

    values: int = 0
    kinds: int = 0
    parts: int = 0
    events: int = 0
    valences: int = 0
    pictures: int = 0
    posts: int = 0


class ChunkedGraph:
    """The configurations of a graph, and those that are found beyond its bounds, as chunks.

    Parameters
    ----------
    analysis
        The analysis of the graph.
    stories
        The stories about it.
    """

    def __init__(self, analysis: Analysis, stories: Sequence[Story] = ()) -> None:
        self.analysis = analysis
        self.graph = analysis.graph
        self.stories = stories
        self.values = ValueTable()
        self.part_table = PartTable(self.graph.system, self.values)
        self.event_table = EventTable(self.graph.system.names, self.values)
        self.pictures = Pictures(self.graph.system)
        self.post_table = PostTable(self.graph.system, self.values)
        self.valences: list[dict[str, Any]] = []
        self._valences: dict[tuple[int, bool], int] = {}
        self._roots = frozenset(self.graph.roots)
        self.in_rounds = bool((self.graph.movers == EVERYBODY).any())
        self._critical = frozenset(analysis.critical)
        self._beyond: list[tuple[Configuration, int]] = []
        self._ids: dict[Configuration, int] | None = None

    def __len__(self) -> int:
        """Return how many configurations have a number so far."""
        return len(self.graph) + len(self._beyond)

    def configuration(self, number: int) -> Configuration:
        """Return a configuration."""
        here = number - len(self.graph)
        return self._beyond[here][0] if here >= 0 else self.graph.configurations[number]

    def depth(self, number: int) -> int:
        """Return the least known number of events from an initial configuration to this one."""
        here = number - len(self.graph)
        return self._beyond[here][1] if here >= 0 else int(self.graph.depth[number])

    def steps(self, number: int, *, further: bool = False) -> list[tuple[int, Transition]]:
        """Return the transitions out of a configuration, each with the number of its successor.

        Parameters
        ----------
        number
            Of the configuration.
        further
            Whether to go beyond the bound that has left it unexpanded; otherwise it has none.
        """
        inside = number < len(self.graph) and not self.graph.frontier[number]
        if not inside and not further:
            return []
        found = list(self.graph.system.transitions(self.configuration(number)))
        if inside:
            return list(zip(self.graph.targets[self.graph.out(number)].tolist(), found, strict=True))
        return [(self._numbered(transition.successor, self.depth(number) + 1), transition) for transition in found]

    def _numbered(self, configuration: Configuration, depth: int) -> int:
        if self._ids is None:
            few = len(self.graph) <= LOOKED_UP
            self._ids = {c: number for number, c in enumerate(self.graph.configurations)} if few else {}
        if configuration not in self._ids:
            self._ids[configuration] = len(self)
            self._beyond.append((configuration, depth))
        return self._ids[configuration]

    def valence(self, number: int) -> int:
        """Return the number of a configuration's valence."""
        known = number < len(self.graph)
        valence = self.analysis.valence
        name = (int(valence.low[number]), bool(valence.open[number])) if known else (0, True)
        if name not in self._valences:
            self._valences[name] = len(self.valences)
            self.valences.append(self._valence(number) if known else {"name": "?", "kind": "unknown"})
        return self._valences[name]

    def _valence(self, number: int) -> dict[str, Any]:
        valence = self.analysis.valence
        kinds = {"bivalent": valence.bivalent, "value": valence.univalent, "none": valence.none}
        kind = next((name for name, column in kinds.items() if column[number]), "unknown")
        row: dict[str, Any] = {"name": shorten(valence.name(number), LONGEST), "kind": kind}
        if kind == "value":
            bits = [bit for bit, _ in valence.ordered()]
            row["value"] = bits.index(int(valence.low[number]).bit_length() - 1)
        return row

    def flags(self, number: int) -> int:
        """Return what is special about a configuration, as bits."""
        if number >= len(self.graph):
            return UNEXPANDED
        disagrees, unexpanded = self.analysis.valence.disagreeing[number], self.graph.frontier[number]
        return (
            CRITICAL * (number in self._critical)
            + DISAGREEING * bool(disagrees)
            + UNEXPANDED * bool(unexpanded)
            + INITIAL * (number in self._roots)
        )

    def reachable(self, number: int) -> frozenset[str]:
        """Return the decisions that can still be reached from a configuration, as text."""
        if number >= len(self.graph):
            return frozenset()
        low = int(self.analysis.valence.low[number])
        return frozenset(str(value) for bit, value in self.analysis.valence.ordered() if low >> bit & 1)

    def chunk(self, numbers: Iterable[int], known: Known | None = None, *, further: bool = False) -> dict[str, Any]:
        """Return some configurations with their next steps, and their successors without.

        Parameters
        ----------
        numbers
            Of the configurations, each once.
        known
            The entries that the reader has already.
        further
            Whether to go beyond the bounds of the search.  Cost: one call of `transitions` per configuration.
        """
        known = known or Known()
        wanted = list(numbers)
        out: list[list[int]] = []
        posts: list[list[int]] = []
        for number in looking(wanted, every=8):
            steps = self.steps(number, further=further)
            out.append([item for target, step in steps for item in (target, self.event_table.number(step))])
            if self.in_rounds:
                posts.append([self.post_table.number(self.configuration(number), step) for _, step in steps])
        have = set(wanted)
        edge = sorted({target for row in out for target in row[::2]} - have)
        everything = [*wanted, *edge]
        rows = {"ids": everything, "expanded": len(wanted), "out": out, **self._columns(everything, len(wanted))}
        if posts:
            rows["post"] = posts
        return {
            **rows,
            "values": self.values.table[known.values :],
            "kinds": self.values.kinds[known.kinds :],
            "parts": self.part_table.table[known.parts :],
            "events": self.event_table.table[known.events :],
            "valences": self.valences[known.valences :],
            "pictures": self.pictures.table[known.pictures :],
            "posts": self.post_table.table[known.posts :],
        }

    def _columns(self, numbers: Sequence[int], expanded: int) -> dict[str, Any]:
        configurations = [self.configuration(number) for number in looking(numbers, every=8)]
        flags = [self.flags(number) + ELSEWHERE * (place >= expanded) for place, number in enumerate(numbers)]
        columns: dict[str, Any] = {
            "of": [part for c in configurations for part in self.part_table.numbers(c)],
            "valence": [self.valence(number) for number in numbers],
            "flags": flags,
            "depth": [self.depth(number) for number in numbers],
        }
        if self.pictures.drawn:
            columns["picture"] = [self.pictures.number(c) for c in looking(configurations, every=8)]
        if self.stories:
            views = [self.graph.system.view(c) for c in looking(configurations, every=8)]
            columns["gauges"] = [[g.count(v) for v in views] for story in self.stories for g in story.gauges]
            columns["scenes"] = [
                [self._scene(story, view, number) for view, number in zip(views, numbers, strict=True)]
                for story in self.stories
            ]
        return columns

    def _scene(self, story: Story, view: Any, number: int) -> int:
        if story.scene is None:
            return -1
        names = [scene.name for scene in story.scenes]
        return names.index(story.scene(view, self.reachable(number)))
