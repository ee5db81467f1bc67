"""Actions: the transitions of a general protocol, rule by rule with their parameters."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Any, TypeVar, TypeVarTuple

from flpcheck.authoring.events import Event
from flpcheck.authoring.values import Key, key, place_of
from flpcheck.errors import BadProtocol

C = TypeVar("C")
Parameters = TypeVarTuple("Parameters")


class Action:
    """A rule of a general protocol, with its parameters: one entry of `actions(self)`.

    Parameters
    ----------
    rule
        A method `rule(self, c, *parameters)` that yields `(Event, configuration)` pairs: what this action may do in
        the configuration `c`.  It yields nothing where its guard fails.
    parameters
        Whom and what the rule is about: values that may stand in a configuration.

    Examples
    --------
    >>> from flpcheck import Event, protocol, system_of, asynchronous
    >>> @protocol
    ... class Flags:
    ...     n: int = 2
    ...     def initial(self): return [(False,) * self.n]
    ...     def actions(self): return [Action(self.lift, i) for i in range(self.n)]
    ...     def lift(self, c, i):
    ...         if not c[i]:
    ...             yield Event("lifts", message=i), (*c[:i], True, *c[i + 1:])
    >>> [str(event) for event, _ in Flags().successors((False, True))]
    ['lifts 0']
    """

    __slots__ = ("parameters", "rule")

    def __init__(
        self, rule: Callable[[C, *Parameters], Iterable[tuple[Event, C]]], *parameters: *Parameters
    ) -> None:  # fmt: skip
        self.rule: Callable[..., Iterable[tuple[Event, Any]]] = rule
        self.parameters: tuple[Hashable, ...] = parameters

    def __call__(self, c: C) -> Iterable[tuple[Event, C]]:
        """Return what the action may do in a configuration."""
        return self.rule(c, *self.parameters)

    @property
    def identity(self) -> tuple[object, Key]:
        """Which rule, and with which parameters."""
        return getattr(self.rule, "__func__", self.rule), key(self.parameters)

    def __repr__(self) -> str:
        arguments = ", ".join([f"self.{self.name}", *map(repr, self.parameters)])
        return f"Action({arguments})"

    @property
    def name(self) -> str:
        """The name of the rule."""
        return getattr(self.rule, "__name__", "rule")


def successors(self: Any, c: C) -> Iterator[tuple[Event, C]]:
    """Yield what all actions may do in a configuration, in their order."""
    for action in self.actions():
        yield from action(c)


def derive_successors(cls: type) -> None:
    """Give a protocol class that has `actions` the `successors` that follow from them.

    Raises
    ------
    BadProtocol
        If the class has both: nothing would keep them equal.
    """
    if not hasattr(cls, "actions"):
        return
    own = getattr(cls, "successors", successors)
    if own is not successors:
        raise BadProtocol(
            f"protocol {cls.__name__} has both `actions` and `successors`",
            place=place_of(own),
            why="successors are derived from actions, so that there is one meaning",
            next_step="remove one of them",
        )
    cls.successors = successors  # type: ignore[attr-defined]
