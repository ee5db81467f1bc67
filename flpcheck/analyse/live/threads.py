"""Demands of a quotient, in which an event that waits changes its name along the way: read from threads."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from flpcheck.analyse.live.asked import AskedTable, ComponentLabels, Weights
from flpcheck.analyse.threads import may_leave, starved_by
from flpcheck.explore.graph import Bools, Ints


class ThreadTable(AskedTable):
    """The demands of a quotient, all of them weak."""

    def weigh(self, members: Ints, _: ComponentLabels, /) -> Weights:
        """Return what a set of configurations leaves unmet."""
        starved = starved_by(self.graph, np.sort(members), lucky=self.lucky)
        return Weights(sum(1 << index for index in starved), ())

    def enabling(self, members: Ints, _: Iterable[int], /) -> Bools:
        """bool[k]: none, as no demand is starved by where it is enabled."""
        return np.zeros(len(members), np.bool_)

    def _pending(self, number: int) -> int:
        here, system = self.graph.configurations[number], self.graph.system
        steps = list(system.applicable(here))
        leaving = set() if self.lucky or not system.tosses else may_leave(steps, {here})
        idle = {step.event for step in steps if step.successor == here and step.event not in leaving}
        waits = {step.mover for step in steps if system.owed(here, step) and step.event not in idle}
        return sum(1 << mover for mover in waits if 0 <= mover < len(system.names))
