"""Why a configuration is bivalent, univalent or blocked: schedules to each value, the step that lost one, who waits."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from flpcheck.analyse.case import Case
from flpcheck.analyse.paths import path_ids
from flpcheck.analyse.schedule import Schedule, same_event, schedule_of
from flpcheck.analyse.theorem.blocking import Wait, who_waits
from flpcheck.analyse.theorem.gadgets import Gadget, Gadgets
from flpcheck.analyse.theorem.labels import labelled
from flpcheck.analyse.theorem.silent import Silence, names_of
from flpcheck.authoring.events import Pid
from flpcheck.errors import BadRequest
from flpcheck.explore.graph import Bools, StateGraph
from flpcheck.glossary import see
from flpcheck.stops import StopReason


class WayOut(NamedTuple):
    """A decision that can still be reached.

    Parameters
    ----------
    value
        The value.
    schedule
        A shortest way, from the initial configuration on.
    start
        Number of its events that have happened already.
    """

    value: Hashable
    schedule: Schedule
    start: int


class Loss(NamedTuple):
    """A step of the schedule after which less can be decided than before.

    Parameters
    ----------
    step
        Its position in the schedule, from 1 on.
    before, after
        The valences, as text.
    instead
        The values that were still reachable in the configuration before that step.
    """

    step: int
    before: str
    after: str
    instead: tuple[WayOut, ...]


class Dependence(NamedTuple):
    """Processes without which no other can ever decide, and who then waits for what."""

    silent: tuple[Pid, ...]
    waits: tuple[Wait, ...]


@dataclass(frozen=True)
class Why:
    """The explanation of one configuration.

    Parameters
    ----------
    schedule
        How it is reached.
    valence
        As text.
    critical, disagrees
        Whether it is critical, or holds two decisions.
    gadget
        A fork, hook or corner in it.
    ways
        For each value that can still be decided, a way to it.
    loss
        The last step at which a value was lost; None if none was.
    dependences
        The smallest sets of processes without which no other decides; the empty set where no decision can be reached at
        all.
    """

    schedule: Schedule
    valence: str
    critical: bool
    disagrees: bool
    gadget: Gadget | None
    ways: tuple[WayOut, ...]
    loss: Loss | None
    dependences: tuple[Dependence, ...]

    @property
    def number(self) -> int:
        """Id of the configuration."""
        return self.schedule.numbers[-1]


def why(case: Case, numbers: Sequence[int]) -> Why:
    """Return the explanation of the configuration at the end of a path of ids.

    Parameters
    ----------
    case
        The graph with its analyses.
    numbers
        Ids from an initial configuration on, each one event after the other; repeated where nothing changes.

    Examples
    --------
    >>> from flpcheck import asynchronous, load, system_of
    >>> from flpcheck.explore import explore
    >>> case = Case(explore(system_of(load("sequencer").protocol(), asynchronous(crashes=1))))
    >>> found = why(case, first(case, "critical"))
    >>> found.valence, [str(way.value) for way in found.ways], [d.silent for d in found.dependences]
    ('0/1', ['0', '1'], [('sequencer',)])
    """
    graph, valence, path = case.graph, case.valence, list(numbers)
    here = path[-1]
    gadget = None
    if valence.bivalent[here] and not valence.disagreeing[here] and not graph.system.in_rounds:
        near = np.unique([here, *graph.targets[graph.out(here)].tolist()]).astype(np.int64)
        gadget = Gadgets.of(valence, labelled(graph, near)).at(here)
    return Why(
        schedule=schedule_of(graph, path),
        valence=valence.name(here),
        critical=bool(valence.critical[here]),
        disagrees=bool(valence.disagreeing[here]),
        gadget=gadget,
        ways=tuple(_ways(case, path, int(valence.low[here]))),
        loss=_loss(case, path),
        dependences=tuple(_dependences(case, path)),
    )


def _ways(case: Case, path: list[int], mask: int) -> list[WayOut]:
    """Return a way to each of some values, on from the end of a path."""
    graph, valence = case.graph, case.valence
    found = []
    for bit, value in valence.ordered():
        if mask >> bit & 1:
            decided = np.flatnonzero(graph.marks.values >> np.uint64(bit) & np.uint64(1))
            on = path_ids(graph, decided, [path[-1]])
            found.append(WayOut(value, schedule_of(graph, [*path, *on[1:]]), len(path) - 1))
    return found


def _loss(case: Case, path: list[int]) -> Loss | None:
    """Return the last step at which a value was lost, and how it could still have been reached before."""
    valence = case.valence
    for step in range(len(path) - 1, 0, -1):
        before, after = path[step - 1], path[step]
        lost = int(valence.low[before] & ~valence.low[after])
        if lost:
            instead = tuple(_ways(case, path[:step], lost))
            return Loss(step, valence.name(before), valence.name(after), instead)
    return None


def _dependences(case: Case, path: list[int]) -> list[Dependence]:
    """Return the smallest sets of processes without which no other can decide; any world grants one fault."""
    if case.graph.system.in_rounds:
        return []  # there all step together: who is silent is said by the round
    graph, silent, here = case.graph, case.silent, path[-1]
    found: list[Silence] = []
    for silence in silent.silences:
        if any(set(smaller) <= set(silence) for smaller in found):
            continue
        if silent.dead(silence)[here] and silent.affordable(silence, 1)[here]:
            found.append(silence)
    return [Dependence(names_of(graph, silence), tuple(who_waits(graph, path, silence))) for silence in found]


def first(case: Case, kind: str) -> list[int]:
    """Return the ids along a shortest way to a configuration of a kind, one of `KINDS`.

    Raises
    ------
    BadRequest
        If there is none.
    """
    found = path_ids(case.graph, np.flatnonzero(_where(case, kind)))
    if not found:
        there = [other for other in KINDS if other != kind and _where(case, other).any()]
        advice = f"there are configurations of these kinds: {', '.join(there)}" if there else ""
        term = {"blocked": "blocks", "disagreeing": "disagrees"}.get(kind, kind)
        raise BadRequest(f"no configuration is {kind}", why=advice, next_step=see(term))
    return found


KINDS = ("critical", "bivalent", "univalent", "blocked", "disagreeing")


def _where(case: Case, kind: str) -> Bools:
    if kind != "blocked":
        where: Bools = getattr(case.valence, kind)
        return _just_settled(case) if kind == "univalent" else where
    if case.graph.system.in_rounds:
        return case.valence.none
    blocking = case.silent.blocking
    return np.zeros(len(case.graph), dtype=np.bool_) if blocking is None else blocking.where


def _just_settled(case: Case) -> Bools:
    """bool[n]: univalent, and a step before it was not; all univalent ones if nothing ever was bivalent."""
    graph, valence = case.graph, case.valence
    after = np.zeros(len(graph), dtype=np.bool_)
    after[graph.targets[valence.bivalent[graph.sources]]] = True
    settled: Bools = valence.univalent & after
    return settled if settled.any() else valence.univalent


def most_telling(case: Case) -> list[int]:
    """Return the way to the configuration that says most: critical, else blocked, bivalent, univalent."""
    for kind in ("critical", "blocked", "bivalent", "univalent"):
        if _where(case, kind).any():
            return first(case, kind)
    return [int(case.graph.roots[0])]


def ids_of(graph: StateGraph, schedule: Schedule) -> list[int]:
    """Return the ids that a schedule passes.

    Raises
    ------
    BadRequest
        If it goes beyond what was explored.
    """
    numbers = [int(graph.roots[schedule.initial])]
    for step, taken in enumerate(schedule.transitions, start=1):
        here = numbers[-1]
        if graph.frontier[here]:
            advice = f"{StopReason.MAX_CONFIGURATIONS.advice} or --{StopReason.MAX_DEPTH}"
            raise BadRequest(f"event {step} of the schedule lies beyond the bound of the search", next_step=advice)
        pairs = zip(graph.targets[graph.out(here)].tolist(), graph.transitions(here), strict=True)
        same = (target for target, transition in pairs if same_event(transition, taken))
        numbers.append(next(same, here))  # an event that changes nothing leaves the configuration where it is
    return numbers
