"""Refinement: every run of one protocol, seen through a mapping, is a run of a more abstract one."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flpcheck.authoring.property import Property
from flpcheck.authoring.protocol import is_general, is_protocol
from flpcheck.authoring.values import place_of, shorten
from flpcheck.errors import BadProperty

REFINES = "refines"
"""The kind of these properties."""


@dataclass(frozen=True)
class Refinement(Property):
    """The claim that a protocol refines another one, which `predicate` maps configurations to.

    Parameters
    ----------
    other
        The abstract protocol; the parameters of a class are the parameters or properties of that name of the protocol
        that refines it.
    of_protocol
        Whether the mapping takes the protocol before the view: it is a method.
    """

    other: Any = field(default=None, hash=False)
    of_protocol: bool = False

    def abstract(self, concrete: Any) -> Any:
        """Return the abstract protocol that some protocol is to refine."""
        if not inspect.isclass(self.other):
            return self.other
        names = [parameter.name for parameter in dataclasses.fields(self.other)]  # type: ignore[arg-type]
        return self.other(**{name: getattr(concrete, name) for name in names if hasattr(concrete, name)})

    def mapped(self, concrete: Any) -> Callable[[Any], Any]:
        """Return the mapping of a protocol's views to configurations of the abstract protocol."""
        mapping = self.predicate
        assert mapping is not None
        return (lambda view: mapping(concrete, view)) if self.of_protocol else mapping


def refines(other: Any, mapping: Callable[..., Any], *, name: str = "") -> Refinement:
    """Claim that a protocol refines another one: with this mapping, each of its steps is one of the other, or none.

    The images of initial configurations must be initial, and each transition must lead to the same image or be a
    transition of the other protocol.  That is safety only: the other protocol need not make progress.

    Parameters
    ----------
    other
        A protocol with `initial` and `actions` (or `successors`), or its class: then its parameters are the parameters
        or properties of the same names of the protocol that refines it, where it has them.
    mapping
        Returns a configuration of the other protocol, given a `View`, or for a general protocol a configuration; a
        method of the protocol is given the protocol first.  It must read whatever the image depends on from the view;
        the state of a process that has crashed is in no view where crashes are events.
    name
        How options and reports call it; `refines_` with the name of the other protocol if empty.

    Raises
    ------
    BadProperty
        If the other is not a general protocol.

    Examples
    --------
    >>> from flpcheck import Action, Event, protocol
    >>> @protocol
    ... class Clock:
    ...     hours: int = 12
    ...     def initial(self): return range(self.hours)
    ...     def actions(self): return [Action(self.tick)]
    ...     def tick(self, c): yield Event("ticks"), (c + 1) % self.hours
    >>> refines(Clock, lambda minutes: minutes // 60).name
    'refines_clock'

    References
    ----------
    Abadi, Lamport, "The Existence of Refinement Mappings" (1991), for safety.
    """
    cls = other if inspect.isclass(other) else type(other)
    if not is_protocol(cls) or not is_general(cls):
        what = f"refines({shorten(repr(other))}, ...) needs a general protocol"
        why = "the mapping returns its configurations, so they must be the author's own: initial() and actions()"
        raise BadProperty(what, place=place_of(mapping), why=why, next_step="write what it does by actions")
    statement = f"it refines {cls.__name__}: each step is one of {cls.__name__}, or changes nothing there"
    return Refinement(
        name or f"refines_{_snake(cls.__name__)}",
        statement,
        mapping,
        REFINES,
        place_of(mapping),
        other,
        _positional(mapping) > 1,
    )


def _positional(function: Callable[..., Any]) -> int:
    """Return how many arguments a function takes by position, those with defaults not counted."""
    kinds = {inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD}
    parameters = inspect.signature(function).parameters.values()
    return sum(p.kind in kinds and p.default is inspect.Parameter.empty for p in parameters)


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() and at else c.lower() for at, c in enumerate(name))
