"""The demands and moves of one process as arrays, by its different components, and which move each transition is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from flpcheck.analyse.live.demands import DemandBook
from flpcheck.analyse.sweep import bits, edges_of
from flpcheck.analyse.theorem.labels import column_of, may_change
from flpcheck.budget import looking
from flpcheck.explore.graph import Bools, Ints, Masks, StateGraph
from flpcheck.system.components import Component, Move
from flpcheck.system.interface import Transition
from flpcheck.world.fairness import RECEIVED, STRONG
from flpcheck.world.network import Envelope

WORD = 64
"""Number of demands in a word."""


class MadeMoves(NamedTuple):
    """Moves that a process makes in some configurations.

    Parameters
    ----------
    places
        int64[k]: positions of the configurations among those asked about.
    moves
        int64[k]: numbers of the moves.
    targets
        int64[k]: where they lead.
    """

    places: NDArray[np.integer]
    moves: NDArray[np.integer]
    targets: Ints

    def kept(self, where: Bools) -> MadeMoves:
        """Return some of the moves."""
        return MadeMoves(self.places[where], self.moves[where], self.targets[where])


class OwnerRows:
    """The demands and moves of a process, a row for each different component.

    Parameters
    ----------
    graph, book
        The graph, and the numbers of demands.
    owner
        Index of the process.
    numbers
        The configurations that matter.

    Attributes
    ----------
    row
        int32[n]: the row of each configuration that matters.
    enabled, waiting, idle
        uint64[rows, words]: the demands that are enabled, that wait, and that steps without any effect meet.
    meets
        uint64[moves, words]: the demands that a move meets.
    received, strong
        uint64[words]: the demands of these strengths.
    may_loop
        bool[rows]: whether some move may lead to the configuration in which it is made.
    """

    def __init__(self, graph: StateGraph, book: DemandBook, owner: int, numbers: Ints) -> None:
        assert graph.system.components is not None
        self.graph, self.book, self.owner, self.parts = graph, book, owner, graph.system.components
        self.components, held = column_of(graph, numbers, owner)
        self.row: NDArray[np.integer] = held
        if len(numbers) < len(graph):
            self.row = np.full(len(graph), -1, np.int32)
            self.row[numbers] = held
        self.moves: list[Move] = []
        self._bits: dict[int, int] = {}
        self._absorbed: dict[Envelope, Bools] = {}
        self._fill()

    def _fill(self) -> None:
        passive = self.owner in self.parts.cast.twins
        offers, waits, idle, starts, meets = [], [], [], [0], list[tuple[int, ...]]()
        for component in looking(self.components):
            moves = () if passive else self.parts.moves(component)
            met = [self._met(move) for move in moves]
            changing = [may_change(self.parts, component, move) for move in moves]
            offers.append({n for numbers in met for n in numbers})
            waits.append(self._waiting(component) if moves or not passive else set())
            idle.append({n for numbers, changes in zip(met, changing, strict=True) if not changes for n in numbers})
            self.moves += [move for move, changes in zip(moves, changing, strict=True) if changes]
            meets += [numbers for numbers, changes in zip(met, changing, strict=True) if changes]
            starts.append(len(self.moves))
        self.starts = np.array(starts, np.int64)
        every = {n for some in (*offers, *waits) for n in some}
        self._bits = {number: bit for bit, number in enumerate(sorted(every))}
        self.numbers = sorted(every)
        self.enabled, self.idle, self.meets = self._words(offers), self._words(idle), self._words(meets)
        self.waiting = self._words(waits) | self.enabled
        strengths = [self.book.demands[number].strength for number in self.numbers]
        self.received = self.mask_of(n for n, s in zip(self.numbers, strengths, strict=True) if s == RECEIVED)
        self.strong = self.mask_of(n for n, s in zip(self.numbers, strengths, strict=True) if s == STRONG)
        self.loopable = np.array([self._loopable(row, move) for row, move in self._pairs()], np.bool_)
        self.may_loop = np.zeros(len(self.components), np.bool_)
        self.may_loop[np.repeat(np.arange(len(self.components)), np.diff(self.starts))[self.loopable]] = True

    def _pairs(self) -> Iterator[tuple[int, Move]]:
        for row in range(len(self.components)):
            yield from ((row, self.moves[number]) for number in range(self.starts[row], self.starts[row + 1]))

    def _met(self, move: Move) -> tuple[int, ...]:
        step = Transition(move.event, move.outcome, self.owner, None, move.rule)
        return self.book.met_by(step, mail=True)

    def _waiting(self, component: Component) -> set[int]:
        if component.crashed or self.parts.seats[self.owner].asker is None:
            return set()
        return {self.book.letter(self.owner, *e.letter, e.key[1])[0] for e in component.mailbox}

    def _words(self, sets: Sequence[Iterable[int]]) -> Masks:
        words = max(1, -(-len(self._bits) // WORD))
        found = np.zeros((len(sets), words), np.uint64)
        for place, numbers in enumerate(sets):
            for number in numbers:
                bit = self._bits[number]
                found[place, bit // WORD] |= np.uint64(1 << bit % WORD)
        return found

    def mask_of(self, numbers: Iterable[int]) -> Masks:
        """uint64[words]: some demands; those that are not of this process are left out."""
        found: Masks = self._words([[number for number in numbers if number in self._bits]])[0]
        return found

    def numbers_in(self, mask: Masks) -> list[int]:
        """Return the numbers of the demands in words."""
        return [self.numbers[WORD * place + bit] for place, word in enumerate(mask.tolist()) for bit in bits(word)]

    def _loopable(self, row: int, move: Move) -> bool:
        """Whether a move leaves its own component unchanged once what it sends to itself has arrived."""
        after = move.after
        for to, envelope in move.puts:
            if to == self.owner:
                after = self.parts.put(after, envelope)
        return self._whole(after) is self.components[row]

    def _whole(self, component: Component) -> Component:
        kept = self.graph.system.laws.kept  # type: ignore[attr-defined]  # what has components has laws
        return component if kept is None else kept[component]

    def absorbs(self, envelope: Envelope) -> Bools:
        """bool[rows]: which components an envelope leaves unchanged: crashed ones, and sets that hold it."""
        if envelope not in self._absorbed:
            found = [self._whole(self.parts.put(c, envelope)) is c for c in looking(self.components)]
            self._absorbed[envelope] = np.array(found, np.bool_)
        return self._absorbed[envelope]

    def made(self, numbers: Ints, owners: Sequence[OwnerRows]) -> MadeMoves:
        """Return the moves out of some configurations, those that change nothing there included.

        Cost: O(transitions); configurations in which it cannot be told from the components are asked.
        """
        edges, places = self._transitions(numbers)
        count = np.bincount(places, minlength=len(numbers))
        rows = self.row[numbers]
        first = np.cumsum(count) - count
        moves = self.starts[rows[places]] + np.arange(len(places)) - first[places]
        odd = np.flatnonzero(count != self.starts[rows + 1] - self.starts[rows])
        targets = self.graph.targets[edges].astype(np.int64)
        if not len(odd):
            return MadeMoves(places, moves, targets)
        loops = self._align(numbers, odd, owners, count, first, moves)
        return MadeMoves(
            np.concatenate([places, loops.places]),
            np.concatenate([moves, loops.moves]),
            np.concatenate([targets, loops.targets]),
        )

    def _transitions(self, numbers: Ints) -> tuple[Ints, NDArray[np.integer]]:
        """Return the positions of the process's transitions out of some configurations, and which of these each has."""
        graph = self.graph
        lengths = graph.offsets[numbers + 1] - graph.offsets[numbers]
        places = np.repeat(np.arange(len(numbers), dtype=np.int32), lengths)
        if len(numbers) and bool((np.diff(numbers) == 1).all()):
            first, last = graph.offsets[[numbers[0], numbers[-1] + 1]].tolist()
            mine = np.flatnonzero(graph.movers[first:last] == self.owner)
            return mine + first, places[mine]
        edges = edges_of(graph, numbers)
        mine = np.flatnonzero(graph.movers[edges] == self.owner)
        return edges[mine], places[mine]

    def loops(self, numbers: Ints, owners: Sequence[OwnerRows]) -> MadeMoves:
        """Return the moves that change nothing in some configurations, though they may elsewhere."""
        made = self.made(numbers, owners)
        return made.kept(made.targets == numbers[made.places])

    def _align(
        self, numbers: Ints, odd: Ints, owners: Sequence[OwnerRows], count: Ints, first: Ints, moves: Ints
    ) -> MadeMoves:  # fmt: skip
        """Return the moves that leave some configurations unchanged, and give the transitions there their numbers."""
        found: list[tuple[Ints, int]] = []
        rows = self.row[numbers]
        for row in looking(np.unique(rows[odd]).tolist()):
            places = odd[rows[odd] == row]
            run = np.arange(self.starts[row], self.starts[row + 1])
            stays = np.stack([self._stays(number, numbers[places], owners) for number in run.tolist()], axis=1)
            patterns, which = np.unique(stays, axis=0, return_inverse=True)
            for pattern, stay in enumerate(patterns):
                some = places[which.ravel() == pattern]
                fits = count[some] == int((~stay).sum())
                found += [(some[fits], move) for move in run[stay].tolist()]
                sequence = run[~stay]
                spots = first[some[fits]][:, None] + np.arange(len(sequence))
                moves[spots.ravel()] = np.tile(sequence, len(spots))
                found += self._asked(numbers, some[~fits], row, first, moves)
        places = np.concatenate([where for where, _ in found]) if found else np.zeros(0, np.int64)
        made = np.repeat([move for _, move in found], [len(where) for where, _ in found]).astype(np.int64)
        return MadeMoves(places, made, numbers[places])

    def _stays(self, number: int, numbers: Ints, owners: Sequence[OwnerRows]) -> Bools:
        """bool[k]: in which configurations a move changes nothing, as far as components tell."""
        move = self.moves[number]
        if not self.loopable[number] or move.notes:
            return np.zeros(len(numbers), np.bool_)
        stays = np.ones(len(numbers), np.bool_)
        for to, envelope in move.puts:
            if to != self.owner:
                stays &= owners[to].absorbs(envelope)[owners[to].row[numbers]]
        return stays

    def _asked(
        self, numbers: Ints, places: Ints, row: int, first: Ints, moves: Ints
    ) -> Iterator[tuple[Ints, int]]:  # fmt: skip
        """Yield (configuration, move without effect), and give the transitions their numbers, by asking."""
        run = range(self.starts[row], self.starts[row + 1])
        names = {(self.moves[number].event, self.moves[number].outcome): number for number in run}
        for place in looking(places.tolist()):
            here = self.graph.configurations[int(numbers[place])]
            steps = [step for step in self.graph.system.applicable(here) if step.mover == self.owner]
            known = [(step, names[step.event, step.outcome]) for step in steps if (step.event, step.outcome) in names]
            changing = [number for step, number in known if step.successor != here]
            moves[first[place] : first[place] + len(changing)] = changing
            yield from ((np.array([place]), number) for step, number in known if step.successor == here)


class Summary(NamedTuple):
    """The demands common to the rows of some sets of configurations: uint64[sets, words] each."""

    always: Masks
    ever: Masks
    waits: Masks
    idle: Masks

    @classmethod
    def of_groups(cls, rows: OwnerRows, row: NDArray[np.integer], starts: Ints) -> Summary:
        """Return that of consecutive sets of configurations, given their rows and where each set starts."""
        every, some = np.bitwise_and.reduceat, np.bitwise_or.reduceat
        return cls(
            every(rows.enabled[row], starts), some(rows.enabled[row], starts),
            every(rows.waiting[row], starts), some(rows.idle[row], starts),
        )  # fmt: skip

    def candidates(self, rows: OwnerRows) -> Masks:
        """uint64[sets, words]: the demands that are starved unless some transition meets them."""
        held = self.always | (rows.received & self.waits & self.ever) | (rows.strong & self.ever)
        found: Masks = held & ~self.idle
        return found

    def split(self, rows: OwnerRows, unmet: Masks) -> tuple[Bools, list[list[int]]]:
        """Return which sets starve the process in all their subsets, and the demands of each that only some starve."""
        starves: Bools = np.any(unmet & self.always, axis=1)
        rest = unmet & ~self.always
        hungry = [rows.numbers_in(mask) if mask.any() else [] for mask in rest]
        return starves, hungry
