"""Ben-Or by simulation: a million runs, against the bounds that the checker has certified.

    python -m benchmarks.ben_or [RUNS]

Three schedulers that see everything: a hostile one, in which none hears a majority, a friendly one, and a
random one.
The simulation follows the rules of the paper on arrays, a row for each run, and shares nothing with the checker.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.int8]  # (runs, 3); -1: no value
PROCESSES = 3
NONE = -1
Scheduler = Callable[[np.random.Generator, Values], Values]


def hostile(_: np.random.Generator, said: Values) -> Values:
    """Each process hears another one that says something else than itself, if there is one."""
    following, last = np.roll(said, -1, axis=1), np.roll(said, -2, axis=1)
    return np.where(following != said, following, last)


def friendly(_: np.random.Generator, said: Values) -> Values:
    """Each process hears another one that says the same as itself, or at least something."""
    following, last = np.roll(said, -1, axis=1), np.roll(said, -2, axis=1)
    return np.where((following == said) | (last == NONE), following, last)


def at_random(random: np.random.Generator, said: Values) -> Values:
    """Each process hears one of the others."""
    which = random.integers(0, 2, said.shape, dtype=np.int8)
    return np.where(which == 0, np.roll(said, -1, axis=1), np.roll(said, -2, axis=1))


def rounds_of(runs: int, scheduler: Scheduler, seed: int = 0) -> NDArray[np.int64]:
    """Return after how many rounds all have decided, run by run, from the inputs 0, 0, 1."""
    random = np.random.default_rng(seed)
    x = np.tile(np.array([0, 0, 1], dtype=np.int8), (runs, 1))
    decided = np.zeros((runs, PROCESSES), dtype=np.bool_)
    rounds = np.zeros(runs, dtype=np.int64)
    left = np.arange(runs)
    while len(left):
        rounds[left] += 1
        x, decides = _round(random, scheduler, x)
        decided = decided | decides
        going = ~decided.all(axis=1)
        left, x, decided = left[going], x[going], decided[going]
    return rounds


def _round(random: np.random.Generator, scheduler: Scheduler, x: Values) -> tuple[Values, NDArray[np.bool_]]:
    """Two phases: with its own message each process hears n - f = 2 of them."""
    proposed = np.where(scheduler(random, x) == x, x, NONE).astype(np.int8)
    heard = scheduler(random, proposed)
    named = np.maximum(proposed, heard)  # all proposals of a round are for one value
    coins = random.integers(0, 2, x.shape, dtype=np.int8)
    return np.where(named == NONE, coins, named), (proposed != NONE) & (heard != NONE)


def main(arguments: list[str]) -> int:
    """Print the means, and return 1 if one is outside the certified bounds."""
    from flpcheck import Model
    from flpcheck.errors import InternalError

    runs = int(arguments[0]) if arguments else 1_000_000
    odds = Model("ben_or_rounds", instance="split").examination.analysis.odds
    if odds is None or odds.fastest is None or odds.slowest is None:
        raise InternalError("no bounds for Ben-Or", next_step="please report this")
    print(f"certified: at least {odds.fastest}, at most {odds.slowest} rounds on average")
    outside = 0
    for scheduler in (hostile, friendly, at_random):
        found = rounds_of(runs, scheduler)
        mean, error = float(found.mean()), 4 * float(found.std()) / runs**0.5
        inside = float(odds.fastest.low) - error <= mean <= float(odds.slowest.high) + error
        outside += not inside
        verdict = "inside" if inside else "OUTSIDE"
        print(f"{scheduler.__name__:<10} {runs:,} runs: {mean:.4f} ± {error:.4f} rounds, {verdict} the bounds")
    return int(outside > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
