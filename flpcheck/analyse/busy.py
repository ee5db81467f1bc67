"""Busy periods that never end: no timer is longer than one, so where timers wait for messages nothing is proved.

`after-messages` assumes that each timer is longer than any busy period.  A cycle of busy configurations is a busy
period without an end; a timer that is armed on it, and was not before it, would have to be longer than for ever.  A
world that makes such an assumption has fewer runs than any real one, so what HOLDS in it need not hold; what is
violated is.
"""

from __future__ import annotations

from collections import deque
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from flpcheck.analyse.finding import Finding
from flpcheck.analyse.live.components import cyclic_components
from flpcheck.analyse.sweep import backward, bits
from flpcheck.authoring.property import HOLDS, INCOMPLETE, termination
from flpcheck.budget import OutOfBudget, looking, stage
from flpcheck.explore.graph import Bools, StateGraph
from flpcheck.system import System
from flpcheck.system.clock import Clock
from flpcheck.world import AFTER_MESSAGES

SHOWN = 4
"""Number of events named of an exchange."""


class Exchange(NamedTuple):
    """A busy period that never ends.

    Parameters
    ----------
    events
        Its repeating events, as sentences.
    waiting
        The processes whose timers are armed in it and can never fire.
    inside
        Its configurations, and those of others like it.
    leading
        The configurations from which one of these can be reached.
    """

    events: tuple[str, ...]
    waiting: tuple[str, ...]
    inside: frozenset[Any]
    leading: frozenset[Any]

    def __str__(self) -> str:
        more = "; ..." if len(self.events) > SHOWN else ""
        cycle = "; ".join(self.events[:SHOWN]) + more
        names = " and ".join(self.waiting)
        return (
            f"no timer can outlast a busy period that never ends ({cycle}), so the timer of {names} would never "
            "fire.  Use --timers after-delays:1, or make the exchange itself wait for a timer"
        )


def clock_of(system: System) -> Clock | None:
    """Return the clock of a system whose timers are longer than any busy period; None of any other system."""
    clock = system.clock
    return clock if clock is not None and clock.active and system.world.timer_rule == AFTER_MESSAGES else None


def endless_exchange(graph: StateGraph) -> Exchange | None:
    """Return a busy period that never ends and in which some timer waits; None if there is none.

    Cost: one pass for the strongly connected components; only configurations on cycles are looked at.
    """
    clock = clock_of(graph.system)
    if clock is None:
        return None
    busy = np.zeros(len(graph), dtype=np.bool_)
    waits = np.zeros(len(graph), dtype=np.uint64)
    for numbers in cyclic_components(graph, None):
        for number in looking(numbers.tolist()):
            here = graph.configurations[number]
            if clock.runs(here.world) and clock.busy(here):
                busy[number], waits[number] = True, clock.armed(here.components) & ~here.world.due
    found = [n for n in cyclic_components(graph, busy[graph.sources] & busy[graph.targets]) if waits[n].any()]
    return _exchange(graph, found, waits) if found else None


def _exchange(graph: StateGraph, found: list[NDArray[np.int64]], waits: NDArray[np.uint64]) -> Exchange:
    first = found[0]
    start = int(first[np.flatnonzero(waits[first])[0]])
    names = tuple(graph.system.names[index] for index in bits(int(waits[start])))
    inside, one = np.zeros(len(graph), dtype=np.bool_), np.zeros(len(graph), dtype=np.bool_)
    inside[np.concatenate(found)], one[first] = True, True
    leading = backward(graph, inside.astype(np.uint64)) > 0
    return Exchange(tuple(_round_trip(graph, start, one)), names, _those(graph, inside), _those(graph, leading))


def _those(graph: StateGraph, where: Bools) -> frozenset[Any]:
    return frozenset(graph.configurations[number] for number in np.flatnonzero(where).tolist())


def _round_trip(graph: StateGraph, start: int, inside: Bools) -> list[str]:
    """Return the events of a shortest cycle through a configuration, within some."""
    ways: dict[int, list[str]] = {}
    queue: deque[tuple[int, list[str]]] = deque([(start, [])])
    while queue:
        number, way = queue.popleft()
        targets = graph.targets[graph.out(number)].tolist()
        for target, transition in zip(targets, graph.transitions(number), strict=True):
            if inside[target] and target not in ways:
                ways[target] = [*way, str(transition.event)]
                if target == start:
                    return ways[target]
                queue.append((target, ways[target]))
    return []


def unproved(findings: tuple[Finding, ...], graph: StateGraph) -> tuple[Finding, ...]:
    """Return the findings that remain valid where timers cannot be as long as the world assumes.

    What a schedule shows stays: each of its timeouts comes after a busy period that did end.  That a process never
    decides stays unless the timer that waits for ever might have made it.
    """
    try:
        with stage("analyse", "looking for a busy period that never ends"):
            exchange = endless_exchange(graph)
    except OutOfBudget as spent:
        return tuple(Finding(f.claim, INCOMPLETE, spent.what) if _may_depend(f) else f for f in findings)
    if exchange is None:
        return findings
    return tuple(
        Finding(f.claim, INCOMPLETE, str(exchange)) if _depends(f, exchange, graph.system) else f for f in findings
    )


def _may_depend(finding: Finding) -> bool:
    """Whether a finding might not stand if there were a busy period that never ends."""
    if finding.verdict is INCOMPLETE:
        return False
    if finding.schedule is None or (finding.verdict is HOLDS and finding.claim.kind != "sometimes"):
        return True
    return finding.claim is termination


def _depends(finding: Finding, exchange: Exchange, system: System) -> bool:
    schedule = finding.schedule
    if not _may_depend(finding) or schedule is None or finding.verdict is HOLDS:
        return _may_depend(finding)
    if schedule.loop is None:
        return system.representative(schedule.configurations[-1]) in exchange.leading
    return any(system.representative(here) in exchange.inside for here in schedule.configurations[schedule.loop :])
