"""What reductions cost on every bundled instance, small ones too: processor seconds with against without.

    python -m benchmarks.every_instance [symmetry | dead-letters | equal-states] [--only SPEC ...]

Searches with and without alternate, each on a system with empty tables.  Modulo symmetry the graph is kept, and stale
mail and old ballots are dropped on both sides; without dead letters safety is judged, as with `--safety`, where letters
are dropped once a search has proved not to be tiny; with equal states merged it is judged as with `--reduce
equal-states`.  Making the system and finding out what is equal count, loading the kernel does not.  Medians of 3 to 15
runs, the more the shorter they are.  A ratio above 1 is a loss.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from benchmarks.table import table
from flpcheck import Bounds, Instance, load, system_of
from flpcheck.analyse.safety import examine_safety
from flpcheck.analyse.state_reads import Observation
from flpcheck.explore import explore
from flpcheck.reduce import reduced, symmetries_for
from flpcheck.reduce.without_dead_letters import why_apart, why_kept, without_dead_letters
from flpcheck.spec import bundled
from flpcheck.system import System

SYMMETRY, DEAD_LETTERS, EQUAL_STATES = KINDS = ("symmetry", "dead-letters", "equal-states")
MOST = 50_000
"""Configurations at which a search is cut."""
SECONDS = 1.0
"""Processor seconds that all runs of a short search take together."""
FEWEST, MOST_RUNS = 3, 15
COLUMNS = ("instance", "configurations", "reduced", "CPU ms: whole", "CPU ms: reduced", "reduced / whole")
Search = Callable[[], int]


class Pair(NamedTuple):
    """An instance, searched without and with a reduction; both return how many configurations they found."""

    name: str
    whole: Search
    reduced: Search


def pairs(kind: str, only: Sequence[str]) -> Iterator[Pair]:
    """Yield the instances on which a reduction can be used."""
    for name in only or bundled():
        for instance in load(name).instances:
            if not instance.on_demand and (pair := _pair(kind, instance)) is not None:
                yield pair._replace(name=f"{name}:{instance.name}")


def _pair(kind: str, instance: Instance) -> Pair | None:
    plain = partial(system_of, instance.protocol, instance.world, instance.inputs)
    if kind == SYMMETRY:
        without, modulo = partial(_without, plain), partial(_modulo, plain, instance)
        return Pair("", partial(_explored, without), partial(_explored, modulo)) if modulo().symmetry else None
    if instance.reduction and reduced(system := plain()) is not system:
        return None
    if why_apart(plain()) if kind == EQUAL_STATES else why_kept(plain()):
        return None
    return Pair("", partial(_judged, plain), partial(_judged, partial(_dropping, plain, kind == EQUAL_STATES)))


def _dropping(plain: Callable[[], System], merges: bool) -> System:  # noqa: FBT001
    return without_dead_letters(plain(), Observation() if merges else None)


def _without(plain: Callable[[], System]) -> System:
    return reduced(plain(), ())


def _modulo(plain: Callable[[], System], instance: Instance) -> System:
    symmetric = instance.reduction and instance.flp is None
    return reduced(plain(), symmetries_for(tuple(instance.verdicts)) if symmetric else ())


def _explored(make: Callable[[], System]) -> int:
    return len(explore(make(), Bounds(configurations=MOST)))


def _judged(make: Callable[[], System]) -> int:
    return len(examine_safety(make(), (), Bounds(configurations=MOST)).graph)


def _spent(search: Search) -> tuple[int, float]:
    gc.collect()
    begun = time.process_time()
    return search(), time.process_time() - begun


def row(pair: Pair) -> tuple[float, list[str]]:
    """Return the ratio and the row of an instance."""
    searches = pair.whole, pair.reduced
    first = [_spent(search) for search in searches]  # which loads what is compiled
    runs = min(MOST_RUNS, max(FEWEST, int(SECONDS / (1e-9 + sum(seconds for _, seconds in first)))))
    spent: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs):
        for search, seconds in zip(searches, spent, strict=True):
            seconds.append(_spent(search)[1])
    whole, less = map(statistics.median, spent)
    sizes = [f"{size:,}" if size < MOST else f">{MOST:,}" for size, _ in first]
    print(f"{pair.name}: {less / whole:.2f}", file=sys.stderr, flush=True)
    return less / whole, [pair.name, *sizes, f"{1000 * whole:.1f}", f"{1000 * less:.1f}", f"{less / whole:.2f}"]


def main(given: Sequence[str] | None = None) -> int:
    """Measure and print, the greatest ratio last; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.every_instance", description=__doc__)
    parser.add_argument("kinds", nargs="*", help="symmetry, dead-letters, equal-states; all by default")
    parser.add_argument("--only", nargs="+", default=(), metavar="SPEC")
    wanted = parser.parse_args(given)
    for kind in wanted.kinds or KINDS:
        rows = sorted(row(pair) for pair in pairs(kind, wanted.only))
        print(f"## {kind}\n\n{table(COLUMNS, (cells for _, cells in rows))}\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
