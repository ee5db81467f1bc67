"""Fields that flpcheck reads in local states: `decision`, the output register of FLP, which deciders have; `input`."""

from __future__ import annotations

import dataclasses
import difflib
import inspect
from collections.abc import Callable, Iterable
from typing import Any, get_type_hints

from flpcheck.authoring.admitted import kinds_of
from flpcheck.authoring.rules import unwrapped

DECISION = "decision"
INPUT = "input"
SYNONYMS = {
    DECISION: ("decided", "decides", "decide", "output", "outputs", "outcome", "chosen", "agreed", "learned", "result"),
    INPUT: ("inputs", "proposal", "proposes", "proposed", "initial", "initial_value", "own_value", "value"),
}
"""Names that authors give to the fields that flpcheck reads; others are found by their likeness."""


def may_decide(function: Callable[..., Any], state: int, starts: Iterable[tuple[Any, Any]]) -> bool:
    """Return whether the states of a process are known to have a decision before it has taken any step.

    Parameters
    ----------
    function
        Its step function, or what it does in a round.
    state
        The place of the state among the parameters, counted from the end if negative.
    starts
        Its (input, initial state) pairs.

    Examples
    --------
    >>> @dataclasses.dataclass
    ... class Done:
    ...     decision: int
    >>> def step(at: object, s: int | Done, event: object) -> None: ...
    >>> may_decide(step, -2, [(None, 0)])
    True
    """
    return any(hasattr(local, DECISION) for _, local in starts) or any(map(_declares, _states_of(function, state)))


def _states_of(function: Callable[..., Any], place: int) -> tuple[type, ...]:
    """Return the classes that the annotation of the state allows; none where it cannot be read."""
    plain = unwrapped(function)
    names = list(inspect.signature(plain).parameters)
    try:
        hints = get_type_hints(plain)
    except (NameError, TypeError):
        return ()
    return kinds_of(hints.get(names[place])) if len(names) >= -place else ()


def _declares(kind: type) -> bool:
    return hasattr(kind, DECISION) or DECISION in fields_of_class(kind)


def fields_of_class(kind: type) -> tuple[str, ...]:
    """Return the names of the fields of a record; none for anything else."""
    return tuple(field.name for field in dataclasses.fields(kind)) if dataclasses.is_dataclass(kind) else ()


def fields_read(kind: type) -> tuple[str, ...]:
    """Return the names under which a local state of a class can be read: its fields, then its properties.

    Examples
    --------
    >>> @dataclasses.dataclass
    ... class State:
    ...     votes: int
    ...     @property
    ...     def outcome(self) -> int: ...
    >>> fields_read(State)
    ('votes', 'outcome')
    """
    derived = (name for base in kind.__mro__ for name, value in vars(base).items() if isinstance(value, property))
    return tuple(dict.fromkeys((*fields_of_class(kind), *derived)))


def lookalike(names: Iterable[str], wanted: str = DECISION) -> str:
    """Return which of some fields was probably meant to be the wanted one; empty if none looks like it.

    Examples
    --------
    >>> lookalike(["input", "decided"]), lookalike(["input"]), lookalike(["proposal"], INPUT)
    ('decided', '', 'proposal')
    """
    known = list(dict.fromkeys(names))
    close = difflib.get_close_matches(wanted, known, n=1, cutoff=0.75)
    return next(iter([*close, *(name for name in SYNONYMS[wanted] if name in known)]), "")
