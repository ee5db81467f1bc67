"""Integrity: a transition that changes or drops a decision.

A passive learner decides by what is on its way to it.  What is lost had not arrived, so it undoes no decision: the
configuration before stands for the run in which it arrives as well as for the one in which it is lost.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from flpcheck.analyse.case import Case, shown
from flpcheck.analyse.finding import Finding
from flpcheck.analyse.paths import path_ids
from flpcheck.analyse.schedule import schedule_of
from flpcheck.analyse.views import ViewPart, column_kinds
from flpcheck.authoring.process import PassiveLearner
from flpcheck.authoring.property import VIOLATED, integrity
from flpcheck.authoring.values import key
from flpcheck.budget import looking
from flpcheck.explore.columned import Columned
from flpcheck.explore.graph import Masks, StateGraph
from flpcheck.reduce import Orbits, Quotient, in_old_names
from flpcheck.system.message_passing import MessagePassing


def judge_integrity(case: Case) -> Finding:
    """Return whether some transition changes a decision, with a run that ends with the first one that does."""
    change = changed_decision(case.graph)
    if change is None:
        return case.safe(integrity)
    source, target = change

    def make() -> Finding:
        schedule = schedule_of(case.graph, [*path_ids(case.graph, [source]), target])
        return Finding(integrity, VIOLATED, f"{schedule.transitions[-1].event} changes a decision", schedule)

    return shown(integrity, VIOLATED, target, make)


def changed_decision(graph: StateGraph) -> tuple[int, int] | None:
    """Return the ends of the first transition after which the decision of some process is another one, or none.

    Cost: one pass over the arrays; each transition is made again only where something was seen to change.
    """
    system, marks = graph.system, graph.marks
    if isinstance(system, Orbits):
        dropped = system.dropped  # along a quotient's transition the bits change their places
    else:
        dropped = any(_drop(marks.decided, sources, graph.targets[edges]) for sources, edges in graph.pieces())
    if not system.overwritten and not dropped and not _learns_anew(graph):
        return None
    for number in looking(range(len(graph))):
        before = system.outputs(graph.configurations[number])
        steps = in_old_names(system, graph.configurations[number])
        for transition, target in zip(steps, graph.targets[graph.out(number)], strict=False):
            if transition.event.kind == "lose":
                continue
            after = system.outputs(transition.successor)
            if any(key(after.get(pid)) != key(values) for pid, values in before.items()):
                return number, int(target)
    return None


def _drop(decided: Masks, sources: NDArray[np.int32], targets: NDArray[np.int32]) -> bool:
    """Return whether some process has decided before one of these transitions, and not after it."""
    return bool((decided[sources] & ~decided[targets]).any())


def _learns_anew(graph: StateGraph) -> bool:
    """Return whether a passive learner may decide something else after it has decided: no step of its own says so."""
    system, columns = graph.system, graph.configurations
    plain = system.plain if isinstance(system, Orbits | Quotient) else system
    if not isinstance(plain, MessagePassing):
        return False
    learners = [seat.index for seat in plain.parts.seats if isinstance(seat.member, PassiveLearner)]
    if not isinstance(columns, Columned):
        return bool(learners)
    for owner in learners:
        kind = column_kinds(columns, ViewPart("outputs", owner))[columns.column(owner)]
        decided = graph.marks.decided >> owner & 1 == 1
        for sources, edges in graph.pieces():
            if (decided[sources] & (kind[sources] != kind[graph.targets[edges]])).any():
                return True
    return False
