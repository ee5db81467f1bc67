"""Judging the author's predicates over steps: called once per different step of a process, not per transition.

A step that the world makes a process take, when it hears a lie or omits a message, is a step.

A step is local, so it has few different (state before, state after) pairs, whatever the number of configurations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from flpcheck.analyse.answers import PartKinds
from flpcheck.analyse.views import ViewPart
from flpcheck.authoring.events import Pid
from flpcheck.authoring.property import View
from flpcheck.authoring.values import Key, key
from flpcheck.budget import kept, looking
from flpcheck.explore.columned import Columned
from flpcheck.explore.graph import Bools, StateGraph
from flpcheck.system import System
from flpcheck.system.components import Component
from flpcheck.system.interface import EVERYBODY, WORLD
from flpcheck.system.speech import members_of


def wrong_steps(graph: StateGraph, allowed: Callable[..., bool]) -> Bools:
    """Return which transitions are steps that a predicate over (before, after) does not allow.

    Parameters
    ----------
    graph
        The graph.
    allowed
        What it is asked for: the local states of the process that steps, before and after; for a general protocol,
        both configurations, whichever process moves.

    Returns
    -------
    bool[m]
        Cost: a sort of the transitions, and one question per process and pair of local states.  Where a bound ends
        that, what was found by then, if there is any.
    """
    found = np.zeros(len(graph.targets), np.bool_)
    with kept(found.any):
        _look_for_wrong_steps(graph, allowed, found)
    return found


def _look_for_wrong_steps(graph: StateGraph, allowed: Callable[..., bool], found: Bools) -> None:
    if isinstance(graph.configurations, Columned):
        for owner in range(len(graph.system.names)):
            _of_process(graph, graph.configurations, owner, allowed, found)
    else:
        for number, pairs in enumerate(looking(_pairs(graph))):
            found[number] = not all(allowed(before, after) for before, after in pairs)
    known: dict[tuple[int, Key], bool] = {}
    for number, owner, local in _unmoved(graph):
        name = owner, key(local)
        if name not in known:
            known[name] = allowed(local, local)
        found[number] |= not known[name]


def _unmoved(graph: StateGraph) -> Iterator[tuple[int, int, Any]]:
    """Yield (transition, process, state) of the lies that leave the state unchanged and make the process say something.

    An omission is no such step: where it leaves the state, so does the whole step, which is a transition as well.
    """
    system = graph.system
    if (faults := system.liars) is None:
        return
    speaks = dict[tuple[Component, int], bool]()
    for source, configuration in enumerate(looking(graph.configurations)):
        crowd = configuration.world.faulty
        for name in ((component, crowd) for component in configuration.components):
            if name not in speaks:
                lies = (lie for liar in members_of(crowd) for lie in faults.lies(name[0], liar, crowd))
                speaks[name] = any(key(lie.after.local) == key(name[0].local) for lie in lies)
        speaking = {c.owner for c in configuration.components if speaks[c, crowd] and c.local is not None}
        if not speaking:
            continue
        for number, step in graph.numbered(source, system.transitions(configuration)):
            owner = faults.parts.index.get(str(step.event.process), WORLD)
            if owner in speaking and step.mover == WORLD and step.event.kind in {"lie", "gather"}:
                local = configuration.components[owner].local
                if key(step.successor.components[owner].local) == key(local):
                    yield number, owner, local


def _of_process(graph: StateGraph, columns: Columned, owner: int, allowed: Callable[..., bool], found: Bools) -> None:
    kind = PartKinds(ViewPart("states", owner)).learn(columns)
    (members, which), column = columns.members(owner), columns.column(owner)
    before, after = (column[ends] for ends in (graph.sources, graph.targets))
    living = np.array([not member.crashed for member in members], np.bool_)[which]
    forced = (graph.movers == WORLD) & living[before] & living[after] & (kind[before] != kind[after])
    own = np.flatnonzero((graph.movers == owner) | forced)
    code = kind[before[own]] * (len(members) + 1) + kind[after[own]]
    _, first, pair = np.unique(code, return_index=True, return_inverse=True)
    ends = [[members[which[end[own[i]]]].local for end in (before, after)] for i in first.tolist()]
    wrong = np.array([not allowed(*its) for its in ends], np.bool_)
    found[own] |= wrong[pair]


def _pairs(graph: StateGraph) -> Iterator[list[tuple[object, object]]]:
    """Yield what to ask of each transition: the two ends of each step that is part of it."""
    system, general = graph.system, hasattr(graph.system.protocol, "successors")
    for here, there, mover in _ends(graph):
        before, after = system.view(here), system.view(there)
        if general:
            yield [(before, after)]
        else:
            yield [(before.states[pid], after.states[pid]) for pid in _stepping(system, mover, before, after)]


def _ends(graph: StateGraph) -> Iterator[tuple[Any, Any, int]]:
    """Yield the configurations before and after each transition, and its mover; modulo ballots, not yet renamed."""
    configurations = graph.configurations
    if graph.system.renames_mail:
        for number in np.flatnonzero(np.diff(graph.offsets) > 0).tolist():
            for step in graph.system.unrenamed(configurations[number]):
                yield configurations[number], step.successor, step.mover
        return
    for source, target, mover in zip(
        graph.sources.tolist(), graph.targets.tolist(), graph.movers.tolist(), strict=True
    ):
        yield configurations[source], configurations[target], mover


def _stepping(system: System, mover: int, before: View[Any], after: View[Any]) -> list[Pid]:
    """Return which processes step along a transition: of a process, of all in a round, or made to by the world.

    Who hears a lie takes a step, and so does who omits a message; the world's events that are no steps change no state.
    """
    if mover not in {WORLD, EVERYBODY}:
        return [system.names[mover]]
    both = [pid for pid in before.states if pid in after.states]
    return [pid for pid in both if mover == EVERYBODY or key(before.states[pid]) != key(after.states[pid])]
