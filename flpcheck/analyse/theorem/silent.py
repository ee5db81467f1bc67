"""Silent valence: which decisions can still be reached if some processes never step again.

Völzer, "A constructive proof for FLP" (2004): val(F, C) is the set of decision values of configurations reachable from
C by steps of processes outside F.  With F empty it is the valence of Fischer, Lynch and Paterson (1985).  A process
that never steps again cannot be told from one that has crashed, so val(p, C) = {} says that a crash of p in C leaves
the others waiting for ever: this is blocking, and it explains what the outcome depends on at a critical configuration.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from flpcheck.analyse.sweep import Filter, TransitionArrays, bits, popcount, spread
from flpcheck.explore.graph import Bools, Masks, StateGraph

WORD = 64
Silence = tuple[int, ...]
"""Indices of processes that never step again."""


class Blocking(NamedTuple):
    """The configurations from which no process can ever decide if some processes are silent.

    Parameters
    ----------
    silent
        Their indices; empty where crashes are events and have happened already.
    where
        bool[n]: the configurations.
    """

    silent: Silence
    where: Bools


@dataclass(frozen=True, eq=False)
class SilentValence:
    """val(F, C) for every configuration C and every set F of silent processes that the failures allow.

    Parameters
    ----------
    graph
        The graph.
    silences
        The sets F: the empty set, every single process, and all larger sets within the budget of crashes.
    width
        Bits per set: the number of decision values.
    words
        uint64[n] each: the values that can certainly be reached, set by set.
    edges
        uint64[n] each: bit by bit in the order of the sets, whether the frontier can be reached; none if the search
        was complete.
    """

    graph: StateGraph
    silences: tuple[Silence, ...]
    width: int
    words: tuple[Masks, ...]
    edges: tuple[Masks, ...]

    @classmethod
    def of(cls, graph: StateGraph) -> SilentValence:
        """Return the silent valence of every configuration.

        Cost: all sets share one sweep, 64 bits of (set, value) at a time; another one if the search was cut.
        """
        silences, decided = _silences(graph), graph.marks.values
        width = max(len(graph.system.values), 1)  # known once the marks are
        per_word = WORD // width
        arrows, moves = TransitionArrays.of(graph), _Moves.of(graph)
        words = tuple(
            spread(arrows, _copies(decided, width, len(some)), moves.filter(some, width))
            for some in _portions(silences, per_word)
        )
        frontier = np.where(graph.frontier, ~np.uint64(0), np.uint64(0))
        edges = () if graph.complete else _portions(silences, WORD)
        opened = tuple(spread(arrows, frontier, moves.filter(some, 1)) for some in edges)
        return cls(graph, silences, width, words, opened)

    @cached_property
    def _place(self) -> dict[Silence, int]:
        return {silence: place for place, silence in enumerate(self.silences)}

    def low(self, silent: Silence) -> Masks:
        """uint64[n]: the values that can certainly be reached with some processes silent."""
        word, place = divmod(self._place[silent], WORD // self.width)
        return (self.words[word] >> np.uint64(place * self.width)) & np.uint64((1 << self.width) - 1)

    def open(self, silent: Silence) -> Bools:
        """bool[n]: whether the frontier can be reached, so that more values may be reachable."""
        if not self.edges:
            return np.zeros(len(self.graph), dtype=np.bool_)
        word, place = divmod(self._place[silent], WORD)
        opened: Bools = (self.edges[word] >> np.uint64(place)) & np.uint64(1) > 0
        return opened

    def dead(self, silent: Silence) -> Bools:
        """bool[n]: for certain no decision can be reached with some processes silent."""
        dead: Bools = (self.low(silent) == 0) & ~self.open(silent)
        return dead

    @cached_property
    def non_uniform(self) -> Bools:
        """bool[n]: there is no value v with val(p, C) = {v} for every process p (Völzer 2004).

        Only configurations in which one more process may be silent.
        """
        singles = [silence for silence in self.silences if len(silence) == 1]
        first = self.low(singles[0])
        uniform = (popcount(first) == 1) & ~self.open(singles[0])
        for silence in singles[1:]:
            uniform &= (self.low(silence) == first) & ~self.open(silence)
        for silence in singles:
            uniform |= ~self.affordable(silence, 1)
        non_uniform: Bools = ~uniform
        return non_uniform

    @cached_property
    def blocking(self) -> Blocking | None:
        """The configurations in which no process can ever decide, with the fewest silent ones; None if there are none.

        Silent processes and those that have crashed share the budget: together they are at most f.
        """
        for silence in self.allowed_silences:
            where = self.blocks_with(silence)
            if where.any():
                return Blocking(silence, where)
        return None

    @property
    def allowed_silences(self) -> tuple[Silence, ...]:
        """The sets of processes that may be silent; only the empty set where crashes are events."""
        failures = self.graph.system.world.failures
        most = failures.crashes if failures.events == "elided" else 0
        crashable = set(self.graph.system.crashable)
        return tuple(silence for silence in self.silences if len(silence) <= most and set(silence) <= crashable)

    def blocks_with(self, silent: Silence) -> Bools:
        """bool[n]: no process can ever decide with these processes silent, and the budget allows them to be."""
        blocks: Bools = self.dead(silent) & self.affordable(silent)
        return blocks

    def dead_without(self, index: int) -> Bools:
        """bool[n]: no other can ever decide without this process, and the budget (or one fault) lets it be silent."""
        dead: Bools = self.dead((index,)) & self.affordable((index,), 1)
        return dead

    def affordable(self, silent: Silence, least: int = 0) -> Bools:
        """bool[n]: whether these and the crashed processes may all fail, with a budget of at least `least`."""
        if not silent:
            return np.ones(len(self.graph), dtype=np.bool_)
        failures = self.graph.system.world.failures
        dead = failures.initially_dead
        budget = max(failures.crashes, least) + (len(dead) if isinstance(dead, tuple) else 0)
        mask = np.uint64(sum(1 << index for index in silent))
        allowed: Bools = popcount(self.graph.marks.crashed | mask) <= budget
        return allowed


def _silences(graph: StateGraph) -> tuple[Silence, ...]:
    """Return the empty set, every single process, and the larger sets that may crash."""
    system = graph.system
    singles = [(index,) for index in range(len(system.names))]
    larger = range(2, system.world.failures.crashes + 1)
    return ((), *singles, *(silence for size in larger for silence in combinations(system.crashable, size)))


def _portions(silences: tuple[Silence, ...], per_word: int) -> list[tuple[Silence, ...]]:
    return [silences[first : first + per_word] for first in range(0, len(silences), per_word)]


def _copies(values: Masks, width: int, number: int) -> Masks:
    """Return masks of values repeated for `number` sets."""
    return values * np.uint64(sum(1 << place * width for place in range(number)))


class _Moves(NamedTuple):
    """The process that makes each transition: the index of a process, `other` events of the world, or a `crash`."""

    kinds: NDArray[np.int16]
    processes: int

    @classmethod
    def of(cls, graph: StateGraph) -> _Moves:
        processes = len(graph.system.names)
        kinds = graph.movers
        worldly = np.flatnonzero(kinds < 0)
        if len(worldly):
            kinds = kinds.copy()
            crashed = graph.marks.crashed
            sources = np.searchsorted(graph.offsets, worldly, side="right") - 1
            falls = crashed[sources] != crashed[graph.targets[worldly]]
            kinds[worldly] = processes + falls
        return cls(kinds, processes)

    def filter(self, silences: tuple[Silence, ...], width: int) -> Filter:
        """Return which bits pass: with some process silent, neither its own steps nor crashes of others count."""
        masks = np.zeros(self.processes + 2, dtype=np.uint64)
        for place, silence in enumerate(silences):
            group = ((1 << width) - 1) << place * width
            for kind in range(self.processes + 2):
                crash = kind == self.processes + 1
                if kind not in silence and not (crash and silence):
                    masks[kind] |= np.uint64(group)
        return Filter(self.kinds, masks)


def names_of(graph: StateGraph, silent: Silence) -> tuple[str, ...]:
    """Return the names of some processes.

    Examples
    --------
    Silence (0, 2) of processes a, b, c is ('a', 'c').
    """
    return tuple(graph.system.names[index] for index in silent)


def crashed_in(graph: StateGraph, number: int) -> Silence:
    """Return the processes that have crashed in a configuration."""
    return tuple(bits(int(graph.marks.crashed[number])))
