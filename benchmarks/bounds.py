"""Do bounds hold?  Peak memory under --max-memory and elapsed time under --max-seconds, as the system counts them.

    python -m benchmarks.bounds --seconds 10 --megabytes 400

Three models that are far larger than either bound, with both engines, judged for safety and for termination.  A bound
holds if it is exceeded by at most a tenth, or by 50 MB (2 seconds).  Elapsed time is that of the whole process, from
its start to its end, and depends on what else the machine does: the share of a processor that it had stands beside it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.measure import Cost, Refused, measured, refusing
from benchmarks.table import machine, table, write_section

MODELS: dict[str, Sequence[str]] = {
    "two-phase commit": ("specs/tla/two_phase.py", "-p", "resource_managers=14"),
    "Paxos": ("specs/tla/paxos.py", "-p", "ballots=5", "-p", "values=3"),
    "endless questions": ("benchmarks/endless.py",),
}
ENGINES = ("kernel", "reference")
COLUMNS = ("model", "engine", "bound", "measured", "over", "CPU seconds", "cut by", "configurations", "unfinished")
SHARE, MEGABYTES, SECONDS = 0.1, 50.0, 2.0
PATIENCE = 45.0
"""Maximum number of seconds of a run that is bounded by memory alone; more where others use the machine, too."""


@dataclass(frozen=True)
class Bounded:
    """A run under a bound.

    Parameters
    ----------
    model, engine
        What was explored, and by what.
    option
        `--max-memory` or `--max-seconds`.
    limit, measured
        In megabytes or in seconds.
    cost, found
        What it took, and what it printed.
    """

    model: str
    engine: str
    option: str
    limit: float
    measured: float
    cost: Cost
    found: dict[str, Any]

    @property
    def over(self) -> float:
        """By how much the bound was exceeded."""
        return max(self.measured - self.limit, 0.0)

    @property
    def holds(self) -> bool:
        """Whether it was kept within a tenth, or 50 MB (2 seconds)."""
        least = MEGABYTES if self.option == "--max-memory" else SECONDS
        return self.over <= max(SHARE * self.limit, least)


def bounded(model: str, engine: str, option: str, limit: float, patience: float) -> Bounded:
    """Run flpcheck under a bound."""
    unit = "M" if option == "--max-memory" else ""
    command = [sys.executable, "-m", "flpcheck", "explore", *MODELS[model], "--engine", engine, "--format", "json"]
    command += ["--no-reports", "--max-configurations", "0", "--max-depth", "0", option, f"{limit:g}{unit}"]
    command += ["--max-seconds", f"{patience:g}"] if option == "--max-memory" else []
    printed, cost = measured(command)
    found = json.loads(printed)
    if found["complete"]:
        raise Refused(f"{model} is too small for {option} {limit:g}")
    reached = cost.peak / 2**20 if option == "--max-memory" else cost.wall
    return Bounded(model, engine, option, limit, reached, cost, found)


def row(run: Bounded) -> list[str]:
    """Return the row of a run."""
    unit = "MB" if run.option == "--max-memory" else "s"
    return [
        run.model,
        run.engine,
        f"{run.option} {run.limit:g} {unit}",
        f"{run.measured:.1f} {unit}",
        f"{run.over:.1f} {unit}" + ("" if run.holds else " (not kept)"),
        f"{run.cost.cpu:.1f} of {run.cost.wall:.1f}",
        str(run.found["cut"]["bound"]),
        f"{run.found['configurations']:,}",
        str(len(run.found["unfinished"])),
    ]


def runs(seconds: float, megabytes: Sequence[float], engines: Sequence[str], patience: float) -> Iterator[Bounded]:
    """Run each model with each engine under each bound."""
    for model in MODELS:
        for engine in engines:
            for option, limits in (("--max-memory", megabytes), ("--max-seconds", [seconds])):
                for limit in limits:
                    run = bounded(model, engine, option, limit, patience)
                    print(" | ".join(row(run)), file=sys.stderr, flush=True)
                    yield run


@refusing
def main() -> int:
    """Run all, and print and write down the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--patience", type=float, default=PATIENCE)
    parser.add_argument("--megabytes", type=float, nargs="+", default=[300.0, 600.0])
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=ENGINES)
    parser.add_argument("--quick", action="store_true", help="the kernel alone, within 3 seconds; writes nothing")
    wanted = parser.parse_args()
    if wanted.quick:
        wanted.seconds, wanted.megabytes, wanted.engines = 3.0, [300.0], ["kernel"]
    found = list(runs(wanted.seconds, wanted.megabytes, wanted.engines, wanted.patience))
    worst = [max((run for run in found if run.option == option), key=lambda run: run.over) for option in OPTIONS]
    says = [f"Worst for {run.option}: {row(run)[4]} over, {run.model} with the {run.engine} engine." for run in worst]
    text = f"{machine()}\n\n{table(COLUMNS, map(row, found))}\n\n" + "\n".join(says)
    print(text)
    if not wanted.quick:
        write_section("bounds", "python -m benchmarks.bounds", text)
    return 0 if all(run.holds for run in found) else 1


OPTIONS = ("--max-memory", "--max-seconds")

if __name__ == "__main__":
    sys.exit(main())
