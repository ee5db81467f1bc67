"""The graph with its coins as a finite Markov decision process, and its end components.

In each configuration the scheduler picks an action: an event, with one of its outcomes if the step lets the adversary
choose.  If the step tosses a coin, chance picks the outcome.  The scheduler sees everything, past coins included.
"""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from flpcheck.analyse.components import components_between
from flpcheck.authoring.events import Event, Pid
from flpcheck.budget import looking
from flpcheck.explore.graph import Bools, StateGraph
from flpcheck.system import Transition

ROUND = "round"
"""The kind of an event that is a whole round of all processes."""


class MdpAction(NamedTuple):
    """A choice of the scheduler in a configuration.

    Parameters
    ----------
    event
        The event.
    owed
        Whether fairness promises it.
    outcomes
        Pairs of a chance and the id that it leads to; the chances add up to one.
    """

    event: Event
    owed: bool
    outcomes: tuple[tuple[Fraction, int], ...]


class Mdp(NamedTuple):
    """A Markov decision process.

    Parameters
    ----------
    actions
        By id; none for a configuration that was left unexpanded, or in which nothing can happen.
    done
        bool[n]: every correct process has decided.
    roots
        Ids of the initial configurations.
    """

    actions: tuple[tuple[MdpAction, ...], ...]
    done: Bools
    roots: tuple[int, ...]

    @classmethod
    def of(cls, graph: StateGraph) -> Mdp:
        """Return the process behind a graph.  Cost: every event of every configuration, labelled again."""
        ids = {configuration: number for number, configuration in enumerate(graph.configurations)}
        marks = graph.marks
        waiting = np.uint64(graph.deciders) & ~marks.crashed & ~marks.decided
        found = (
            () if graph.frontier[number] else _actions(graph, ids, number) for number in looking(range(len(graph)))
        )
        return cls(tuple(found), waiting == 0, tuple(dict.fromkeys(graph.roots)))

    @property
    def is_in_rounds(self) -> bool:
        """Whether whatever happens is a round, so that rounds can be counted."""
        return all(action.event.kind == ROUND for here in self.actions for action in here)


def _actions(graph: StateGraph, ids: dict[object, int], number: int) -> tuple[MdpAction, ...]:
    here, system = graph.configurations[number], graph.system
    found: dict[tuple[Event, int], Transition] = {(t.event, t.outcome): t for t in system.applicable(here)}
    for transition in system.transitions(here):
        if transition.event.world:
            found.setdefault((transition.event, transition.outcome), transition)
    actions: dict[tuple[Event, int], MdpAction] = {}
    for transition in found.values():
        name = (transition.event, transition.outcome if transition.chance is None else -1)
        outcome = (transition.chance or Fraction(1), ids[transition.successor])
        if name in actions:
            actions[name] = actions[name]._replace(outcomes=(*actions[name].outcomes, outcome))
        else:
            owed = not transition.event.world and system.owed(here, transition)
            actions[name] = MdpAction(transition.event, owed, (outcome,))
    return tuple(actions.values())


def end_components(mdp: Mdp, within: Bools | None = None, silent: Collection[Pid] = ()) -> list[NDArray[np.int64]]:
    """Return the maximal end components: where a scheduler can stay for ever, whatever the coins say.

    De Alfaro, "Formal Verification of Probabilistic Systems" (1997), section 3.3: strongly connected components,
    without the actions that may lead out of theirs, again and again.

    Parameters
    ----------
    mdp
        The process.
    within
        bool[n]: the configurations that may be stayed in; all of them if None.
    silent
        Processes that take no steps.

    Returns
    -------
    list of int64[k]
        Ids of the configurations of each, ordered by the first one.  Cost: O(m) for each repetition, few in practice.
    """
    actions = [(n, action) for n, action in _numbered(mdp) if action.event.world or action.event.process not in silent]
    edges = [(n, to, a) for a, (n, action) in enumerate(actions) for _, to in action.outcomes]
    sources, targets, owners = np.array(edges, dtype=np.int64).reshape(-1, 3).T
    staying = np.ones(len(edges), dtype=np.bool_) if within is None else within[sources]
    if within is not None:
        staying &= ~np.isin(owners, owners[~within[targets]])
    while True:
        label = components_between(len(mdp.actions), sources[staying], targets[staying])
        leaving = np.unique(owners[label[sources] != label[targets]])
        after = staying & ~np.isin(owners, leaving)
        if np.array_equal(after, staying):
            break
        staying = after
    lasting = np.unique(label[sources[staying]])
    order = np.argsort(label, kind="stable")
    groups = np.split(order, np.cumsum(np.bincount(label, minlength=1))[:-1])
    return sorted((groups[number] for number in lasting.tolist()), key=lambda group: int(group[0]))


def _numbered(mdp: Mdp) -> list[tuple[int, MdpAction]]:
    return [(number, action) for number, here in enumerate(mdp.actions) for action in here]
