"""Results of step functions: the next local state, with messages and notes, possibly one of several outcomes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Generic, TypeAlias, TypeVar

from flpcheck.authoring.events import Pid
from flpcheck.authoring.values import record

S = TypeVar("S")
M = TypeVar("M")
M_co = TypeVar("M_co", covariant=True)
S_co = TypeVar("S_co", covariant=True)
W = TypeVar("W")


@dataclass(frozen=True)
class At:
    """The context of a step: all that a step function may know besides its state and the event.

    Parameters
    ----------
    me
        The process that takes the step.
    sender
        Who sent the message that is being received; None for other events.
    everyone
        All processes, in their order; the author of a role may know who takes part.
    """

    me: Pid
    sender_or_none: Pid | None
    everyone: tuple[Pid, ...]

    @property
    def sender(self) -> Pid:
        """The sender of the message that is being received."""
        if self.sender_or_none is None:
            message = "this event has no sender: only a message does"
            raise ValueError(message)
        return self.sender_or_none

    @property
    def others(self) -> tuple[Pid, ...]:
        """All processes but this one."""
        return tuple(pid for pid in self.everyone if pid != self.me)


@dataclass(frozen=True)
class Send(Generic[M_co]):
    """A message on its way: to a list of processes, or by one of the names `everyone`, `others`, `sender`."""

    message: M_co
    to: tuple[Pid, ...]
    group: str = ""


@record
class Note:
    """A note for the observers of the protocol; no process can see it."""

    about: object


@dataclass(frozen=True)
class RestartTimer:
    """The timer of the process starts again from its full length."""


RESTART = RestartTimer()
Effect: TypeAlias = Send[M_co] | Note | RestartTimer
Effects: TypeAlias = Effect[M_co] | tuple[Effect[M_co], ...]


def send(message: M, to: Pid | Iterable[Pid]) -> Send[M]:
    """Send a message to one process or to several.

    Examples
    --------
    >>> send("hello", to="p1")
    Send(message='hello', to=('p1',), group='')
    """
    return Send(message, (to,) if isinstance(to, str) else tuple(to))


def broadcast(message: M) -> Send[M]:
    """Send a message to every process, the sender included (its own copy arrives through its mailbox)."""
    return Send(message, (), "everyone")


def to_others(message: M) -> Send[M]:
    """Send a message to every process but the sender."""
    return Send(message, (), "others")


def reply(message: M) -> Send[M]:
    """Send a message to the process whose message is being received."""
    return Send(message, (), "sender")


def note(about: object) -> Note:
    """Tell the observers something."""
    return Note(about)


def restart_timer() -> RestartTimer:
    """Start the timer of the process again from its full length, as a follower does when it hears from its leader.

    Only worlds in which timers wait for messages tell the difference: there a delivery alone does not restart a timer
    that stays armed.  A step that does nothing else is no event where idle steps are none.

    Examples
    --------
    >>> restart_timer()
    RestartTimer()
    """
    return RESTART


@dataclass(frozen=True)
class Deferred:
    """The answer of a step that does not take the message yet: the message stays, and this is no event."""


DEFER = Deferred()
"""Not yet: the message stays in the mailbox until the state has changed.

Once a state takes a message, later states should take it as well; weak fairness relies on it.
"""


@dataclass(frozen=True)
class Alternatives(Generic[S_co, M_co]):
    """Several possible outcomes of one step."""

    outcomes: tuple[tuple[S_co, Effects[M_co]], ...]


@dataclass(frozen=True)
class Toss(Generic[S_co, M_co]):
    """The outcomes of a step that tosses a coin, each with its probability."""

    outcomes: tuple[tuple[Fraction, tuple[S_co, Effects[M_co]]], ...]


Step: TypeAlias = tuple[S, Effects[M]] | Alternatives[S, M] | Toss[S, M] | Deferred


def choose(*outcomes: tuple[S, Effects[M]]) -> Alternatives[S, M]:
    """Let the adversary pick one of several outcomes of a step.

    Examples
    --------
    >>> len(choose(("left", ()), ("right", ())).outcomes)
    2
    """
    return Alternatives(outcomes)


def toss(*outcomes: tuple[Fraction | float, tuple[S, Effects[M]]]) -> Toss[S, M]:
    """Let chance pick one of several outcomes of a step: neither the process nor the adversary can.

    Parameters
    ----------
    outcomes
        (probability, (next state, effects)) pairs.  Probabilities are exact: 1/3 is `Fraction(1, 3)`, and a float is
        read by its decimal notation, 0.1 as 1/10.  They are positive and add up to one, which is checked where the step
        is asked.

    Examples
    --------
    >>> [str(chance) for chance, _ in toss((0.5, ("heads", ())), (0.5, ("tails", ()))).outcomes]
    ['1/2', '1/2']
    """
    return Toss(tuple((_exact(chance), outcome) for chance, outcome in outcomes))


def _exact(chance: Fraction | float) -> Fraction:
    return Fraction(str(chance)) if isinstance(chance, float) else Fraction(chance)


def embed(part: Step[S, M], into: Callable[[S], tuple[W, Effects[M]]]) -> Step[W, M]:
    """Make the step of one part of a process a step of the whole process: that is how protocols are composed.

    Parameters
    ----------
    part
        What the step function of the part has answered.
    into
        `into(after)` returns the whole state with this state of the part, and what the whole process sends and notes in
        the same step, after what the part does.

    Returns
    -------
    Step
        The same step, outcome by outcome; `DEFER` stays `DEFER`.

    Raises
    ------
    TypeError
        If the part, or `into`, answers something else.

    Examples
    --------
    >>> embed((1, send("ask", to="p1")), lambda after: (("whole", after), send("log", to="p2")))
    (('whole', 1), (Send(message='ask', to=('p1',), group=''), Send(message='log', to=('p2',), group='')))
    >>> embed(DEFER, lambda after: (("whole", after), ())) is DEFER
    True
    """

    def whole(outcome: tuple[S, Effects[M]]) -> tuple[W, Effects[M]]:
        state, effects = _pair(into(_pair(outcome, "the part")[0]), "into(...)")
        return state, (*_listed(outcome[1]), *_listed(effects))

    match part:
        case Deferred():
            return part
        case Alternatives(outcomes):
            return Alternatives(tuple(map(whole, outcomes)))
        case Toss(tosses):
            return Toss(tuple((chance, whole(outcome)) for chance, outcome in tosses))
        case _:
            return whole(part)


def _pair(answer: tuple[S, Effects[M]], whose: str) -> tuple[S, Effects[M]]:
    if not isinstance(answer, tuple) or len(answer) != 2:
        message = f"embed: {whose} must return (state, effects), got {answer!r}"
        raise TypeError(message)
    return answer


def _listed(effects: Effects[M]) -> tuple[Effect[M], ...]:
    return effects if isinstance(effects, tuple) else (effects,)
