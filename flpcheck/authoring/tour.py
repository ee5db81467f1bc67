"""Tours and stories: what an author wants to be seen in a state space, written beside the protocol, and checked.

A spec lists them as `TOURS` and `STORIES`, in its own file or in `tours/NAME.py` beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flpcheck.authoring.events import Event, Letter, Pid


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
    valence
        Claim: the decisions that can still be reached, such as `0/1`, `0` or `none`.
    decided
        Claim: the decisions made so far, by process.
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
    valence: str | None = None
    decided: Mapping[Pid, Hashable] | None = None
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
