"""Schedules: the events from an initial configuration to a place of interest, shortest first, replayed before shown."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from flpcheck.analyse.paths import Ids, path_ids
from flpcheck.budget import grace
from flpcheck.errors import BadRequest, InternalError
from flpcheck.explore.graph import Reached, StateGraph
from flpcheck.reduce import lifted
from flpcheck.system import Configuration, System, Transition

T = TypeVar("T")


@dataclass(frozen=True)
class Schedule:
    """A finite sequence of events from an initial configuration, with the configurations in between.

    Parameters
    ----------
    initial
        Position of the initial configuration in the list of all.
    configurations
        All configurations passed, the initial one first: one more than there are events.
    transitions
        The events with their outcomes.
    loop
        Position of the first event that repeats for ever; None if the schedule just ends.
    numbers
        Ids of the configurations, where the schedule was read from a graph.
    """

    initial: int
    configurations: tuple[Configuration, ...]
    transitions: tuple[Transition, ...]
    loop: int | None = None
    numbers: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        """Return True: a schedule without events is still a schedule."""
        return True

    def __len__(self) -> int:
        """Return the number of events."""
        return len(self.transitions)

    def as_json(self) -> list[dict[str, Any]]:
        """Return the events as the JSON contract has them."""
        return [transition.as_json() for transition in self.transitions]

    @property
    def context_switches(self) -> int:
        """Number of context switches: consecutive events of different processes."""
        movers = [transition.mover for transition in self.transitions]
        return sum(a != b for a, b in itertools.pairwise(movers))


def shortest(found: Reached, targets: Ids, roots: Sequence[int] | None = None) -> Schedule | None:
    """Return the schedule along `path_ids`, which has the parameters and the cost; None if no target can be reached."""
    with grace():
        numbers = path_ids(found, targets, roots)
        return schedule_of(found, numbers) if numbers else None


def schedule_of(graph: Reached, numbers: Sequence[int], loop: int | None = None) -> Schedule:
    """Return the schedule along some ids, replayed by the reference semantics; of a quotient, by the plain system's.

    Raises
    ------
    InternalError
        If the replay does not go where the graph says.
    """
    transitions = steps_along(graph, numbers)
    initial = list(graph.roots).index(numbers[0])
    start = graph.system.plain.initial()[initial].configuration
    configurations, transitions = lifted(graph.system, start, transitions)
    alike = graph.system.symmetry is None and len(configurations) == len(numbers) - 1
    ids = tuple(numbers) if alike else ()  # under a symmetry they are of other names than shown
    schedule = Schedule(initial, (start, *configurations), tuple(transitions), loop, ids)
    confirm(graph.system.plain, schedule)
    return schedule


def steps_along(graph: Reached, numbers: Sequence[int]) -> list[Transition]:
    """Return the transitions along some ids, by the process that moved last wherever it can."""
    transitions: list[Transition] = []
    for source, target in itertools.pairwise(numbers):
        transitions.append(_step(graph, source, target, transitions[-1].mover if transitions else None))
    return transitions


def joined(graph: StateGraph, schedule: Schedule, numbers: Sequence[int]) -> Schedule:
    """Return a schedule extended along some ids from its last configuration, replayed as a whole."""
    last = schedule.transitions[-1].mover if schedule.transitions else None
    more: list[Transition] = []
    for source, target in itertools.pairwise(numbers):
        more.append(_step(graph, source, target, last))
        last = more[-1].mover
    passed, more = lifted(graph.system, schedule.configurations[-1], more)
    configurations = (*schedule.configurations, *passed)
    ids = (*schedule.numbers, *numbers[1:]) if len(passed) == len(numbers) - 1 else ()
    whole = Schedule(schedule.initial, configurations, (*schedule.transitions, *more), None, ids)
    confirm(graph.system.plain, whole)
    return whole


def _step(graph: Reached, source: int, target: int, last: int | None) -> Transition:
    """Return the transition between two ids, by the process that moved last if it can."""
    wanted = graph.configurations[target]
    found = [t for t in graph.system.applicable(graph.configurations[source]) if t.successor == wanted]
    found += [t for t in graph.system.transitions(graph.configurations[source]) if t.successor == wanted]
    if not found:
        what = f"the graph has a transition from {source} to {target} that the semantics lacks"
        raise InternalError(what, next_step="please report this with the spec")
    return next((t for t in found if t.mover == last), found[0])


def confirm(system: System, schedule: Schedule) -> None:
    """Run the schedule from its initial configuration, event by event, on questions put afresh.

    Raises
    ------
    InternalError
        If an event is not applicable, or the schedule ends somewhere else.
    """
    fresh = system.afresh()
    here = fresh.initial()[schedule.initial].configuration
    for number, transition in enumerate(schedule.transitions):
        found = [t for t in _all_transitions(fresh, here) if same_event(t, transition)]
        if not found:
            what = f"event {number + 1} of a schedule cannot be replayed: {transition.event}"
            raise InternalError(
                what,
                why="a step gave a different result this time: it may be nondeterministic",
                next_step="please report the spec",
            )
        here = found[0].successor
    if fresh.describe(here) != system.describe(schedule.configurations[-1]):
        what = "a replayed schedule ended in a different configuration"
        raise InternalError(
            what,
            why="a step gave a different result this time: it may be nondeterministic",
            next_step="please report the spec",
        )


def _all_transitions(system: System, configuration: Configuration) -> list[Transition]:
    return [*system.transitions(configuration), *system.applicable(configuration)]


def same_event(one: Transition, other: Transition) -> bool:
    """Return whether two transitions are the same event with the same outcome."""
    return one.outcome == other.outcome and one.event == other.event


def replay(system: System, initial: int, wanted: Sequence[dict[str, Any]], loop: int | None = None) -> Schedule:
    """Return the schedule that some events (as JSON has them) describe, run by the reference semantics.

    Raises
    ------
    BadRequest
        If an event is not applicable where its turn comes; the message lists those that are.
    """
    return _walked(system, initial, wanted, _matching, loop)


def _matching(system: System, here: Configuration, event: dict[str, Any], number: int) -> Transition:
    found = _all_transitions(system, here)
    plain = {name: value for name, value in event.items() if value is not None}
    for transition in found:
        offered = transition.as_json()
        if all(offered.get(name) == value for name, value in plain.items()):
            if len({other.event for other in found if other.as_json() == offered}) > 1:
                why = "several events here have the same text: their messages differ in class only"
                raise BadRequest(f"event {number} is ambiguous: {event}", why=why, next_step="use --path instead")
            return transition
    listing = dict.fromkeys(str(t.event) for t in found)
    raise BadRequest(
        f"event {number} of the schedule is not applicable: {event}",
        why="applicable are" if listing else "no event is applicable here",
        details=listing,
        next_step="check parameters, world and instance",
    )


def at_path(system: System, initial: int, path: Sequence[int]) -> Schedule:
    """Return the schedule that takes, in each configuration, the transition of the given position.

    Raises
    ------
    BadRequest
        If a configuration has fewer transitions than that.
    """
    return _walked(system, initial, path, _at)


def _at(system: System, here: Configuration, position: int, number: int) -> Transition:
    found = list(system.transitions(here))
    if not 0 <= position < len(found):
        what = f"step {number} of the path takes transition {position}, but there are only {len(found)}"
        raise BadRequest(
            what,
            why=f"they are numbered 0 to {len(found) - 1}:" if found else "",
            details=[f"{i}: {t.event}" for i, t in enumerate(found)],
        )
    return found[position]


def _walked(
    system: System, initial: int, said: Sequence[T], chosen: Callable[[System, Configuration, T, int], Transition],
    loop: int | None = None,
) -> Schedule:  # fmt: skip
    """Return the schedule that takes in each configuration the transition that is chosen by what is said of it."""
    starts = system.initial()
    if not 0 <= initial < len(starts):
        raise BadRequest(f"no initial configuration {initial}", why=f"choose 0 to {len(starts) - 1}")
    configurations, transitions = [starts[initial].configuration], list[Transition]()
    for number, about in enumerate(said, start=1):
        transitions.append(chosen(system, configurations[-1], about, number))
        configurations.append(transitions[-1].successor)
    return Schedule(initial, tuple(configurations), tuple(transitions), loop)


def path_of(system: System, schedule: Schedule) -> list[int] | None:
    """Return the positions of a schedule's transitions, None if one of them leaves its configuration unchanged."""
    path = []
    for here, taken in zip(schedule.configurations, schedule.transitions, strict=False):
        positions = [i for i, t in enumerate(system.transitions(here)) if same_event(t, taken)]
        if not positions:
            return None
        path.append(positions[0])
    return path
