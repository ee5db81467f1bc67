"""Integrity: a transition that changes or drops a decision."""

from __future__ import annotations

from flpcheck.authoring.values import key
from flpcheck.budget import looking
from flpcheck.explore.graph import StateGraph
from flpcheck.reduce import Orbits, in_old_names


def changed_decision(graph: StateGraph) -> tuple[int, int] | None:
    """Return the ends of the first transition after which somebody's decision is another one, or none.

    Cost: one pass over the arrays; each transition is made again only where something was seen to change.
    """
    system, marks = graph.system, graph.marks
    if isinstance(system, Orbits):
        dropped = system.dropped  # along a quotient's transition the bits change their places
    else:
        dropped = bool((marks.decided[graph.sources] & ~marks.decided[graph.targets]).any())
    if not system.overwritten and not dropped:
        return None
    for number in looking(range(len(graph))):
        before = system.outputs(graph.configurations[number])
        steps = in_old_names(system, graph.configurations[number])
        for transition, target in zip(steps, graph.targets[graph.out(number)], strict=False):
            after = system.outputs(transition.successor)
            if any(key(after.get(pid)) != key(values) for pid, values in before.items()):
                return number, int(target)
    return None
