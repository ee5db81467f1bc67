"""The verdict on termination, in words: which processes block, which run for ever undecided, how soon all decide."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from flpcheck.analyse.case import Case, listing, shown
from flpcheck.analyse.finding import Finding
from flpcheck.analyse.lasso import lasso_of
from flpcheck.analyse.live.fair import WHATEVER_COINS_SHOW, fairness_of
from flpcheck.analyse.live.search import FairComponent
from flpcheck.analyse.paths import path_ids
from flpcheck.analyse.quotients import growth_of
from flpcheck.analyse.rounds import rounds_to_decide
from flpcheck.analyse.schedule import schedule_of, shortest
from flpcheck.analyse.stable import events_to_decide
from flpcheck.analyse.sweep import bits
from flpcheck.authoring.property import HOLDS, VIOLATED, termination
from flpcheck.budget import kept


def judge_termination(case: Case) -> Finding:
    """Return whether every correct process decides, with a run that shows how one does not."""
    blocked, components = case.termination.blocked, list[FairComponent]()
    with kept(lambda: blocked):
        components = case.termination.components if blocked is None or blocked.silent else []
    faults = len(components[0].faulty) if components else 0
    if blocked is not None and not (components and faults < len(blocked.silent)):  # fewer faults are the stronger case
        return shown(termination, VIOLATED, int(blocked.where.argmax()), lambda: _blocks(case))
    if case.termination.stranded.any():
        return shown(termination, VIOLATED, int(case.termination.stranded.argmax()), lambda: _strands(case))
    if components:
        return shown(termination, VIOLATED, int(components[0].numbers[0]), lambda: _goes_round(case, components[0]))
    if case.graph.system.in_rounds:
        return _decided_in_time(case)
    if case.graph.system.tosses:
        return _almost_surely(case)
    return _endless(case) or _after_stabilisation(case)


def _goes_round(case: Case, component: FairComponent) -> Finding:
    """Return the verdict on a fair component with an undecided process."""
    names = case.graph.system.registers
    schedule = lasso_of(case.graph, component)
    if schedule.loop is None and (going_on := _endless(case)):
        return going_on  # a detector that speaks and is wrong says more than one that is silent for ever
    faulty, stuck = (tuple(names[i] for i in part) for part in (component.faulty, component.undecided))
    verb = "never decides" if len(stuck) == 1 else "never decide"
    if case.graph.system.tosses:
        verb = f"{verb} {WHATEVER_COINS_SHOW}"
    because = f"{listing(stuck)} {verb}, {fairness_of(case.graph, component, schedule)[1]}"
    because += growth_of(case.graph.system, schedule)
    return Finding(termination, VIOLATED, because, schedule, faulty, stuck)


def _after_stabilisation(case: Case) -> Finding:
    """Return that termination holds, and within how many events after the world has stabilised."""
    within = events_to_decide(case.graph)
    if within is None:
        return case.safe(termination)
    events = f"{within} event{'' if within == 1 else 's'}"
    because = f"every correct process decides within {events} after the world stabilises"
    return replace(case.safe(termination, because), within=within)


def _almost_surely(case: Case) -> Finding:
    """Return that every process decides with probability one, with a run of probability zero in which one does not."""
    lucky = case.termination.lucky
    lucky = [c for c in lucky if case.valence.bivalent[c.numbers[0]]] or lucky
    kind = "round-rigid" if case.termination.mdp.is_in_rounds else "fair"
    because = f"with probability one, under every {kind} scheduler with full information"
    because += "; the run shown never ends and has probability zero" if lucky else ""
    schedule = lasso_of(case.graph, lucky[0]) if lucky else None
    found = case.safe(termination, because)
    return replace(found, schedule=schedule) if found.verdict is HOLDS else found


def _endless(case: Case) -> Finding | None:
    """Return the verdict on a run that repeats but for its counters; only a search that was cut can miss it."""
    run = case.termination.endless
    if run is None:
        return None
    names = " and ".join(sorted(case.graph.system.protocol.counters()))
    how = f"the loop repeats for ever, raising every {names} by {run.rise} in each turn"
    because = f"no process ever decides, although each takes its steps and receives its messages: {how}"
    return Finding(termination, VIOLATED, because, run.schedule, (), case.graph.system.names)


def _decided_in_time(case: Case) -> Finding:
    """Return that termination holds, and after how many rounds all have decided."""
    within = rounds_to_decide(case.graph)
    if within is None:
        return case.safe(termination)
    start = " after GST" if case.graph.system.world.rounds_after_gst else ""
    because = f"every correct process decides within {within} round{'' if within == 1 else 's'}{start}"
    return replace(case.safe(termination, because), within=within)


def _blocks(case: Case) -> Finding:
    blocked, graph = case.termination.blocked, case.graph
    assert blocked is not None
    numbers = path_ids(graph, np.flatnonzero(blocked.where))
    schedule = schedule_of(graph, numbers)
    last = numbers[-1]
    stuck = tuple(graph.system.registers[index] for index in bits(int(blocked.stuck[last])))
    live = bits(graph.deciders & ~int(graph.marks.crashed[last]))
    all_of_them = len(stuck) == len([i for i in live if graph.system.registers[i] not in blocked.silent])
    crashed = (*blocked.silent, *(graph.system.names[i] for i in bits(int(graph.marks.crashed[last]))))
    how = "faulty" if graph.system.world.has_misbehaving else "crashed"
    without = f"with {listing(crashed)} {how}" if crashed else "even without a crash"
    who = "no live process can ever decide" if all_of_them else f"{listing(stuck)} can never decide"
    return Finding(termination, VIOLATED, f"from here, {without}, {who}", schedule, blocked.silent, stuck)


def _strands(case: Case) -> Finding:
    graph = case.graph
    schedule = shortest(graph, np.flatnonzero(case.termination.stranded))
    assert schedule is not None
    marks = graph.system.marks(schedule.configurations[-1])
    names = graph.system.names
    stuck = tuple(names[i] for i in bits(graph.deciders & ~marks.crashed & ~marks.decided))
    faulty = tuple(names[i] for i in bits(marks.crashed))
    because = f"from here no correct process has anything left to do, and {listing(faulty)} may stay silent"
    return Finding(termination, VIOLATED, because, schedule, faulty, stuck)
