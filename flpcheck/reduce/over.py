"""A system over another one, with the same configurations or fewer: what it passes on unchanged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flpcheck.system.interface import Configuration, System, Transition
from flpcheck.system.questions import Questions


class Below:
    """Members delegated to the system below, under the same name."""

    def __set_name__(self, _: type, name: str) -> None:
        self.name = name

    def __get__(self, over: Any, _: type | None = None) -> Any:
        """Return the answer, or the method that gives it."""
        return self if over is None else getattr(over.below, self.name)


class Over(Questions):
    """Delegates every question about a single configuration (decisions, views, texts) to the system below.

    What is said of transitions is not passed on: they are not those of the system below.

    Parameters
    ----------
    below
        A system; its configurations are those of this one, or some of them are.
    """

    protocol: Any = Below()
    world: Any = Below()
    names: Any = Below()
    crashable: Any = Below()
    deciders: Any = Below()
    abstaining: Any = Below()
    values: Any = Below()
    rulebooks: Any = Below()
    registers: Any = Below()
    observers: Any = Below()
    overwritten: Any = Below()
    received: Any = Below()
    calls: Any = Below()
    tosses: Any = Below()
    in_rounds: Any = Below()
    numbered: Any = Below()
    idles: Any = Below()
    clock: Any = Below()
    liars: Any = Below()
    listens: Any = Below()
    assumptions: Any = Below()
    ballots: Any = Below()
    plain: Any = Below()
    deciding: Any = Below()
    admissible: Any = Below()
    owed: Any = Below()
    confined: Any = Below()
    endless: Any = Below()
    overheard: Any = Below()
    marks: Any = Below()
    outputs: Any = Below()
    view: Any = Below()
    content: Any = Below()
    describe: Any = Below()
    mailboxes: Any = Below()

    def __init__(self, below: System) -> None:
        self.below = below

    def applicable(self, configuration: Configuration) -> Iterator[Transition]:
        """Yield all process events of a representative, including those that leave it unchanged."""
        return map(self._after, self.below.applicable(configuration))

    def _after(self, transition: Transition) -> Transition:
        """Return what a transition of the system below is here."""
        raise NotImplementedError
