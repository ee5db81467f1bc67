"""Demands of configurations, by asking the reference semantics for each: general protocols, coins, worlds that hinder.

This is the definition; where what can happen to a process depends on its component alone, `rows.py` finds the same in
tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from flpcheck.analyse.live.demands import Demand, DemandBook, Offer, offer_of, starved
from flpcheck.analyse.threads import may_leave
from flpcheck.budget import looking
from flpcheck.explore.graph import Bools, Ints, Masks, StateGraph
from flpcheck.system import WORLD, Transition

ComponentLabels = NDArray[np.int32]
"""int32[n]: the set of configurations that each is in; a transition is inside if it has the same label at both ends."""


EVERY_PROCESS = 2**64 - 1
"""Instead of the owners of unmet demands, where events of the author's that belong to no process lead on."""


class Weights(NamedTuple):
    """The demands that a set of configurations visited for ever leaves unmet.

    Parameters
    ----------
    starving
        Owners of demands that every subset starves as well, as bits.
    hungry
        Demands that are starved as long as they are enabled somewhere in the set: they may be in a subset or not.
    """

    starving: int
    hungry: tuple[int, ...]


class Hop(NamedTuple):
    """A transition inside a set of configurations, or a step that changes nothing."""

    target: int
    transition: Transition


class AskedTable:
    """The demands of a graph, found by asking in each configuration.

    Parameters
    ----------
    graph
        The graph.
    lucky
        Whether coins fall as they should: otherwise an event whose coin may lead out of a set is not taken in it.
    """

    def __init__(self, graph: StateGraph, *, lucky: bool = False) -> None:
        self.graph, self.lucky = graph, lucky
        self.book = DemandBook(graph.system)

    def demand(self, number: int) -> Demand:
        """Return the demand of a number."""
        return self.book.demands[number]

    def offer(self, number: int) -> Offer:
        """Return what a configuration owes."""
        return offer_of(self.book, self.graph.configurations[number])

    def hops(self, number: int, label: ComponentLabels) -> list[tuple[Hop, tuple[int, ...]]]:
        """Return the steps out of a configuration that stay in its set, each with the demands that it meets."""
        graph, here = self.graph, self.graph.configurations[number]
        mail = bool(self.book.waiting(here)) or hasattr(here, "components")
        stored = list(graph.system.transitions(here))
        targets = graph.targets[graph.out(number)].tolist()
        found = list(zip(targets, stored, strict=True))
        idle = [(number, step) for step in graph.system.applicable(here) if step.successor == here]
        inside = [(to, step) for to, step in (*found, *idle) if label[to] == label[number]]
        if graph.system.tosses and not self.lucky:
            successors = {step.successor for _, step in inside}
            leaving = may_leave([*stored, *(step for _, step in idle)], successors)
            inside = [(to, step) for to, step in inside if step.event not in leaving]
        return [(Hop(to, step), self.book.met_by(step, mail=mail)) for to, step in inside]

    def weigh_all(self, groups: Sequence[Ints], label: ComponentLabels) -> list[Weights]:
        """Return what each of some sets of configurations leaves unmet."""
        return [self.weigh(group, label) for group in looking(groups, every=1)]

    def weigh(self, members: Ints, label: ComponentLabels, /) -> Weights:
        """Return what a set of configurations leaves unmet."""
        ever, taken = set[int](), set[int]()
        offers = [self.offer(number) for number in looking(members.tolist())]
        for number, offer in zip(looking(members.tolist()), offers, strict=True):
            ever |= offer.enabled
            taken.update(n for _, met in self.hops(number, label) for n in met)
        always = set.intersection(*(offer.enabled for offer in offers))
        waits = set.intersection(*(offer.waiting for offer in offers))
        return self._unmet(always, waits, ever, taken)

    def _unmet(self, always: set[int], waits: set[int], ever: set[int], taken: set[int]) -> Weights:
        starving, hungry = 0, list[int]()
        for number in sorted(ever - taken):
            demand = self.demand(number)
            if number in always:
                starving |= 1 << demand.owner
            elif starved(demand.strength, always_enabled=False, always_waits=number in waits, ever_enabled=True):
                hungry.append(number)
        return Weights(starving, tuple(hungry))

    def enabling(self, members: Ints, demands: Iterable[int], /) -> Bools:
        """bool[k]: in which configurations one of some demands is enabled."""
        wanted = set(demands)
        return np.array([bool(wanted & self.offer(n).enabled) for n in looking(members.tolist())], np.bool_)

    def pending(self, numbers: Ints) -> Masks:
        """uint64[k]: the owners of demands that a run which stays in a configuration for ever leaves unmet."""
        found = np.zeros(len(numbers), np.uint64)
        for place, number in enumerate(looking(numbers.tolist())):
            found[place] = self._pending(number)
        return found

    def _pending(self, number: int) -> int:
        here, offer = self.graph.configurations[number], self.offer(number)
        idle = [(step, met) for step, met in offer.steps if step.successor == here]
        if self.graph.system.tosses and not self.lucky:
            leaving = may_leave([step for step, _ in offer.steps], {here})
            idle = [(step, met) for step, met in idle if step.event not in leaving]
        met = {n for _, numbers in idle for n in numbers}
        starving = sum(1 << owner for owner in {self.demand(n).owner for n in offer.enabled - met})
        if _goes_on([step for step, _ in offer.steps], [step for step, _ in idle], starving):
            return EVERY_PROCESS
        return starving

    def lacking(self, numbers: Ints, demands: set[int]) -> Bools:
        """bool[k]: in which configurations one of some demands is off (weak), or gone (received)."""
        return np.array([bool(self._off(number, demands)) for number in looking(numbers.tolist())], np.bool_)

    def _off(self, number: int, demands: set[int]) -> set[int]:
        offer = self.offer(number)
        return {d for d in demands if self.is_off(d, offer)}

    def is_off(self, number: int, offer: Offer) -> bool:
        """Return whether a configuration by itself meets a demand: it is off there, or its letter is gone."""
        strength = self.demand(number).strength
        return strength != "strong" and number not in (offer.enabled if strength == "weak" else offer.waiting)

    def taking(self, numbers: Ints, label: ComponentLabels, demands: set[int]) -> Iterator[tuple[int, Hop]]:
        """Yield (configuration, step inside its set that meets one of some demands), in order."""
        for number in looking(numbers.tolist()):
            for hop, met in self.hops(number, label):
                if demands & set(met):
                    yield number, hop


def _goes_on(steps: Sequence[Transition], idle: Sequence[Transition], faulty: int) -> bool:
    """Whether an event of a general protocol that belongs to no process leads on, and nothing else goes on for ever.

    Such an event is owed to no process; but a run does not stop where it can happen.
    """
    resting = (step for step in idle if step.mover == WORLD or not faulty >> step.mover & 1)
    return any(step.mover == WORLD for step in steps) and not any(resting)
