"""Events that may happen next, for a single run: the author's code is asked only for those that do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flpcheck.system.components import Component, Components, Move
    from flpcheck.system.interface import Transition


class Possibility:
    """An event that may happen next, before it is known what it leads to.

    Parameters
    ----------
    mover
        As for `Transition`.
    kind, about
        The kind of the event, and the class of the message in it.
    ask
        Returns what it may lead to; asked once.
    """

    __slots__ = ("_answer", "_ask", "about", "kind", "mover")

    def __init__(self, mover: int, kind: str, about: type, ask: Callable[[], Sequence[Any]]) -> None:
        self.mover, self.kind, self.about, self._ask = mover, kind, about, ask
        self._answer: Sequence[Any] | None = None

    @property
    def outcomes(self) -> Sequence[Any]:
        """The transitions that it may be, or the moves of its process."""
        if self._answer is None:
            self._answer = self._ask()
        return self._answer

    @property
    def idle(self) -> bool:
        """Whether it is known to lead nowhere."""
        return self._answer is not None and not self._answer

    @classmethod
    def of(cls, step: Transition) -> Possibility:
        """Return a transition as something that may happen."""
        return cls(step.mover, step.event.kind, type(step.event.message), lambda: (step,))

    def fits(self, step: Transition) -> bool:
        """Return whether a transition may be what it leads to, as far as is known without asking."""
        event = step.event
        return (self.mover, self.kind, self.about) == (step.mover, event.kind, type(event.message))


class PossibleSteps:
    """Events that may happen to processes, listed once for each component.

    Parameters
    ----------
    parts
        The components.
    separate
        Whether what can happen to a process depends on its component alone: then what does not change it is idle.
    """

    def __init__(self, parts: Components, *, separate: bool) -> None:
        self.parts, self.separate = parts, separate
        self._known: dict[Component, tuple[Possibility, ...]] = {}

    def of(self, component: Component) -> tuple[Possibility, ...]:
        """Return what may happen to a process, in canonical order."""
        found = self._known.get(component)
        if found is None:
            found = self._known[component] = () if component.crashed else tuple(self._questions(component))
        return found

    def _questions(self, component: Component) -> Iterator[Possibility]:
        parts, owner = self.parts, component.owner
        seat = parts.seats[owner]
        if seat.asker is None:
            return
        for happening, event in parts.own_events(seat):
            ask = partial(parts.own_moves, component, seat, happening, event)
            yield Possibility(owner, happening.kind, type(happening.message), partial(self._leading_on, component, ask))
        for envelope in parts.mailing.receivable(component.mailbox):
            ask = partial(parts.delivery, component, seat, envelope)
            about = type(envelope.letter.message)
            yield Possibility(owner, "deliver", about, partial(self._leading_on, component, ask))
        for group in parts.groups(owner, component.local, component.mailbox):
            ask = partial(parts.gathering, component, seat, group)
            yield Possibility(owner, "gather", tuple, partial(self._leading_on, component, ask))

    def _leading_on(self, component: Component, ask: Callable[[], Sequence[Move]]) -> Sequence[Move]:
        """Return the moves that may change something."""
        moves = ask()
        if not self.separate:  # the clock, or what is known of failures, may change
            return moves
        return [move for move in moves if move.after is not component or move.puts or move.notes]
