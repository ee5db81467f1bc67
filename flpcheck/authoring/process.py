"""The participants: processes with a role, passive learners, and observers."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

from flpcheck.authoring.events import Letter, Pid
from flpcheck.authoring.renaming import Renaming
from flpcheck.authoring.step import At, Effects, Step
from flpcheck.errors import BadProtocol

S = TypeVar("S")
M = TypeVar("M")
N = TypeVar("N")
Mail: TypeAlias = tuple[Letter[M], ...]


def starts_of(name: Pid, start: S | None, inputs: Mapping[Any, S] | None) -> tuple[tuple[Hashable, S], ...]:
    """Return the possible (input, initial local state) pairs of a process; the input is None if it has none.

    Raises
    ------
    BadProtocol
        Unless exactly one of `start` and `inputs` is given, and `inputs` are not empty.
    """
    if inputs is not None and start is None and not inputs:
        advice = "give at least one: `inputs={0: State(0), 1: State(1)}`, or `start=State(...)` without inputs"
        raise BadProtocol(f"process {name!r} has no input to start with: `inputs` is empty", next_step=advice)
    if inputs is not None and start is None:
        return tuple(inputs.items())
    if start is not None and inputs is None:
        return ((None, start),)
    raise BadProtocol(
        f"process {name!r} needs either `start` or `inputs`",
        next_step="give `start=State(...)`, or `inputs={0: State(0), 1: State(1)}` for a process with an input",
    )


@dataclass(frozen=True)
class Process(Generic[S, M]):
    """A process: its name, its step function and where it starts.

    Parameters
    ----------
    name
        Unique; the order of the processes is the order of everything that is printed.
    step
        `step(at, state, event)` returns `(next state, effects)`, a `choose(...)` of such, or `DEFER`.  Pure: it sees
        nothing but its arguments.  The annotation of `event` says what the process takes: `Start`, `Timeout`,
        `Gather`, and message records.
    start
        The initial local state of a process without an input.
    inputs
        For a process with an input: each possible input and the local state in which it starts.
    sent
        What it has already sent in the initial configuration.
    gather
        `gather(at, state, mail)` yields the groups of letters that a `Gather` step may take.  Monotone: a group that
        is accepted stays accepted whatever else arrives.
    virtual
        It stands for no machine (the leader of one ballot, say): it never fails.
    stable
        In worlds with recoveries: the names of the fields that survive a crash, instead of those marked `Stable`.
    decides
        Whether termination asks of it that it decides.  None: if its state has a field `decision`, by its annotation
        or in some state that is reached.
    patience
        Where timers wait for messages: a timer of higher patience is longer than one of lower patience plus two busy
        periods, as a lease is that outlives what it covers.  Of equal patience nothing is known.

    Examples
    --------
    >>> from flpcheck import Start
    >>> def idle(at: At, state: int, event: Start) -> Step[int, str]:
    ...     return state, ()
    >>> Process("p0", idle, inputs={0: 0, 1: 1}).starts
    ((0, 0), (1, 1))
    """

    name: Pid
    step: Callable[[At, S, Any], Step[S, M]]
    start: S | None = None
    inputs: Mapping[Any, S] | None = None
    sent: Effects[M] = ()
    gather: Callable[[At, S, Mail[M]], Iterable[Mail[M]]] | None = None
    virtual: bool = False
    stable: tuple[str, ...] | None = None
    decides: bool | None = None
    patience: int = 0

    def __post_init__(self) -> None:
        if not callable(self.step):
            raise BadProtocol(
                f"the step of process {self.name!r} must be a function, got {self.step!r}",
                why="the second argument of Process is its step function",
                next_step="write Process(name, self.step, start=State(...))",
            )
        starts_of(self.name, self.start, self.inputs)

    @property
    def starts(self) -> tuple[tuple[Hashable, S], ...]:
        """The possible (input, initial local state) pairs; the input is None for a process without one."""
        return starts_of(self.name, self.start, self.inputs)


@dataclass(frozen=True)
class PassiveLearner(Generic[M]):
    """A learner that never steps: what it decides is read from its mailbox.

    Parameters
    ----------
    learn
        `learn(mail)` returns the values that are decided by what has arrived: none, one, or (if the protocol is
        broken) several.
    """

    name: Pid
    learn: Callable[[Mail[M]], frozenset[Any]]


Processes: TypeAlias = list[Process[Any, M] | PassiveLearner[M]]


@dataclass(frozen=True)
class Observer(Generic[S, N]):
    """A deterministic automaton beside the processes, fed by the `note`s that steps emit.  It influences nothing.

    Parameters
    ----------
    step
        `step(state, note)` returns the next state of the observer.
    renamed
        `renamed(state, to)` returns a state under other names of processes and values, where symmetries are declared;
        `to(state)` if None.  Needed where names have an order in the state, as in a sorted tuple.
    """

    name: str
    start: S
    step: Callable[[S, N], S]
    renamed: Callable[[S, Renaming], S] | None = None
