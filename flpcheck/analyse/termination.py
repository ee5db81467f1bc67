"""Termination: every correct process decides in every fair run, or something stands in the way.

Two ways to fail.  *Blocking*: from here, with these processes crashed, some live process can never decide, whatever
happens.  *Livelock*: a fair cycle in which some correct process stays undecided for ever.

A run is admissible with faulty set F if every process outside F steps infinitely often and every message to it is
received (FLP 1985, section 2).  Applicable events stay applicable until they are taken, so fairness is a generalised
Buechi condition, and it is monotone: it is enough to look at maximal strongly connected components.  A process without
an armed timer may always take a null step that changes nothing.

A process that recovers is correct if it stays up for ever from some time on.  Recoveries, lies and omissions lead out
of places where every correct process has come to rest, but nothing promises them: a run may as well stay there.  So
these places are judged as cycles of length zero.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from flpcheck.analyse.chance.process import Mdp, end_components
from flpcheck.analyse.endless import Endless, endless_run
from flpcheck.analyse.rounds import endless, in_rounds, resting, stuck_in, undecided
from flpcheck.analyse.sweep import backward, bits
from flpcheck.analyse.threads import may_leave, starved_by
from flpcheck.authoring.events import Event, Pid
from flpcheck.explore.graph import Bools, Masks, StateGraph
from flpcheck.reduce import Quotient
from flpcheck.system.general import General
from flpcheck.world import UNLIMITED


class Blocked(NamedTuple):
    """Where some live process can never decide any more.

    Parameters
    ----------
    silent
        The processes that crash now and are never scheduled again (crashes elided); empty if crashes are events.
    where
        bool[n]: the configurations.
    stuck
        uint64[n]: bit p: process p is live, undecided, and can never decide.
    """

    silent: tuple[Pid, ...]
    where: Bools
    stuck: Masks


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


@dataclass(frozen=True, eq=False)
class Termination:
    """What stands in the way of termination in a graph.  Everything is computed when it is first asked for."""

    graph: StateGraph

    @property
    def budget(self) -> int:
        """How many processes may silently stop: the crashes, where they are not events of the graph."""
        failures = self.graph.system.world.failures
        return failures.crashes if failures.events == "elided" else 0

    @cached_property
    def _open(self) -> Bools:
        graph = self.graph
        if graph.complete:
            return np.zeros(len(graph), dtype=np.bool_)
        return backward(graph, graph.frontier.astype(np.uint64)) > 0

    @cached_property
    def blocked(self) -> Blocked | None:
        """The blocked configurations, with the fewest silent processes that block one; None if there are none.

        Cost: one sweep for each choice of silent processes.
        """
        crashable = self.graph.system.crashable
        for size in range(self.budget + 1):
            for silent in combinations(crashable, size):
                found = self._blocked_by(silent)
                if found.where.any():
                    return found
        return None

    def _blocked_by(self, silent: tuple[int, ...]) -> Blocked:
        graph, marks = self.graph, self.graph.marks
        allowed = ~np.isin(graph.movers, silent) if silent else None
        can_decide = backward(graph, marks.decided, allowed)
        eligible = np.uint64(graph.system.deciders & ~sum(1 << index for index in silent))
        stuck = eligible & ~marks.crashed & ~can_decide
        stuck[self._open] = 0
        names = tuple(graph.system.names[index] for index in silent)
        return Blocked(names, stuck > 0, stuck)

    @cached_property
    def components(self) -> list[FairComponent]:
        """The fair undecided cycles, those with the fewest faulty processes first.

        Between rounds there is no fairness: every cycle of rounds that can go on for ever is such a run.  Where steps
        toss coins these are end components, which a scheduler can stay in whatever the coins say: without one,
        everybody decides with probability one (Baier, Kwiatkowska 1998; the test of fairness is the same).

        Cost: one pass for the strongly connected components, then every event of those that are not trivial.
        """
        if in_rounds(self.graph):
            return self._cycles_of_rounds()
        return self._those_that_are_fair(lucky=False)

    @cached_property
    def mdp(self) -> Mdp:
        """The graph with its coins as a Markov decision process."""
        return Mdp.of(self.graph)

    @cached_property
    def lucky(self) -> list[FairComponent]:
        """The fair undecided cycles in which coins have to fall as they should, for ever."""
        return self._those_that_are_fair(lucky=True) if self.graph.system.tosses else []

    @cached_property
    def endless(self) -> Endless | None:
        """A run without a decision that repeats but for its counters, looked for where the search was cut."""
        return None if self.graph.complete else endless_run(self.graph)

    def _those_that_are_fair(self, *, lucky: bool) -> list[FairComponent]:
        found = [self._fair(numbers, (), lucky=lucky) for numbers in self._stops(lucky=lucky)]
        for unstable in self._unstable:
            cycles = self._cycles(unstable)
            if self.graph.system.tosses and not lucky:
                cycles = iter(end_components(self.mdp))
            found += [self._fair(numbers, unstable, lucky=lucky) for numbers in cycles]
        fair = [component for component in found if component is not None]
        return sorted(fair, key=lambda component: (len(component.faulty), int(component.numbers[0])))

    def _cycles_of_rounds(self) -> list[FairComponent]:
        eligible, graph = endless(self.graph) & (undecided(self.graph) != 0), self.graph
        cycles = [numbers for numbers in self._cycles(()) if eligible[numbers[0]]]
        cycles += [np.array([number], dtype=np.int64) for number in resting(graph)]
        cycles.sort(key=lambda numbers: int(graph.depth[numbers].min()))
        return [FairComponent(numbers, (), stuck_in(graph, int(numbers[0]))) for numbers in cycles]

    @cached_property
    def stranded(self) -> Bools:
        """bool[n]: where no correct process has anything left to do, and some correct process has not decided.

        Without recoveries, lies and omissions these configurations are among the blocked ones.
        """
        graph, crashed, failures = self.graph, self.graph.marks.crashed, self.graph.system.world.failures
        if in_rounds(graph) or not (failures.recoveries or failures.misbehaving):
            return np.zeros(len(graph), dtype=np.bool_)
        steps = graph.movers >= 0
        sources, movers = graph.sources[steps], graph.movers[steps].astype(np.uint64)
        busy = np.zeros(len(graph), dtype=np.bool_)
        busy[sources[(crashed[sources] >> movers & np.uint64(1)) == 0]] = True
        waiting = np.uint64(graph.system.deciders) & ~crashed & ~graph.marks.decided
        found: Bools = ~busy & ~graph.frontier & (waiting != 0)
        return found

    @cached_property
    def _unstable(self) -> list[tuple[int, ...]]:
        """The sets of processes that may crash and recover for ever."""
        crashable = self.graph.system.crashable
        if self.graph.system.world.failures.recoveries != UNLIMITED:
            return [()]
        return [chosen for size in range(len(crashable) + 1) for chosen in combinations(crashable, size)]

    def _cycles(self, unstable: tuple[int, ...]) -> Iterator[NDArray[np.int64]]:
        """Yield the strongly connected components that contain a cycle, in order of their first id.

        In them the unstable processes crash and recover, and nobody else does.
        """
        graph = self.graph
        if bool((graph.targets > graph.sources).all()):
            return  # every transition leads to a higher id: no cycles
        for numbers in _components(len(graph), graph.offsets, graph.targets, self._stays(unstable)):
            status = graph.marks.crashed[numbers]
            moving = np.bitwise_or.reduce(status) & ~np.bitwise_and.reduce(status)
            if all(int(moving) >> index & 1 for index in unstable):
                yield numbers

    def _stays(self, unstable: tuple[int, ...]) -> Bools | None:
        """bool[m]: which transitions crash and recover none but unstable processes; None for all that matter."""
        graph = self.graph
        if not graph.system.world.failures.recoveries:
            return None  # nobody comes back, so no crash is on a cycle
        changes = graph.marks.crashed[graph.sources] ^ graph.marks.crashed[graph.targets]
        found: Bools = changes & ~np.uint64(sum(1 << index for index in unstable)) == 0
        return found

    def _stops(self, *, lucky: bool = False) -> Iterator[NDArray[np.int64]]:
        """Yield single configurations in which somebody is undecided and a run may stop: only whims lead on.

        Without an oracle they lead nowhere at all, so they are blocked already; but events of a general protocol may
        change nothing.
        """
        graph = self.graph
        if not graph.system.world.oracle.kind and not isinstance(graph.system, General):
            return
        waiting = np.uint64(graph.system.deciders) & ~graph.marks.crashed & ~graph.marks.decided
        for number in np.flatnonzero((waiting != 0) & ~graph.frontier).tolist():
            here = graph.configurations[number]
            steps = list(graph.system.applicable(here))
            leaving = set() if lucky else may_leave(steps, {here})
            idling = any(step.successor == here and step.event not in leaving for step in steps)
            if idling or graph.system.world.oracle.kind:
                yield np.array([number], dtype=np.int64)

    def _fair(self, numbers: NDArray[np.int64], unstable: tuple[int, ...], *, lucky: bool) -> FairComponent | None:
        system, marks = self.graph.system, self.graph.marks
        first = int(numbers[0])
        coming_and_going = sum(1 << index for index in unstable)
        crashed = int(marks.crashed[first]) | coming_and_going  # constant on a component, as are decisions
        undecided = system.deciders & ~crashed & ~int(marks.decided[first])
        if not undecided or not system.admissible(self.graph.configurations[first]):
            return None
        unfair = self._unfair(numbers, crashed, lucky=lucky)
        waiting = tuple(index for index in bits(undecided) if index not in unfair)
        may_fail = set(unfair) <= set(system.crashable) and len(unfair) <= self.budget
        return FairComponent(numbers, (*unfair, *unstable), waiting, lucky) if waiting and may_fail else None

    def _unfair(self, numbers: NDArray[np.int64], crashed: int, *, lucky: bool) -> tuple[int, ...]:
        """Return the live processes that no run inside the component can treat fairly."""
        habits = Habits.of(self.graph, numbers, lucky=lucky)
        starved = {mover for event, mover in habits.always.items() if event not in habits.taken}
        if isinstance(self.graph.system, Quotient):
            starved = starved_by(self.graph, numbers, lucky=lucky)
        live = [index for index in range(len(self.graph.system.names)) if not crashed >> index & 1]
        return tuple(index for index in live if index in starved or not habits.steps(index))


def _components(
    size: int, offsets: NDArray[np.int64], targets: NDArray[np.int32], kept: Bools | None
) -> list[NDArray[np.int64]]:
    """Return the strongly connected components that contain a cycle, in order of their first id."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    ones = np.ones(len(targets), dtype=np.int32)
    matrix = csr_matrix((ones, targets, offsets), shape=(size, size), copy=True)
    if kept is not None:
        matrix.data[~kept] = 0
        matrix.eliminate_zeros()
    matrix.sum_duplicates()  # in place, hence the copy; scipy does not return on parallel transitions otherwise
    _, label = connected_components(matrix, directed=True, connection="strong")
    cyclic: Bools = np.bincount(label)[label] > 1
    cyclic[targets[targets == np.repeat(np.arange(size), np.diff(offsets))]] = True  # quotients have loops
    members = np.flatnonzero(cyclic)
    if not len(members):
        return []
    members = members[np.argsort(label[members], kind="stable")]
    groups = np.split(members, np.flatnonzero(np.diff(label[members])) + 1)
    return sorted(groups, key=lambda group: int(group[0]))


class Habits(NamedTuple):
    """What happens inside a strongly connected component.

    Parameters
    ----------
    always
        The events that fairness promises in all of its configurations, with their processes.
    taken
        The events that some transition inside it takes, those that change nothing included.
    stepping
        Processes with an event that is taken.
    resting
        Processes that can take a null step in some configuration: no timer of theirs is armed there.
    """

    always: dict[Event, int]
    taken: set[Event]
    stepping: set[int]
    resting: set[int]

    @classmethod
    def of(cls, graph: StateGraph, numbers: NDArray[np.int64], *, lucky: bool = False) -> Habits:
        """Return the habits of a component; events whose coin may lead out count only if it is lucky.

        Cost: every process event of its configurations.
        """
        inside = {graph.configurations[number] for number in numbers.tolist()}
        always: dict[Event, int] | None = None
        taken: set[Event] = set()
        stepping: set[int] = set()
        resting: set[int] = set()
        for configuration in inside:
            here: dict[Event, int] = {}
            steps = list(graph.system.applicable(configuration))
            leaving = set() if lucky else may_leave(steps, inside)
            for transition in steps:
                if graph.system.owed(configuration, transition):
                    here[transition.event] = transition.mover
                if transition.successor in inside and transition.event not in leaving:
                    taken.add(transition.event)
                    stepping.add(transition.mover)
            armed = {mover for event, mover in here.items() if event.kind in {"start", "timeout"}}
            resting |= set(range(len(graph.system.names))) - armed
            always = here if always is None else {e: m for e, m in always.items() if e in here}
        return cls(always or {}, taken, stepping, resting)

    def steps(self, index: int) -> bool:
        """Return whether a process can take infinitely many steps inside the component."""
        return index in self.stepping or index in self.resting
