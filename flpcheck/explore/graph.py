"""The state graph: integer arrays, with configurations and labels decoded on demand."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from flpcheck.budget import look, looking
from flpcheck.explore.bounds import Cut
from flpcheck.explore.deciders import deciding_in
from flpcheck.stops import StopReason
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


class BatchMarks(Protocol):
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
    """`BatchMarks` of all configurations, one uint64 array each, by configuration id."""

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


@dataclass(frozen=True, eq=False, kw_only=True)
class Reached(ABC):
    """The configurations that a search has found, by id, and what it has kept of the paths to them.

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
    cut
        The bound that ended the search, None if it is complete; `FIRST_VIOLATION` if its watcher had seen enough.
    order
        `bfs` or `dfs`; only after `bfs` are there levels.
    engine, seconds
        Which engine explored, and for how long.
    fallback
        Why the kernel could not do it, where it was wanted.
    """

    system: System
    configurations: Sequence[Configuration]
    initial: Sequence[Initial]
    roots: Sequence[int]
    cut: Cut | None
    order: str = "bfs"
    engine: str = "reference"
    seconds: float = 0.0
    fallback: str = ""

    def __len__(self) -> int:
        """Return the number of configurations."""
        return len(self.configurations)

    @property
    def complete(self) -> bool:
        """Whether everything reachable was expanded."""
        return self.cut is None

    @property
    def confined(self) -> bool:
        """Whether nothing was left unexpanded but what lies outside the author's constraint."""
        return self.cut is not None and self.cut.bound is StopReason.CONSTRAINT

    @property
    @abstractmethod
    def steps(self) -> int:
        """Number of transitions."""

    @property
    @abstractmethod
    def farthest(self) -> int:
        """Greatest distance of a configuration from the initial ones, in events."""

    @abstractmethod
    def levels_of(self, ids: Ints) -> Ints:
        """Return the level of each of some configurations: its distance in events from the initial ones."""

    @abstractmethod
    def edges_into(self, level: int, ids: Ints) -> Edges:
        """Return the transitions from a level to some configurations of the next one."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Levels(Reached):
    """The result of a search that kept no transitions: they are recomputed, one level at a time.

    Parameters
    ----------
    levels
        Where each level starts, and where the last one ends.
    made
        Number of transitions.
    made_again
        `made_again(level, ids)`: what `edges_into` returns.
    """

    levels: Sequence[int]
    made: int
    made_again: Callable[[int, Ints], Edges]

    @property
    def steps(self) -> int:
        """Number of transitions."""
        return self.made

    @property
    def farthest(self) -> int:
        """Greatest distance of a configuration from the initial ones, in events."""
        return len(self.levels) - 2

    def levels_of(self, ids: Ints) -> Ints:
        """Return the level of each of some configurations: its distance in events from the initial ones."""
        return np.searchsorted(self.levels, ids, side="right") - 1

    def edges_into(self, level: int, ids: Ints) -> Edges:
        """Return the transitions from a level to some configurations of the next one.

        Cost: all transitions of the level are made again.
        """
        return self.made_again(level, ids)


@dataclass(frozen=True, eq=False, kw_only=True)
class StateGraph(Reached):
    """Everything that was reached: configurations by id, and the transitions between them.

    Parameters
    ----------
    offsets
        int64[n + 1]: the transitions out of configuration i are `offsets[i]:offsets[i + 1]`.
    targets
        int32[m]: where each transition leads.  Self-loops are not stored, parallel transitions are.
    movers
        int16[m]: index of the process that steps, -1 for a world event.
    parent, depth
        int32[n]: by whom a configuration was discovered (-1 for a root), and how many events away from a root; only
        after `bfs` are depths distances.
    frontier
        bool[n]: left unexpanded by a bound.
    renamed
        uint16[m]: modulo symmetry, the number of the renaming along each transition, if the engine has kept it.
    tables
        What analyses have made of the graph and will need again.
    """

    offsets: Ints
    targets: NDArray[np.int32]
    movers: NDArray[np.int16]
    parent: NDArray[np.int32]
    depth: NDArray[np.int32]
    frontier: Bools
    renamed: NDArray[np.uint16] | None = None
    _labels: dict[int, tuple[Transition, ...]] = field(default_factory=dict, repr=False)
    tables: dict[Any, Any] = field(default_factory=dict, repr=False)

    @property
    def steps(self) -> int:
        """Number of transitions."""
        return len(self.targets)

    @property
    def farthest(self) -> int:
        """Greatest distance of a configuration from the initial ones, in events."""
        return int(self.depth.max())

    @cached_property
    def levels(self) -> list[int]:
        """The first id of each level, and the end of the last one; only after `bfs`."""
        return [int(first) for first in np.searchsorted(self.depth, np.arange(self.farthest + 2))]

    def levels_of(self, ids: Ints) -> Ints:
        """Return the level of each of some configurations: its distance in events from the initial ones."""
        return self.depth[ids].astype(np.int64)

    def edges_into(self, level: int, ids: Ints) -> Edges:
        """Return the transitions from a level to some configurations of the next one.  Cost: O(n) and its edges."""
        first, last = self.offsets[self.levels[level : level + 2]].tolist()
        wanted = np.zeros(len(self), np.bool_)
        wanted[ids] = True
        found = np.flatnonzero(wanted[self.targets[first:last]]) + first
        sources = np.searchsorted(self.offsets, found, side="right") - 1
        return Edges(sources, self.targets[found].astype(np.int64), self.movers[found])

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
            Where each starts, and their positions in `targets` and `movers`.  Each piece is preceded by a check of
            the limits of the run.
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
    def weights(self) -> Ints:
        """int64[n]: of how many plain configurations each is one; 1 without symmetry."""
        symmetry = self.system.symmetry
        return np.ones(len(self), np.int64) if symmetry is None else symmetry.sizes(self.configurations)

    @cached_property
    def deciding(self) -> int:
        """The registers that have a decision, made or not, by what is known before and what was reached, as bits."""
        return deciding_in(self.system, self.configurations, self.system.deciders)

    @property
    def deciders(self) -> int:
        """The processes that have to decide, as bits: those with a decision, save where the author says otherwise."""
        return self.deciding & ~self.system.abstaining

    def out(self, number: int) -> slice:
        """Return where the transitions of a configuration stand in `targets` and `movers`."""
        return slice(int(self.offsets[number]), int(self.offsets[number + 1]))

    def transitions(self, number: int) -> tuple[Transition, ...]:
        """Return the labelled transitions of an expanded configuration, in the order of its stored ones."""
        if number not in self._labels:
            self._labels[number] = tuple(self.system.transitions(self.configurations[number]))
        return self._labels[number]

    def numbered(self, number: int, steps: Iterable[Transition]) -> Iterator[tuple[int, Transition]]:
        """Yield the transitions of a configuration with their positions in `targets`, given all, in order.

        Of a configuration that is not expanded, those are stored that random runs have taken.
        """
        stored = range(*self.out(number).indices(len(self.targets)))
        if not self.frontier[number]:
            yield from zip(stored, steps, strict=False)
            return
        places = {(self.configurations[self.targets[place]], int(self.movers[place])): place for place in stored}
        for step in steps if places else ():
            if (step.successor, step.mover) in places:
                yield places[step.successor, step.mover], step

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
