"""One search by one worker and by several, alternating: elapsed time, and what it costs in processor seconds.

    python -m benchmarks.workers --workers 2 --runs 3

No ratio is printed unless all found the same configurations, transitions and depth.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Sequence

from benchmarks.against_spin import instances, plural
from benchmarks.flpcheck_peer import Flpcheck
from benchmarks.measure import Run, median_cpu, median_peak, refusing, same
from benchmarks.models import Model
from benchmarks.table import machine, megabytes, ratio, table, write_section

CASES = ("two_phase=9,10", "paxos=4")
QUICK = ("two_phase=7",)
SAFETY = ("--safety", "--property", "agreement", "--no-reduction")


def columns(workers: int) -> list[str]:
    """Return the heads of the table."""
    both = ("1 worker", f"{workers} workers")
    heads = [f"{what}: {who}" for what in ("seconds after start-up", "CPU seconds", "peak MB") for who in both]
    return ["model", "configurations", *heads[:2], "**times as fast**", *heads[2:]]


def row(title: str, starts: Sequence[float], found: Sequence[Sequence[Run]]) -> list[str]:
    """Return the row of one instance; refuse it unless every run found the same."""
    same(*(run.outcome for runs in found for run in runs), also=("transitions", "depth"))
    elapsed = [median_wall(runs) - start for runs, start in zip(found, starts, strict=True)]
    return [
        title,
        f"{found[0][0].outcome.configurations:,}",
        *(f"{seconds:.2f}" for seconds in elapsed),
        f"**{ratio(*elapsed)}**",
        *(f"{median_cpu(runs):.2f}" for runs in found),
        *(megabytes(median_peak(runs)) for runs in found),
    ]


def median_wall(runs: Sequence[Run]) -> float:
    """Return the median of the elapsed seconds."""
    return statistics.median(run.cost.wall for run in runs)


def compare(model: Model, size: int, engines: Sequence[Flpcheck], runs: int) -> list[str]:
    """Alternate the numbers of workers, after a run of each that is not counted."""
    found: list[list[Run]] = [[] for _ in engines]
    starts: list[list[Run]] = [[] for _ in engines]
    for number in range(runs + 1):
        for engine, mine, small in zip(engines, found, starts, strict=True):
            start = engine.run(model.spec, model.parameters(model.smallest))
            run = engine.run(model.spec, model.parameters(size))
            print(f"{model.heading(size)}: {engine}: {run.cost.wall:.2f} s", file=sys.stderr, flush=True)
            if number:
                mine.append(run)
                small.append(start)
    return row(model.heading(size), [median_wall(small) for small in starts], found)


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.workers", description=__doc__)
    parser.add_argument("--workers", type=int, default=2, help="against one (2)")
    parser.add_argument("--runs", type=int, default=3, help="of each, alternating (3)")
    parser.add_argument("--sizes", nargs="+", default=CASES, metavar="MODEL=N,N", help=" ".join(CASES))
    parser.add_argument("--quick", action="store_true", help="a small size, once; RESULTS.md is left alone")
    return parser.parse_args(given)


@refusing
def main(given: Sequence[str] | None = None) -> int:
    """Measure and print; return the exit code."""
    wanted = arguments(given)
    runs, sizes = (1, QUICK) if wanted.quick else (wanted.runs, wanted.sizes)
    engines = [Flpcheck("kernel", [*SAFETY, "--workers", str(number)]) for number in (1, wanted.workers)]
    rows = [compare(model, size, engines, runs) for model, size in instances(sizes)]
    about = f"{plural(runs)}, alternating: {engines[0]}, and with {wanted.workers}.\n\nMeasured on {machine()}."
    text = f"## Workers\n\n{about}\n\n{table(columns(wanted.workers), rows)}"
    print(text)
    if not wanted.quick:
        write_section("workers", "python -m benchmarks.workers", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
