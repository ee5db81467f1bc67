"""Judging properties on a finished graph: each judge is a pass over the arrays, none explores.

A new standard property is a `Property` in `authoring/property.py` and a judge in `JUDGES`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flpcheck.analyse.asking import Predicate
from flpcheck.analyse.blind import allowed, refuse_if_it_tells_apart
from flpcheck.analyse.case import Case, shown, who_decided
from flpcheck.analyse.deciders import ABOUT_DECISIONS, NEVER, UNKNOWN, is_vacuous, no_decider
from flpcheck.analyse.finding import Finding
from flpcheck.analyse.integrity import changed_decision
from flpcheck.analyse.judge_termination import judge_termination
from flpcheck.analyse.orbits import under_all_names, unjudged
from flpcheck.analyse.paths import path_ids
from flpcheck.analyse.schedule import schedule_of, shortest
from flpcheck.analyse.silence import BECAUSE, depends_on_crashes, silent_budget
from flpcheck.analyse.steps import wrong_steps
from flpcheck.analyse.sweep import distances, popcount
from flpcheck.analyse.validity import (
    judge_any_input_validity,
    judge_correct_unanimity,
    judge_interactive_consistency,
    judge_validity,
)
from flpcheck.analyse.views import answers
from flpcheck.authoring.property import (
    HOLDS,
    INCOMPLETE,
    STANDARD,
    VIOLATED,
    Property,
    agreement,
    any_input_validity,
    correct_unanimity,
    deadlock_freedom,
    integrity,
    interactive_consistency,
    non_triviality,
    termination,
    uniform_agreement,
    validity,
)
from flpcheck.budget import kept, look, looking
from flpcheck.explore.columned import Columned
from flpcheck.explore.graph import Bools, StateGraph
from flpcheck.system import Initial, System

STUCK = "nothing more can happen, and not everybody is done"


def judge(case: Case, claim: Property) -> Finding:
    """Return the verdict on a property."""
    if because := unjudged(case.graph.system, claim):
        return Finding(claim, INCOMPLETE, because)
    if claim.kind != "standard":
        return OWN[claim.kind](case, claim)
    graph = case.graph
    if is_vacuous(claim, graph.deciding, graph.deciders):
        if graph.complete:
            raise no_decider(graph.system, claim, graph.deciding)
        return Finding(claim, INCOMPLETE, UNKNOWN)
    finding = JUDGES[claim](case)
    silent = claim in ABOUT_DECISIONS and finding.verdict is HOLDS and not graph.marks.values.any()
    return dataclasses.replace(finding, because=without_decision(claim)) if silent else finding


def without_decision(claim: Property) -> str:
    """Return what to say of a property of decisions that holds because there are none."""
    return f"{claim.claim} ({NEVER})"


def standard_properties(graph: StateGraph) -> tuple[Property, ...]:
    """Return the properties of consensus that make sense for a system which names none of its own."""
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


def _agreement(case: Case) -> Finding:
    where = popcount(case.graph.marks.live_values) > 1
    return case.reached(agreement, where, lambda schedule: who_decided(case.graph.system, schedule, agreement))


def _uniform_agreement(case: Case) -> Finding:
    where = popcount(case.graph.marks.values) > 1
    system, claim = case.graph.system, uniform_agreement
    return case.reached(claim, where, lambda schedule: who_decided(system, schedule, claim))


def _integrity(case: Case) -> Finding:
    change = changed_decision(case.graph)
    if change is None:
        return case.safe(integrity)
    source, target = change

    def make() -> Finding:
        schedule = schedule_of(case.graph, [*path_ids(case.graph, [source]), target])
        return Finding(integrity, VIOLATED, f"{schedule.transitions[-1].event} changes a decision", schedule)

    return shown(integrity, VIOLATED, target, make)


def _non_triviality(case: Case) -> Finding:
    reachable = 0
    for root in case.graph.roots:
        reachable |= under_all_names(case.graph.system, int(case.valence.low[root]))
    names = [case.value_name(bit) for bit, _ in case.valence.ordered() if reachable >> bit & 1]
    if len(names) > 1:
        return Finding(non_triviality, HOLDS, f"{' and '.join(names)} can be decided")
    if not case.graph.complete:
        return Finding(non_triviality, INCOMPLETE, "only one value was decided before the search was cut")
    return Finding(
        non_triviality, VIOLATED, f"only {names[0]} can ever be decided" if names else "nothing is ever decided"
    )


def _deadlock_freedom(case: Case) -> Finding:
    """Judge it with every choice of processes that may have fallen silent, the fewest first."""
    system = case.graph.system
    for size in range(silent_budget(system.world) + 1):
        for silent in combinations(system.crashable, size):
            look()
            ended = _dead_ends(case.graph, silent)
            if ended.any():
                once = f" once {', '.join(system.names[index] for index in silent)} never steps again" * bool(silent)
                return case.reached(deadlock_freedom, ended, lambda _, once=once: f"{STUCK}{once}")  # type: ignore[misc]
    return case.safe(deadlock_freedom)


def _dead_ends(graph: StateGraph, silent: tuple[int, ...]) -> Bools:
    """bool[n]: nothing more can happen but steps of the silent, and some other process that should decide has not."""
    steps = (graph.movers >= 0) & ~np.isin(graph.movers, silent)
    leads_on = np.zeros(len(graph), dtype=np.bool_)
    leads_on[graph.sources[steps]] = True
    ended: Bools = ~leads_on & ~graph.frontier
    if graph.deciding:
        others = np.uint64(graph.deciders & ~sum(1 << index for index in silent))
        ended &= others & ~graph.marks.crashed & ~graph.marks.decided != 0
    numbers = looking(np.flatnonzero(ended).tolist())
    ended[ended] = [graph.system.admissible(graph.configurations[number]) for number in numbers]
    return ended


def _first_where(case: Case, predicate: Predicate, *, wanted: bool) -> NDArray[np.int64]:
    """Return the nearest configurations in which the author's predicate answers `wanted`.

    Where a bound ends the asking, the nearest that were met by then, if there are any.
    """
    graph = case.graph
    away = graph.depth if graph.order == "bfs" else distances(graph, graph.roots)
    met: list[int] = []

    def ask(view: Any, number: int) -> bool:
        answer = predicate.holds_in(view, number)
        met.extend([number] if answer is wanted else [])
        return answer

    where: NDArray[np.int64] | None = None
    with kept(lambda: met):
        if isinstance(graph.configurations, Columned):
            where = np.flatnonzero(answers(graph.system, graph.configurations, ask) == wanted)
        else:
            _ask_until(graph, away, ask, met)
    found = np.array(met, dtype=np.int64) if where is None else where
    return found[away[found] == away[found].min()] if len(found) else found


def _ask_until(graph: StateGraph, away: NDArray[np.int32], ask: Callable[[Any, int], bool], met: list[int]) -> None:
    """Ask in one configuration after the other, the nearest first, up to those as near as the first one met."""
    for number in np.argsort(away, kind="stable").tolist():
        if met and away[number] > away[met[0]]:
            return
        ask(graph.system.view(graph.configurations[number]), number)


def _judged_everywhere(case: Case, claim: Property, *, wanted: bool) -> tuple[NDArray[np.int64], bool]:
    """Return the nearest configurations in which the author's predicate, found to be pure, answers `wanted`.

    Without any: also whether it does where processes have silently crashed, which no configuration shows.
    """
    graph, predicate = case.graph, Predicate(claim)
    refuse_if_it_tells_apart(graph, predicate)
    numbers = _first_where(case, predicate, wanted=wanted)
    hidden = not len(numbers) and depends_on_crashes(graph.system, graph.configurations, predicate, wanted=wanted)
    predicate.confirm()
    return numbers, hidden


def _invariant(case: Case, claim: Property) -> Finding:
    numbers, hidden = _judged_everywhere(case, claim, wanted=False)
    if hidden:
        return Finding(claim, INCOMPLETE, BECAUSE)
    if not len(numbers):
        return case.safe(claim)
    where = np.zeros(len(case.graph), dtype=np.bool_)
    where[numbers] = True
    return case.reached(claim, where, lambda _: broken(claim))


def broken(claim: Property) -> str:
    """Return the sentence for a configuration that breaks an invariant."""
    return f"here it is not so that {_lower(claim.claim)}"


def _sometimes(case: Case, claim: Property) -> Finding:
    numbers, hidden = _judged_everywhere(case, claim, wanted=True)
    if hidden:
        return Finding(claim, INCOMPLETE, BECAUSE)
    if len(numbers):
        because = f"reached: {claim.claim}"
        return shown(
            claim, HOLDS, int(numbers[0]), lambda: Finding(claim, HOLDS, because, shortest(case.graph, numbers))
        )
    if case.graph.complete:
        return Finding(claim, VIOLATED, "no reachable configuration is like that")
    return Finding(claim, INCOMPLETE, "not reached before the search was cut")


def _steps(case: Case, claim: Property) -> Finding:
    graph, predicate = case.graph, Predicate(claim)
    wrong = np.flatnonzero(wrong_steps(graph, allowed(graph, predicate)))
    predicate.confirm()
    if not len(wrong):
        return case.safe(claim)

    def make() -> Finding:
        ways = path_ids(graph, graph.sources[wrong].tolist())
        step = next(int(edge) for edge in wrong if graph.sources[edge] == ways[-1])
        schedule = schedule_of(graph, [*ways, int(graph.targets[step])])
        return Finding(claim, VIOLATED, f"in the last step it is not so that {_lower(claim.claim)}", schedule)

    return shown(claim, VIOLATED, int(graph.targets[wrong[0]]), make)


def _lower(claim: str) -> str:
    return f"{claim[:1].lower()}{claim[1:]}"


OWN: dict[str, Callable[[Case, Property], Finding]] = {
    "invariant": _invariant,
    "sometimes": _sometimes,
    "step": _steps,
}
JUDGES: dict[Property, Callable[[Case], Finding]] = {
    agreement: _agreement,
    uniform_agreement: _uniform_agreement,
    validity: judge_validity,
    any_input_validity: judge_any_input_validity,
    correct_unanimity: judge_correct_unanimity,
    interactive_consistency: judge_interactive_consistency,
    integrity: _integrity,
    non_triviality: _non_triviality,
    termination: judge_termination,
    deadlock_freedom: _deadlock_freedom,
}
assert set(JUDGES) == set(STANDARD)
