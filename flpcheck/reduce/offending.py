"""Verification of a reduction: check the new rows of a table, and refuse with the first offending one."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from flpcheck.authoring.events import Event
from flpcheck.authoring.values import shorten, show
from flpcheck.errors import Place, ReductionRefused
from flpcheck.glossary import see
from flpcheck.system.asker import Outcome
from flpcheck.system.components import AnsweredQuestion, Components

OFF = f"correct the declaration, or explore with --no-reduction; {see('quotient')}"


class NewRows:
    """The rows added to a table since the last call."""

    def __init__(self, parts: Components) -> None:
        self.parts = parts
        self._seen = 0

    def __call__(self) -> list[AnsweredQuestion]:
        """Return them, and know them from now on."""
        rows = list(islice(self.parts.rows.values(), self._seen, None)) if len(self.parts.rows) > self._seen else []
        self._seen += len(rows)
        return rows


def refusal(parts: Components, row: AnsweredQuestion, what: str, *details: str) -> ReductionRefused:
    """Return the error that refuses a reduction for the sake of one row."""
    name = parts.names[row.owner]
    place: Place | None = row.answer.rule.place if row.answer.rule else None
    event = row.event
    told = show(event) if row.sender is None else str(Event("deliver", name, row.sender, event))
    head = f"process {name}, state {shorten(show(row.local), 300)}, event {shorten(told, 300)}"
    return ReductionRefused(
        f"a declared reduction is wrong: {what}", place=place, why=head, details=details, next_step=OFF
    )


def outcomes_text(outcomes: Iterable[Outcome]) -> str:
    """Return the outcomes of a step as text."""
    return shorten(" or ".join(map(_told, outcomes)) or "nothing yet", 300)


def _told(outcome: Outcome) -> str:
    chance = "" if outcome.chance is None else f" with probability {outcome.chance}"
    return f"{show(outcome.state)}, sending {show(outcome.sends)}{chance}"
