"""Witnesses: a fair run that a temporal property forbids, by regions of the graph.

Every temporal property is such a question: where the run begins to matter, where it may go from there, where it may
stay for ever, and what it visits again and again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from flpcheck.analyse.chance.process import ROUND, Mdp
from flpcheck.analyse.lasso import lasso_of
from flpcheck.analyse.live.account import EVERY_STEP, Account, account_of, sentence
from flpcheck.analyse.live.search import FairComponent, FairSearch, Region, table_of
from flpcheck.analyse.schedule import Schedule
from flpcheck.analyse.sweep import UNREACHED, distances
from flpcheck.explore.graph import Bools, StateGraph

ROUNDS_REPEAT = "and rounds like these may repeat for ever"
RUN_IS_OVER = "and the run is over"
WHATEVER_COINS_SHOW = "under some scheduler, whatever the results of the coin tosses"


class Witness(NamedTuple):
    """A fair run that stays in a region for ever.

    Parameters
    ----------
    schedule
        Its stem and loop; without a loop it rests where it ends.
    faulty
        Indices of the processes that the run treats unfairly, which have to be faulty; crashed ones are not among them.
    account
        What the demands of the other processes come to in the loop; None in rounds, and of a quotient, where they
        change names.
    fair
        The account as the end of a sentence.
    component
        Where the run may stay.
    """

    schedule: Schedule
    faulty: tuple[int, ...]
    account: Account | None
    fair: str
    component: FairComponent


def witnesses(
    graph: StateGraph,
    *,
    stem: Bools | None = None,
    seeds: Bools | None = None,
    loop: Bools,
    musts: Sequence[Bools] = (),
    who: tuple[int, ...] = (),
) -> Witness | None:
    """Return an admissible run into a region and round it for ever, with the fewest faulty processes; None if none is.

    Parameters
    ----------
    graph
        The graph; what a bound left unexpanded is in no such run.
    stem
        bool[n]: where the run stays from its seed on; anywhere if None.
    seeds
        bool[n]: the run passes one of these; the initial configurations if None.
    loop
        bool[n]: where it may stay for ever, within the stem.
    musts
        Each bool[n]: what it visits again and again.
    who
        Indices of the processes that are correct in the run.

    Returns
    -------
    Witness or None
        Cost: that of `FairSearch`, and a pass for what can be reached.
    """
    component = component_in(graph, stem=stem, seeds=seeds, loop=loop, musts=musts, who=who)
    return None if component is None else witness_of(graph, component, stem=stem, seeds=seeds, musts=musts)


def component_in(
    graph: StateGraph,
    *,
    stem: Bools | None = None,
    seeds: Bools | None = None,
    loop: Bools,
    musts: Sequence[Bools] = (),
    who: tuple[int, ...] = (),
) -> FairComponent | None:
    """Return where such a run may stay; the parameters are those of `witnesses`."""
    area = loop & ~graph.frontier & ((graph.marks.crashed & np.uint64(_mask(who))) == 0)
    if stem is not None or seeds is not None:
        area &= reached(graph, seeds, stem)
    region = Region(area.astype(np.uint64), (_mask(who),), tuple(musts))
    search = FairSearch(graph, region, table_of(graph), _coins_of(graph))
    rests, best = search.rests(), None
    if len(rests.numbers):
        among = np.zeros(len(rests.numbers), np.bool_)
        among[0] = True
        best = next(rests.components(region, among))
        if not best.faulty:
            return best
    cycles = search.cycles()
    found = [*cycles[:1], *([] if best is None else [best])]
    return min(found, key=lambda component: len(component.faulty), default=None)


def witness_of(
    graph: StateGraph,
    component: FairComponent,
    *,
    stem: Bools | None = None,
    seeds: Bools | None = None,
    musts: Sequence[Bools] = (),
) -> Witness:
    """Return a run into a fair component and round it."""
    schedule = lasso_of(graph, component, musts=musts, seeds=seeds, stem=stem)
    account, fair = fairness_of(graph, component, schedule)
    return Witness(schedule, component.faulty, account, fair, component)


def fairness_of(graph: StateGraph, component: FairComponent, schedule: Schedule) -> tuple[Account | None, str]:
    """Return the account of a lasso and the sentence made of it; of a quotient and of rounds there is no account."""
    if graph.system.in_rounds or {step.event.kind for step in schedule.transitions} == {ROUND}:
        return None, ROUNDS_REPEAT if schedule.loop is not None else RUN_IS_OVER
    book = table_of(graph, lucky=component.lucky).book
    if graph.system.renames_mail:
        return None, EVERY_STEP
    account = account_of(graph, book, schedule, _mask(component.faulty))
    return account, sentence(book, account, graph.system.names)


def reached(graph: StateGraph, seeds: Bools | None, stem: Bools | None) -> Bools:
    """bool[n]: what is reached from seeds inside of a stem."""
    starts = np.array(sorted(set(graph.roots)), np.int64) if seeds is None else np.flatnonzero(seeds)
    if stem is not None:
        starts = starts[stem[starts]]
    found: Bools = distances(graph, starts.tolist(), stem) != UNREACHED
    return found


def _coins_of(graph: StateGraph) -> Mdp | None:
    """Return the graph with its coins, made once; None if none is tossed."""
    if graph.system.tosses and "coins" not in graph.tables:
        graph.tables["coins"] = Mdp.of(graph)
    found: Mdp | None = graph.tables.get("coins")
    return found


def _mask(processes: Sequence[int]) -> int:
    return sum(1 << index for index in processes)
