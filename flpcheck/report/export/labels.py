"""The transitions of a graph with their labels, one after the other."""

from __future__ import annotations

from collections.abc import Iterator

from flpcheck.errors import BadRequest
from flpcheck.explore import StateGraph


def labelled_edges(graph: StateGraph) -> Iterator[tuple[int, int, str, str]]:
    """Yield (source, target, label, kind) of every transition, by source.

    Cost: labels are regenerated, one configuration at a time; nothing is kept.
    """
    for source in range(len(graph)):
        if graph.frontier[source]:
            continue
        targets = graph.targets[graph.out(source)].tolist()
        transitions = graph.system.transitions(graph.configurations[source])
        for target, transition in zip(targets, transitions, strict=True):
            outcome = f" / outcome {transition.outcome}" if transition.outcome else ""
            yield source, target, f"{transition.event}{outcome}", transition.event.kind


def refuse_beyond(graph: StateGraph, limit: int, form: str) -> None:
    """Raise `BadRequest` if a graph has more transitions than a format is good for."""
    if len(graph.targets) > limit:
        raise BadRequest(
            f"{len(graph.targets):,} transitions are too many for {form}",
            why=f"at most {limit:,} are written",
            next_step="export aut or parquet, or set a bound such as --max-depth",
        )
