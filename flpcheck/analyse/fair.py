"""Fair cycles: strongly connected components in which some correct process stays undecided for ever.

A run is admissible with faulty set F if every process outside F steps infinitely often and every message to it is
received (FLP 1985, section 2).  Applicable events stay applicable until they are taken, so fairness is a generalised
Buechi condition, and it is monotone: it is enough to look at maximal strongly connected components.  A process without
an armed timer may always take a null step that changes nothing.

A process that recovers is correct if it stays up for ever from some time on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from flpcheck.analyse.blocked import waiting
from flpcheck.analyse.chance.process import Mdp, end_components
from flpcheck.analyse.components import components_of
from flpcheck.analyse.habits import Habits
from flpcheck.analyse.rounds import may_go_on, resting, stuck_in, undecided
from flpcheck.analyse.silence import silent_budget
from flpcheck.analyse.sweep import bits
from flpcheck.analyse.threads import may_leave, starved_by
from flpcheck.budget import afford, kept, look, looking
from flpcheck.explore.graph import Bools, StateGraph
from flpcheck.reduce import Quotient
from flpcheck.system.general import General
from flpcheck.world import UNLIMITED

SORTING = 1e-7
"""Processor seconds per configuration for bringing components into order."""


class FairComponent(NamedTuple):
    """A strongly connected component that an admissible run can stay in for ever.

    Parameters
    ----------
    numbers
        Ids of its configurations.
    faulty
        Indices of the live processes that it treats unfairly, or that crash and recover in it: they have to be faulty.
    undecided
        Indices of the fairly treated processes that never decide in it.
    lucky
        Whether a run stays in it only as long as coins fall as they should: such a run has probability zero.
    """

    numbers: NDArray[np.int64]
    faulty: tuple[int, ...]
    undecided: tuple[int, ...]
    lucky: bool = False


def fair_components(graph: StateGraph, mdp: Mdp | None = None) -> list[FairComponent]:
    """Return the fair undecided cycles, those with the fewest faulty processes first.

    Cost: one pass for the strongly connected components, then every event of those that are not trivial.

    Parameters
    ----------
    graph
        The graph.
    mdp
        The same with its coins, if steps toss any.  Then these are end components, which a scheduler can stay in
        whatever the coins say: without one, all decide with probability one (Baier, Kwiatkowska 1998; the test
        of fairness is the same).
    """
    return _fair_among(graph, _candidates(graph, mdp), lucky=False)


def lucky_components(graph: StateGraph) -> list[FairComponent]:
    """Return the fair undecided cycles in which coins have to fall as they should, for ever."""
    if not graph.system.tosses:
        return []
    return _fair_among(graph, _candidates(graph, None, lucky=True), lucky=True)


def cycles_of_rounds(graph: StateGraph) -> list[FairComponent]:
    """Return every undecided cycle of rounds that can go on for ever: between rounds there is no fairness."""
    eligible = may_go_on(graph) & (undecided(graph) != 0)
    cycles = [numbers for numbers in _cycles(graph, ()) if eligible[numbers[0]]]
    cycles += [np.array([number], dtype=np.int64) for number in resting(graph)]
    cycles.sort(key=lambda numbers: int(graph.depth[numbers].min()))
    return [FairComponent(numbers, (), stuck_in(graph, int(numbers[0]))) for numbers in cycles]


Candidate = tuple[NDArray[np.int64], tuple[int, ...]]
"""A component, and the processes that crash and recover in it."""


def _candidates(graph: StateGraph, mdp: Mdp | None, *, lucky: bool = False) -> Iterator[Candidate]:
    for numbers in _stops(graph, lucky=lucky):
        yield numbers, ()
    for unstable in _unstable(graph):
        for numbers in _cycles(graph, unstable) if mdp is None else end_components(mdp):
            yield numbers, unstable


def _fair_among(graph: StateGraph, candidates: Iterable[Candidate], *, lucky: bool) -> list[FairComponent]:
    fair: list[FairComponent] = []
    with kept(lambda: fair):
        for numbers, unstable in looking(candidates, every=1):
            component = _fair(graph, numbers, unstable, lucky=lucky)
            fair += [] if component is None else [component]
    return sorted(fair, key=lambda component: (len(component.faulty), int(component.numbers[0])))


def _unstable(graph: StateGraph) -> list[tuple[int, ...]]:
    """Return the sets of processes that may crash and recover for ever."""
    crashable = graph.system.crashable
    if graph.system.world.failures.recoveries != UNLIMITED:
        return [()]
    return [chosen for size in range(len(crashable) + 1) for chosen in combinations(crashable, size)]


def _cycles(graph: StateGraph, unstable: tuple[int, ...]) -> Iterator[NDArray[np.int64]]:
    """Yield the strongly connected components that contain a cycle, in order of their first id.

    In them the unstable processes crash and recover, and no other process does.
    """
    if all(bool((graph.targets[edges] > sources).all()) for sources, edges in graph.pieces()):
        return  # every transition leads to a higher id: no cycles
    for numbers in cyclic_components(graph, _stays(graph, unstable)):
        status = graph.marks.crashed[numbers]
        moving = np.bitwise_or.reduce(status) & ~np.bitwise_and.reduce(status)
        if all(int(moving) >> index & 1 for index in unstable):
            yield numbers


def _stays(graph: StateGraph, unstable: tuple[int, ...]) -> Bools | None:
    """bool[m]: which transitions crash and recover none but unstable processes; None for all that matter."""
    if not graph.system.world.failures.recoveries:
        return None  # no process comes back, so no crash is on a cycle
    changes = graph.marks.crashed[graph.sources] ^ graph.marks.crashed[graph.targets]
    found: Bools = changes & ~np.uint64(sum(1 << index for index in unstable)) == 0
    return found


def _stops(graph: StateGraph, *, lucky: bool) -> Iterator[NDArray[np.int64]]:
    """Yield single configurations in which some process is undecided and a run may stop: only whims lead on.

    Without an oracle they lead nowhere at all, so they are blocked already; but events of a general protocol may
    change nothing.
    """
    if not graph.system.world.oracle.kind and not isinstance(graph.system, General):
        return
    for number in looking(np.flatnonzero((waiting(graph) != 0) & ~graph.frontier).tolist()):
        here = graph.configurations[number]
        steps = list(graph.system.applicable(here))
        leaving = set() if lucky else may_leave(steps, {here})
        idling = any(step.successor == here and step.event not in leaving for step in steps)
        if idling or graph.system.world.oracle.kind:
            yield np.array([number], dtype=np.int64)


def _fair(
    graph: StateGraph, numbers: NDArray[np.int64], unstable: tuple[int, ...], *, lucky: bool
) -> FairComponent | None:
    system, marks, first = graph.system, graph.marks, int(numbers[0])
    coming_and_going = sum(1 << index for index in unstable)
    crashed = int(marks.crashed[first]) | coming_and_going  # constant on a component, as are decisions
    open_ = graph.deciders & ~crashed & ~int(marks.decided[first])
    if not open_ or not system.admissible(graph.configurations[first]):
        return None
    unfair = _unfair(graph, numbers, crashed, lucky=lucky)
    stuck = tuple(index for index in bits(open_) if index not in unfair)
    may_fail = set(unfair) <= set(system.crashable) and len(unfair) <= silent_budget(system.world)
    return FairComponent(numbers, (*unfair, *unstable), stuck, lucky) if stuck and may_fail else None


def _unfair(graph: StateGraph, numbers: NDArray[np.int64], crashed: int, *, lucky: bool) -> tuple[int, ...]:
    """Return the live processes that no run inside the component can treat fairly."""
    habits = Habits.of(graph, numbers, lucky=lucky)
    starved = {mover for event, mover in habits.always.items() if event not in habits.taken}
    if isinstance(graph.system, Quotient):
        starved = starved_by(graph, numbers, lucky=lucky)
    live = [index for index in range(len(graph.system.names)) if not crashed >> index & 1]
    return tuple(index for index in live if index in starved or not habits.steps(index))


def cyclic_components(graph: StateGraph, kept: Bools | None) -> list[NDArray[np.int64]]:
    """Return the strongly connected components with a cycle of a graph, or of some of its transitions, by first id."""
    label = components_of(len(graph), graph.offsets, graph.targets, kept)
    look(16 * len(graph))
    cyclic: Bools = (np.bincount(label) > 1)[label]
    for sources, edges in graph.pieces():
        cyclic[sources[graph.targets[edges] == sources]] = True  # quotients have loops
    members = np.flatnonzero(cyclic)
    if not len(members):
        return []
    afford(SORTING * len(members), 24 * len(members))
    members = members[np.argsort(label[members], kind="stable")]
    groups = np.split(members, np.flatnonzero(np.diff(label[members])) + 1)
    return sorted(groups, key=lambda group: int(group[0]))
