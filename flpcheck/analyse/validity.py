"""Judging validity in its variants: what may be decided depends on the inputs, and on who is faulty."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from flpcheck.analyse.case import Case, listing, shown, who_decided
from flpcheck.analyse.finding import Finding
from flpcheck.analyse.schedule import Schedule, shortest
from flpcheck.analyse.sweep import UNREACHED, bits, distances
from flpcheck.authoring.property import (
    VIOLATED,
    Property,
    agreement,
    any_input_validity,
    correct_unanimity,
    interactive_consistency,
    validity,
)
from flpcheck.authoring.values import key, show
from flpcheck.budget import kept, looking
from flpcheck.explore.graph import Bools, Marks, Masks, StateGraph
from flpcheck.explore.safely import Reached
from flpcheck.system import System

Allowed: TypeAlias = Callable[[Mapping[str, Hashable]], "set[object] | None"]


def _from_initial(case: Case, claim: Property, allowed: Allowed) -> Finding:
    """Judge a claim on what is decided from each initial configuration, read from its valence.

    `allowed` gives the keys of the values that may be decided for an input vector; None for any.
    """
    graph, valence = case.graph, case.valence
    best: tuple[int, int, int] | None = None
    with kept(lambda: best):
        for root, initial in looking(zip(graph.roots, graph.initial, strict=True), every=1):
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

    def make() -> Finding:
        schedule = shortest(graph, bad, [root])
        assert schedule is not None
        return Finding(claim, VIOLATED, invalid(case.graph, schedule, wrong), schedule)

    return shown(claim, VIOLATED, int(bad[0]), make)


def invalid(graph: StateGraph | Reached, schedule: Schedule, wrong: int) -> str:
    """Return who proposes what in a schedule, and which of some values is decided at its end."""
    held = bits(wrong & graph.system.marks(schedule.configurations[-1]).values)
    decided = ", ".join(sorted(show(graph.system.values[bit]) for bit in held))
    inputs = graph.initial[schedule.initial].inputs
    proposed = ", ".join(f"{pid} proposes {show(value)}" for pid, value in inputs.items())
    return f"{proposed or 'no process proposes anything'}, and {decided} is decided"


def unanimity(inputs: Mapping[str, Hashable]) -> set[object] | None:
    """Return the keys of what may be decided: the input that all have; None for anything."""
    proposed: set[object] = {key(value) for value in inputs.values()}
    return proposed if len(proposed) == 1 else None


def some_input(inputs: Mapping[str, Hashable]) -> set[object] | None:
    """Return the keys of what may be decided: the inputs."""
    return {key(value) for value in inputs.values()}


def judge_validity(case: Case) -> Finding:
    """Judge unanimity: if all processes propose one value, only that is decided."""
    return _from_initial(case, validity, unanimity)


def judge_any_input_validity(case: Case) -> Finding:
    """Judge whether every decided value is the input of some process."""
    return _from_initial(case, any_input_validity, some_input)


def judge_correct_unanimity(case: Case) -> Finding:
    """Judge each initial configuration by itself: the configuration says who is faulty, but not the inputs."""
    graph = case.graph
    best: tuple[int, list[int]] | None = None
    with kept(lambda: best):
        for root, initial in looking(zip(graph.roots, graph.initial, strict=True), every=1):
            away = distances(graph, [root])
            bad = np.flatnonzero(unanimous_but_other(graph.system, graph.marks, initial.inputs) & (away != UNREACHED))
            if len(bad) and (best is None or away[bad].min() < best[0]):
                best = (int(away[bad].min()), [root, *bad.tolist()])
    if best is None:
        return case.safe(correct_unanimity)
    root, bad_ones = best[1][0], best[1][1:]

    def make() -> Finding:
        schedule = shortest(graph, bad_ones, [root])
        assert schedule is not None
        return Finding(correct_unanimity, VIOLATED, correct_proposed(case.graph, schedule), schedule)

    return shown(correct_unanimity, VIOLATED, bad_ones[0], make)


def correct_proposed(graph: StateGraph | Reached, schedule: Schedule) -> str:
    """Return what the correct processes of a schedule propose, and who decides what."""
    crashed = graph.system.marks(schedule.configurations[-1]).crashed
    inputs, names = graph.initial[schedule.initial].inputs, graph.system.names
    correct = [f"{pid} proposes {show(v)}" for pid, v in inputs.items() if not crashed >> names.index(pid) & 1]
    return f"among the correct processes, {', '.join(correct)}; {who_decided(graph.system, schedule, agreement)}"


def unanimous_but_other(system: System, marks: Marks, inputs: Mapping[str, Hashable]) -> Bools:
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


def judge_interactive_consistency(case: Case) -> Finding:
    """Judge each initial configuration by itself: the inputs are not in the configuration, who is faulty is."""
    graph = case.graph
    best: tuple[int, int, NDArray[np.int64]] | None = None
    with kept(lambda: best):
        for root, initial in looking(zip(graph.roots, graph.initial, strict=True), every=1):
            away = distances(graph, [root])
            bad = np.flatnonzero(_wrong_component(case, initial.inputs) & (away != UNREACHED))
            if len(bad) and (best is None or away[bad].min() < best[0]):
                best = (int(away[bad].min()), root, bad)
    if best is None:
        return case.safe(interactive_consistency)
    _, root, numbers = best
    return shown(interactive_consistency, VIOLATED, int(numbers[0]), lambda: _inconsistent(graph, root, numbers))


def _inconsistent(graph: StateGraph, root: int, numbers: NDArray[np.int64]) -> Finding:
    names, schedule = graph.system.names, shortest(graph, numbers, [root])
    assert schedule is not None
    inputs = ", ".join(f"{pid} proposes {show(v)}" for pid, v in graph.initial[schedule.initial].inputs.items())
    faulty = listing(tuple(names[i] for i in bits(int(graph.marks.crashed[schedule.numbers[-1]])))) or "no process"
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
