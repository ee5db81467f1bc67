"""What may happen next, for whoever follows a single run and needs no other successors."""

from __future__ import annotations

from typing import Any, NamedTuple

from flpcheck.authoring.events import Event


class Possibility(NamedTuple):
    """Something that may happen next, before it is known where it leads.

    Parameters
    ----------
    mover, event, outcome
        As for `Transition`.
    how
        What the system needs to know to make it happen.
    """

    mover: int
    event: Event
    outcome: int
    how: Any
