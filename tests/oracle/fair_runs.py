"""Fair runs by guessing: which demands are never enabled in the part that is visited for ever; the others are served.

Plain Python on what a system offers, and the strongly connected components of networkx.  It asks every configuration,
knows nothing of arrays, and removes nothing step by step: for each guess it looks once.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from itertools import combinations
from typing import Any, NamedTuple

import networkx

from flpcheck.authoring.values import key
from flpcheck.system import System, Transition

UNLIMITED = -1
GUESSES = 6  # maximum number of demands guessed


class TooManyGuesses(Exception):
    """More demands that are now and then enabled than are guessed."""


Demand = tuple[int, Hashable]  # owner, what


class Offer(NamedTuple):
    """What a configuration owes: the demands that are enabled, that wait, and how strictly each is meant."""

    enabled: set[Demand]
    waiting: set[Demand]
    strength: dict[Demand, str]


class Runs:
    """All configurations of a system, found again by asking."""

    def __init__(self, system: System, most: int) -> None:
        self.system, self.nodes = system, list[Any]()
        self.edges: list[tuple[Any, Any, Transition]] = []
        self.known = dict.fromkeys(initial.configuration for initial in system.initial())
        waiting = list(self.known)
        while waiting:
            here = waiting.pop(0)
            self.nodes.append(here)
            steps = [*system.transitions(here), *(s for s in system.applicable(here) if s.successor == here)]
            for step in steps:
                self.edges.append((here, step.successor, step))
                if step.successor not in self.known:
                    self.known[step.successor] = None
                    waiting.append(step.successor)
            if len(self.known) > most:
                raise OverflowError
        self.offers = {here: self._offer(here) for here in self.nodes}

    def taken(self, step: Transition) -> set[Demand]:
        """Return the demands that a step meets."""
        if not 0 <= step.mover < len(self.system.names):
            return set()
        letters = {self._letter(step.mover, sender, message) for sender, message in step.event.letters}
        own = (step.mover, ("own", step.event.kind, key(step.event.message), step.event.sender))
        return letters if step.event.kind == "deliver" and letters else letters | {own}

    @staticmethod
    def _letter(owner: int, sender: str, message: Any) -> Demand:
        return owner, ("letter", sender, key(message))

    def _offer(self, here: Any) -> Offer:
        fairness = self.system.world.fairness
        enabled = set[Demand]()
        for step in self.system.applicable(here):
            if self.system.owed(here, step):
                enabled |= self.taken(step)
        mail = self.system.mailboxes(here)
        waiting = {
            self._letter(self.system.names.index(pid), *letter) for pid, letters in mail.items() for letter in letters
        }
        strength = {d: fairness.letters if d[1][0] == "letter" else fairness.timers for d in enabled | waiting}  # type: ignore[index]
        strength |= {d: "weak" for d in enabled if d[1][:2] == ("own", "gather")}  # type: ignore[index]
        if self.system.world.network.fair_loss == "letters":
            strength |= {d: "strong" for d in enabled | waiting if d[1][0] == "letter"}  # type: ignore[index]
        return Offer(enabled, waiting | enabled, strength)

    def fewest_faulty(
        self, region: set[Any], musts: list[set[Any]], who: frozenset[int], *, least: int = 1
    ) -> int | None:
        """Return the fewest faulty processes with which a run stays in a region for ever; None if none can.

        It visits `least` configurations for ever, or more.
        """
        self.least = least
        inside = {c for c in region if not any(self.system.marks(c).crashed >> p & 1 for p in who)}
        choices = [
            (frozenset(faulty), frozenset(unstable))
            for faulty in self._subsets(self._budget())
            for unstable in self._subsets(len(self.system.crashable) if self._returns() else 0)
            if not who & {*faulty, *unstable} and not {*faulty} & {*unstable}
        ]
        choices.sort(key=lambda choice: len(choice[0]) + len(choice[1]))
        found = (c for c in choices if self._runs(inside, musts, *c))
        return next((len(faulty) + len(unstable) for faulty, unstable in found), None)

    def _budget(self) -> int:
        failures = self.system.world.failures
        return failures.crashes if failures.events == "elided" else 0

    def _returns(self) -> bool:
        return self.system.world.failures.recoveries == UNLIMITED

    def _subsets(self, most: int) -> Iterator[tuple[int, ...]]:
        for size in range(most + 1):
            yield from combinations(self.system.crashable, size)

    def _runs(self, inside: set[Any], musts: list[set[Any]], faulty: frozenset[int], unstable: frozenset[int]) -> bool:
        def crashed(here: Any) -> int:
            return int(self.system.marks(here).crashed)

        mask = sum(1 << p for p in unstable)
        edges = [(a, b, step) for a, b, step in self.edges if a in inside and b in inside]
        edges = [(a, b, step) for a, b, step in edges if step.mover not in faulty]
        edges = [(a, b, step) for a, b, step in edges if not (crashed(a) ^ crashed(b)) & ~mask]
        guessed = {
            d for c in inside for d in self.offers[c].enabled
            if self.offers[c].strength[d] != "weak" and self._owes(d, crashed(c) | mask, faulty)
        }  # fmt: skip
        if len(guessed) > GUESSES:
            raise TooManyGuesses
        return any(
            self._served(component, inner, set(never), faulty, mask, musts)
            for size in range(len(guessed) + 1)
            for never in combinations(sorted(guessed, key=repr), size)
            for component, inner in self._components(inside, edges, set(never))
        )

    @staticmethod
    def _owes(demand: Demand, gone: int, faulty: frozenset[int]) -> bool:
        return demand[0] not in faulty and not gone >> demand[0] & 1

    def _components(
        self, inside: set[Any], edges: list[tuple[Any, Any, Transition]], never: set[Demand]
    ) -> Iterator[tuple[set[Any], list[Transition]]]:
        """Yield the components of what is left without some demands, with the steps inside of each."""
        left = {c for c in inside if not never & self.offers[c].enabled}
        graph = networkx.MultiDiGraph()
        graph.add_nodes_from(left)
        graph.add_edges_from((a, b) for a, b, _ in edges if a in left and b in left)
        for component in networkx.strongly_connected_components(graph):
            yield component, [step for a, b, step in edges if a in component and b in component]

    def _served(
        self, component: set[Any], inner: list[Transition], never: set[Demand], faulty: frozenset[int], unstable: int,
        musts: list[set[Any]],
    ) -> bool:  # fmt: skip
        """Whether a run round a whole component is fair, and visits what it has to."""
        if len(component) < self.least:
            return False
        some = next(iter(component))
        status = {self.system.marks(c).crashed for c in component}
        changing = [p for p in range(len(self.system.names)) if len({s >> p & 1 for s in status}) > 1]
        if sum(1 << p for p in changing) != unstable or not self.system.admissible(some):
            return False
        if not all(must & component for must in musts):
            return False
        gone = self.system.marks(some).crashed | unstable
        offers = [self.offers[c] for c in component]
        taken = {demand for step in inner for demand in self.taken(step)}
        for demand in {d for offer in offers for d in offer.enabled if self._owes(d, gone, faulty)} - taken:
            strength = next(offer.strength[demand] for offer in offers if demand in offer.enabled)
            always = all(demand in offer.enabled for offer in offers)
            waits = all(demand in offer.waiting for offer in offers)
            if demand in never or {"weak": always, "received": always or waits, "strong": True}[strength]:
                return False
        return True
