"""Protocols in rounds: in every round each process sends, hears from some of the others, and changes its state.

Charron-Bost, Schiper, "The Heard-Of model" (2009), section 2; Lynch, "Distributed Algorithms" (1996), section 2.1.
Who hears whom, who crashes and who lies is chosen by the world; what is heard too late is not heard at all.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

from flpcheck.authoring.events import Pid
from flpcheck.authoring.process import starts_of
from flpcheck.authoring.step import At, Effects

S = TypeVar("S")
M = TypeVar("M")
S_co = TypeVar("S_co", covariant=True)

Heard: TypeAlias = Mapping[Pid, M]
"""The messages that a process hears in a round, by sender, in the order of the processes."""


@dataclass(frozen=True)
class OneOf(Generic[S_co]):
    """Several possible next states, one of which the adversary picks."""

    states: tuple[S_co, ...]


Next: TypeAlias = S | OneOf[S]


def one_of(states: Iterable[S]) -> OneOf[S]:
    """Let the adversary pick one of several next states, where the paper says "any".

    Examples
    --------
    >>> one_of(["left", "right"])
    OneOf(states=('left', 'right'))
    """
    return OneOf(tuple(states))


@dataclass(frozen=True)
class RoundProcess(Generic[S, M]):
    """A process that runs in rounds.

    Parameters
    ----------
    name
        Unique; the order of the processes is the order of everything that is printed.
    send
        `send(at, state, round)` returns what it sends in a round: `broadcast(m)` (to itself as well),
        `to_others(m)`, `send(m, to=...)`, a tuple of such, or `()`; to each process at most one message.
    receive
        `receive(at, state, round, heard)` returns its state after the round, or `one_of(states)`.  Rounds count from 1.
    start
        The initial local state of a process without an input.
    inputs
        For a process with an input: each possible input and the local state in which it starts.
    lies
        `lies(at, round)` yields what this process may say in a round if it is Byzantine, to each of the others
        something else.  It may also say nothing, and all that correct processes send in any round.  Only worlds with
        Byzantine processes ask.
    silence
        What this process takes it for that a Byzantine one says nothing: the message that it then hears from it, where
        the paper has a default.  None: it hears nothing from it.
    decides
        As for a `Process`.

    Examples
    --------
    >>> from flpcheck import broadcast
    >>> def say(at: At, state: int, round: int) -> Effects[int]:
    ...     return broadcast(state)
    >>> def smallest(at: At, state: int, round: int, heard: Heard[int]) -> int:
    ...     return min(heard.values(), default=state)
    >>> RoundProcess("p0", say, smallest, inputs={0: 0, 1: 1}).starts
    ((0, 0), (1, 1))
    """

    name: Pid
    send: Callable[[At, S, int], Effects[M]]
    receive: Callable[[At, S, int, Heard[M]], Next[S]]
    start: S | None = None
    inputs: Mapping[Any, S] | None = None
    lies: Callable[[At, int], Iterable[M | None]] | None = None
    silence: M | None = None
    decides: bool | None = None

    def __post_init__(self) -> None:
        starts_of(self.name, self.start, self.inputs)

    @property
    def starts(self) -> tuple[tuple[Hashable, S], ...]:
        """The possible (input, initial local state) pairs; the input is None for a process without one."""
        return starts_of(self.name, self.start, self.inputs)
