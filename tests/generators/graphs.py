"""Random general protocols, as a hypothesis strategy: each is made from one number, its seed."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import Any

from flpcheck import Event, protocol
from generators.protocols import seeds


@protocol
class RandomGraph:
    """A random general protocol: an arbitrary labelled graph on small numbers."""

    steps: Any = None  # per configuration a tuple of (kind, process or None, target)
    decided: Any = None  # per configuration the decisions of p0 and p1
    roots: Any = (0,)

    def names(self) -> list[str]:
        return ["p0", "p1"]

    def initial(self) -> list[int]:
        return list(self.roots)

    def successors(self, configuration: int) -> Iterable[tuple[Event, int]]:
        for kind, process, target in self.steps[configuration]:
            yield Event(kind, process, world=process is None), target

    def decisions(self, configuration: int) -> dict[str, int | None]:
        return dict(zip(self.names(), self.decided[configuration], strict=True))


def random_graph(seed: int) -> RandomGraph:
    """Return a general protocol of a few configurations."""
    at = Random(seed)
    size = at.randrange(1, 9)
    steps = tuple(
        tuple(
            (at.choice(["read", "write"]), at.choice(["p0", "p1", None]), at.randrange(size))
            for _ in range(at.randrange(5))
        )
        for _ in range(size)
    )
    decided = tuple((at.choice([None, None, 0, 1]), at.choice([None, None, 0, 1])) for _ in range(size))
    roots = tuple(at.sample(range(size), k=min(size, at.choice([1, 2]))))
    return RandomGraph(steps, decided, roots)


general_protocols = seeds.map(random_graph)
