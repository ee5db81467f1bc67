"""flpcheck against Spin, on the same models, alternating, in processor seconds.

    python -m benchmarks.against_spin --runs 3

No ratio is printed unless both found the same number of configurations in every run.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import spin_peer
from benchmarks.flpcheck_peer import Flpcheck
from benchmarks.measure import Refused, Run, median_cpu, median_peak, same
from benchmarks.models import MODELS, Model
from benchmarks.table import NOTHING, machine, megabytes, ratio, table, write_section

QUICK = {"two_phase": (7,), "paxos": (3,)}
MEASURABLE = 0.1
"""Less than so many seconds after the start of Python is lost in the noise of the start."""
COLUMNS = (
    "model",
    "configurations",
    "transitions: flpcheck",
    "Spin",
    "CPU seconds: flpcheck",
    "of which start-up",
    "Spin",
    "**Spin / flpcheck after start-up**",
    "whole process",
    "peak MB: flpcheck",
    "Spin",
)


@dataclass(frozen=True)
class Comparison:
    """All runs of one instance, and those of the smallest instance of the same model, which show the start-up."""

    title: str
    ours: Sequence[Run]
    theirs: Sequence[Run]
    our_starts: Sequence[Run]
    their_starts: Sequence[Run]

    def row(self) -> list[str]:
        """Return the row of the table; refuse it if the counts differ."""
        same(*(run.outcome for run in (*self.ours, *self.theirs)))
        ours, theirs = median_cpu(self.ours), median_cpu(self.theirs)
        start = median_cpu(self.our_starts)
        our_search, their_search = ours - start, theirs - median_cpu(self.their_starts)
        dominated = our_search < MEASURABLE
        return [
            self.title,
            f"{self.ours[0].outcome.configurations:,}",
            f"{self.ours[0].outcome.transitions:,}",
            rounded(self.theirs[0].outcome.transitions),
            f"{ours:.2f}",
            f"{start:.2f}",
            f"{theirs:.2f}",
            NOTHING if dominated else f"**{ratio(their_search, our_search)}**",
            ratio(theirs, ours),
            megabytes(median_peak(self.ours)),
            megabytes(median_peak(self.theirs)),
        ]


def compare(model: Model, size: int, flpcheck: Flpcheck, runs: int, macros: Sequence[str], folder: Path) -> Comparison:
    """Alternate runs of flpcheck and of Spin, after one run of flpcheck that is not counted."""
    title = model.heading(size)

    def verifier(n: int) -> spin_peer.Verifier:
        return spin_peer.build(model.promela, [f"{model.macro}={n}", *macros], folder / f"{model.name}_{n}")

    small, large = verifier(model.smallest), verifier(size)
    first = flpcheck.run(model.spec, model.parameters(size))
    found = first.outcome.configurations
    said(title, "flpcheck, not counted", first)
    ours, theirs, our_starts, their_starts = [], [], [], []
    for _ in range(runs):
        our_starts.append(flpcheck.run(model.spec, model.parameters(model.smallest)))
        their_starts.append(small.run(our_starts[0].outcome.configurations))
        same(our_starts[-1].outcome, their_starts[-1].outcome)
        ours.append(flpcheck.run(model.spec, model.parameters(size)))
        said(title, "flpcheck", ours[-1])
        theirs.append(large.run(found))
        said(title, "Spin", theirs[-1])
        same(ours[-1].outcome, theirs[-1].outcome)
    return Comparison(title, ours, theirs, our_starts, their_starts)


def said(title: str, who: str, run: Run) -> None:
    """Show a run as soon as it has ended."""
    cost = run.cost
    figures = f"{run.outcome.configurations:,} configurations, {cost.cpu:.2f} CPU s, {megabytes(cost.peak)} MB"
    print(f"{title}: {who}: {figures}", file=sys.stderr, flush=True)


def rounded(transitions: int) -> str:
    """Say how many transitions Spin counted, as exactly as it printed them."""
    if transitions < spin_peer.ROUNDED:
        return f"{transitions:,}"
    return f"{transitions / 10**6:,.1f} million"


def plural(runs: int) -> str:
    """Say how many runs a figure comes from."""
    return "One run of each" if runs == 1 else f"Medians of {runs} runs of each"


def instances(sizes: Iterable[str]) -> list[tuple[Model, int]]:
    """Read `--sizes`: two_phase=7,9 paxos=3."""
    chosen = {}
    for words in sizes:
        name, _, numbers = words.partition("=")
        if name not in {model.name for model in MODELS} or not numbers.replace(",", "").isdigit():
            raise Refused(f"--sizes {words}: not like two_phase=7,9 or paxos=3")
        chosen[name] = [int(number) for number in numbers.split(",")]
    every: dict[str, Sequence[int]] = {model.name: model.sizes for model in MODELS}
    return [(model, size) for model in MODELS for size in (chosen or every).get(model.name, ())]


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.against_spin", description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="of each, alternating (3)")
    parser.add_argument("--sizes", nargs="+", default=[], metavar="MODEL=N,N", help="two_phase=7,9,10 paxos=3,4")
    parser.add_argument("--quick", action="store_true", help="small sizes, once; RESULTS.md is left alone")
    parser.add_argument("--engine", default="kernel", help="of flpcheck (kernel)")
    parser.add_argument("--options", default="--safety --property agreement", help="more options of flpcheck explore")
    parser.add_argument("--explore-only", action="store_true", help="flpcheck without its analyses")
    parser.add_argument("--literal", action="store_true", help="Spin also tries the actions that change nothing")
    return parser.parse_args(given)


def about(flpcheck: Flpcheck, runs: int, *, literal: bool) -> str:
    """Say what the table shows."""
    model = "literal models (-DLITERAL)" if literal else "tuned models"
    return (
        f"{plural(runs)}, alternating; CPU seconds are user and system time of the whole process. "
        f"flpcheck is {flpcheck}; Spin is its exhaustive search of the {model} in "
        f"`benchmarks/spin/`.\n\nMeasured on {machine()}; {spin_peer.version()}."
    )


def record(wanted: argparse.Namespace, text: str) -> None:
    """Put the table into RESULTS.md, each kind of comparison in its own place."""
    kinds = [kind for kind in ("explore_only", "literal") if getattr(wanted, kind)]
    name, command = "_".join(["against_spin", *kinds]), "python -m benchmarks.against_spin"
    command += "".join(f" --{kind.replace('_', '-')}" for kind in kinds)
    title = ", ".join(["## Against Spin", *(kind.replace("_", " ") for kind in kinds)])
    write_section(name, command, f"{title}\n\n{text}")


def main(given: Sequence[str] | None = None) -> int:
    """Measure and print; return the exit code."""
    wanted = arguments(given)
    try:
        sizes = [f"{name}={n}" for name, (n,) in QUICK.items()] if wanted.quick else wanted.sizes
        runs = 1 if wanted.quick else wanted.runs
        flpcheck = Flpcheck(wanted.engine, wanted.options.split(), wanted.explore_only)
        macros = ["LITERAL"] if wanted.literal else []
        with tempfile.TemporaryDirectory() as folder:
            rows = [
                compare(model, size, flpcheck, runs, macros, Path(folder) / str(number)).row()
                for number, (model, size) in enumerate(instances(sizes))
            ]
        text = f"{about(flpcheck, runs, literal=wanted.literal)}\n\n{table(COLUMNS, rows)}"
    except Refused as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    print(text)
    if not wanted.quick:
        record(wanted, text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
