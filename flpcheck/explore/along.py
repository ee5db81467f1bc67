"""The part of a graph along one run: what it passes, and where else one could have gone from there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from flpcheck.explore.bounds import Bounds
from flpcheck.explore.graph import StateGraph
from flpcheck.explore.reference import Search
from flpcheck.reduce import plain_system
from flpcheck.system import Configuration, System


class Run(Protocol):
    """A run: which initial configuration it begins with, and all that it passes."""

    @property
    def initial(self) -> int:
        """Which initial configuration, as a position in the list of all."""

    @property
    def configurations(self) -> Sequence[Configuration]:
        """All configurations passed, the initial one first."""


def graph_along(system: System, run: Run) -> tuple[StateGraph, tuple[int, ...]]:
    """Return the configurations of a run with all their successors, which are left unexpanded, and the ids of the run.

    Parameters
    ----------
    system, run
        What was explored, and a run of it; of a quotient, of the system below.
    """
    search = Search(plain_system(system), Bounds())
    search.initial = [search.system.initial()[run.initial]]
    search.begin()
    for configuration in dict.fromkeys(run.configurations):
        search.expand(search.ids[configuration])
    return search.graph(), tuple(search.ids[configuration] for configuration in run.configurations)
