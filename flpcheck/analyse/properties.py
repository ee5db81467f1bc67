"""Judging properties on a finished graph: each judgement is a pass over the arrays, none explores."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from flpcheck.analyse.asking import AskedPredicate
from flpcheck.analyse.blind import allowed, refuse_if_it_tells_apart
from flpcheck.analyse.case import Case, seen, shown, unseen
from flpcheck.analyse.claims import ROWS, Given, JudgingRule, Needs, PredicateDetector, broken
from flpcheck.analyse.deciders import ABOUT_DECISIONS, NEVER, UNKNOWN, is_vacuous, no_decider
from flpcheck.analyse.finding import Finding
from flpcheck.analyse.live.temporal import judge_temporal
from flpcheck.analyse.paths import path_ids
from flpcheck.analyse.refinement import judge_refinement
from flpcheck.analyse.schedule import schedule_of
from flpcheck.analyse.silence import BECAUSE, affording, silent_budget
from flpcheck.analyse.steps import wrong_steps
from flpcheck.analyse.sweep import UNREACHED, distances
from flpcheck.analyse.validity import wrong_values
from flpcheck.authoring.property import (
    HOLDS,
    INCOMPLETE,
    VIOLATED,
    Property,
    agreement,
    correct_unanimity,
    deadlock_freedom,
    integrity,
    lowered,
    termination,
    validity,
)
from flpcheck.authoring.refinement import REFINES
from flpcheck.authoring.temporal import TEMPORAL
from flpcheck.budget import kept, look, looking
from flpcheck.explore.columned import Alike, Columned
from flpcheck.explore.graph import StateGraph
from flpcheck.explore.watching import Whole
from flpcheck.system import Initial, System


def judge(case: Case, claim: Property) -> Finding:
    """Return the verdict on a property."""
    if because := case.graph.system.unjudged(claim):
        return Finding(claim, INCOMPLETE, because)
    if claim.kind != "standard":
        return BY_KIND.get(claim.kind, _own)(case, claim)
    graph = case.graph
    if is_vacuous(claim, graph.deciding, graph.deciders):
        if graph.complete:
            raise no_decider(graph.system, claim, graph.deciding)
        return Finding(claim, INCOMPLETE, UNKNOWN)
    finding = _standard(case, claim, ROWS[claim])
    silent = claim in ABOUT_DECISIONS and finding.verdict is HOLDS and not graph.marks.values.any()
    return dataclasses.replace(finding, because=without_decision(claim)) if silent else finding


def without_decision(claim: Property) -> str:
    """Return what to say of a property of decisions that holds because there are none."""
    return f"{claim.statement} ({NEVER})"


def standard_properties(graph: StateGraph) -> tuple[Property, ...]:
    """Return the properties of consensus that apply to a system without properties of its own."""
    return standard_claims(graph.system, graph.initial, graph.deciding)


def standard_claims(system: System, initial: Sequence[Initial], deciding: int) -> tuple[Property, ...]:
    """Return the properties that make sense, given what the initial configurations are and who decides.

    Without a decision there is nothing to agree on; without inputs there is nothing to be valid against.
    """
    if not deciding:
        return (deadlock_freedom,)
    inputs = any(len(set(item.inputs.values())) > 0 for item in initial)
    valid = correct_unanimity if system.world.failures.byzantine else validity
    ending = (termination,) if deciding & ~system.abstaining else ()
    return (agreement, *((valid,) if inputs else ()), integrity, *ending)


def _standard(case: Case, claim: Property, row: JudgingRule) -> Finding:
    if row.judge is not None:
        return row.judge(case)
    return _by_state(case, claim, row) if row.needs is Needs.STATE else _by_initial(case, claim, row)


def _by_state(case: Case, claim: Property, row: JudgingRule) -> Finding:
    """Judge what one configuration shows; a dead end, also if some processes have fallen silent."""
    graph = case.graph
    for silent in _silences(graph.system) if claim == deadlock_freedom else [()]:
        where = row.detect(Whole(graph, sum(1 << index for index in silent)), Given(graph.system, graph.deciding))
        where = where & affording(graph, silent)
        if where.any():
            break
    else:
        return case.safe(claim)
    once = f" once {', '.join(graph.system.names[index] for index in silent)} never steps again" * bool(silent)
    return seen(graph, claim, np.flatnonzero(where), lambda schedule: row.because(graph, schedule, {}) + once)


def _silences(system: System) -> Iterator[tuple[int, ...]]:
    """Yield every choice of processes that may have fallen silent, the fewest first."""
    for size in range(silent_budget(system.world) + 1):
        for silent in combinations(system.crashable, size):
            look()
            yield silent


def _by_initial(case: Case, claim: Property, row: JudgingRule) -> Finding:
    """Judge each initial configuration by itself, and show the nearest that fails."""
    graph = case.graph
    best: tuple[int, int, NDArray[np.int64], Initial] | None = None
    with kept(lambda: best):
        for root, initial in looking(zip(graph.roots, graph.initial, strict=True), every=1):
            if row.allowed and not int(case.valence.low[root]) & wrong_values(
                graph.system, row.allowed, initial.inputs
            ):
                continue
            away = distances(graph, [root])
            where = row.detect(Whole(graph), Given(graph.system, graph.deciding, initial.inputs))
            bad = np.flatnonzero(where & (away != UNREACHED))
            if len(bad) and (best is None or away[bad].min() < best[0]):
                best = (int(away[bad].min()), root, bad, initial)
    if best is None:
        return case.safe(claim)
    _, root, bad, initial = best
    return seen(graph, claim, bad, lambda schedule: row.because(graph, schedule, initial.inputs), [root])


def _own(case: Case, claim: Property) -> Finding:
    """Judge an invariant, or a `sometimes` property, once its predicate is found to be pure."""
    graph, asked = case.graph, PredicateDetector(case.graph.system, claim)
    refuse_if_it_tells_apart(graph, asked.predicate)
    numbers = _nearest(graph, asked)
    if not len(numbers):
        asked.look_for_hidden(graph.configurations)
    asked.predicate.confirm()
    if asked.hidden:
        return Finding(claim, INCOMPLETE, BECAUSE)
    if not len(numbers):
        return unseen(claim, complete=graph.complete, confined=graph.confined)
    return seen(graph, claim, numbers, lambda _: broken(claim))


def _nearest(graph: StateGraph, asked: PredicateDetector) -> NDArray[np.int64]:
    """Return the nearest configurations in which a predicate answers as it should or should not.

    Where a bound ends the asking, the nearest that were met by then, if there are any.
    """
    away = graph.depth if graph.order == "bfs" else distances(graph, graph.roots)
    if isinstance(graph.configurations, Columned | Alike):
        found = np.flatnonzero(asked(Whole(graph)))
    else:
        with kept(lambda: asked.met):
            _ask_until_met(graph, away, asked)
        found = np.array(asked.met, dtype=np.int64)
    return found[away[found] == away[found].min()] if len(found) else found


def _ask_until_met(graph: StateGraph, away: NDArray[np.int32], asked: PredicateDetector) -> None:
    """Ask in one configuration after the other, the nearest first, up to those as near as the first one met."""
    for number in np.argsort(away, kind="stable").tolist():
        if asked.met and away[number] > away[asked.met[0]]:
            return
        asked.ask(graph.system.view(graph.configurations[number]), number)


def _steps(case: Case, claim: Property) -> Finding:
    graph, predicate = case.graph, AskedPredicate(claim)
    wrong = np.flatnonzero(wrong_steps(graph, allowed(graph, predicate)))
    predicate.confirm()
    if not len(wrong):
        return case.safe(claim)

    def make() -> Finding:
        ways = path_ids(graph, graph.sources[wrong].tolist())
        step = next(int(edge) for edge in wrong if graph.sources[edge] == ways[-1])
        schedule = schedule_of(graph, [*ways, int(graph.targets[step])])
        return Finding(claim, VIOLATED, f"violated by the last step: {lowered(claim.statement)}", schedule)

    return shown(claim, VIOLATED, int(graph.targets[wrong[0]]), make)


BY_KIND: Mapping[str, Callable[[Case, Property], Finding]] = {
    "step": _steps,
    REFINES: judge_refinement,
    TEMPORAL: judge_temporal,
}
"""Judges of an author's properties, by kind; properties of other kinds are about single configurations."""
