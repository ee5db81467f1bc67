"""Random protocols of identical processes, explored modulo symmetry by both engines, beside the whole graph.

They find the same orbits, transitions, levels and sizes, which add up to the whole; what can be decided is the same.

    python tests/fuzz_alike.py --number 1000 --first 0 [--only general]

Every second time the orbits are found by sorting, as those of large groups are.  Prints how many protocols of each kind
were compared, and how many were left out.  A difference is an error with the seed that shows it.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from unittest.mock import patch

import numpy as np
from fuzzing import naming_seed, option_parser, print_counts, seeds
from generators.alike_guards import AlikeGuards
from kernel.alike_engines import assert_same_orbits, sizes
from kernel.test_observers_alike import WORLDS as PLAIN
from kernel.test_orbits import NETWORKS
from reduce.observed_alike import Electing, Observed
from reduce.test_alike import Alike
from reduce.test_alike_worlds import WORLDS, Table

from flpcheck import World, asynchronous, system_of
from flpcheck.analyse import Valence
from flpcheck.explore import Bounds, explore, orbit_table
from flpcheck.reduce import Orbits, reduced

LARGE = 600
"""Configurations; larger graphs are left out."""


def one_of(worlds: dict[str, World], seed: int) -> World:
    """Return one of some worlds."""
    return list(worlds.values())[seed % len(worlds)]


KINDS: dict[str, Callable[[int], tuple[Any, World]]] = {
    "general": lambda seed: (AlikeGuards(seed), asynchronous(crashes=seed % 2)),
    "messages": lambda seed: (Alike(seed), one_of(NETWORKS, seed)),
    "detectors and timers": lambda seed: (Table(seed), one_of(WORLDS, seed // 2)),
    "observers": lambda seed: (Observed(seed), one_of(PLAIN, seed)),
    "names decided": lambda seed: (Electing(seed), one_of(PLAIN, seed)),
}


def compared(model: Any, world: World) -> str:
    """Compare one protocol with and without symmetry; return what became of it."""
    system = reduced(system_of(model, world))
    assert isinstance(system, Orbits)
    whole = explore(system.plain, Bounds(configurations=LARGE), engine="reference")
    if not whole.complete:
        return "left out"
    graph = assert_same_orbits(system)
    assert np.array_equal(graph.weights, sizes(graph))
    assert graph.weights.sum() == len(whole)
    assert Valence.of(graph).census() == Valence.of(whole).census()
    return "compared" if len(graph) < len(whole) else "compared, as many orbits"


def tried(kind: str, seeds: Iterable[int]) -> Iterator[str]:
    """Compare many protocols of a kind; yield what became of each."""
    for seed in seeds:
        listed = 1 if seed % 4 > 1 else orbit_table.LISTED
        with naming_seed(f"fuzz_alike.py --only {kind!r}", seed), patch.object(orbit_table, "LISTED", listed):
            became = compared(*KINDS[kind](seed))
        yield f"{kind}, {became}"


def main() -> None:
    """Compare many protocols of each kind and print how many there were."""
    parser = option_parser(__doc__, 200)
    parser.add_argument("--only", choices=KINDS)
    options = parser.parse_args()
    started, counts = time.monotonic(), Counter[str]()
    for kind in KINDS if options.only is None else [options.only]:
        counts.update(tried(kind, seeds(options)))
    print_counts(counts, f"no difference in {options.number} protocols of each kind", started)


if __name__ == "__main__":
    main()
