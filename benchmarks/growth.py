"""What a configuration costs as models grow: time and memory of one engine on two series of sizes.

    python -m benchmarks.growth --seconds 120 --memory 8

Each series goes on until the next size would take longer than `--seconds`, or was cut by one of the bounds.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from benchmarks.flpcheck_peer import Flpcheck
from benchmarks.measure import Run, refusing
from benchmarks.table import NOTHING, machine, megabytes, table, write_section

TWO_PHASE = "specs/tla/two_phase.py"
PAXOS = "specs/tla/paxos.py"
SERIES: Mapping[str, tuple[str, Sequence[Mapping[str, int]]]] = {
    "Two-phase commit": (TWO_PHASE, [{"resource_managers": n} for n in (1, 4, 5, 6, 7, 8, 9, 10, 11)]),
    "Lamport's Paxos": (
        PAXOS,
        [
            {"ballots": ballots, "values": values}
            for ballots, values in ((1, 1), (2, 1), (2, 2), (3, 1), (3, 2), (3, 3), (4, 1), (4, 2), (4, 3))
        ],
    ),
}
COLUMNS = (
    "model",
    "configurations",
    "transitions",
    "depth",
    "CPU seconds",
    "configurations per CPU second after start-up",
    "bytes per configuration",
    "peak MB",
)
GIGABYTE = 2**30
MEASURABLE = 0.1  # CPU seconds after start-up


def series(
    spec: str, sizes: Sequence[Mapping[str, int]], flpcheck: Flpcheck, most: float
) -> Iterator[tuple[Mapping[str, int], Run]]:
    """Run one size after the other while the next one is likely to end in time; the first one shows the start-up."""
    runs: list[Run] = []
    for parameters in sizes:
        if len(runs) > 2 and forecast(runs) > most:
            return
        runs.append(flpcheck.run(spec, parameters))
        if not runs[-1].outcome.complete:
            print(f"  {runs[-1].outcome.why}", file=sys.stderr)
            return
        yield parameters, runs[-1]


def forecast(runs: Sequence[Run]) -> float:
    """Return how many CPU seconds the next size may take, if it grows as the last one grew, at the last one's speed."""
    first, before, last = runs[0], runs[-2], runs[-1]
    factor = last.outcome.configurations / before.outcome.configurations
    return first.cost.cpu + max(0.0, last.cost.cpu - first.cost.cpu) * factor


def row(title: str, parameters: Mapping[str, int], run: Run, first: Run) -> list[str]:
    """Return the row of one size; the start-up is what the smallest size took, memory likewise."""
    found, cost = run.outcome, run.cost
    named = ", ".join(f"{name.replace('_', ' ')} = {value}" for name, value in parameters.items())
    seconds, size = cost.cpu - first.cost.cpu, cost.peak - first.cost.peak
    measurable = seconds >= MEASURABLE
    return [
        f"{title}, {named}",
        f"{found.configurations:,}",
        f"{found.transitions:,}",
        f"{found.depth}",
        f"{cost.cpu:.2f}",
        f"{found.configurations / seconds:,.0f}" if measurable else NOTHING,
        f"{size / found.configurations:,.0f}" if measurable else NOTHING,
        megabytes(cost.peak),
    ]


def rows(flpcheck: Flpcheck, most: float) -> Iterator[list[str]]:
    """Run every series."""
    for title, (spec, sizes) in SERIES.items():
        first = None
        for parameters, run in series(spec, sizes, flpcheck, most):
            first = first or run
            line = row(title, parameters, run, first)
            print("  ".join(line), file=sys.stderr, flush=True)
            yield line


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("--engine", default="kernel", help="of flpcheck (kernel)")
    parser.add_argument("--seconds", type=float, default=60, help="the most that one run should take (60)")
    parser.add_argument("--memory", type=float, default=8, help="GiB at which a run is cut (8)")
    parser.add_argument("--options", default="--property agreement", help="further options of flpcheck explore")
    parser.add_argument("--explore-only", action="store_true", help="without the analyses; bounds do not hold then")
    parser.add_argument("--dry-run", action="store_true", help="leave RESULTS.md alone")
    return parser.parse_args(given)


@refusing
def main(given: Sequence[str] | None = None) -> int:
    """Measure and print; return the exit code."""
    wanted = arguments(given)
    bounds = ["--max-memory", str(int(wanted.memory * GIGABYTE)), "--max-seconds", str(3 * wanted.seconds)]
    plain = Flpcheck(wanted.engine, wanted.options.split(), wanted.explore_only)
    flpcheck = replace(plain, options=[*wanted.options.split(), *bounds])
    lines = list(rows(flpcheck, wanted.seconds))
    about = (
        f"One run of each, whole process: {plain}; until the next size would take "
        f"more than {wanted.seconds:g} CPU seconds or {wanted.memory:g} GiB. Bytes and speed are above what the "
        f"smallest size takes.\n\nMeasured on {machine()}."
    )
    text = f"## Growth, {wanted.engine} engine\n\n{about}\n\n{table(COLUMNS, lines)}"
    print(text)
    if not wanted.dry_run:
        write_section(f"growth_{wanted.engine}", f"python -m benchmarks.growth --engine {wanted.engine}", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
