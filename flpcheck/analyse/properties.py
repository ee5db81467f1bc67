"""Judging properties on a finished graph: each judge is a pass over the arrays, none explores.

A new standard property is a `Property` in `authoring/property.py` and a judge in `JUDGES`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from flpcheck.analyse.finding import Finding
from flpcheck.analyse.integrity import changed_decision
from flpcheck.analyse.lasso import lasso_of
from flpcheck.analyse.orbits import under_all_names, unjudged
from flpcheck.analyse.quotients import growth_of, refuse_if_it_tells_apart
from flpcheck.analyse.rounds import in_rounds, rounds_to_decide
from flpcheck.analyse.schedule import Schedule, path_ids, schedule_of, shortest
from flpcheck.analyse.sweep import UNREACHED, bits, distances, popcount
from flpcheck.analyse.termination import Termination
from flpcheck.analyse.theorem.silent import SilentValence
from flpcheck.analyse.valence import Valence
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
from flpcheck.authoring.values import key, show
from flpcheck.errors import SpecError
from flpcheck.explore.graph import Bools, Columned, MarkArrays, Masks, StateGraph
from flpcheck.explore.safely import Reached
from flpcheck.system import Initial, System

Allowed: TypeAlias = Callable[[Mapping[str, Hashable]], "set[object] | None"]


STUCK = "nothing more can happen, and not everybody is done"


class Case:
    """A graph with the analyses that several judges share, each made when it is first needed."""

    def __init__(self, graph: StateGraph) -> None:
        self.graph = graph
        self.valence = Valence.of(graph)
        self.termination = Termination(graph)

    @cached_property
    def silent(self) -> SilentValence:
        """What can be decided if some processes never step again."""
        return SilentValence.of(self.graph)

    def judge(self, claim: Property) -> Finding:
        """Return the verdict on a property."""
        if because := unjudged(self.graph.system, claim):
            return Finding(claim, INCOMPLETE, because)
        if claim.kind == "standard":
            return JUDGES[claim](self)
        return _invariant(self, claim) if claim.kind == "invariant" else _sometimes(self, claim)

    def safe(self, claim: Property, because: str = "") -> Finding:
        """Return the verdict where nothing bad was found: HOLDS only if the search was complete."""
        if self.graph.complete:
            return Finding(claim, HOLDS, because)
        return Finding(claim, INCOMPLETE, "nothing bad found before the search was cut")

    def reached(self, claim: Property, where: Bools, because: Callable[[Schedule], str]) -> Finding:
        """Return the verdict on something that must never be reached."""
        numbers = np.flatnonzero(where)
        schedule = shortest(self.graph, numbers.tolist()) if len(numbers) else None
        return self.safe(claim) if schedule is None else Finding(claim, VIOLATED, because(schedule), schedule)

    def value_name(self, bit: int) -> str:
        """Return a decision value as text."""
        return show(self.valence.values[bit])


def standard_properties(graph: StateGraph) -> tuple[Property, ...]:
    """Return the properties of consensus that make sense for a system which names none of its own."""
    return standard_claims(graph.system, graph.initial)


def standard_claims(system: System, initial: Sequence[Initial]) -> tuple[Property, ...]:
    """Return the properties that make sense, given what the initial configurations are.

    Without a decision there is nothing to agree on; without inputs there is nothing to be valid against.
    """
    if not system.deciders:
        return (deadlock_freedom,)
    inputs = any(len(set(item.inputs.values())) > 0 for item in initial)
    return (agreement, *((validity,) if inputs else ()), integrity, termination)


def _agreement(case: Case) -> Finding:
    where = popcount(case.graph.marks.live_values) > 1
    return case.reached(agreement, where, lambda schedule: who_decided(case.graph.system, schedule, agreement))


def _uniform_agreement(case: Case) -> Finding:
    where = popcount(case.graph.marks.values) > 1
    system, claim = case.graph.system, uniform_agreement
    return case.reached(claim, where, lambda schedule: who_decided(system, schedule, claim))


def who_decided(system: System, schedule: Schedule, claim: Property) -> str:
    """Return who has decided what at the end of a schedule."""
    outputs = system.outputs(schedule.configurations[-1])
    parts = [f"{pid} decides {' and '.join(map(show, values))}" for pid, values in outputs.items()]
    return f"{' while '.join(parts)}" if claim is agreement else f"{', '.join(parts)}, crashed processes included"


def _integrity(case: Case) -> Finding:
    change = changed_decision(case.graph)
    if change is None:
        return case.safe(integrity)
    schedule = schedule_of(case.graph, [*path_ids(case.graph, [change[0]]), change[1]])
    return Finding(integrity, VIOLATED, f"{schedule.transitions[-1].event} changes a decision", schedule)


def _from_initial(case: Case, claim: Property, allowed: Allowed) -> Finding:
    """Judge a claim on what is decided from each initial configuration, read from its valence.

    `allowed` gives the keys of the values that may be decided for an input vector; None for any.
    """
    graph, valence = case.graph, case.valence
    best: tuple[int, int, int] | None = None
    for root, initial in zip(graph.roots, graph.initial, strict=True):
        may = allowed(initial.inputs)
        wrong = 0 if may is None else sum(1 << b for b, v in enumerate(valence.values) if key(v) not in may)
        if not int(valence.low[root]) & wrong:
            continue
        away = distances(graph, [root])
        bad = np.flatnonzero((graph.marks.values & np.uint64(wrong) != 0) & (away != UNREACHED))
        nearest = int(away[bad].min())
        if best is None or nearest < best[0]:
            best = (nearest, root, wrong)
    if best is None:
        return case.safe(claim)
    _, root, wrong = best
    bad = np.flatnonzero(graph.marks.values & np.uint64(wrong) != 0)
    schedule = shortest(graph, bad.tolist(), [root])
    assert schedule is not None
    return Finding(claim, VIOLATED, invalid(case.graph, schedule, wrong), schedule)


def invalid(graph: StateGraph | Reached, schedule: Schedule, wrong: int) -> str:
    """Return who proposes what in a schedule, and which of some values is decided at its end."""
    held = bits(wrong & graph.system.marks(schedule.configurations[-1]).values)
    decided = ", ".join(show(graph.system.values[bit]) for bit in held)
    inputs = graph.initial[schedule.initial].inputs
    proposed = ", ".join(f"{pid} proposes {show(value)}" for pid, value in inputs.items())
    return f"{proposed or 'nobody proposes anything'}, and {decided} is decided"


def unanimity(inputs: Mapping[str, Hashable]) -> set[object] | None:
    """Return the keys of what may be decided: the input that all have; None for anything."""
    proposed: set[object] = {key(value) for value in inputs.values()}
    return proposed if len(proposed) == 1 else None


def some_input(inputs: Mapping[str, Hashable]) -> set[object] | None:
    """Return the keys of what may be decided: the inputs."""
    return {key(value) for value in inputs.values()}


def _validity(case: Case) -> Finding:
    return _from_initial(case, validity, unanimity)


def _any_input_validity(case: Case) -> Finding:
    return _from_initial(case, any_input_validity, some_input)


def _correct_unanimity(case: Case) -> Finding:
    """Judge each initial configuration by itself: who is faulty is told by the configuration, the inputs are not."""
    graph = case.graph
    best: tuple[int, list[int]] | None = None
    for root, initial in zip(graph.roots, graph.initial, strict=True):
        away = distances(graph, [root])
        bad = np.flatnonzero(unanimous_but_other(graph.system, graph.marks, initial.inputs) & (away != UNREACHED))
        if len(bad) and (best is None or away[bad].min() < best[0]):
            best = (int(away[bad].min()), [root, *bad.tolist()])
    if best is None:
        return case.safe(correct_unanimity)
    root, bad_ones = best[1][0], best[1][1:]
    schedule = shortest(graph, bad_ones, [root])
    assert schedule is not None
    return Finding(correct_unanimity, VIOLATED, correct_proposed(case.graph, schedule), schedule)


def correct_proposed(graph: StateGraph | Reached, schedule: Schedule) -> str:
    """Return what the correct processes of a schedule propose, and who decides what."""
    crashed = graph.system.marks(schedule.configurations[-1]).crashed
    inputs, names = graph.initial[schedule.initial].inputs, graph.system.names
    correct = [f"{pid} proposes {show(v)}" for pid, v in inputs.items() if not crashed >> names.index(pid) & 1]
    return f"of the correct processes {', '.join(correct)}; {who_decided(graph.system, schedule, agreement)}"


def unanimous_but_other(system: System, marks: MarkArrays, inputs: Mapping[str, Hashable]) -> Bools:
    """bool[n]: all live processes with an input have the same one, and a live process has decided another value."""
    names = system.names
    with_input = np.uint64(sum(1 << names.index(pid) for pid in inputs if pid in names))
    found = np.zeros(len(marks.values), dtype=np.bool_)
    for proposed in {key(value): value for value in inputs.values()}.values():
        others = np.uint64(sum(1 << names.index(p) for p, v in inputs.items() if key(v) != key(proposed)))
        wrong = np.uint64(sum(1 << b for b, v in enumerate(system.values) if key(v) != key(proposed)))
        live: Masks = with_input & ~marks.crashed
        found |= (live != 0) & (live & others == 0) & (marks.live_values & wrong != 0)
    return found


def _interactive_consistency(case: Case) -> Finding:
    """Judge each initial configuration by itself: the inputs are not in the configuration, who is faulty is."""
    graph, names = case.graph, case.graph.system.names
    best: tuple[int, int, NDArray[np.int64]] | None = None
    for root, initial in zip(graph.roots, graph.initial, strict=True):
        away = distances(graph, [root])
        bad = np.flatnonzero(_wrong_component(case, initial.inputs) & (away != UNREACHED))
        if len(bad) and (best is None or away[bad].min() < best[0]):
            best = (int(away[bad].min()), root, bad)
    if best is None:
        return case.safe(interactive_consistency)
    schedule = shortest(graph, best[2].tolist(), [best[1]])
    assert schedule is not None
    inputs = ", ".join(f"{pid} proposes {show(v)}" for pid, v in graph.initial[schedule.initial].inputs.items())
    faulty = _list(tuple(names[i] for i in bits(int(graph.marks.crashed[schedule.numbers[-1]])))) or "nobody"
    because = f"{inputs}; {faulty} is faulty; {who_decided(graph.system, schedule, agreement)}"
    return Finding(interactive_consistency, VIOLATED, because, schedule)


def _wrong_component(case: Case, inputs: Mapping[str, Hashable]) -> Bools:
    """bool[n]: a correct process has decided a vector that is wrong about a correct process."""
    marks, names = case.graph.marks, case.graph.system.names
    found = np.zeros(len(case.graph), dtype=np.bool_)
    for bit, vector in enumerate(case.valence.values):
        told = vector if isinstance(vector, tuple) and len(vector) == len(names) else (None,) * len(names)
        pairs = zip(names, told, strict=True)
        wrong = sum(1 << i for i, (p, v) in enumerate(pairs) if p in inputs and key(v) != key(inputs[p]))
        held = marks.live_values >> np.uint64(bit) & np.uint64(1) != 0
        found |= held & (np.uint64(wrong) & ~marks.crashed != 0)
    return found


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


def _termination(case: Case) -> Finding:
    blocked = case.termination.blocked
    components = case.termination.components
    faults = len(components[0].faulty) if components else 0
    if blocked is not None and not (components and faults < len(blocked.silent)):  # fewer faults are the stronger case
        return _blocks(case)
    if components:
        component, names = components[0], case.graph.system.registers
        schedule = lasso_of(case.graph, component)
        faulty, stuck = (tuple(names[i] for i in part) for part in (component.faulty, component.undecided))
        verb = "never decides" if len(stuck) == 1 else "never decide"
        rounds = "and rounds like these are allowed for ever"
        steps = "and every correct process takes its steps and receives its messages"
        because = f"{_list(stuck)} {verb}, {rounds if in_rounds(case.graph) else steps}"
        because += growth_of(case.graph.system, schedule)
        return Finding(termination, VIOLATED, because, schedule, faulty, stuck)
    return _decided_in_time(case) if in_rounds(case.graph) else case.safe(termination)


def _decided_in_time(case: Case) -> Finding:
    """Return that termination holds, and after how many rounds everybody has decided."""
    within = rounds_to_decide(case.graph)
    if within is None:
        return case.safe(termination)
    start = " after GST" if case.graph.system.world.rounds_after_gst else ""
    because = f"every correct process decides within {within} round{'' if within == 1 else 's'}{start}"
    return replace(case.safe(termination, because), within=within)


def _blocks(case: Case) -> Finding:
    blocked, graph = case.termination.blocked, case.graph
    assert blocked is not None
    numbers = path_ids(graph, np.flatnonzero(blocked.where).tolist())
    schedule = schedule_of(graph, numbers)
    last = numbers[-1]
    stuck = tuple(graph.system.registers[index] for index in bits(int(blocked.stuck[last])))
    live = bits(graph.system.deciders & ~int(graph.marks.crashed[last]))
    everybody = len(stuck) == len([i for i in live if graph.system.registers[i] not in blocked.silent])
    crashed = (*blocked.silent, *(graph.system.names[i] for i in bits(int(graph.marks.crashed[last]))))
    without = f"with {_list(crashed)} crashed" if crashed else "even without a crash"
    who = "no live process can ever decide" if everybody else f"{_list(stuck)} can never decide"
    return Finding(termination, VIOLATED, f"from here, {without}, {who}", schedule, blocked.silent, stuck)


def _deadlock_freedom(case: Case) -> Finding:
    graph = case.graph
    leads_on = np.zeros(len(graph), dtype=np.bool_)
    leads_on[graph.sources[graph.movers >= 0]] = True
    ended = ~leads_on & ~graph.frontier
    if graph.system.deciders:
        waiting = np.uint64(graph.system.deciders) & ~graph.marks.crashed & ~graph.marks.decided
        ended &= waiting != 0
    return case.reached(deadlock_freedom, ended, lambda _: STUCK)


def _first_where(case: Case, claim: Property, *, wanted: bool) -> NDArray[np.int64]:
    """Return the nearest configurations in which the author's predicate answers `wanted`."""
    graph = case.graph
    away = graph.depth if graph.order == "bfs" else distances(graph, graph.roots)
    if isinstance(graph.configurations, Columned):
        where = np.flatnonzero(answers(graph.system, graph.configurations, partial(ask_in, claim)) == wanted)
        return where[away[where] == away[where].min()] if len(where) else where
    found: list[int] = []
    for number in np.argsort(away, kind="stable").tolist():
        if found and away[number] > away[found[0]]:
            break
        if ask_in(claim, graph.system.view(graph.configurations[number]), number) is wanted:
            found.append(number)
    return np.array(found, dtype=np.int64)


def ask_in(claim: Property, view: Any, number: int) -> bool:
    """Return what the author's predicate answers in a configuration."""
    try:
        return claim(view)
    except Exception as error:
        why = f"{type(error).__name__}: {error}, in configuration {number}"
        advice = "a property is asked in every reachable configuration, those with crashed processes included"
        raise SpecError(
            f"property {claim.name} raised an exception", place=claim.place, why=why, next_step=advice
        ) from error


def _invariant(case: Case, claim: Property) -> Finding:
    refuse_if_it_tells_apart(case.graph, claim, ask_in)
    numbers = _first_where(case, claim, wanted=False)
    schedule = shortest(case.graph, numbers.tolist()) if len(numbers) else None
    return case.safe(claim) if schedule is None else Finding(claim, VIOLATED, broken(claim), schedule)


def broken(claim: Property) -> str:
    """Return the sentence for a configuration that breaks an invariant."""
    return f"here it is not so that {claim.claim[:1].lower()}{claim.claim[1:]}"


def _sometimes(case: Case, claim: Property) -> Finding:
    refuse_if_it_tells_apart(case.graph, claim, ask_in)
    numbers = _first_where(case, claim, wanted=True)
    if len(numbers):
        schedule = shortest(case.graph, numbers.tolist())
        return Finding(claim, HOLDS, f"reached: {claim.claim}", schedule)
    if case.graph.complete:
        return Finding(claim, VIOLATED, "no reachable configuration is like that")
    return Finding(claim, INCOMPLETE, "not reached before the search was cut")


def _list(names: tuple[str, ...]) -> str:
    return " and ".join(names)


JUDGES: dict[Property, Callable[[Case], Finding]] = {
    agreement: _agreement,
    uniform_agreement: _uniform_agreement,
    validity: _validity,
    any_input_validity: _any_input_validity,
    correct_unanimity: _correct_unanimity,
    interactive_consistency: _interactive_consistency,
    integrity: _integrity,
    non_triviality: _non_triviality,
    termination: _termination,
    deadlock_freedom: _deadlock_freedom,
}
assert set(JUDGES) == set(STANDARD)
