"""Tours and stories: what an author wants to be seen in a state space, written beside the protocol, and checked.

A spec lists them as `TOURS` and `STORIES`, in its own file or in `tours/NAME.py` beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flpcheck.authoring.events import Event, Letter, Pattern, Pid
from flpcheck.authoring.objects import Op


def starts(process: Pid) -> Event:
    """Return the event that a process starts."""
    return Event("start", process)


def times_out(process: Pid) -> Event:
    """Return the event that the timer of a process fires."""
    return Event("timeout", process)


def receives(process: Pid, message: object, sender: Pid) -> Event:
    """Return the event that a process receives a message.

    Examples
    --------
    >>> str(receives("p0", 7, "p1"))
    'p0 receives 7 from p1'
    """
    return Event("deliver", process, sender, message)


def gathers(process: Pid, *letters: tuple[Pid, object]) -> Event:
    """Return the event that a process takes several letters, (sender, message) pairs, in one step."""
    return Event("gather", process, message=tuple(Letter(*letter) for letter in letters))


def crashes(process: Pid) -> Event:
    """Return the event that a process crashes."""
    return Event("crash", process, world=True)


def stabilises(what: object = None) -> Event:
    """Return the event that the world stabilises.

    Parameters
    ----------
    what
        What is reliable from then on, as the trace says it; None for rounds.

    Examples
    --------
    >>> str(stabilises("every timer"))
    'the world stabilises: every timer is reliable from now on'
    """
    return Event("stabilise", message=what, world=True)


def applies(process: Pid, op: Op) -> Event:
    """Return the event that a process applies an operation to a shared object.

    Examples
    --------
    >>> from flpcheck import Register
    >>> str(applies("p0", Register("r1", None).read()))
    'p0 r1.read()'
    """
    return Event(str(op), process)


def a_round(
    number: int = 0,
    *,
    crashes: Mapping[Pid, Iterable[Pid]] | None = None,
    missed: Mapping[Pid, Iterable[Pid]] | None = None,
    lies: Mapping[Pid, Mapping[Pid, object]] | None = None,
) -> Event:
    """Return the event of one round, and the choices of the adversary in it; without any, all hear all.

    Parameters
    ----------
    number
        Number of the round, from 1 on; 0 where the protocol does not count rounds.
    crashes
        The processes that crash, each with the receivers that its messages still reach.
    missed
        The processes that live on and do not hear all, each with the senders that it does not hear.
    lies
        What each Byzantine process says to whom; None for silence.

    Examples
    --------
    >>> str(a_round(1, crashes={"p0": ["p1"]}, missed={"p2": ["p1"]}))
    'round 1: p0 crashes, reaching only p1; p2 does not hear p1'
    """
    told = [(liar, to, message) for liar, said in (lies or {}).items() for to, message in said.items()]
    return Event("round", pattern=Pattern(number, _tuples(crashes), _tuples(missed), tuple(told)))


def _tuples(named: Mapping[Pid, Iterable[Pid]] | None) -> tuple[tuple[Pid, tuple[Pid, ...]], ...]:
    return tuple((pid, tuple(others)) for pid, others in (named or {}).items())


@dataclass(frozen=True)
class Stop:
    """One stop of a tour: some events, and what can be seen afterwards.  Every claim is checked.

    Parameters
    ----------
    title, text
        What to see here: a few words, and a few sentences.
    events
        What happens on the way from the stop before.
    inputs
        If given, the tour starts over in the initial configuration with these inputs.
    faulty
        Likewise, in the first one in which exactly these processes may misbehave: the liars, say.
    valence
        Claim: the decisions that can still be reached, such as `0/1`, `0` or `none`.
    decided
        Claim: the decisions made so far, by process.
    shows
        Claim: what the cards show: of a process, or of the world, some of its fields; of a shared object its value.
    critical, disagrees
        Claim: the configuration is critical; two different values have been decided.
    impossible
        Claim: these events cannot happen here.
    again
        Claim: this is the very configuration of the stop with that title, so what happens in between can happen for
        ever.

    Examples
    --------
    >>> Stop("p0 starts", "It tells its input to the other one.", (starts("p0"),), valence="0/1").title
    'p0 starts'
    """

    title: str
    text: str
    events: tuple[Event, ...] = ()
    inputs: Mapping[Pid, Hashable] | None = None
    faulty: tuple[Pid, ...] | None = None
    valence: str | None = None
    decided: Mapping[Pid, Hashable] | None = None
    shows: Mapping[str, object] = field(default_factory=dict)
    critical: bool = False
    disagrees: bool = False
    impossible: tuple[Event, ...] = ()
    again: str | None = None


@dataclass(frozen=True)
class Onward:
    """The tour that continues this one.

    Parameters
    ----------
    text
        One sentence: what there is to see.
    tour
        The name of a tour.
    spec
        The spec that has it, a bundled one by its name; empty for the same spec.
    """

    text: str
    tour: str
    spec: str = ""


@dataclass(frozen=True)
class Tour:
    """A guided way through the state space of one instance.

    Parameters
    ----------
    name
        What the page calls it.
    instance
        The name of the instance through which it leads.
    about
        One sentence: what there is to learn.
    stops
        The stops; the first one says with which inputs the tour begins, unless there is only one choice.
    onward
        Where to go afterwards.
    """

    name: str
    instance: str
    about: str
    stops: tuple[Stop, ...]
    onward: tuple[Onward, ...] = ()


@dataclass(frozen=True)
class Scene:
    """A class of configurations in a story.

    Parameters
    ----------
    name
        As the story's `scene` function returns it.
    text
        One sentence: what all of them have in common.
    place
        Where it is drawn: column and row, from 0 on.
    """

    name: str
    text: str
    place: tuple[float, float]


@dataclass(frozen=True)
class Gauge:
    """A number to be watched, against the number that is needed: promises against the majority, say.

    Parameters
    ----------
    name
        What is counted.
    count
        Counts it in a `View`.
    needed
        Size of a quorum, None if nothing depends on it; or a function of the protocol.
    """

    name: str
    count: Callable[[Any], int]
    needed: int | Callable[[Any], int] | None = None


@dataclass(frozen=True)
class Story:
    """A few scenes in which every configuration has its place, and numbers to watch.

    Parameters
    ----------
    name, about
        What the page calls it, and one sentence on what it tells.
    instances
        The names of the instances that it can be told of; empty for all.
    scene
        `scene(view, reachable)` returns the name of the scene that a configuration belongs to; `reachable` holds the
        decisions, as text, that can still be reached.
    scenes
        The scenes, in order.
    gauges
        The numbers to watch.
    """

    name: str
    about: str
    instances: tuple[str, ...] = ()
    scene: Callable[[Any, frozenset[str]], str] | None = None
    scenes: tuple[Scene, ...] = ()
    gauges: tuple[Gauge, ...] = field(default=())
