"""The state graph: integer arrays, with configurations and labels decoded on demand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from flpcheck.budget import look, looking
from flpcheck.explore.bounds import Cut
from flpcheck.explore.deciders import deciding_in
from flpcheck.system import Configuration, Initial, System, Transition

if TYPE_CHECKING:
    import networkx


PIECE = 2**18
EACH, EACH_TRANSITION = 80, 4
"""Bytes per configuration and per transition at the peak of judging, without cycles of configurations."""
SECONDS, PACKED_SECONDS, TRANSITION_SECONDS = 1e-5, 1e-7, 1e-7
"""Processor seconds of judging per configuration, per packed configuration, and per transition."""

Ints = NDArray[np.int64]
Masks = NDArray[np.uint64]
Bools = NDArray[np.bool_]


def judging_bytes(configurations: int, transitions: int) -> int:
    """Return how many bytes it takes to judge a graph once it is there, so that a search leaves that much.

    Examples
    --------
    >>> judging_bytes(1_000_000, 5_000_000)
    100000000
    """
    return EACH * configurations + EACH_TRANSITION * transitions


def judging_seconds(configurations: int, transitions: int, *, packed: bool) -> float:
    """Return about how many processor seconds it takes to judge a graph, so that a search leaves that much.

    Examples
    --------
    >>> judging_seconds(1_000_000, 5_000_000, packed=True)
    0.6
    """
    return (PACKED_SECONDS if packed else SECONDS) * configurations + TRANSITION_SECONDS * transitions


class Marks(Protocol):
    """Bit masks of some configurations, one uint64 array each, by configuration."""

    @property
    def values(self) -> Masks:
        """Bit v: some process has decided value number v."""

    @property
    def decided(self) -> Masks:
        """Bit p: process p has decided."""

    @property
    def crashed(self) -> Masks:
        """Bit p: process p is faulty."""

    @property
    def live_values(self) -> Masks:
        """Bit v: some live, not faulty process has decided value number v."""


class MarkArrays(NamedTuple):
    """`Marks` of all configurations, one uint64 array each, by configuration id."""

    values: Masks
    decided: Masks
    crashed: Masks
    live_values: Masks


@runtime_checkable
class Marked(Protocol):
    """Configurations that know a faster way to their masks than one by one."""

    def marks(self) -> MarkArrays:
        """Return the bit masks of all configurations."""


class Edges(NamedTuple):
    """Some transitions, in the order of their sources and places."""

    sources: Ints
    targets: Ints
    movers: NDArray[np.int16]

    @classmethod
    def joined(cls, parts: Sequence[Edges]) -> Edges:
        """Return several runs of transitions as one."""
        if not parts:
            return cls(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int16))
        return cls(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


@dataclass(frozen=True, eq=False)
class StateGraph:
    """Everything that was reached: configurations by id, and the transitions between them.

    Parameters
    ----------
    system
        What was explored; it decodes configurations and regenerates labels.
    configurations
        By id; ids are in order of discovery, initial configurations first.
    initial
        The initial configurations with their inputs.
    roots
        Ids of the initial configurations, in the order of `initial`.
    offsets
        int64[n + 1]: the transitions out of configuration i are `offsets[i]:offsets[i + 1]`.
    targets
        int32[m]: where each transition leads.  Self-loops are not stored, parallel transitions are.
    movers
        int16[m]: index of the process that steps, -1 for a world event.
    parent, depth
        int32[n]: by whom a configuration was discovered (-1 for a root), and how many events away from a root.
    frontier
        bool[n]: left unexpanded by a bound.
    cut
        The bound that ended the search, None if it is complete.
    order
        `bfs` or `dfs`; only after `bfs` are depths distances.
    engine, seconds
        Which engine explored, and for how long.
    fallback
        Why the kernel could not do it, where it was wanted.
    """

    system: System
    configurations: Sequence[Configuration]
    initial: Sequence[Initial]
    roots: Sequence[int]
    offsets: Ints
    targets: NDArray[np.int32]
    movers: NDArray[np.int16]
    parent: NDArray[np.int32]
    depth: NDArray[np.int32]
    frontier: Bools
    cut: Cut | None
    order: str = "bfs"
    engine: str = "reference"
    seconds: float = 0.0
    fallback: str = ""
    _labels: dict[int, tuple[Transition, ...]] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        """Return the number of configurations."""
        return len(self.configurations)

    @property
    def complete(self) -> bool:
        """Whether everything reachable was expanded."""
        return self.cut is None

    @cached_property
    def sources(self) -> NDArray[np.int32]:
        """int32[m]: where each transition starts."""
        look(4 * (len(self) + len(self.targets)))
        return np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.offsets))

    @cached_property
    def edges(self) -> int:
        """The number of distinct ordered pairs (configuration, successor).

        Cost: a sort of the transitions, some configurations at a time, so that it needs little memory.
        """
        total = 0
        for sources, edges in self.pieces():
            pairs = sources.astype(np.int64) * len(self) + self.targets[edges]
            pairs.sort()
            total += int(np.count_nonzero(np.diff(pairs))) + (len(pairs) > 0)
        return total

    def pieces(self) -> Iterator[tuple[NDArray[np.int32], slice]]:
        """Yield the transitions, those of some configurations at a time, so that a pass over them needs little memory.

        Yields
        ------
        int32[k], slice
            Where each starts, and where they stand in `targets` and `movers`.  Before each piece there is a look.
        """
        borders = np.searchsorted(self.offsets, np.arange(0, len(self.targets) + PIECE, PIECE))
        for first, last in looking(pairwise(np.unique(borders.clip(0, len(self))).tolist()), every=1):
            sources = np.repeat(np.arange(first, last, dtype=np.int32), np.diff(self.offsets[first : last + 1]))
            yield sources, slice(*self.offsets[[first, last]].tolist())

    @cached_property
    def marks(self) -> MarkArrays:
        """The bit masks of all configurations.  Cost: one pass over the configurations."""
        if isinstance(self.configurations, Marked):
            return self.configurations.marks()
        rows = np.zeros((4, len(self)), dtype=np.uint64)
        for number, configuration in enumerate(looking(self.configurations, every=1024)):
            rows[:, number] = self.system.marks(configuration)
        return MarkArrays(*rows)

    @cached_property
    def deciding(self) -> int:
        """The registers that have a decision, made or not, by what is known before and what was reached, as bits."""
        return deciding_in(self.system, self.configurations, self.system.deciders)

    @property
    def deciders(self) -> int:
        """Who has to decide, as bits: those that have a decision and whose author does not say otherwise."""
        return self.deciding & ~self.system.abstaining

    def out(self, number: int) -> slice:
        """Return where the transitions of a configuration stand in `targets` and `movers`."""
        return slice(int(self.offsets[number]), int(self.offsets[number + 1]))

    def transitions(self, number: int) -> tuple[Transition, ...]:
        """Return the labelled transitions of an expanded configuration, in the order of its stored ones."""
        if number not in self._labels:
            self._labels[number] = tuple(self.system.transitions(self.configurations[number]))
        return self._labels[number]

    def to_networkx(self, numbers: Sequence[int]) -> networkx.MultiDiGraph:
        """Return the part of the graph on some configurations, for drawing and export; never the whole of a big one.

        Parameters
        ----------
        numbers
            Ids of the configurations.

        Returns
        -------
        networkx.MultiDiGraph
            Nodes are ids; edges carry `event` and `outcome`.
        """
        import networkx

        excerpt = networkx.MultiDiGraph()
        excerpt.add_nodes_from(numbers)
        for number in numbers:
            for target, label in zip(self.targets[self.out(number)], self._labels_of(number), strict=True):
                if int(target) in excerpt:
                    excerpt.add_edge(number, int(target), event=label.event, outcome=label.outcome)
        return excerpt

    def _labels_of(self, number: int) -> tuple[Transition, ...]:
        return () if self.frontier[number] else self.transitions(number)

    def describe(self, number: int) -> dict[str, Any]:
        """Return a configuration as text, part by part."""
        return self.system.describe(self.configurations[number])
