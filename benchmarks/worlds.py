"""The kernel against plain Python in worlds of every kind, in processor seconds.

    python -m benchmarks.worlds

Plain Python explores the beginning of a large model only, so that rates are compared; what both have found is equal.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.measure import Refused, refusing
from benchmarks.table import machine, table, write_section
from flpcheck import Bounds, World, asynchronous, heard_of, load, synchronous, system_of
from flpcheck.explore import explore
from flpcheck.explore.in_rounds.front import RoundFront
from flpcheck.explore.native import NativeSearch
from flpcheck.system import System
from flpcheck.system.rounds import InRounds


@dataclass(frozen=True)
class Model:
    """A protocol in a world, and how far each engine goes."""

    spec: str
    world: World
    parameters: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, int] | None = None
    plain: int = 15_000  # maximum number of configurations that plain Python explores
    kernel: int = 2_000_000
    wanted: float = 1.0  # ratio that the kernel is to reach
    known: bool = False  # whether a row says how fast the kernel is where it has nothing to ask


SIDES = (("p0", "a0", "l0"), ("p1", "a1", "a2", "a3", "l1"))
MODELS: Mapping[str, Model] = {
    "Rounds: UniformVoting, 3 processes, 4 rounds": Model("uniform_voting", heard_of("any", rounds=4)),
    "Rounds: LastVoting, 5 processes, 12 rounds": Model(
        "last_voting", heard_of("any", rounds=12), {"n": 5}, wanted=12
    ),
    "The same, all rows known": Model("last_voting", heard_of("any", rounds=12), {"n": 5}, wanted=80, known=True),
    "General: non-blocking commitment, 3 participants": Model(
        "tla/acp_nb", asynchronous(), {"n": 3}, wanted=80
    ),
    "General: simple broadcast, 3 participants": Model("tla/acp_sb", asynchronous(), {"n": 3}),
    "General: termination detection, 3 nodes": Model("tla/ewd998", asynchronous()),
    "General: voting, 3 ballots": Model("tla/voting", asynchronous(), {"ballots": 3}),
    "Shared memory: test&set, 5 processes": Model(
        "memory/test_and_set", asynchronous(), {"n": 5}, wanted=100
    ),
    "Detector S: Chandra-Toueg": Model(
        "chandra_toueg", asynchronous(crashes=1, detector="S", ignored="stays"), kernel=100_000, wanted=4
    ),
    "Detector omega that never stabilises: Paxos": Model(
        "omega_paxos", asynchronous(detector="omega", stabilises=False, ignored="stays"), kernel=100_000, plain=100_000
    ),
    "The same, one acceptor: 13,888 levels": Model(
        "omega_paxos", asynchronous(detector="omega", stabilises=False, ignored="stays"), {"acceptors": 1},
        inputs={"p0": 0, "p1": 1}, kernel=100_000, plain=100_000,
    ),
    "Partition that heals: Paxos, 2 proposers, 4 acceptors": Model(
        "paxos", asynchronous(ignored="stays", partition=SIDES, heals=True),
        {"proposers": 2, "acceptors": 4, "learners": 2}, kernel=150_000, plain=150_000, wanted=8,
    ),
    "Timeouts in synchrony: guess, 4 processes": Model(
        "guess_on_timeout", synchronous(crashes=1), {"n": 4}, kernel=150_000, plain=150_000, wanted=8
    ),
}  # fmt: skip
QUICK = 1
COLUMNS = (
    "model", "configurations", "transitions", "CPU seconds: kernel", "configurations / s: kernel", "plain", "**ratio**",
    "wanted",
)  # fmt: skip


@dataclass(frozen=True)
class Found:
    """What is left of a search once its graph is given back: a large heap would make the next search slower."""

    configurations: int
    transitions: int
    seconds: float
    targets: NDArray[np.int32]  # of the configurations that were expanded
    fallback: str


def searched(model: Model, engine: str, most: int) -> Found:
    """Explore a model, with the graph given back."""
    protocol = load(model.spec).instances[0].protocol.__class__(**model.parameters)
    system, bounds = system_of(protocol, model.world, model.inputs), Bounds(configurations=most)
    again = model.known and engine == "kernel"
    search = _again(system, bounds) if again else partial(explore, system, bounds, engine=engine)
    gc.collect()
    begun = time.process_time()
    graph = search()
    seconds = time.process_time() - begun
    last = int(graph.offsets[int(np.count_nonzero(~graph.frontier))])
    return Found(len(graph), graph.steps, seconds, np.array(graph.targets[:last]), str(graph.fallback or ""))


def _again(system: System, bounds: Bounds) -> Callable[[], Any]:
    """Return a second search of rounds in the kernel, which has asked everything in the first one."""
    assert isinstance(system, InRounds)
    front = RoundFront(system)
    NativeSearch(front, bounds).run()
    return NativeSearch(front, bounds).run


def row(title: str, runs: int) -> list[str]:
    """Return the row of one model: medians of runs that alternate, once the compiled code is loaded."""
    model = MODELS[title]
    searched(model, "kernel", model.kernel)
    kernels, plains = [], []
    for _ in range(runs):
        kernels.append(searched(model, "kernel", model.kernel))
        plains.append(searched(model, "reference", model.plain))
    kernel, plain = kernels[0], plains[0]
    if kernel.fallback or not np.array_equal(kernel.targets[: len(plain.targets)], plain.targets):
        raise Refused(f"{title}: the engines do not find the same, or the kernel does not explore it")
    seconds, spent = (statistics.median(found.seconds for found in several) for several in (kernels, plains))
    rates = kernel.configurations / seconds, plain.configurations / spent
    print(f"{title}: {rates[0]:,.0f} and {rates[1]:,.0f} configurations a second", file=sys.stderr, flush=True)
    return [
        title, f"{kernel.configurations:,}", f"{kernel.transitions:,}", f"{seconds:.2f}",
        *(f"{rate:,.0f}" for rate in rates), f"**{rates[0] / rates[1]:.1f}**", f"{model.wanted:g}",
    ]  # fmt: skip


@refusing
def main(given: Sequence[str] | None = None) -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.worlds", description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="runs of each, of which the median counts")
    parser.add_argument("--only", default="", help="only models whose title has this in it; RESULTS.md is left alone")
    parser.add_argument("--quick", action="store_true", help="the smallest model, once; RESULTS.md is left alone")
    wanted = parser.parse_args(given)
    chosen = [title for title in MODELS if wanted.only in title][: QUICK if wanted.quick else None]
    runs = 1 if wanted.quick else wanted.runs
    about = (
        f"Medians of {runs}, alternating, exploring only, with all questions to the author's functions, once the "
        f"compiled code is loaded; plain Python is cut at 15,000 configurations, or where the kernel is.\n\n"
        f"Measured on {machine()}."
    )
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), max_tasks_per_child=1) as alone:
        rows = list(alone.map(partial(row, runs=runs), chosen))  # what one leaves in memory slows no other
    text = f"## Worlds\n\n{about}\n\n{table(COLUMNS, rows)}"
    print(text)
    if not wanted.quick and not wanted.only:
        write_section("worlds", "python -m benchmarks.worlds", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
