"""The theorem as an oracle: on random protocols and on mutants flpcheck must never contradict it.

    python tests/fuzz_theorem.py --number 20000 --first 0

Prints how many protocols of which kind ended on which horn.  A contradiction is an error with the seed that shows it;
so is a horn that never occurs, because then nothing was tried where it matters.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import Any

from fuzzing import naming_seed, option_parser, seeds
from generators.mutants import PaxosMutant, Registers, mutant_world, paxos_mutant, register_mutant
from generators.protocols import random_protocol

from flpcheck import Bounds, World, asynchronous, system_of
from flpcheck.analyse.case import Case
from flpcheck.analyse.theorem.tour import TheoremResult, tour
from flpcheck.analyse.verdict import flp_verdict
from flpcheck.explore import explore

LIMIT = {"random": 250, "paxos": 2_600, "registers": 2_200}
"""Configurations, by kind; larger graphs are left out."""
HARD = "hard: agrees, decides either, never blocks"
HORNS = ("disagrees", "trivial", "blocks", "undecided_lasso", HARD)


def drawn(seed: int) -> tuple[str, Any, World, dict[str, int]]:
    """Return a kind, a protocol of this kind, a world in which one process may crash, and inputs to fix."""
    at = Random(seed)
    kind = ("random", "paxos", "registers")[seed % 3]
    if kind == "random":
        network, events = at.choice(["multiset", "multiset", "set", "fifo"]), at.choice(["explicit", "elided"])
        return kind, random_protocol(seed), asynchronous(1, crash_events=events, network=network), {}
    model = paxos_mutant(at) if kind == "paxos" else register_mutant(at)
    return kind, model, *mutant_world(at, model)


def tried(seed: int) -> tuple[str, list[str]]:
    """Return the kind of a protocol and the horns on which it ends; whatever the theorem demands is asked for."""
    kind, model, world, inputs = drawn(seed)
    graph = explore(system_of(model, world, inputs), Bounds(configurations=LIMIT[kind]))
    if not graph.complete:
        return kind, ["too large"]
    case = Case(graph)
    verdict = flp_verdict(case)
    if verdict is None:
        return kind, ["not between two values"]
    found = tour(case, verdict)
    demand(found, seed)
    horns = list(verdict.verdicts)
    return kind, [*horns, HARD] if horns == ["undecided_lasso"] else horns


def demand(found: TheoremResult, seed: int) -> None:
    """Raise `AssertionError` unless the consequences of the theorem hold that the tour does not demand by itself."""
    case, verdicts = found.case, set(found.verdict.verdicts)
    system = case.graph.system
    if isinstance(system.protocol, PaxosMutant):
        assert not verdicts & {"outside", "unknown"}, seed  # every process may crash, and steps commute
    if isinstance(system.protocol, Registers) or len(system.crashable) < len(system.names):
        assert "unknown" not in verdicts, seed
    if verdicts & {"disagrees", "trivial", "outside"}:
        return
    blocks = "blocks" in verdicts
    assert found.lemma2.bivalent or blocks, seed  # Lemma 2
    if found.lemma1.failures == 0 and not blocks and len(system.crashable) == len(system.names):
        assert found.lemma3.failures == 0, seed
        assert found.gadgets.first() is None, seed
    if not blocks:
        assert found.lasso is not None, seed
        assert found.lasso.faulty == (), seed  # no process has to be faulty
    if found.adversary is not None and found.adversary.for_ever:
        assert not case.graph.marks.decided[list(found.adversary.schedule.numbers)].any(), seed


def fuzz(seeds: Iterable[int]) -> dict[str, Counter[str]]:
    """Return how many protocols of each kind ended on which horn."""
    counts: dict[str, Counter[str]] = {}
    for seed in seeds:
        with naming_seed(Path(__file__).name, seed):
            kind, horns = tried(seed)
        counts.setdefault(kind, Counter()).update(["protocols", *horns])
    return counts


def never(counts: dict[str, Counter[str]]) -> list[str]:
    """Return the horns on which no protocol ended."""
    together = sum(counts.values(), Counter[str]())
    return [horn for horn in HORNS if not together[horn]]


def main() -> None:
    """Try many protocols and print the counts."""
    options = option_parser(__doc__, 3000).parse_args()
    started = time.monotonic()
    counts = fuzz(seeds(options))
    for kind, found in sorted(counts.items()):
        print(f"{kind}: " + ", ".join(f"{name} {number}" for name, number in found.most_common()))  # noqa: T201
    print(f"no contradiction in {options.number} protocols, {time.monotonic() - started:.0f} s")  # noqa: T201
    if never(counts):
        sys.exit(f"this never occurred: {', '.join(never(counts))}")


if __name__ == "__main__":
    main()
