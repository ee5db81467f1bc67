"""What the naive enumerator says about a graph: counts, valence, census, critical and blocked configurations."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, NamedTuple

from flpcheck.authoring.rounds import RoundProcess
from oracle.enumeration import Graph, Messages, search
from oracle.memory import Memory
from oracle.rounds import InRoundsNaively
from oracle.shared import Shared

LIMIT = 200_000


def enumerated(protocol: Any, world: Any, limit: int = LIMIT, inputs: dict[str, Any] | None = None) -> Graph:
    """Enumerate a protocol of any front end in a world, with all inputs or some of them fixed."""
    if hasattr(protocol, "object_list"):
        return search(Memory(protocol, world, inputs), limit)
    if hasattr(protocol, "successors"):
        return search(Shared(protocol, world, inputs), limit)
    front_end = InRoundsNaively if isinstance(protocol.processes()[0], RoundProcess) else Messages
    return search(front_end(protocol, world, inputs), limit)


class Counts(NamedTuple):
    """How large a graph is; self-loops are in none of the numbers."""

    configurations: int
    transitions: int  # distinct (configuration, event, outcome)
    edges: int  # distinct (configuration, configuration)
    depth: int


def counts(graph: Graph) -> Counts:
    pairs = {(edge.source, edge.target) for edge in graph.edges}
    return Counts(len(graph.depth), len(graph.edges), len(pairs), max(graph.depth.values()))


def held(graph: Graph, configuration: Any) -> set[Any]:
    """Return the values decided so far, those of crashed processes included."""
    return {value for values in graph.outputs[configuration].values() for value in values}


def backward(graph: Graph, targets: set[Any]) -> set[Any]:
    """Return everything from which one of the targets can be reached."""
    before = defaultdict(set)
    for edge in graph.edges:
        before[edge.target].add(edge.source)
    reached, waiting = set(targets), list(targets)
    while waiting:
        for source in before[waiting.pop()]:
            if source not in reached:
                reached.add(source)
                waiting.append(source)
    return reached


def valences(graph: Graph) -> dict[Any, set[Any]]:
    """Return the values that can still be decided, by configuration."""
    found: dict[Any, set[Any]] = {configuration: set() for configuration in graph.depth}
    for value in {value for configuration in graph.depth for value in held(graph, configuration)}:
        holders = {configuration for configuration in graph.depth if value in held(graph, configuration)}
        for configuration in backward(graph, holders):
            found[configuration].add(value)
    return found


class Census(NamedTuple):
    """How many configurations have which valence."""

    bivalent: int
    univalent: dict[Any, int]
    none: int


def census(graph: Graph, among: list[Any] | None = None) -> Census:
    """Count valences of all configurations, or of some."""
    valence = valences(graph)
    wanted = list(graph.depth) if among is None else among
    univalent: dict[Any, int] = defaultdict(int)
    for configuration in wanted:
        if len(valence[configuration]) == 1:
            univalent[min(valence[configuration])] += 1
    bivalent = sum(len(valence[configuration]) > 1 for configuration in wanted)
    return Census(bivalent, dict(univalent), sum(not valence[configuration] for configuration in wanted))


def disagreeing(graph: Graph) -> list[Any]:
    """Return the configurations that hold two decisions."""
    return [configuration for configuration in graph.depth if len(held(graph, configuration)) > 1]


def critical(graph: Graph) -> list[Any]:
    """Return the bivalent configurations without two decisions that every step of a process makes univalent."""
    valence = valences(graph)
    after = defaultdict(set)
    for edge in graph.edges:
        if edge.by is not None:
            after[edge.source].add(edge.target)
    return [
        configuration
        for configuration in graph.depth
        if len(valence[configuration]) > 1
        and len(held(graph, configuration)) < 2
        and after[configuration]
        and all(len(valence[successor]) == 1 for successor in after[configuration])
    ]


def forward(graph: Graph, starts: set[Any], within: set[Any]) -> set[Any]:
    """Return everything that can be reached from some configurations without leaving a set."""
    after = defaultdict(set)
    for edge in graph.edges:
        after[edge.source].add(edge.target)
    reached = starts & within
    waiting = list(reached)
    while waiting:
        for target in after[waiting.pop()] & within - reached:
            reached.add(target)
            waiting.append(target)
    return reached


def blocked(graph: Graph) -> list[Any]:
    """Return the configurations in which some live process that must decide has not so far, and never can."""
    hopeless = set()
    for name in graph.deciders:
        open_ = {c for c in graph.depth if name not in graph.outputs[c]}
        hopeful = backward(graph, set(graph.depth) - open_)
        so_far = open_ if name == "learner" else forward(graph, set(graph.initial), open_)
        hopeless |= {c for c in so_far if c not in hopeful and name not in graph.crashed[c]}
    return [configuration for configuration in graph.depth if configuration in hopeless]


def shortest_disagreement(graph: Graph, *, uniform: bool = True) -> int | None:
    """Return how many events lead to the nearest two decisions; only those of live processes unless uniform."""
    depths = []
    for configuration, depth in graph.depth.items():
        outputs = graph.outputs[configuration]
        judged = [v for name, v in outputs.items() if uniform or name not in graph.crashed[configuration]]
        if len({value for values in judged for value in values}) > 1:
            depths.append(depth)
    return min(depths, default=None)
