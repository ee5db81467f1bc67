"""Symmetric protocols: the kernel modulo symmetry, against plain Python on the same quotient, in processor seconds.

    python -m benchmarks.symmetry

Plain Python explores the beginning only, and nothing of a group that it cannot list.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks import brief
from benchmarks.measure import refusing
from benchmarks.table import NOTHING, machine, table, write_section
from flpcheck import Bounds, Interchangeable, Reduction, StateGraph, Symmetric, asynchronous, load, protocol, system_of
from flpcheck.explore import explore
from flpcheck.reduce import Orbits, reduced

TWO_PHASE: Any = load("tla/two_phase").protocol
PAXOS: Any = load("tla/paxos").protocol
FAST: Any = load("tla/fast_paxos").protocol


@protocol
class AlikeManagers(TWO_PHASE):  # type: ignore[misc]
    """Resource managers are alike."""

    def reductions(self) -> list[Reduction]:
        """All resource managers."""
        return [Symmetric(tuple(self.rms))]


@protocol
class AlikeAcceptors(PAXOS):  # type: ignore[misc]
    """Acceptors are alike, and so are values."""

    def reductions(self) -> list[Reduction]:
        """All acceptors; all values."""
        return [Symmetric(tuple(self.all_acceptors)), Interchangeable(tuple(range(self.values)))]


MODELS: Mapping[str, Callable[[], Any]] = {
    "Two-phase commit, 8 resource managers": lambda: AlikeManagers(resource_managers=8),
    "Two-phase commit, 12 resource managers": lambda: AlikeManagers(resource_managers=12),
    "Lamport's Paxos, ballots 0..2": lambda: AlikeAcceptors(ballots=3),
    "Lamport's Paxos, ballots 0..3": lambda: AlikeAcceptors(ballots=4),
    "Fast Paxos, ballots 0..4": FAST,
}
WANTED = {
    "Two-phase commit, 12 resource managers": "at most 4 s",
    "Lamport's Paxos, ballots 0..3": "at least 250,000 / s",
    "Fast Paxos, ballots 0..4": "at most 5 s, start-up included",
}
QUICK = 1
MOST = 1_000
"""Maximum number of orbits that plain Python explores."""
COLUMNS = (
    "model", "renamings", "orbits", "transitions", "configurations without symmetry", "CPU seconds: kernel",
    "orbits / s: kernel", "plain", "**ratio**", "wanted",
)  # fmt: skip


def searched(system: Orbits, engine: str, bounds: Bounds) -> tuple[StateGraph, float]:
    """Explore a quotient, and return the graph and how many processor seconds that took."""
    begun = time.process_time()
    graph = explore(system, bounds, engine=engine)
    return graph, time.process_time() - begun


def quotient(title: str) -> Orbits:
    """Return one of the models modulo symmetry, with empty tables."""
    system = reduced(system_of(MODELS[title](), asynchronous(network="set")))
    assert isinstance(system, Orbits)
    return system


def row(title: str) -> list[str]:
    """Return the row of one model, measured once the compiled code is loaded."""
    searched(quotient(title), "kernel", Bounds())
    kernel, seconds = searched(quotient(title), "kernel", Bounds())
    print(f"{title}: {len(kernel):,} orbits, {seconds:.2f} CPU s", file=sys.stderr, flush=True)
    system, rate = quotient(title), len(kernel) / seconds
    plain = NOTHING, NOTHING
    if system.listed:
        graph, spent = searched(system, "reference", Bounds(configurations=MOST))
        plain = f"{len(graph) / spent:,.0f}", f"**{rate * spent / len(graph):.0f}**"
    return [
        title, f"{system.most:,}", f"{len(kernel):,}", f"{kernel.steps:,}", f"{int(kernel.weights.sum()):,}",
        f"{seconds:.2f}", f"{rate:,.0f}", *plain, WANTED.get(title, NOTHING),
    ]  # fmt: skip


@refusing
def main(given: Sequence[str] | None = None) -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.symmetry", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the smallest model; RESULTS.md is left alone")
    wanted = parser.parse_args(given)
    titles = list(MODELS)[:QUICK] if wanted.quick else list(MODELS)
    about = (
        "One run each, exploring only, all questions to the protocol and their verification under permuted names "
        f"included; plain Python is cut at {MOST:,} orbits.\n\nMeasured on {machine()}."
    )
    text = f"## Symmetry\n\n{about}\n\n{table(COLUMNS, map(row, titles))}"
    print(text)
    if not wanted.quick:
        write_section("symmetry", "python -m benchmarks.symmetry", text)
        brief.main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
