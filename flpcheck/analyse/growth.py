"""What makes a state space grow: the fields and mailboxes that were still taking new values when a search was cut."""

from __future__ import annotations

import dataclasses
from random import Random
from typing import Any, NamedTuple

import numpy as np

from flpcheck.authoring.events import Pid
from flpcheck.authoring.values import field_place
from flpcheck.budget import grace, kept, looking
from flpcheck.errors import Place
from flpcheck.explore.graph import StateGraph
from flpcheck.explore.safely import Reached

SAMPLE = 4000
MOST = 3


class Growth(NamedTuple):
    """One cause of growth.

    Parameters
    ----------
    process
        Whose field or mailbox it is.
    name
        The field, or `mail`.
    early, late
        How many different values it had in the first and in the second half of what was found.
    example
        A late value that did not occur early.
    place
        Where the field is declared.
    """

    process: Pid
    name: str
    early: int
    late: int
    example: str
    place: Place | None

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        what = "its mailbox" if self.name == "mail" else f"field {self.name!r}"
        return f"{where}{what} of {self.process} keeps growing: {self.late} new values late, such as {self.example}"


MANY = 5
"""So many values must be new in the second half of a search before they count as growth: finite fields fill up."""


def causes_of_growth(graph: StateGraph | Reached) -> list[Growth]:
    """Return the fields that took most new values in the second half of a search, most first.

    Cost: a few thousand configurations are looked at, evenly spread over the search.
    """
    numbers = np.unique(np.linspace(0, len(graph) - 1, min(len(graph), SAMPLE)).astype(np.int64)).tolist()
    early, late = _halves(graph, numbers)
    found = []
    for where, values in late.items():
        new = values - early.get(where, set())
        if len(new) >= MANY:
            process, name = where
            place = _place(graph, numbers[-1], process, name)
            found.append(Growth(process, name, len(early.get(where, ())), len(new), max(new, key=_size), place))
    return sorted(found, key=lambda growth: (-growth.late, growth.process, growth.name))[:MOST]


def _size(text: str) -> tuple[int, str]:
    return len(text), text


Values = dict[tuple[Pid, str], set[str]]


def _halves(graph: StateGraph | Reached, numbers: list[int]) -> tuple[Values, Values]:
    """Return the values of the first and of the second half of a sample; a smaller one if time is up."""
    early, late, half = Values(), Values(), numbers[len(numbers) // 2]
    order = Random(0).sample(numbers, len(numbers))
    with grace(), kept(lambda: True):
        for number in looking(order, every=8):
            _note(graph, number, late if number >= half else early)
    return early, late


def _note(graph: StateGraph | Reached, number: int, into: Values) -> None:
    for process, fields in graph.system.describe(graph.configurations[number]).items():
        for name, value in fields.items():
            text = f"{len(value)} messages" if name == "mail" else str(value)
            into.setdefault((process, name), set()).add(text)


def _place(graph: StateGraph | Reached, number: int, process: Pid, name: str) -> Place | None:
    view: Any = graph.system.view(graph.configurations[number])
    state = view.states.get(process) if hasattr(view, "states") else view
    if name == "mail" or not dataclasses.is_dataclass(state):
        return None
    return field_place(type(state), name)
