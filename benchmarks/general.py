"""General protocols: the kernel, by read tries, against plain Python, in processor seconds.

    python -m benchmarks.general

Plain Python explores the beginning of a large model only, so that rates are compared; what both have found is equal.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.measure import Refused, refusing
from benchmarks.table import machine, table, write_section
from flpcheck import Bounds, StateGraph, load, system_of
from flpcheck.explore import explore
from flpcheck.explore.tries.packed import PackedGeneral
from flpcheck.settle import Overrides, settle

INSTANCES: Mapping[str, tuple[str, Mapping[str, int]]] = {
    "Non-blocking commitment, 2 participants": ("specs/tla/acp_nb.py", {"n": 2}),
    "Non-blocking commitment, 3 participants": ("specs/tla/acp_nb.py", {"n": 3}),
    "Simple broadcast, 3 participants": ("specs/tla/acp_sb.py", {"n": 3}),
    "Termination detection, 3 nodes": ("specs/tla/ewd998.py", {"n": 3, "most": 2}),
    "Voting, 3 ballots": ("specs/tla/voting.py", {"ballots": 3}),
    "Commitment with a detector, 2 processes": ("specs/tla/nbac_detector.py", {"n": 2}),
}
QUICK = 1
MOST = 15_000
"""Maximum number of configurations that plain Python explores."""
COLUMNS = (
    "model", "configurations", "transitions", "CPU seconds: kernel", "questions", "configurations / s: kernel", "plain",
    "**ratio**",
)  # fmt: skip


def searched(title: str, engine: str, bounds: Bounds) -> tuple[StateGraph, float]:
    """Explore an instance, and return the graph and how many processor seconds that took."""
    spec, parameters = INSTANCES[title]
    changes = {name: str(value) for name, value in parameters.items()}
    request = settle(load(spec), Overrides(parameters=changes))
    system, begun = system_of(request.protocol, request.world, request.inputs), time.process_time()
    graph = explore(system, bounds, engine=engine)
    seconds = time.process_time() - begun
    print(f"{title}: {graph.engine}: {len(graph):,} configurations, {seconds:.2f} CPU s", file=sys.stderr, flush=True)
    return graph, seconds


def row(title: str) -> list[str]:
    """Return the row of one instance, measured once the compiled code is loaded."""
    searched(title, "kernel", Bounds(configurations=100))
    kernel, seconds = searched(title, "kernel", Bounds())
    plain, spent = searched(title, "reference", Bounds(configurations=MOST))
    done = int(np.count_nonzero(~plain.frontier))
    edges = int(plain.offsets[done])
    if kernel.fallback or not np.array_equal(kernel.targets[:edges], plain.targets[:edges]):
        raise Refused(f"{title}: the engines do not find the same")
    assert isinstance(kernel.configurations, PackedGeneral)
    questions = kernel.configurations.front.tracer.asked
    rates = len(kernel) / seconds, len(plain) / spent
    return [
        title, f"{len(kernel):,}", f"{kernel.steps:,}", f"{seconds:.2f}", f"{questions:,}",
        *(f"{rate:,.0f}" for rate in rates), f"**{rates[0] / rates[1]:.0f}**",
    ]  # fmt: skip


@refusing
def main(given: Sequence[str] | None = None) -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.general", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the smallest instance; RESULTS.md is left alone")
    wanted = parser.parse_args(given)
    titles = list(INSTANCES)[:QUICK] if wanted.quick else list(INSTANCES)
    about = (
        f"One run each, exploring only; plain Python is cut at {MOST:,} configurations. Questions are those "
        f"that the kernel's search puts to the author's rules.\n\nMeasured on {machine()}."
    )
    text = f"## General protocols\n\n{about}\n\n{table(COLUMNS, map(row, titles))}"
    print(text)
    if not wanted.quick:
        write_section("general", "python -m benchmarks.general", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
