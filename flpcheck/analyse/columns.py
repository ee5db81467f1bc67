"""Configurations column by column, each column with what its numbers stand for.

Event-driven ones have two columns for each process (its local state, its mailbox), one for each observer and one for
the world; all others have one for each field that `describe` shows.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from flpcheck.authoring.values import key
from flpcheck.budget import look, looking
from flpcheck.explore.columned import Columned
from flpcheck.explore.graph import Reached
from flpcheck.system.configuration import MessagePassingConfiguration
from flpcheck.system.interface import WORLD

MOST = 2**16
"""Maximum number of packed configurations that are looked at."""
COMPONENTS = 2**15
"""Maximum number of components of one process: configurations are looked at as long as there are no more."""
DESCRIBED = 2_000
"""Maximum number of configurations that are described as text."""
LOCAL, MAIL, OBSERVER, BUDGETS, TEXT = "local", "mail", "observer", "budgets", "text"

Ints = NDArray[np.int64]


class Column(NamedTuple):
    """One part of all configurations.

    Parameters
    ----------
    kind
        `local` or `mail` of a process, `observer`, `budgets` (the world's), or `text` (of a field).
    owner
        The name of the process or observer; empty for the world, and for fields that belong to no process.
    name
        The field, of a text.
    numbers
        int64[n]: which member each configuration has.
    members
        The values that the numbers represent: local states, mailboxes, states of observers or of the world, texts.
    """

    kind: str
    owner: str
    name: str
    numbers: Ints
    members: list[Any]


def columns_of(graph: Reached) -> list[Column]:
    """Return the configurations found as columns; the first ones, if there are very many.

    Cost: a pass over the numbers of each part of packed configurations, a look at each of all others.
    """
    configurations = graph.configurations
    if not len(configurations):
        return []
    if not isinstance(configurations[0], MessagePassingConfiguration):
        return _described(graph)
    if isinstance(configurations, Columned):
        return _packed(graph, configurations)
    return _of_parts(graph, [_numbered(part) for part in zip(*map(_parts, looking(configurations)), strict=True)])


def _parts(configuration: MessagePassingConfiguration) -> tuple[Any, ...]:
    return (*configuration.components, configuration.world, *configuration.observers)


def _packed(graph: Reached, configurations: Columned) -> list[Column]:
    """Return packed configurations as columns, up to the first one with a component beyond the limit."""
    configurations = configurations.part(np.arange(min(len(configurations), MOST)))
    parts = [(owner, False) for owner in (*range(len(graph.system.names)), WORLD)]
    parts += [(index, True) for index in range(len(graph.system.observers))]
    columns = [configurations.column(owner, observer=observer) for owner, observer in parts]
    last = min(_first(column >= COMPONENTS) for column in columns)
    numbered = []
    for (owner, observer), column in zip(parts, columns, strict=True):
        look()
        first, numbers = _firsts(column[:last].astype(np.int64))
        held = looking(column[first].tolist())
        numbered.append((numbers, [configurations.member(owner, number, observer=observer) for number in held]))
    return _of_parts(graph, numbered)


def _firsts(column: Ints) -> tuple[Ints, Ints]:
    """Return where each number below `COMPONENTS` that occurs does so first, and which of these each place has."""
    where, rank = np.full(COMPONENTS, len(column)), np.zeros(COMPONENTS, np.int64)
    where[column[::-1]] = np.arange(len(column))[::-1]
    met = np.flatnonzero(where < len(column))
    rank[met] = np.arange(len(met))
    return where[met], rank[column]


def _first(where: NDArray[np.bool_]) -> int:
    return int(where.argmax()) if where.any() else len(where)


def _of_parts(graph: Reached, numbered: list[tuple[Ints, list[Any]]]) -> list[Column]:
    names, observers = graph.system.names, graph.system.observers
    found = list[Column]()
    for name, (numbers, components) in zip(names, numbered, strict=False):
        locals_, states = _numbered([component.local for component in components], _by_content())
        boxes, mailboxes = _numbered([component.mailbox for component in components])
        found += [Column(LOCAL, name, "", locals_[numbers], states), Column(MAIL, name, "", boxes[numbers], mailboxes)]
    found.append(Column(BUDGETS, "", "", *numbered[len(names)]))
    beside = zip(observers, numbered[len(names) + 1 :], strict=True)
    return found + [Column(OBSERVER, observer.name, "", *column) for observer, column in beside]


def _by_content() -> Callable[[Any], Hashable]:
    """Return the identity of local states, which is made once for each object."""
    known: dict[int, Hashable] = {}

    def identity(state: Any) -> Hashable:
        return known.get(id(state)) or known.setdefault(id(state), key(state))

    return identity


def _numbered(items: Iterable[Any], identity: Callable[[Any], Hashable] = lambda item: item) -> tuple[Ints, list[Any]]:
    """Return a number for each item, the same for those of the same identity, and the first item of each number."""
    known, members, numbers = dict[Hashable, int](), list[Any](), list[int]()
    for item in items:
        number = known.setdefault(identity(item), len(known))
        numbers.append(number)
        if number == len(members):
            members.append(item)
    return np.array(numbers, np.int64), members


def _described(graph: Reached) -> list[Column]:
    """Return the fields of the first configurations as columns of texts."""
    rows = [_texts(graph, one) for one in looking(islice(graph.configurations, DESCRIBED), every=16)]
    fields = dict.fromkeys(field for row in rows for field in row)
    return [Column(TEXT, *field, *_numbered(row.get(field) for row in rows)) for field in fields]


def _texts(graph: Reached, configuration: Any) -> dict[tuple[str, str], str]:
    parts: Iterator[tuple[str, Any]] = iter(graph.system.describe(configuration).items())
    return {(owner, name): str(value) for owner, fields in parts for name, value in fields.items()}
