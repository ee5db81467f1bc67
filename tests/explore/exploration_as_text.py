"""Prints everything about some explorations; run by a test under different hash seeds."""

from __future__ import annotations

import sys

from generators.protocols import random_protocol, random_world

from flpcheck import Bounds, StateGraph, load, system_of
from flpcheck.explore import explore


def everything(graph: StateGraph) -> list[str]:
    lines = [
        str(graph.system.values),
        str(graph.cut),
        str([rule.name for b in graph.system.rulebooks for rule in b.rules.values()]),
    ]
    for number in range(len(graph)):
        lines.append(f"{number} {graph.describe(number)} parent {graph.parent[number]} depth {graph.depth[number]}")
        lines.append(str([int(mask[number]) for mask in graph.marks]))
        if not graph.frontier[number]:
            pairs = zip(graph.targets[graph.out(number)], graph.transitions(number), strict=True)
            lines += [f"  {t.event} / {t.outcome} by {t.mover} -> {target}" for target, t in pairs]
    return lines


def main() -> None:
    instances = [(i.protocol, i.world) for name in ("tla/two_phase", "wait_for_all") for i in load(name).instances]
    instances += [(random_protocol(seed), random_world(seed)) for seed in range(30)]
    for protocol, world in instances:
        text = everything(explore(system_of(protocol, world), Bounds(configurations=300)))
        sys.stdout.write("\n".join(text) + "\n")


if __name__ == "__main__":
    main()
