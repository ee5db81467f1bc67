"""Random protocols that toss coins: message passing, and general ones."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from random import Random
from typing import Any

from flpcheck import DEFER, At, Event, Step, World, asynchronous, protocol, toss
from generators.protocols import DEFERS, Local, Ping, RandomTables, random_protocol, random_world

CHANCES = ((Fraction(1, 2), Fraction(1, 2)), (Fraction(1, 3), Fraction(2, 3)))


@protocol
class RandomTosses(RandomTables):
    """The same tables, where a coin is tossed among several outcomes."""

    def look_up(self, role: int, at: At, s: Local, event: Any) -> Step[Local, Ping]:
        cell = self.table.get((role, s.place, self.named(at, event)))
        if cell is None:
            return s, ()
        if cell == DEFERS:
            return DEFER
        answers = [self.answer(at, s, outcome) for outcome in cell]
        if len(answers) == 1 or answers[0] == answers[1]:
            return answers[0]
        return toss(*zip(CHANCES[role], answers, strict=True))


@protocol
class RandomTossingGraph:
    """An arbitrary labelled graph on small numbers, some of whose events toss a coin."""

    steps: Any = None  # per configuration a tuple of (kind, process, targets)

    def names(self) -> list[str]:
        return ["p0", "p1"]

    def initial(self) -> list[int]:
        return [0]

    def successors(self, configuration: int) -> Iterable[tuple[Event, int]]:
        for kind, process, targets in self.steps[configuration]:
            chances = CHANCES[kind == "write"] if len(targets) == 2 else (None,)
            for chance, target in zip(chances, targets, strict=True):
                yield Event(kind, process, chance=chance), target


def random_tosses(seed: int) -> tuple[RandomTosses, World]:
    """Return a protocol whose processes toss coins, in any world."""
    drawn = random_protocol(seed)
    return RandomTosses(drawn.table, drawn.shape, seed), random_world(seed)


def random_tossing_graph(seed: int) -> tuple[RandomTossingGraph, World]:
    """Return a general protocol of a few configurations, some of whose events toss a coin."""
    at = Random(seed)
    size = at.randrange(2, 8)
    owners = [("read", "p0"), ("write", "p0"), ("read", "p1"), ("write", "p1")]
    steps = tuple(
        tuple(
            (*owner, tuple(at.sample(range(size), k=at.choice([1, 1, 2]))))
            for owner in at.sample(owners, k=at.randrange(4))
        )
        for _ in range(size)
    )
    return RandomTossingGraph(steps), asynchronous(at.choice([0, 0, 1]), crash_events=at.choice(["explicit", "elided"]))
