"""Termination: every correct process decides in every fair run, or something stands in the way.

Two ways to fail.  *Blocking* (`blocked`): from here, with these processes crashed, some live process can never decide,
whatever happens.  *Livelock*: a fair run in which some correct process stays undecided for ever, round a cycle or at
rest where it need not (`live/search.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from flpcheck.analyse.blocked import Blocked, blocked_configurations, stuck_without, waiting
from flpcheck.analyse.chance.process import Mdp
from flpcheck.analyse.endless import Endless, endless_run
from flpcheck.analyse.live.search import FairComponent, FairSearch, Region, Rests, table_of
from flpcheck.analyse.live.unheard import MailReading, learners_of, loses_for_ever
from flpcheck.analyse.sweep import bits
from flpcheck.budget import kept
from flpcheck.explore.graph import Bools, StateGraph


@dataclass(frozen=True, eq=False)
class Termination:
    """The obstacles to termination in a graph, each computed at its first use."""

    graph: StateGraph

    @cached_property
    def blocked(self) -> Blocked | None:
        """The blocked configurations, with the fewest silent processes that block one; None if there are none."""
        return blocked_configurations(self.graph)

    @cached_property
    def region(self) -> Region:
        """The region of runs in which some process that has to decide never does."""
        return Region(waiting(self.graph), tuple(1 << bit for bit in range(max(len(self.graph.system.registers), 1))))

    @cached_property
    def rests(self) -> Rests:
        """The configurations in which a fair run may stay for ever with some process undecided."""
        return self._search(lucky=False).rests()

    @cached_property
    def stranded(self) -> Bools:
        """bool[n]: where no correct process has anything left to do, and some correct process has not decided.

        Only where processes recover, lie or omit messages: nothing promises the steps of these that might lead on.
        """
        graph, failures = self.graph, self.graph.system.world.failures
        found = np.zeros(len(graph), dtype=np.bool_)
        if not graph.system.in_rounds and (failures.recoveries or failures.misbehaving):
            found[self.rests.numbers[self.rests.faulty == 0]] = True
            found &= ~_busy(graph)
        return found

    @cached_property
    def components(self) -> list[FairComponent]:
        """The fair cycles and rests in which some process never decides, those of the fewest faulty processes first.

        Rests in which it never can are left out, as they are blocked, and so are stranded ones.
        """
        return self._components(self.rests, lucky=False)

    def _components(self, rests: Rests, *, lucky: bool) -> list[FairComponent]:
        found: list[FairComponent] = []
        with kept(lambda: found):
            found += rests.components(self.region, self._open(rests), lucky=lucky)
            found += self._search(lucky=lucky).cycles()
            for region in self._unheard():
                found += self._search(lucky=lucky, region=region).cycles()
        known = dict[tuple[int, int], FairComponent]()
        for component in found:  # a rest with a loop is a component, too
            known.setdefault((int(component.numbers[0]), len(component.numbers)), component)
        return sorted(known.values(), key=lambda component: (len(component.faulty), int(component.numbers[0])))

    def _open(self, rests: Rests) -> Bools:
        """bool[k]: in which rests some process could still decide, and the run is not over."""
        if self.graph.system.in_rounds:
            return ~self._over(rests)
        among = ~self.stranded[rests.numbers]
        for faulty in np.unique(rests.faulty[among]).tolist():
            mine = among & (rests.faulty == faulty)
            here = rests.numbers[mine]
            open_ = waiting(self.graph)[here] & ~np.uint64(faulty)
            among[mine] &= open_ & ~stuck_without(self.graph, tuple(bits(faulty)))[here] != 0
        return among

    def _over(self, rests: Rests) -> Bools:
        """bool[k]: in which of the rests no round follows."""
        return np.array([self._is_over(number) for number in rests.numbers.tolist()], np.bool_)

    def _is_over(self, number: int) -> bool:
        return not any(True for _ in self.graph.system.applicable(self.graph.configurations[number]))

    def _unheard(self) -> Iterator[Region]:
        """Yield for each passive learner the region of runs that lose all it would decide by, again and again."""
        graph = self.graph
        for owner in learners_of(graph) if loses_for_ever(graph) else ():
            bit = np.uint64(1 << owner)
            if graph.deciders >> owner & 1:
                decided = MailReading.of(graph, graph.marks.decided & bit != 0)
                loop = np.where(decided.surely, np.uint64(0), bit)
                yield self.region._replace(loop=loop, musts=(~decided.here,))

    def _search(self, *, lucky: bool, region: Region | None = None) -> FairSearch:
        mdp = self.mdp if self.graph.system.tosses and not lucky else None
        return FairSearch(self.graph, region or self.region, table_of(self.graph, lucky=lucky), mdp, lucky=lucky)

    @cached_property
    def lucky(self) -> list[FairComponent]:
        """The fair undecided cycles in which coins have to fall as they should, for ever."""
        return self._components(self._search(lucky=True).rests(), lucky=True) if self.graph.system.tosses else []

    @cached_property
    def mdp(self) -> Mdp:
        """The graph with its coins as a Markov decision process."""
        return Mdp.of(self.graph)

    @cached_property
    def endless(self) -> Endless | None:
        """A run without a decision that repeats but for its counters, looked for where the search was cut."""
        return None if self.graph.complete else endless_run(self.graph)


def _busy(graph: StateGraph) -> Bools:
    """bool[n]: where some process that is correct can take a step that changes something."""
    steps = graph.movers >= 0
    sources, movers = graph.sources[steps], graph.movers[steps].astype(np.uint64)
    busy = np.zeros(len(graph), dtype=np.bool_)
    busy[sources[(graph.marks.crashed[sources] >> movers & np.uint64(1)) == 0]] = True
    return busy
