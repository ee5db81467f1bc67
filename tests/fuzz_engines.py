"""Random protocols in random worlds, explored by both engines, the kernel with one worker and with two.

They find the same graph, and say the same without one.

    python tests/fuzz_engines.py --number 20000 --first 0

Prints how many protocols and worlds of which kind were compared.  A difference is an error with the seed that shows it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from random import Random

from fuzzing import fuzz_program, tally
from generators.protocols import RandomTables, random_liars, random_protocol, random_world
from kernel.same_engines import JUDGED, assert_same, same
from kernel.same_workers import assert_same_together, small_shares

from flpcheck import UNLIMITED, Bounds, World, system_of
from flpcheck.analyse.safety import examine_safety
from flpcheck.world.crash_points import kind_of

LARGE = 250
"""Configurations; larger graphs are cut, which is compared as well."""


def drawn(seed: int) -> tuple[RandomTables, World, Bounds]:
    """Return a protocol, a world, and where to cut."""
    at = Random(seed)
    protocol, world = random_liars(seed) if seed % 6 == 0 else (random_protocol(seed), random_world(seed))
    bounds = at.choice([Bounds(configurations=LARGE)] * 3 + [Bounds(configurations=at.randrange(1, LARGE))])
    return protocol, world, at.choice([bounds, bounds, Bounds(configurations=LARGE, depth=at.randrange(10))])


def tried(seed: int) -> Iterator[str]:
    """Compare engines and workers on one protocol, with and without the graph; yield what kinds it is of."""
    protocol, world, bounds = drawn(seed)
    graph = assert_same(lambda: system_of(protocol, world), bounds)
    claims = JUDGED if seed % 2 else ()
    safety = [examine_safety(system_of(protocol, world), claims, bounds, engine=e) for e in ("reference", "kernel")]
    same(*safety)
    with small_shares():
        assert_same_together(lambda: system_of(protocol, world), bounds)
    yield "complete" if graph.complete else "cut"
    yield "a violation" if any(finding.is_counterexample for finding in safety[1].findings) else "no violation"
    yield from kinds(protocol, world)


def kinds(protocol: RandomTables, world: World) -> Iterator[str]:
    """Yield what is special about a protocol in a world."""
    network, failures, shape = world.network, world.failures, protocol.shape
    yield network.kind
    budgets = {"loss": network.loss, "duplication": network.duplication, "recoveries": failures.recoveries}
    yield from (f"{name} without end" if much == UNLIMITED else name for name, much in budgets.items() if much)
    present = {
        "ignored stays": network.ignored == "stays",
        "partition": network.partition,
        f"crashes {failures.events}": failures.crashes,
        f"crash points {kind_of(failures.points)}": failures.crashes,
        "cut links": network.cut,
        "restart": shape.returns and failures.recoveries,
        "initially dead": failures.initially_dead,
        "omission": failures.omission,
        "Byzantine": failures.byzantine,
        "gather": shape.gathers and any(role for role, *_ in shape.roles),
        "observer": shape.observer,
        "learner": shape.learner,
        "virtual": any(virtual for *_, virtual in shape.roles),
    }
    yield from (name for name, there in present.items() if there)


def fuzz(seeds: Iterable[int]) -> Counter[str]:
    """Return how many of each kind were compared."""
    return tally(__file__, lambda seed: ["protocols", *tried(seed)], seeds)


if __name__ == "__main__":
    fuzz_program(__doc__, 3000, fuzz, "no difference")
