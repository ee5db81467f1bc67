"""Fair runs that never meet an obligation: fair rests and cycles in a region of the graph.

A run is admissible with faulty set F if it meets the demands of every process outside F, and those in F that the graph
does not show crashed take no steps in it (FLP 1985, section 2; see `demands.py`).  In a strongly connected component, a
demand that is enabled all along and never met starves its process in every subset, too: weak fairness is monotone, so
maximal components suffice.  A demand that is starved as long as it is enabled somewhere leaves a fair subset only
without these configurations: they are removed, and what is left is decomposed again (Emerson, Lei 1987; Streett's
acceptance).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

from flpcheck.analyse.chance.process import Mdp, end_components
from flpcheck.analyse.live.asked import AskedTable, Weights
from flpcheck.analyse.live.components import Decomposer, is_acyclic_by_ids
from flpcheck.analyse.live.rows import RowTable, reads_components
from flpcheck.analyse.live.threads import ThreadTable
from flpcheck.analyse.live.unheard import kept_for_ever
from flpcheck.analyse.silence import silent_budget, spent_crashes
from flpcheck.analyse.sweep import bits, popcount
from flpcheck.budget import kept, looking
from flpcheck.explore.graph import Bools, Ints, Masks, StateGraph
from flpcheck.world import UNLIMITED


class FairComponent(NamedTuple):
    """A set of configurations that an admissible run can stay in for ever without meeting some obligation.

    Parameters
    ----------
    numbers
        Ids of its configurations.
    faulty
        Indices of the live processes that it treats unfairly, or that crash and recover in it: they have to be faulty.
    undecided
        The obligations that are never met in it, by bit: for termination the processes that never decide.
    lucky
        Whether a run stays in it only as long as coins fall as they should: such a run has probability zero.
    musts
        Sets of configurations that such a run visits again and again.
    """

    numbers: Ints
    faulty: tuple[int, ...]
    undecided: tuple[int, ...]
    lucky: bool = False
    musts: tuple[Bools, ...] = ()


class Region(NamedTuple):
    """The configurations in which a run may stay for ever.

    Parameters
    ----------
    loop
        uint64[n], bit b: a run may visit this configuration for ever without meeting obligation b.
    who
        For each obligation, the processes that have to be correct for it to be one, as bits.
    musts
        Sets of configurations that such a run has to visit again and again.
    """

    loop: Masks
    who: tuple[int, ...]
    musts: tuple[Bools, ...] = ()


class Rests(NamedTuple):
    """Configurations in which a run may stay for ever, with the processes that have to be faulty there, as bits."""

    numbers: Ints
    faulty: Masks

    def components(self, region: Region, among: Bools, *, lucky: bool = False) -> Iterator[FairComponent]:
        """Yield some of them as fair components."""
        for number, faulty in zip(self.numbers[among].tolist(), self.faulty[among].tolist(), strict=True):
            open_ = [bit for bit in bits(int(region.loop[number])) if not region.who[bit] & faulty]
            yield FairComponent(np.array([number], np.int64), tuple(bits(faulty)), tuple(open_), lucky)


def table_of(graph: StateGraph, *, lucky: bool = False) -> AskedTable:
    """Return the demands of a graph, made once: from tables of components where these suffice."""
    name = ("demands", lucky)
    if name not in graph.tables:
        graph.tables[name] = _table(graph, lucky=lucky)
    found: AskedTable = graph.tables[name]
    return found


def _table(graph: StateGraph, *, lucky: bool) -> AskedTable:
    if graph.system.renames_mail:
        return ThreadTable(graph, lucky=lucky)
    return RowTable(graph) if reads_components(graph) else AskedTable(graph, lucky=lucky)


class FairSearch:
    """The search for fair runs in a region.

    Parameters
    ----------
    graph
        The graph.
    region
        Where the run may stay.
    table
        The demands; those of the graph if None.
    mdp
        The graph with its coins, if it is to be avoided that these let a run stay there.
    lucky
        Whether coins fall as they should.
    """

    def __init__(
        self,
        graph: StateGraph,
        region: Region,
        table: AskedTable | None = None,
        mdp: Mdp | None = None,
        *,
        lucky: bool = False,
    ) -> None:
        self.graph, self.region, self.mdp, self.lucky = graph, region, mdp, lucky
        self.table = table_of(graph, lucky=lucky) if table is None else table
        self.budget = silent_budget(graph.system.world)
        self.spent = np.broadcast_to(spent_crashes(graph), len(graph))
        self.crashable = sum(1 << index for index in graph.system.crashable)

    def affords(self, faulty: int, number: int) -> bool:
        """Return whether some processes, as bits, may all be faulty beside those that a configuration shows."""
        within = faulty.bit_count() + int(self.spent[number]) <= self.budget
        return not faulty or (within and not faulty & ~self.crashable)

    def rests(self) -> Rests:
        """Return the configurations in which a fair run may stay for ever, those of the fewest faulty first."""
        graph = self.graph
        inside = (self.region.loop != 0) & ~graph.frontier
        for must in self.region.musts:
            inside &= must
        numbers = np.flatnonzero(inside)
        if graph.system.in_rounds:
            numbers = numbers[[self._rests_in_rounds(number) for number in looking(numbers.tolist())]]
            return Rests(numbers, np.zeros(len(numbers), np.uint64))
        faulty = self.table.pending(numbers) & ~graph.marks.crashed[numbers]
        may = (popcount(faulty) + self.spent[numbers] <= self.budget) & (faulty & ~np.uint64(self.crashable) == 0)
        may |= faulty == 0
        may[may] = _some_left(self.region, numbers[may], faulty[may])
        may[may] = [graph.system.admissible(graph.configurations[n]) for n in looking(numbers[may].tolist())]
        numbers, faulty = numbers[may], faulty[may]
        order = np.argsort(popcount(faulty), kind="stable")
        return Rests(numbers[order], faulty[order])

    def _rests_in_rounds(self, number: int) -> bool:
        """Whether a run stays in a configuration between rounds: it is over, or a round may leave all as it is."""
        system, here = self.graph.system, self.graph.configurations[number]
        if not range(*self.graph.out(number).indices(len(self.graph.targets))):
            return True
        return system.endless(here) and any(step.successor == here for step in system.applicable(here))

    def cycles(self) -> list[FairComponent]:
        """Return the fair cycles, those with the fewest faulty processes first.

        Cost: one pass for the strongly connected components, one over their configurations and transitions, and again
        after each removal.
        """
        found: list[FairComponent] = []
        with kept(lambda: found):
            for unstable in unstable_sets(self.graph):
                for component in self._cycles_with(unstable):
                    found += [component]  # one by one: a bound leaves those found so far
        return sorted(found, key=lambda component: (len(component.faulty), int(component.numbers[0])))

    def _cycles_with(self, unstable: tuple[int, ...]) -> Iterator[FairComponent]:
        graph = self.graph
        if is_acyclic_by_ids(graph):
            return
        decomposer = Decomposer(graph, _stays(graph, unstable))
        inside = np.flatnonzero((self.region.loop != 0) & ~graph.frontier)
        groups = self._groups(decomposer, inside)
        groups = [group for group in groups if _really_changes(graph, group, unstable)]
        for group, weights in zip(groups, self._weights(groups, decomposer), strict=True):
            yield from self._fair_in(decomposer, group, weights, unstable)

    def _groups(self, decomposer: Decomposer, members: Ints, silent: int = 0) -> list[Ints]:
        if self.mdp is None or self.lucky:
            return decomposer.cycles(members, silent)
        within = np.zeros(len(self.graph), np.bool_)
        within[members] = True
        groups = end_components(self.mdp, within, {self.graph.system.names[index] for index in bits(silent)})
        for group in groups:
            decomposer.mark(group)
        return groups

    def _weights(self, groups: Sequence[Ints], decomposer: Decomposer) -> Iterable[Weights | None]:
        """Return the weights of groups in which all obligations are the same; None for others."""
        if self.graph.system.in_rounds:
            return [Weights(0, ())] * len(groups)
        return self.table.weigh_all(groups, decomposer.label)

    def _fair_in(
        self, decomposer: Decomposer, group: Ints, weights: Weights | None, unstable: tuple[int, ...]
    ) -> Iterator[FairComponent]:
        """Yield the fair subsets of a component, with the fewest faulty processes that any of them needs."""
        if not self._admits(int(group[0])):
            return
        masks = self.region.loop[group]
        common, some = int(np.bitwise_and.reduce(masks)), int(np.bitwise_or.reduce(masks))
        yield from _Shrinking(self, decomposer, unstable).run(group, common, weights)
        for bit in bits(some & ~common):  # an obligation that is met in some of its configurations
            for part in self._groups(decomposer, group[(masks >> np.uint64(bit)) & np.uint64(1) != 0]):
                if _really_changes(self.graph, part, unstable):
                    yield from _Shrinking(self, decomposer, unstable).run(part, 1 << bit, None)

    def _admits(self, number: int) -> bool:
        """Whether a run may stay where the world is like this."""
        system, here = self.graph.system, self.graph.configurations[number]
        return bool(system.endless(here) if system.in_rounds else system.admissible(here))


class _Case(NamedTuple):
    """A set of configurations to be judged with some faulty processes; those with the fewest are judged first."""

    needed: int
    place: int
    faulty: int
    members: Ints
    weights: Weights | None


class _Shrinking:
    """The search in one component: removals, and choices of faulty processes."""

    def __init__(self, search: FairSearch, decomposer: Decomposer, unstable: tuple[int, ...]) -> None:
        self.search, self.decomposer, self.unstable = search, decomposer, unstable
        self.cases: list[_Case] = []
        self._pushed = 0

    def run(self, members: Ints, open_: int, weights: Weights | None) -> Iterator[FairComponent]:
        """Yield the fair subsets with the fewest faulty processes."""
        first = int(members[0])
        crashed = int(self.search.graph.marks.crashed[first]) | sum(1 << index for index in self.unstable)
        least: int | None = None
        self._push(0, members, weights)
        while self.cases:
            case = heapq.heappop(self.cases)
            if least is not None and case.needed > least:
                return
            stuck = [b for b in bits(open_) if not self.search.region.who[b] & (case.faulty | crashed)]
            if stuck and self._is_fair(case, crashed):
                least = case.needed
                faulty = (*bits(case.faulty), *self.unstable)
                musts = self.search.region.musts
                yield FairComponent(np.sort(case.members), faulty, tuple(stuck), self.search.lucky, musts)

    def _is_fair(self, case: _Case, crashed: int) -> bool:
        """Whether a set is fair; otherwise what might be fair of it is pushed."""
        if not all(must[case.members].any() for must in self.search.region.musts):
            return False
        weights = case.weights
        if weights is None:
            self.decomposer.mark(case.members)
            weights = self.search.table.weigh(case.members, self.decomposer.label)
        starving = weights.starving & ~crashed
        if starving & ~case.faulty:
            self._without(case, starving)
            return False
        demands = {n: 1 << self.search.table.demand(n).owner for n in weights.hungry}
        hungry = {n for n, owner in demands.items() if not owner & (crashed | case.faulty)}
        if not hungry:
            return True
        for owner in {demands[number] for number in hungry}:
            self._without(case, owner)
        left = case.members[~self.search.table.enabling(case.members, hungry)]
        self._decompose(case.faulty, left)
        return False

    def _without(self, case: _Case, more: int) -> None:
        """Push what is left of a set where further processes are faulty: they have crashed, and take no steps."""
        if self.search.affords(case.faulty | more, int(case.members[0])):
            self._decompose(case.faulty | more, case.members)

    def _decompose(self, faulty: int, members: Ints) -> None:
        for part in self.search._groups(self.decomposer, np.sort(members), faulty):
            if _really_changes(self.search.graph, part, self.unstable):
                self._push(faulty, part)

    def _push(self, faulty: int, members: Ints, weights: Weights | None = None) -> None:
        self._pushed += 1
        heapq.heappush(self.cases, _Case(faulty.bit_count(), self._pushed, faulty, members, weights))


def _some_left(region: Region, numbers: Ints, faulty: Masks) -> Bools:
    """bool[k]: in which configurations some obligation is one although these processes are faulty."""
    found = np.zeros(len(numbers), np.bool_)
    for bit, who in enumerate(region.who):
        open_ = (region.loop[numbers] >> np.uint64(bit)) & np.uint64(1) != 0
        found |= open_ & (faulty & np.uint64(who) == 0)
    return found


def unstable_sets(graph: StateGraph) -> list[tuple[int, ...]]:
    """Return the sets of processes that may crash and recover for ever."""
    crashable = graph.system.crashable
    if graph.system.world.failures.recoveries != UNLIMITED:
        return [()]
    return [chosen for size in range(len(crashable) + 1) for chosen in combinations(crashable, size)]


def _stays(graph: StateGraph, unstable: tuple[int, ...]) -> Bools | None:
    """bool[m]: which transitions a run may take for ever; None for all that matter.

    They crash and recover none but unstable processes, and lose no mail of passive learners where that would be unfair.
    """
    kept = kept_for_ever(graph)
    if not graph.system.world.failures.recoveries:
        return kept  # no process comes back, so no crash is on a cycle
    changes = graph.marks.crashed[graph.sources] ^ graph.marks.crashed[graph.targets]
    found: Bools = changes & ~np.uint64(sum(1 << index for index in unstable)) == 0
    return found if kept is None else found & kept


def _really_changes(graph: StateGraph, numbers: Ints, unstable: tuple[int, ...]) -> bool:
    """Whether each unstable process crashes and recovers in a set of configurations."""
    if not unstable:
        return True
    status = graph.marks.crashed[numbers]
    moving = int(np.bitwise_or.reduce(status) & ~np.bitwise_and.reduce(status))
    return all(moving >> index & 1 for index in unstable)
