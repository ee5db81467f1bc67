"""Demands of a quotient, in which an event that waits changes its name along the way: read from threads."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from flpcheck.analyse.live.asked import AskedTable, ComponentLabels, Weights
from flpcheck.analyse.threads import Threads, letters_of, may_leave, receipts
from flpcheck.explore.graph import Bools, Ints, StateGraph
from flpcheck.system import System
from flpcheck.world.fairness import RECEIVED


class ThreadTable(AskedTable):
    """The demands of a quotient: own events are owed weakly, letters weakly or until they are received."""

    def __init__(self, graph: StateGraph, *, lucky: bool = False) -> None:
        super().__init__(graph, lucky=lucky)
        self._held = dict[int, set[int]]()  # by configuration of what was weighed last: to whom letters are held back

    def weigh(self, members: Ints, _: ComponentLabels, /) -> Weights:
        """Return what a set of configurations leaves unmet."""
        members = np.sort(members)
        threads = Threads(self.graph, members, lucky=self.lucky)
        self._held |= {number: set[int]() for number in members.tolist()}
        waits = self.book.letters_are == RECEIVED and threads.defers
        hungry = self._held_back(members) if waits else set[int]()
        return Weights(sum(1 << index for index in threads.starved), tuple(sorted(hungry)))

    def _held_back(self, members: Ints) -> set[int]:
        """Return the letters that nothing in a set takes although they could be received now and then."""
        threads, found = Threads(self.graph, members, lucky=self.lucky, deferred=True), set[int]()
        for number in members.tolist():
            letters = threads.held_back(self.graph.configurations[number])
            self._held[number] = {*letters.values()}
            found |= {self.book.letter(owner, e.sender or "", e.message)[0] for e, owner in letters.items()}
        return found

    def enabling(self, members: Ints, demands: Iterable[int], /) -> Bools:
        """bool[k]: where some letter is held back that is owed to the process of one of some demands."""
        owners = {self.demand(number).owner for number in demands}
        return np.array([bool(self._held[number] & owners) for number in members.tolist()], np.bool_)

    def _pending(self, number: int) -> int:
        return owed_at_rest(self.graph.system, self.graph.configurations[number], lucky=self.lucky)


def owed_at_rest(system: System, here: object, *, lucky: bool) -> int:
    """Return whom a run leaves waiting that stays in a configuration of a quotient for ever, as bits."""
    steps = list(system.applicable(here))
    leaving = set() if lucky or not system.tosses else may_leave(steps, {here})
    idle = {step.event for step in steps if step.successor == here and step.event not in leaving}
    waits = {step.mover for step in steps if system.owed(here, step) and step.event not in idle}
    return sum(1 << mover for mover in waits if 0 <= mover < len(system.names))


def defers(system: System, here: object) -> bool:
    """Return whether some letter of a configuration cannot be received there."""
    return not letters_of(system, here).keys() <= receipts(step.event for step in system.applicable(here))
