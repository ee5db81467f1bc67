"""Lassos: from a fair component to one run that a person can follow, a stem and a loop."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from flpcheck.analyse.live.asked import AskedTable
from flpcheck.analyse.live.loop import shortest_loop
from flpcheck.analyse.live.renamed_loop import RenamedWalk, confirm_fair
from flpcheck.analyse.live.search import FairComponent, table_of
from flpcheck.analyse.paths import path_by, path_ids
from flpcheck.analyse.schedule import Schedule, confirm, schedule_of
from flpcheck.analyse.sweep import UNREACHED, distances
from flpcheck.budget import grace
from flpcheck.errors import InternalError
from flpcheck.explore.graph import Bools, StateGraph
from flpcheck.reduce import lifted
from flpcheck.system import Transition


def lasso_of(
    graph: StateGraph,
    component: FairComponent,
    *,
    musts: Sequence[Bools] = (),
    seeds: Bools | None = None,
    stem: Bools | None = None,
) -> Schedule:
    """Return a run into a fair component and round it: `loop` says where the loop begins.

    Parameters
    ----------
    graph
        The graph.
    component
        A fair component.
    musts
        Sets of configurations that the loop visits.
    seeds
        bool[n]: configurations of which the run passes one; the initial ones if None.
    stem
        bool[n]: where it stays from there on; anywhere if None.

    Returns
    -------
    Schedule
        Its loop meets every demand of a process that is not faulty, as `demands.py` has it; without a loop, the run
        rests where it ends, because nothing is owed there.
    """
    with grace():
        return _lasso_of(graph, component, table_of(graph, lucky=component.lucky), musts, (seeds, stem))


def _lasso_of(
    graph: StateGraph,
    component: FairComponent,
    table: AskedTable,
    musts: Sequence[Bools],
    way: tuple[Bools | None, Bools | None],
) -> Schedule:
    if graph.system.renames_mail:
        stem = way_into(graph, component, *way)
        hops = RenamedWalk(graph, component).run(stem[-1], musts)
    else:
        entry, walked = shortest_loop(graph, component, table, musts)
        stem = way_into(graph, component._replace(numbers=np.array([entry], np.int64)), *way)
        hops = [(hop.target, hop.transition) for hop in walked]
    numbers = [*stem, *(number for number, _ in hops)]
    if numbers[-1] != stem[-1]:
        raise InternalError("a lasso does not close", next_step="please report this with the spec")
    straight = schedule_of(graph, stem)
    loop = [transition for _, transition in hops]
    confirm_fair(graph, straight, loop, component)
    return _closed(graph, straight, loop, numbers)


def _closed(graph: StateGraph, straight: Schedule, loop: list[Transition], numbers: list[int]) -> Schedule:
    """Return a stem with the loop that follows it, replayed as a whole."""
    configurations, transitions = lifted(graph.system, straight.configurations[-1], loop)
    whole = Schedule(
        straight.initial,
        (*straight.configurations, *configurations),
        (*straight.transitions, *transitions),
        len(straight) if loop else None,
        tuple(numbers) if len(straight) + len(transitions) == len(numbers) - 1 else (),
    )
    confirm(graph.system.plain, whole)
    return whole


def way_into(graph: StateGraph, component: FairComponent, seeds: Bools | None, stem: Bools | None) -> list[int]:
    """Return the ids along a shortest way into a component: to a seed, and from there inside of the stem."""
    if stem is None and seeds is None:
        return path_ids(graph, component.numbers)
    starts = np.flatnonzero(seeds) if seeds is not None else np.unique(graph.roots)
    away = distances(graph, starts[stem[starts]].tolist() if stem is not None else starts.tolist(), stem)
    inside = path_by(graph, away, component.numbers)
    if not inside or away[inside[-1]] == UNREACHED:
        raise InternalError("a fair component cannot be reached", next_step="please report this with the spec")
    return [*path_ids(graph, inside[:1])[:-1], *inside]
