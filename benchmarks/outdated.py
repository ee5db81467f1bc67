"""Ballots without end and stale mail: the kernel against plain Python on the same quotient, in processor seconds.

    python -m benchmarks.outdated

Most of the time of either goes into verifying what the spec declares: that is done in Python, in both, and alike.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from time import process_time

from benchmarks.measure import refusing
from benchmarks.table import machine, table, write_section
from flpcheck import Bounds, StateGraph, asynchronous, load, system_of
from flpcheck.explore import explore
from flpcheck.reduce import reduced
from flpcheck.system import System

INPUTS = {"p0": 0, "p1": 1}
MODELS = {
    "Duel of two, one acceptor": ("paxos_duel", {"acceptors": 1}, INPUTS, None),
    "Duel of two, three acceptors": ("paxos_duel", {"acceptors": 3}, INPUTS, 20_000),
    "Elections of Raft, three servers": ("raft_elections", {"servers": 3}, None, 500),
}
QUICK = 1
COLUMNS = ("model", "configurations", "transitions", "CPU seconds: kernel", "plain", "**ratio**", "wanted")


def quotient(title: str) -> System:
    """Return one of the models modulo ballots and stale mail, with empty tables."""
    spec, constants, inputs, _ = MODELS[title]
    return reduced(system_of(load(spec).protocol(**constants), asynchronous(), inputs))


def searched(title: str, engine: str) -> tuple[StateGraph, float]:
    """Explore a model, and return the graph and how many processor seconds that took."""
    system, most = quotient(title), MODELS[title][-1]
    begun = process_time()
    graph = explore(system, Bounds(configurations=most), engine=engine)
    return graph, process_time() - begun


def row(title: str) -> list[str]:
    """Return the row of one model, measured once the compiled code is loaded."""
    searched(next(iter(MODELS)), "kernel")
    (kernel, seconds), (plain, spent) = (searched(title, engine) for engine in ("kernel", "reference"))
    assert (len(kernel), kernel.steps) == (len(plain), plain.steps)
    print(f"{title}: {len(kernel):,} configurations, {seconds:.2f} CPU s", file=sys.stderr, flush=True)
    found = f"{len(kernel):,}", f"{kernel.steps:,}", f"{seconds:.2f}", f"{spent:.2f}"
    return [title, *found, f"**{spent / seconds:.1f}**", "1"]


@refusing
def main(given: Sequence[str] | None = None) -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.outdated", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the smallest model; RESULTS.md is left alone")
    wanted = parser.parse_args(given)
    titles = list(MODELS)[:QUICK] if wanted.quick else list(MODELS)
    about = (
        "One run each, exploring only, all questions to the protocol and their verification under other ballots "
        f"included; both engines are cut at the same number of configurations.\n\nMeasured on {machine()}."
    )
    text = f"## Ballots and stale mail\n\n{about}\n\n{table(COLUMNS, map(row, titles))}"
    print(text)
    if not wanted.quick:
        write_section("outdated", "python -m benchmarks.outdated", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
