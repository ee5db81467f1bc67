"""Causes of growth: the fields and mailboxes that were still taking new values when a search was cut."""

from __future__ import annotations

import dataclasses
from collections import Counter
from random import Random
from typing import Any, NamedTuple

import numpy as np

from flpcheck.analyse.schedule import steps_along
from flpcheck.authoring.events import Pid
from flpcheck.authoring.values import field_place, key, shorten
from flpcheck.budget import grace, kept, looking
from flpcheck.errors import Place
from flpcheck.explore.graph import Reached, StateGraph

SAMPLE = 4000
MOST = 3
SHOWN = 4
"""Maximum number of events named of one turn."""
RUNS = 16
"""Number of runs that are searched for mail that grows without end."""


class Growth(NamedTuple):
    """One cause of growth.

    Parameters
    ----------
    process
        The process with the field or mailbox.
    name
        The field, or `mail`.
    early, late
        Number of different values in the first and in the second half of the configurations found.
    example
        A late value that did not occur early.
    place
        Place where the field is declared.
    """

    process: Pid
    name: str
    early: int
    late: int
    example: str
    place: Place | None

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        what = "the mailbox" if self.name == "mail" else f"field {self.name!r}"
        late = f"{self.late} new values in the second half of the search, such as {self.example}"
        return f"{where}{what} of {self.process} keeps growing: {late}"


MANY = 5
"""Minimum number of new values in the second half of a search that count as growth: finite fields fill up."""


def causes_of_growth(graph: Reached) -> list[Growth]:
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


class Pump(NamedTuple):
    """A mailbox that grows without end: a part of a run that can be repeated, each time with more mail left.

    Parameters
    ----------
    process
        The process with the mailbox.
    more
        By how many messages it is larger after each turn.
    example
        One of them.
    events
        The events of one turn.
    """

    process: Pid
    more: int
    example: str
    events: tuple[str, ...]

    def __str__(self) -> str:
        turn = "; ".join(self.events[:SHOWN]) + ("; ..." if len(self.events) > SHOWN else "")
        messages = f"{self.more} message{'s' * (self.more != 1)}"
        return (
            f"the mailbox of {self.process} grows without bound: {turn} can repeat for ever, and each turn leaves "
            f"{messages} more, such as {self.example}"
        )


def pump_of(graph: StateGraph) -> Pump | None:
    """Return a mailbox that certainly grows without end; None if none is seen on the ways to the last configurations.

    If two configurations of a run differ only in that the later one has more mail, what happened between them can
    happen again: mail that no process takes hinders nothing, where messages overtake each other (Karp, Miller 1969).
    Cost: a look at a few runs.
    """
    found: list[Pump] = []
    if graph.system.monotone:
        lasts = np.unique(np.linspace(len(graph) // 2, len(graph) - 1, RUNS).astype(np.int64)).tolist()
        with grace(), kept(lambda: True):
            for last in reversed(lasts):
                found += _pumps(graph, _run_to(graph, last))[:1]
                if found:
                    break
    return found[0] if found else None


def _run_to(graph: StateGraph, number: int) -> list[int]:
    """Return the ids on the way on which a configuration was found."""
    run = [number]
    while (number := int(graph.parent[number])) >= 0:
        run.append(number)
    return run[::-1]


def _pumps(graph: StateGraph, run: list[int]) -> list[Pump]:
    """Return what grows between two configurations of a run, the shortest turn first."""
    configurations = [graph.configurations[number] for number in run]
    for size in range(1, len(run)):
        for place in looking(range(len(run) - size), every=16):
            added = _added(configurations[place], configurations[place + size])
            if added:
                owner, mail = added[0]
                events = tuple(str(step.event) for step in steps_along(graph, run[place : place + size + 1]))
                return [Pump(graph.system.names[owner], len(mail), shorten(repr(mail[0]), 100), events)]
    return []


def _added(start: Any, end: Any) -> list[tuple[int, list[Any]]]:
    """Return by process what its mailbox has more at the end; nothing if anything else differs, or mail is gone."""
    if (start.world, start.observers) != (end.world, end.observers):
        return []
    found = []
    for one, other in zip(start.components, end.components, strict=True):
        before, after = Counter(one.mailbox), Counter(other.mailbox)
        if key(one.local) != key(other.local) or before - after:
            return []
        found += [(one.owner, list((after - before).elements()))] if after != before else []
    return found


def _size(text: str) -> tuple[int, str]:
    return len(text), text


FieldValues = dict[tuple[Pid, str], set[str]]


def _halves(graph: Reached, numbers: list[int]) -> tuple[FieldValues, FieldValues]:
    """Return the values of the first and of the second half of a sample; a smaller one if time is up."""
    early, late, half = FieldValues(), FieldValues(), numbers[len(numbers) // 2]
    order = Random(0).sample(numbers, len(numbers))
    with grace(), kept(lambda: True):
        for number in looking(order, every=8):
            _note(graph, number, late if number >= half else early)
    return early, late


def _note(graph: Reached, number: int, into: FieldValues) -> None:
    for process, fields in graph.system.describe(graph.configurations[number]).items():
        for name, value in fields.items():
            text = f"{len(value)} messages" if name == "mail" else str(value)
            into.setdefault((process, name), set()).add(text)


def _place(graph: Reached, number: int, process: Pid, name: str) -> Place | None:
    view: Any = graph.system.view(graph.configurations[number])
    state = view.states.get(process) if hasattr(view, "states") else view
    if name == "mail" or not dataclasses.is_dataclass(state):
        return None
    return field_place(type(state), name)
