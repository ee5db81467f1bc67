"""Integrity: a transition that changes or drops a decision.

A passive learner decides by what is on its way to it.  What is lost had not arrived, so it undoes no decision: the
configuration before stands for the run in which it arrives as well as for the one in which it is lost.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from flpcheck.analyse.answers import PartKinds
from flpcheck.analyse.case import Case, shown
from flpcheck.analyse.finding import Finding
from flpcheck.analyse.paths import path_ids
from flpcheck.analyse.schedule import schedule_of
from flpcheck.analyse.views import ViewPart
from flpcheck.authoring.events import Pid
from flpcheck.authoring.process import PassiveLearner
from flpcheck.authoring.property import VIOLATED, integrity
from flpcheck.authoring.values import Key, key
from flpcheck.budget import looking
from flpcheck.explore.columned import Columned
from flpcheck.explore.deciders import Represented
from flpcheck.explore.graph import Masks, StateGraph
from flpcheck.system import Configuration, System


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
    if system.symmetry is not None:
        dropped = system.symmetry.dropped  # along a quotient's transition the bits change their places
    else:
        dropped = any(_drop(marks.decided, sources, graph.targets[edges]) for sources, edges in graph.pieces())
    if not (system.overwritten or dropped or _learns_anew(graph) or _rewrites(graph)):
        return None
    for number in looking(range(len(graph))):
        before = system.outputs(graph.configurations[number])
        for place, transition in graph.numbered(number, system.unrenamed(graph.configurations[number])):
            if transition.event.kind == "lose":
                continue
            after = system.outputs(transition.successor)
            if any(key(after.get(pid)) != key(values) for pid, values in before.items()):
                return number, int(graph.targets[place])
    return None


def _drop(decided: Masks, sources: NDArray[np.int32], targets: NDArray[np.int32]) -> bool:
    """Return whether some process has decided before one of these transitions, and not after it."""
    return bool((decided[sources] & ~decided[targets]).any())


def _rewrites(graph: StateGraph) -> bool:
    """Return whether some transition of a general protocol may change a decision: no step of a process says so.

    Modulo symmetry names change along transitions, so that all have to be looked at.
    """
    plain = graph.system.plain
    if plain.components is not None or plain.in_rounds:
        return False
    if graph.system is not plain:
        return bool(graph.marks.decided.any())
    answers, kinds = _answers(graph)
    for sources, edges in graph.pieces():
        pairs = np.unique(kinds[sources] * len(answers) + kinds[graph.targets[edges]])
        before, after = np.divmod(pairs, len(answers))
        for one, other in zip(before.tolist(), after.tolist(), strict=True):
            if any(answers[other].get(pid) != value for pid, value in answers[one].items()):
                return True
    return False


def _answers(graph: StateGraph) -> tuple[list[dict[Pid, Key]], NDArray[np.int64]]:
    """Return what is decided in some configurations, and which of these each configuration is like."""
    configurations = graph.configurations
    if isinstance(configurations, Represented):
        first, kinds = configurations.by_decisions
        return [_decided(graph.system, configurations[number]) for number in first.tolist()], kinds
    known: dict[Key, int] = {}
    answers, numbers = list[dict[Pid, Key]](), np.zeros(len(graph), np.int64)
    for number, configuration in enumerate(looking(configurations, every=1024)):
        decided = _decided(graph.system, configuration)
        numbers[number] = known.setdefault(tuple(sorted(decided.items())), len(known))
        answers += [decided] if len(known) > len(answers) else []
    return answers, numbers


def _decided(system: System, configuration: Configuration) -> dict[Pid, Key]:
    return {pid: key(values) for pid, values in system.outputs(configuration).items()}


def _learns_anew(graph: StateGraph) -> bool:
    """Return whether a passive learner may decide something else after it has decided: no step of its own says so."""
    components, columns = graph.system.plain.components, graph.configurations
    seats = components.seats if components is not None else ()
    learners = [seat.index for seat in seats if isinstance(seat.member, PassiveLearner)]
    if not isinstance(columns, Columned):
        return bool(learners)
    if graph.system.symmetry is not None:  # after a transition a column may have another name: the engine has looked
        return False
    for owner in learners:
        kind = PartKinds(ViewPart("outputs", owner)).of(columns, columns.column(owner))
        decided = graph.marks.decided >> owner & 1 == 1
        for sources, edges in graph.pieces():
            if (decided[sources] & (kind[sources] != kind[graph.targets[edges]])).any():
                return True
    return False
