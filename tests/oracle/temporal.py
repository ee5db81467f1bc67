"""Temporal properties straight from their definitions: what a lasso does, and whether any fair run does it.

Plain Python and networkx, on configurations found again by asking the system.  Nothing of `analyse` is used; the fair
runs of worlds that owe something to processes are those of `fair_runs.py`, by guessing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import networkx

from flpcheck.system import System, Transition
from oracle.fair_runs import Demand, Offer, Runs

Set = frozenset[Any]
WORLD = -1


class Word(NamedTuple):
    """The truth of both predicates along a run that ends in a loop, and whether its process is up.

    Parameters
    ----------
    p, q, up
        For each configuration.
    loop
        The position of the first one that is repeated for ever.
    """

    p: list[bool]
    q: list[bool]
    up: list[bool]
    loop: int


def violates(operator: str, word: Word) -> bool:
    """Return whether a run violates a property, by the definition of its operator."""
    p, q, loop = word.p, word.q, word.loop
    if not all(word.up[loop:]):  # nothing is owed to a process that does not stay up
        return False
    found: dict[str, bool] = {
        "eventually": not any(p),
        "leads_to": any(here and not any(q[at:]) and not any(q[loop:]) for at, here in enumerate(p)),
        "always_eventually": not any(p[loop:]),
        "eventually_always": not all(p[loop:]),
        "until": not any(q),
    }
    return found[operator]


def breaks_off(word: Word) -> bool:
    """Return whether `until` is broken on the way: p is false before q was ever true, and its process is up again."""
    for at, here in enumerate(word.p):
        if word.q[at]:
            return False
        if not here:
            return any(word.up[at:])
    return False


class TemporalRuns(Runs):
    """All configurations of a system; fair runs also where coins are tossed, and in rounds."""

    def __init__(self, system: System, most: int) -> None:
        super().__init__(system, most)
        self.after: dict[Any, list[Any]] = {here: [] for here in self.nodes}
        for here, there, _ in self.edges:
            self.after[here].append(there)

    def taken(self, step: Transition) -> set[Demand]:
        """Return the demands that a step meets: those on its rule, and on its link where these are fair, included."""
        found = super().taken(step)
        if not found:
            return found
        named = {step.event.kind, "" if step.rule is None else step.rule.name}
        found |= {(step.mover, ("rule", rule.rule)) for rule in self.system.world.fairness.rules if rule.rule in named}
        if self.system.world.network.fair_loss == "links" and step.event.kind in {"deliver", "gather"}:
            found |= {(step.mover, ("link", sender)) for sender, _ in step.event.letters}
        return found

    def _offer(self, here: Any) -> Offer:
        offer, strengths = super()._offer(here), {r.rule: r.strength for r in self.system.world.fairness.rules}
        for demand in offer.strength:
            what: Any = demand[1]
            if what[0] in {"rule", "link"}:
                offer.strength[demand] = "strong" if what[0] == "link" else strengths[what[1]]
        return offer

    def up(self, here: Any, who: int | None) -> bool:
        """Return whether a process is up in a configuration."""
        return who is None or not self.system.marks(here).crashed >> who & 1

    def steps(self, here: Any) -> list[Transition]:
        """Return all steps out of a configuration, those that change nothing included."""
        return [*self.system.transitions(here), *(s for s in self.system.applicable(here) if s.successor == here)]

    def resting(self, here: Any, faulty: frozenset[int]) -> list[Transition]:
        """Return the steps that change nothing, but for those of faulty processes."""
        return [s for s in self.system.applicable(here) if s.successor == here and s.mover not in faulty]

    def reach(self, starts: Set, inside: Set) -> Set:
        """Return what is reached from some configurations inside of a set."""
        found, waiting = set(starts & inside), list(starts & inside)
        while waiting:
            for there in self.after[waiting.pop()]:
                if there in inside and there not in found:
                    found.add(there)
                    waiting.append(there)
        return frozenset(found)

    def violated(self, operator: str, p: Set, q: Set, who: int | None) -> int | None:
        """Return the fewest faulty processes with which a run violates a property; None if none does."""
        if operator == "possible_from_everywhere":
            return self._stuck(p, who)
        every, owner = frozenset(self.nodes), frozenset() if who is None else frozenset({who})
        roots = frozenset(initial.configuration for initial in self.system.initial())
        if operator == "until" and self._breaks_off(roots, p, q, who):
            return 0
        areas = {
            "eventually": self.reach(roots, every - p),
            "leads_to": self.reach(p - q, every - q),
            "always_eventually": every - p,
            "eventually_always": every,
            "until": self.reach(roots, every - q),
        }
        musts = [{*(every - p)}] if operator == "eventually_always" else []
        return self.fewest_faulty({*areas[operator]}, musts, owner)

    def _breaks_off(self, roots: Set, p: Set, q: Set, who: int | None) -> bool:
        early = self.reach(roots, p - q)
        first = {c for here in early for c in self.after[here]} | roots
        broken = frozenset(c for c in first if c not in p and c not in q)
        back = self.reach(broken, frozenset(self.nodes))
        return any(self.up(here, who) for here in back)

    def _stuck(self, p: Set, who: int | None) -> int | None:
        for silent in self._subsets(self._budget()):
            if who in silent:
                continue
            able = {here for here in self.nodes if here in p}
            while True:
                more = {a for a, b, step in self.edges if b in able and step.mover not in silent and a not in able}
                if not more:
                    break
                able |= more
            if any(here not in able and self.up(here, who) for here in self.nodes):
                return len(silent)
        return None

    def _components(
        self, inside: set[Any], edges: list[tuple[Any, Any, Transition]], never: set[Demand]
    ) -> Iterator[tuple[set[Any], list[Transition]]]:
        """Yield the components; of coins only events none of whose outcomes leads out of them."""
        left = {c for c in inside if not never & self.offers[c].enabled}
        edges = [edge for edge in edges if edge[0] in left]
        while True:
            graph = networkx.DiGraph()
            graph.add_nodes_from(left)
            graph.add_edges_from((a, b) for a, b, _ in edges if b in left)
            parts = list(networkx.strongly_connected_components(graph))
            part = {here: number for number, members in enumerate(parts) for here in members}
            leaving = {
                (a, step.mover, step.event) for a, b, step in self.edges
                if step.chance is not None and a in left and part[a] != part.get(b, -1)
            }  # fmt: skip
            staying = [edge for edge in edges if (edge[0], edge[2].mover, edge[2].event) not in leaving]
            if len(staying) == len(edges):
                break
            edges = staying
        for members in parts:
            yield members, [step for a, b, step in edges if a in members and b in members]

    def _served(
        self, component: set[Any], inner: list[Transition], never: set[Demand], faulty: frozenset[int], unstable: int,
        musts: list[set[Any]],
    ) -> bool:  # fmt: skip
        some = next(iter(component))
        if self.system.in_rounds:
            over = not self.after[some]
            goes_on = bool(inner) and self.system.endless(some)
            return (over or goes_on) and all(must & component for must in musts)
        if len(component) == 1 and not inner and self._is_led_on(some):
            return False
        return super()._served(component, inner, never, faulty, unstable, musts)

    def _is_led_on(self, here: Any) -> bool:
        """Whether an event that belongs to no process is applicable: a run does not stop there."""
        return any(step.mover == WORLD for step in self.system.applicable(here))

    def is_fair(self, loop: list[Any], steps: list[Transition], faulty: frozenset[int]) -> bool:
        """Return whether a loop starves no process that is correct in it: one turn of it is all that is looked at."""
        if self.system.in_rounds:
            return not self.after[loop[0]] or (bool(steps) and all(map(self.system.endless, loop)))
        offers = [self.offers[here] for here in loop]
        crashed = {p for here in loop for p in range(len(self.system.names)) if not self.up(here, p)}
        silent = faulty - crashed  # the others crash and recover for ever, and take steps in between
        if not all(map(self.system.admissible, loop)) or any(step.mover in silent for step in steps):
            return False
        taken = {demand for step in steps for demand in self.taken(step)}
        owed = {d for offer in offers for d in offer.enabled if d[0] not in faulty | crashed} - taken
        return not any(self._starves(d, offers) for d in owed)

    def left(self, loop: list[Any], steps: list[Transition], faulty: frozenset[int]) -> tuple[set[Demand], set[Demand]]:
        """Return the demands of correct processes that a loop does not meet, and the letters never receivable in it."""
        offers = [self.offers[here] for here in loop]
        taken = {demand for step in steps for demand in self.taken(step)}
        down = {p for p, name in enumerate(self.system.names) if name == "learner" or not self.up(loop[0], p)} | faulty
        enabled = {d for offer in offers for d in offer.enabled if d[0] not in down}
        waiting = {d for d in set.intersection(*(offer.waiting for offer in offers)) if d[0] not in down}
        return enabled - taken, waiting - enabled - taken

    @staticmethod
    def _starves(demand: Demand, offers: list[Any]) -> bool:
        strength = next(offer.strength[demand] for offer in offers if demand in offer.enabled)
        always = all(demand in offer.enabled for offer in offers)
        waits = all(demand in offer.waiting for offer in offers)
        return {"weak": always, "received": always or waits, "strong": True}[strength]
