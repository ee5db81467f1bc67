"""The interface of every transition system to the engines and the analyses."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import wraps
from typing import Any, NamedTuple, Protocol, TypeAlias, TypeVar

from flpcheck.authoring.events import Event, Pid
from flpcheck.authoring.process import Observer, Process
from flpcheck.authoring.rounds import RoundProcess
from flpcheck.authoring.rules import Rule, RuleBook
from flpcheck.authoring.values import Key, key, show
from flpcheck.errors import BadProtocol, BadRequest, nearest
from flpcheck.system.questions import Questions
from flpcheck.world import World

Configuration: TypeAlias = Any
Member: TypeAlias = Process[Any, Any] | RoundProcess[Any, Any]
WORLD = -1
"""The mover of a world event."""
EVERYBODY = 2**15 - 1
"""The mover of a round: all processes at once."""
S = TypeVar("S")
A = TypeVar("A")


def asked_once(method: Callable[[S], A]) -> Callable[[S], A]:
    """Let a system keep the answer of a method without arguments: the protocol behind it is not asked again."""
    name = f"the answer of {method.__name__}"

    @wraps(method)
    def answer(system: S) -> A:
        answers = vars(system)
        if name not in answers:
            answers[name] = method(system)
        kept: A = answers[name]
        return kept

    return answer


@dataclass(frozen=True)
class Initial:
    """An initial configuration and the choices that lead to it.

    Parameters
    ----------
    configuration
        The configuration.
    inputs
        The input of each process that has one.
    dead
        The processes that are dead from the start.
    faulty
        The processes that misbehave from the start: Byzantine, or omitting messages.
    """

    configuration: Configuration
    inputs: Mapping[Pid, Hashable] = field(default_factory=dict)
    dead: tuple[Pid, ...] = ()
    faulty: tuple[Pid, ...] = ()


class Transition(NamedTuple):
    """(configuration, event, outcome) and where it leads.

    Parameters
    ----------
    event
        The event.
    outcome
        Number of the outcome of the step.
    mover
        Index of the process that steps, `WORLD` for a world event, `EVERYBODY` for a round.
    successor
        The next configuration.
    rule
        The rule of the spec that applied.
    chance
        The probability of this outcome, if the event tosses a coin.
    renaming
        In a quotient: what another event is called in the successor, None if it is gone; None if nothing is renamed.
    """

    event: Event
    outcome: int
    mover: int
    successor: Configuration
    rule: Rule | None = None
    chance: Fraction | None = None
    renaming: Callable[[Event], Event | None] | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the event as the JSON contract has it."""
        event = self.event
        described: dict[str, Any] = {"event": event.kind, "process": event.process, "sender": event.sender}
        described["message"] = None if event.message is None else _message(event)
        described["outcome"] = self.outcome
        if event.during is not None:
            described["during"] = str(event.during)
            described["reached"] = list(event.reached)
            if event.written is not None:
                described["written"] = list(event.written)
            if event.sent:
                described["sent"] = [show(message) for message in event.sent]
        if self.chance is not None:
            described["chance"] = str(self.chance)
        if event.pattern is not None:
            described["pattern"] = {"round": event.pattern.number, **event.pattern.as_json()}
        return described


def _message(event: Event) -> str:
    if event.kind == "gather" and event.letters:
        return ", ".join(f"{show(message)} from {sender}" for sender, message in event.letters)
    return show(event.message)


class Marks(NamedTuple):
    """Facts about a configuration that analyses need, as bit masks.

    Parameters
    ----------
    values
        Bit v: some process (crashed or not) has decided value number v.
    decided
        Bit p: process p has decided.
    crashed
        Bit p: process p has crashed, or is faulty in another way: properties of correct processes leave it out.
    live_values
        Bit v: some live, not faulty process has decided value number v.
    """

    values: int
    decided: int
    crashed: int
    live_values: int


MOST_VALUES = 64


class DecisionValues(list[Hashable]):
    """The decision values met so far; each has a bit in the masks, in the order in which they were met."""

    def bit(self, value: Hashable) -> int:
        """Return the bit of a value.

        Raises
        ------
        BadProtocol
            If there are more values than a mask has bits.
        """
        keys = [key(known) for known in self]
        if key(value) in keys:
            return 1 << keys.index(key(value))
        if len(self) >= MOST_VALUES:
            what = f"more than {MOST_VALUES} different values are decided"
            raise BadProtocol(what, why="a set of decision values is stored in 64 bits", next_step="use fewer inputs")
        self.append(value)
        return 1 << len(keys)


def starts_of(member: Member, fixed: Mapping[Pid, Hashable]) -> list[tuple[Hashable, Any]]:
    """Return the (input, initial state) pairs of a process, only that of its input if that is fixed.

    Raises
    ------
    BadRequest
        If it has no such input.
    """
    if member.name not in fixed:
        return list(member.starts)
    wanted = fixed[member.name]
    chosen = [(value, state) for value, state in member.starts if key(value) == key(wanted)]
    if not chosen:
        known = nearest(show(wanted), [show(value) for value, _ in member.starts])
        raise BadRequest(f"process {member.name} has no input {show(wanted)}", why=known)
    return chosen


class System(Questions, Protocol):
    """A protocol in a world: initial configurations and, for each configuration, the transitions out of it.

    Configurations are hashable and comparable within one system.  The order of transitions is canonical: it depends
    on the spec only, and so do the ids that an engine gives to configurations.  `registers` names who holds a decision,
    by bit of the masks: the processes first, then whatever else the author lets decide.  `deciders` are those known to
    decide before anything is explored (a graph knows those that turned out to), `abstaining` those that need not.
    The answers to `Questions` say what is special about a system: no caller asks for its class.
    """

    protocol: Any
    world: World
    names: tuple[Pid, ...]
    crashable: tuple[int, ...]
    deciders: int
    abstaining: int
    values: DecisionValues
    rulebooks: Sequence[RuleBook]

    @property
    def registers(self) -> tuple[Pid, ...]:
        """The processes that hold a decision, by bit of the masks."""

    @property
    def tosses(self) -> bool:
        """Whether some step has tossed a coin so far."""

    @property
    def observers(self) -> Sequence[Observer[Any, Any]]:
        """The observers beside the processes."""

    @property
    def overwritten(self) -> Sequence[str]:
        """Steps seen so far that change a decision already made, as sentences."""

    def afresh(self) -> System:
        """Return the same system with empty tables, so that a replay calls every step function again."""

    @property
    def calls(self) -> int:
        """Number of calls of step functions so far."""

    def initial(self) -> list[Initial]:
        """Return the initial configurations, in canonical order; the protocol is asked for them once."""

    def transitions(self, configuration: Configuration) -> Iterator[Transition]:
        """Yield the transitions out of a configuration whose successor differs from it, in canonical order."""

    def applicable(self, configuration: Configuration) -> Iterator[Transition]:
        """Yield all process events of a configuration, including those that leave it unchanged."""

    def marks(self, configuration: Configuration) -> Marks:
        """Return the bit masks of a configuration."""

    def deciding(self, configuration: Configuration) -> int:
        """Return whose local state has a decision here, made or not, as bits of the registers."""

    def outputs(self, configuration: Configuration) -> Mapping[Pid, tuple[Hashable, ...]]:
        """Return the decisions made so far, by process; a broken passive learner may have several."""

    def view(self, configuration: Configuration) -> Any:
        """Return what properties see of a configuration."""

    def content(self, configuration: Configuration) -> tuple[Key, ...]:
        """Return the identity of a configuration, part by part: it orders them, whatever was found first."""

    def describe(self, configuration: Configuration) -> dict[str, Any]:
        """Return a configuration as text, part by part: process name -> fields; for traces and pictures."""
