"""Termination: every correct process decides in every fair run, or something stands in the way.

Two ways to fail.  *Blocking* (`blocked`): from here, with these processes crashed, some live process can never decide,
whatever happens.  *Livelock* (`fair`): a fair cycle in which some correct process stays undecided for ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from flpcheck.analyse.blocked import Blocked, blocked_configurations, stranded_configurations
from flpcheck.analyse.chance.process import Mdp
from flpcheck.analyse.endless import Endless, endless_run
from flpcheck.analyse.fair import FairComponent, cycles_of_rounds, fair_components, lucky_components
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
    def stranded(self) -> Bools:
        """bool[n]: where no correct process has anything left to do, and some correct process has not decided."""
        return stranded_configurations(self.graph)

    @cached_property
    def components(self) -> list[FairComponent]:
        """The fair undecided cycles, those with the fewest faulty processes first."""
        if self.graph.system.in_rounds:
            return cycles_of_rounds(self.graph)
        return fair_components(self.graph, self.mdp if self.graph.system.tosses else None)

    @cached_property
    def lucky(self) -> list[FairComponent]:
        """The fair undecided cycles in which coins have to fall as they should, for ever."""
        return lucky_components(self.graph)

    @cached_property
    def mdp(self) -> Mdp:
        """The graph with its coins as a Markov decision process."""
        return Mdp.of(self.graph)

    @cached_property
    def endless(self) -> Endless | None:
        """A run without a decision that repeats but for its counters, looked for where the search was cut."""
        return None if self.graph.complete else endless_run(self.graph)
