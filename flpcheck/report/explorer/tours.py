"""Tours walked through a graph: every event is found by the reference semantics, every claim of a stop is checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from flpcheck.analyse import Analysis
from flpcheck.authoring.events import Event, Pattern
from flpcheck.authoring.tour import Stop, Tour
from flpcheck.authoring.values import key, show
from flpcheck.errors import BadProtocol
from flpcheck.report.explorer.ways import ReplayPath
from flpcheck.system import Transition


@dataclass(frozen=True)
class Visit:
    """A stop of a tour, reached.

    Parameters
    ----------
    stop
        The stop.
    way
        How to get there from an initial configuration.
    claims
        Claims about this stop, as short texts; each was checked.
    """

    stop: Stop
    way: ReplayPath
    claims: tuple[str, ...]

    @property
    def number(self) -> int:
        """The id of the configuration."""
        return self.way.numbers[-1]


def visits_of(analysis: Analysis, tour: Tour) -> list[Visit]:
    """Return the visits of a tour.

    Parameters
    ----------
    analysis
        The analysis of the instance through which the tour leads.
    tour
        The tour.

    Raises
    ------
    BadProtocol
        If an event is not applicable where its turn comes, or a claim is not true; it says which, and what is.
    """
    visits: list[Visit] = []
    for stop in tour.stops:
        way = _begin(analysis, tour, stop) if begins(stop) or not visits else visits[-1].way
        for event in stop.events:
            way = _taken(analysis, tour, stop, way, event)
        if stop.again is not None:
            way = _repeated(tour, stop, way, visits)
        visits.append(Visit(stop, way, tuple(_claims(analysis, tour, stop, way))))
    return visits


def begins(stop: Stop) -> bool:
    """Return whether a tour starts over at a stop."""
    return stop.inputs is not None or stop.faulty is not None


def _begin(analysis: Analysis, tour: Tour, stop: Stop) -> ReplayPath:
    graph, wanted = analysis.graph, stop.inputs or {}
    fitting = [
        place
        for place, initial in enumerate(graph.initial)
        if all(pid in initial.inputs and key(initial.inputs[pid]) == key(value) for pid, value in wanted.items())
        and (stop.faulty is None or sorted(initial.faulty) == sorted(stop.faulty))
    ]
    if not fitting:
        faulty = "" if stop.faulty is None else f", and as faulty processes {', '.join(stop.faulty) or 'none'}"
        raise _wrong(tour, stop, f"no initial configuration has the inputs {_pairs(wanted)}{faulty}")
    return ReplayPath(fitting[0], (), (graph.roots[fitting[0]],))


def _taken(analysis: Analysis, tour: Tour, stop: Stop, way: ReplayPath, event: Event) -> ReplayPath:
    graph, here = analysis.graph, way.numbers[-1]
    if graph.frontier[here]:
        raise _wrong(tour, stop, f"{event} lies beyond the bound of the search")
    found = list(graph.system.transitions(graph.configurations[here]))
    fitting = [place for place, transition in enumerate(found) if _same(transition, event)]
    if not fitting:
        raise _wrong(tour, stop, f"{event} cannot happen here", [str(t.event) for t in found] or ["no events at all"])
    target = int(graph.targets[graph.out(here)][fitting[0]])
    return ReplayPath(way.initial, (*way.positions, fitting[0]), (*way.numbers, target))


def _repeated(tour: Tour, stop: Stop, way: ReplayPath, visits: list[Visit]) -> ReplayPath:
    """Return the way as one that repeats from an earlier stop on, which is the same configuration."""
    earlier = next((visit for visit in visits if visit.stop.title == stop.again), None)
    if earlier is None:
        raise _wrong(tour, stop, f"there is no earlier stop {stop.again!r}")
    if earlier.number != way.numbers[-1] or earlier.way.positions != way.positions[: len(earlier.way.positions)]:
        raise _wrong(tour, stop, f"this is not the configuration of stop {stop.again!r}")
    return replace(way, loop=len(earlier.way.positions))


def _same(transition: Transition, event: Event) -> bool:
    """Return whether a transition is the event that a tour names; values are compared by content, not by class."""
    other = transition.event
    return (other.kind, other.process, other.sender) == (event.kind, event.process, event.sender) and (
        event.written in {None, other.written}
        and other.reached == event.reached
        and key(_message(other)) == key(_message(event))
        and _choices(other.pattern) == _choices(event.pattern)
    )


def _choices(pattern: Pattern | None) -> object:
    """Return the choices of the adversary in a round, in whatever order they are listed."""
    if pattern is None:
        return None
    named = [sorted((pid, sorted(others)) for pid, others in part) for part in (pattern.crashes, pattern.missed)]
    return pattern.number, named, sorted((liar, to, key(message)) for liar, to, message in pattern.lies)


def _message(event: Event) -> object:
    return tuple(tuple(letter) for letter in event.message) if isinstance(event.message, tuple) else event.message


def _claims(analysis: Analysis, tour: Tour, stop: Stop, way: ReplayPath) -> Iterator[str]:
    graph, here = analysis.graph, way.numbers[-1]
    name = analysis.valence.name(here)
    if stop.valence is not None:
        if name != stop.valence:
            raise _wrong(tour, stop, f"the valence is {name}, not {stop.valence}")
        yield f"valence {name}"
    if stop.decided is not None:
        outputs = graph.system.outputs(graph.configurations[here])
        found = {pid: values[0] for pid, values in outputs.items()}
        if {pid: key(v) for pid, v in found.items()} != {pid: key(v) for pid, v in stop.decided.items()}:
            raise _wrong(tour, stop, f"the decisions are {_pairs(found)}, not {_pairs(stop.decided)}")
        yield f"decided: {_pairs(found)}"
    yield from _shown(analysis, tour, stop, here)
    if stop.critical:
        if here not in analysis.critical:
            raise _wrong(tour, stop, "the configuration is not critical")
        yield "critical"
    if stop.again is not None:
        yield f"the same configuration as at “{stop.again}”"
    if stop.disagrees:
        if here not in analysis.disagreeing:
            raise _wrong(tour, stop, "no two processes disagree")
        yield "two decisions"
    yield from _impossible(analysis, tour, stop, here)


def _shown(analysis: Analysis, tour: Tour, stop: Stop, here: int) -> Iterator[str]:
    parts = analysis.graph.describe(here) if stop.shows else {}
    for name, wanted in stop.shows.items():
        found = parts.get(name, {})
        for label, value in (wanted if isinstance(wanted, Mapping) else {"": wanted}).items():
            place = f"{name}.{label}" if label else name
            if label not in found:
                raise _wrong(tour, stop, f"no card shows {place}")
            if found[label] not in {show(value), str(value)}:
                raise _wrong(tour, stop, f"{place} is {found[label]}, not {show(value)}")
            yield f"{place} is {found[label]}"


def _impossible(analysis: Analysis, tour: Tour, stop: Stop, here: int) -> Iterator[str]:
    graph = analysis.graph
    found = list(graph.system.transitions(graph.configurations[here])) if stop.impossible else []
    for event in stop.impossible:
        if any(_same(transition, event) for transition in found):
            raise _wrong(tour, stop, f"{event} can happen here, although the tour claims otherwise")
        yield f"impossible: {event}"


def _pairs(values: Mapping[str, object]) -> str:
    return ", ".join(f"{pid}={show(value)}" for pid, value in values.items()) or "none"


def _wrong(tour: Tour, stop: Stop, what: str, applicable: Iterable[str] = ()) -> BadProtocol:
    return BadProtocol(
        f"tour {tour.name!r}, stop {stop.title!r}: {what}",
        why="applicable are" if applicable else "",
        details=applicable,
        next_step="correct the tour; `flpcheck step` shows where it leads",
    )
