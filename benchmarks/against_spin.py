"""flpcheck against Spin, on the same models, alternating, in processor seconds.

    python -m benchmarks.against_spin --runs 3

Spin searches each model twice: as it is specified, and tuned by hand.  No ratio is printed unless all found the same
number of configurations in every run.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import brief, spin_peer
from benchmarks.flpcheck_peer import Flpcheck
from benchmarks.measure import Refused, Run, median_cpu, median_peak, refusing, same
from benchmarks.models import MODELS, Model
from benchmarks.spin_peer import BASELINES, Verifier
from benchmarks.table import NOTHING, machine, megabytes, ratio, table, write_section

QUICK = {"two_phase": (7,), "paxos": (3,)}
MEASURABLE = 0.1
"""Times below this many seconds after the start of Python are lost in the noise of the start."""
OURS = "flpcheck"


@dataclass
class Runs:
    """What one competitor did on one instance, and on the smallest of the same model, which shows the start-up."""

    whole: list[Run] = field(default_factory=list)
    starts: list[Run] = field(default_factory=list)

    @property
    def search(self) -> float:
        """CPU seconds after the start-up."""
        return median_cpu(self.whole) - median_cpu(self.starts)


@dataclass(frozen=True)
class Comparison:
    """All runs of one instance, by competitor; flpcheck is the first one."""

    title: str
    runs: Mapping[str, Runs]

    def row(self) -> list[str]:
        """Return the row of the table; refuse it if the counts differ."""
        same(*(run.outcome for runs in self.runs.values() for run in runs.whole))
        ours = self.runs[OURS]
        spin = [runs for name, runs in self.runs.items() if name != OURS]
        every = self.runs.values()

        def each(of: Callable[[Runs], str], among: Iterable[Runs]) -> list[str]:
            return [of(runs) if runs.whole else NOTHING for runs in among]

        return [
            self.title,
            f"{ours.whole[0].outcome.configurations:,}",
            *each(lambda runs: rounded(runs.whole[0].outcome.transitions), every),
            f"{median_cpu(ours.whole):.2f}",
            f"{median_cpu(ours.starts):.2f}",
            *each(lambda runs: f"{median_cpu(runs.whole):.2f}", spin),
            *each(lambda runs: NOTHING if ours.search < MEASURABLE else f"**{ratio(runs.search, ours.search)}**", spin),
            *each(lambda runs: ratio(median_cpu(runs.whole), median_cpu(ours.whole)), spin),
            *each(lambda runs: megabytes(median_peak(runs.whole)), every),
        ]


def columns(baselines: Sequence[str]) -> list[str]:
    """Return the heads of the table."""
    spin = [f"Spin, {name}" for name in baselines]
    return [
        "model",
        "configurations",
        f"transitions: {OURS}",
        *spin,
        f"CPU seconds: {OURS}",
        "of which start-up",
        *spin,
        *(f"**{name} / {OURS} after start-up**" for name in spin),
        *(f"{name} / {OURS}, whole process" for name in spin),
        f"peak MB: {OURS}",
        *spin,
    ]


def compare(
    model: Model, size: int, flpcheck: Flpcheck, runs: int, baselines: Sequence[str], folder: Path
) -> Comparison:
    """Alternate runs of flpcheck and of Spin, after one run of flpcheck that is not counted."""
    title = model.heading(size)

    def verifier(baseline: str, n: int) -> Verifier:
        return spin_peer.build(model, BASELINES[baseline], n, folder / f"{baseline}_{n}")

    there = [name for name in baselines if name in model.baselines]
    verifiers = {name: (verifier(name, model.smallest), verifier(name, size)) for name in there}
    first = flpcheck.run(model.spec, model.parameters(size))
    said(title, "flpcheck, not counted", first)
    found = {name: Runs() for name in (OURS, *baselines)}
    for _ in range(runs):
        started = flpcheck.run(model.spec, model.parameters(model.smallest))
        found[OURS].starts.append(started)
        found[OURS].whole.append(flpcheck.run(model.spec, model.parameters(size)))
        said(title, OURS, found[OURS].whole[-1])
        for name, (small, large) in verifiers.items():
            found[name].starts.append(small.run(started.outcome.configurations))
            same(started.outcome, found[name].starts[-1].outcome)
            found[name].whole.append(large.run(first.outcome.configurations))
            said(title, f"Spin, {name}", found[name].whole[-1])
            same(first.outcome, found[OURS].whole[-1].outcome, found[name].whole[-1].outcome)
    return Comparison(title, found)


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
    parser.add_argument(
        "--options", default="--safety --property agreement --no-reduction", help="more options of flpcheck explore"
    )
    parser.add_argument("--explore-only", action="store_true", help="flpcheck without its analyses")
    parser.add_argument(
        "--baselines", nargs="+", choices=BASELINES, default=list(BASELINES), help="models for Spin (all)"
    )
    return parser.parse_args(given)


def about(flpcheck: Flpcheck, runs: int, baselines: Sequence[str]) -> str:
    """Say what the table shows."""
    spin = [f"*Spin, {b.name}*: {b.about} (`{' '.join(b.flags)}`)" for b in map(BASELINES.__getitem__, baselines)]
    return (
        f"{plural(runs)}, alternating; CPU seconds are user and system time of the whole process. "
        f"flpcheck is {flpcheck}. Spin searches exhaustively; {'; '.join(spin)}.\n\n"
        f"Measured on {machine()}; {spin_peer.version()}."
    )


def record(text: str, *, explore_only: bool) -> None:
    """Put the table into RESULTS.md, each kind of comparison in its own place, and the main columns into the README."""
    name, command, title = "against_spin", "python -m benchmarks.against_spin", "## Against Spin"
    if explore_only:
        name, command, title = f"{name}_explore_only", f"{command} --explore-only", f"{title}, explore only"
    write_section(name, command, f"{title}\n\n{text}")
    if not explore_only:
        brief.main()


@refusing
def main(given: Sequence[str] | None = None) -> int:
    """Measure and print; return the exit code."""
    wanted = arguments(given)
    sizes = [f"{name}={n}" for name, (n,) in QUICK.items()] if wanted.quick else wanted.sizes
    runs = 1 if wanted.quick else wanted.runs
    flpcheck = Flpcheck(wanted.engine, wanted.options.split(), wanted.explore_only)
    with tempfile.TemporaryDirectory() as folder:
        rows = [
            compare(model, size, flpcheck, runs, wanted.baselines, Path(folder) / str(number)).row()
            for number, (model, size) in enumerate(instances(sizes))
        ]
    text = f"{about(flpcheck, runs, wanted.baselines)}\n\n{table(columns(wanted.baselines), rows)}"
    print(text)
    if not wanted.quick:
        record(text, explore_only=wanted.explore_only)
    return 0


if __name__ == "__main__":
    sys.exit(main())
