"""How long fair runs are looked for: one large strongly connected component of processes that turn their wheels.

    python -m benchmarks.liveness --k 35

Four wheels with k places, and a process that may decide: 2 k^4 configurations.  The time is that of the search for
fair components after exploring, in processor seconds; blocking, which settles this model sooner, stands beside it.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

from benchmarks.table import NOTHING, table
from flpcheck import At, Process, Start, Step, Timeout, asynchronous, protocol, record, replace, system_of
from flpcheck.analyse.termination import Termination
from flpcheck.explore import explore

COLUMNS = ("part", "configurations", "transitions", "CPU seconds", "**microseconds per configuration**", "wanted")
WANTED = {"fair components": "at most 1"}


@record
class Hand:
    """Where a wheel stands."""

    n: int = 0
    decision: int | None = None


@protocol
class Wheels:
    """Processes that turn for ever, and one that decides when it starts."""

    wheels: int = 4
    k: int = 15

    def processes(self) -> list[Process[Hand, Any]]:
        """Return the wheels and the process that decides."""
        wheels = [Process(f"w{i}", self.turn, start=Hand()) for i in range(self.wheels)]
        return [*wheels, Process("d", self.decide, start=Hand())]

    def turn(self, _: At, s: Hand, __: Timeout) -> Step[Hand, Any]:
        """Turn by one place."""
        return replace(s, n=(s.n + 1) % self.k), ()

    def decide(self, _: At, s: Hand, __: Start) -> Step[Hand, Any]:
        """Decide."""
        return replace(s, decision=1), ()


def seconds(work: Callable[[], object]) -> float:
    """Return the processor seconds that some work takes."""
    before = time.process_time()
    work()
    return time.process_time() - before


def main() -> None:
    """Explore the wheels, and print how long each part takes."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--k", type=int, default=15)
    parser.add_argument("--engine", default="kernel", choices=("kernel", "reference"))
    given = parser.parse_args()
    graph = explore(system_of(Wheels(k=given.k), asynchronous()), engine=given.engine)
    _ = graph.marks, graph.deciders
    fair, blocked = Termination(graph), Termination(graph)
    parts = {"fair components": lambda: fair.components, "blocked": lambda: blocked.blocked}
    rows = []
    for name, work in parts.items():
        took = seconds(work)
        size = f"{len(graph):,}", f"{len(graph.targets):,}"
        rows.append([name, *size, f"{took:.2f}", f"**{1e6 * took / len(graph):.2f}**", WANTED.get(name, NOTHING)])
    print(table(COLUMNS, rows))


if __name__ == "__main__":
    main()
