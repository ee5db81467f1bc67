"""Transitions as numbers: each event with its outcome and rule is stored once."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from flpcheck.authoring.events import Event, Pid
from flpcheck.authoring.values import shorten
from flpcheck.report.explorer.value_table import ValueTable
from flpcheck.system import Transition

SENTENCE, RULE = 400, 160
"""Maximum length of a sentence and of a rule, in characters; longer ones are cut in their middle."""


class EventTable:
    """A table of events.

    Attributes
    ----------
    table
        `k` kind, `p` process, `t` sentence, `r` rule, `o` outcome (if not the first), `c` its chance, `w` of the world,
        `n` ballots are renumbered afterwards, `f` sender and `v` message of a delivery, `l` the letters of a
        gathering.
    """

    def __init__(self, names: tuple[Pid, ...], values: ValueTable) -> None:
        self.index = {name: place for place, name in enumerate(names)}
        self.values = values
        self.table: list[dict[str, Any]] = []
        self._rows: dict[str, int] = {}
        # The event is kept with its number, so that its id stays its own.
        self._numbers: dict[tuple[int, int, bool, Fraction | None], tuple[int, Event]] = {}

    def number(self, transition: Transition) -> int:
        """Return the number of a transition's event with its outcome.  Cost: a look-up, unless it is new."""
        name = (id(transition.event), transition.outcome, transition.renaming is not None, transition.chance)
        found = self._numbers.get(name)
        if found is None:
            found = self._numbers[name] = (self._written(self._row(transition)), transition.event)
        return found[0]

    def _written(self, row: dict[str, Any]) -> int:
        """Return the number of a row; general protocols make new events in every configuration."""
        name = repr(row)
        if name not in self._rows:
            self._rows[name] = len(self.table)
            self.table.append(row)
        return self._rows[name]

    def _row(self, transition: Transition) -> dict[str, Any]:
        event = transition.event
        row: dict[str, Any] = {"k": event.kind, "p": self.index.get(event.process or "", -1)}
        row["t"] = shorten(str(event), SENTENCE)
        if transition.rule is not None:
            row["r"] = shorten(transition.rule.name, RULE)
        if transition.outcome:
            row["o"] = transition.outcome
        if transition.chance not in {None, 1}:
            row["c"] = str(transition.chance)
        if transition.renaming is not None:
            row["n"] = 1
        if transition.mover < 0:
            row["w"] = 1
        if event.sender is not None:
            row |= {"f": self.index.get(event.sender, -1), "v": self.values.number(event.message)}
        if event.kind == "gather" and event.letters:
            row["l"] = [[self.index.get(sender, -1), self.values.number(message)] for sender, message in event.letters]
        return row
