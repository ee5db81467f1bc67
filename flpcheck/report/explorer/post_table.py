"""Messages that are sent within a step and never lie in a mailbox, as a page has them: those of a round."""

from __future__ import annotations

from typing import TypeAlias

from flpcheck.report.explorer.value_table import ValueTable
from flpcheck.system import Configuration, System, Transition

Post: TypeAlias = list[tuple[int, int, int, bool]]
"""Sender, receiver, number of the message, and whether it arrives."""


class PostTable:
    """Numbers for what is sent in steps; equal ones share a number.

    Parameters
    ----------
    system
        The system of the steps.
    values
        Where the messages go.
    """

    def __init__(self, system: System, values: ValueTable) -> None:
        self.system = system.plain
        self.values = values
        self.index = {name: place for place, name in enumerate(system.names)}
        self.table: list[Post] = []
        self._numbers: dict[tuple[tuple[int, int, int, bool], ...], int] = {}

    def number(self, before: Configuration, transition: Transition) -> int:
        """Return the number of what is sent in a step.  Cost: one look at all messages of the step."""
        letters = self.system.letters(before, transition.event)
        post = tuple(
            (self.index[sender], self.index[receiver], self.values.number(message), arrives)
            for sender, receiver, message, arrives in letters
        )
        if post not in self._numbers:
            self._numbers[post] = len(self.table)
            self.table.append(list(post))
        return self._numbers[post]
