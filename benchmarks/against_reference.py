"""The kernel engine against the reference engine, alternating, in processor seconds.

    python -m benchmarks.against_reference --runs 3

No ratio is printed unless both found the same configurations, transitions and depth.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence

from benchmarks.flpcheck_peer import Flpcheck
from benchmarks.measure import Run, median_cpu, median_peak, refusing, same
from benchmarks.table import NOTHING, machine, megabytes, ratio, table, write_section

START = ("specs/tla/two_phase.py", {"resource_managers": 1})
INSTANCES: Mapping[str, tuple[str, Mapping[str, int], Sequence[str]]] = {
    "Two-phase commit, 5 resource managers": ("specs/tla/two_phase.py", {"resource_managers": 5}, ()),
    "Two-phase commit, 6 resource managers": ("specs/tla/two_phase.py", {"resource_managers": 6}, ()),
    "Two-phase commit, 7 resource managers": ("specs/tla/two_phase.py", {"resource_managers": 7}, ()),
    "Lamport's Paxos, ballots 0..2": ("specs/tla/paxos.py", {"ballots": 3}, ()),
    "First quorum, 4 processes, 1 crash": ("specs/first_quorum.py", {"n": 4}, ("--crashes", "1")),
}
QUICK = 1
MEASURABLE = 0.1  # CPU seconds after start-up
COLUMNS = (
    "model",
    "configurations",
    "CPU seconds: kernel",
    "reference",
    "**reference / kernel after start-up**",
    "whole process",
    "peak MB: kernel",
    "reference",
)


def alternate(title: str, engines: Sequence[Flpcheck], runs: int) -> list[list[Run]]:
    """Run an instance with both engines in turn, a number of times, after one run of each that is not counted."""
    spec, parameters, options = INSTANCES[title]
    found: list[list[Run]] = [[] for _ in engines]
    for number in range(runs + 1):
        for engine, mine in zip(engines, found, strict=True):
            run = Flpcheck(engine.engine, [*engine.options, *options]).run(spec, parameters)
            print(f"{title}: {engine.engine}: {run.cost.cpu:.2f} CPU s", file=sys.stderr, flush=True)
            if number:
                mine.append(run)
    same(*(run.outcome for mine in found for run in mine), also=("transitions", "depth"))
    return found


def row(title: str, found: Sequence[Sequence[Run]], starts: Sequence[float]) -> list[str]:
    """Return the row of one instance."""
    kernel, reference = (median_cpu(runs) for runs in found)
    searching = kernel - starts[0]
    return [
        title,
        f"{found[0][0].outcome.configurations:,}",
        f"{kernel:.2f}",
        f"{reference:.2f}",
        NOTHING if searching < MEASURABLE else f"**{ratio(reference - starts[1], searching)}**",
        ratio(reference, kernel),
        *(megabytes(median_peak(runs)) for runs in found),
    ]


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.against_reference", description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="of each, alternating (3)")
    parser.add_argument("--engine", default="kernel", help="what is compared with the reference engine (kernel)")
    parser.add_argument("--options", default="--property agreement", help="further options of flpcheck explore")
    parser.add_argument("--quick", action="store_true", help="the smallest instance, once; RESULTS.md is left alone")
    return parser.parse_args(given)


@refusing
def main(given: Sequence[str] | None = None) -> int:
    """Measure and print; return the exit code."""
    wanted = arguments(given)
    engines = [Flpcheck(name, wanted.options.split()) for name in (wanted.engine, "reference")]
    runs, titles = (1, list(INSTANCES)[:QUICK]) if wanted.quick else (wanted.runs, list(INSTANCES))
    starts = [median_cpu([engine.run(*START) for _ in range(runs + 1)]) for engine in engines]
    lines = [row(title, alternate(title, engines, runs), starts) for title in titles]
    about = (
        f"Medians of {runs} runs of each, alternating; CPU seconds of the whole process, `flpcheck explore "
        f"{wanted.options}`. The start alone takes {starts[0]:.2f} s with the {wanted.engine} engine and "
        f"{starts[1]:.2f} s with the reference engine.\n\nMeasured on {machine()}."
    )
    text = f"## Against the reference engine\n\n{about}\n\n{table(COLUMNS, lines)}"
    print(text)
    if not wanted.quick:
        write_section("against_reference", "python -m benchmarks.against_reference", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
