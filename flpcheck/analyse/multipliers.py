"""The factor by which each part of a configuration multiplies the state space.

A part multiplies the space by M if M times fewer configurations can be told apart without it.  A switch of the world
does if M times fewer configurations are reached where nothing happens that the switch allows.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from flpcheck.analyse.columns import BUDGETS, LOCAL, MAIL, OBSERVER, TEXT, Column, columns_of
from flpcheck.authoring.events import Pid
from flpcheck.authoring.values import key
from flpcheck.budget import grace, kept, look
from flpcheck.explore.graph import Reached
from flpcheck.system.components import Crashed
from flpcheck.world.network import Envelope

SAMPLED = 2**16
"""Maximum number of configurations that are compared with each other; of more, those whose hashes fall into a share of
all hashes (Flajolet, "On adaptive sampling", 1990), which errs by about half a per cent."""
LEAST = 1.05
"""Minimum factor of a part that is named."""
SPENT = {"lost": "loss", "duplicated": "duplication", "recovered": "recoveries", "faulty": "faulty"}
"""Each kind of event that the world counts, with the switch that allows it."""

Ints = NDArray[np.int64]
Hashes = NDArray[np.uint64]


class Multiplier(NamedTuple):
    """One part of configurations, and by how much it multiplies the space.

    Parameters
    ----------
    kind
        `process`, `message` (of one class), `field` (of local states of one class), `observer` or `switch`.
    name
        The name of the process, class, class and field, observer or switch.
    factor
        By how much it multiplies the number of configurations that were looked at.
    owners
        The processes that it belongs to.
    senders
        Of messages: how many processes' waited in one mailbox, at most.
    states
        Of a process: the classes of its local states, by name.
    """

    kind: str
    name: str
    factor: float
    owners: tuple[Pid, ...] = ()
    senders: int = 0
    states: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return (
            f"{self.name} ({self.factor:.1f})"
            if self.kind == "switch"
            else f"{self.kind} {self.name} ({self.factor:.1f})"
        )


class Multipliers(NamedTuple):
    """The factors of a state space, largest first.

    Parameters
    ----------
    parts
        The parts, by falling factor.
    looked_at
        The number of configurations that were looked at: the first ones found.
    """

    parts: tuple[Multiplier, ...]
    looked_at: int


def multipliers(graph: Reached) -> Multipliers:
    """Return what multiplies the space that was found; less if time is up.

    Cost: a pass over at most 65,536 configurations for each part, some milliseconds.
    """
    columns, found = list[Column](), list[Multiplier]()
    with grace(), kept(lambda: True):
        columns = columns_of(graph)
        for part in chain(_switches(columns), _masked(columns)) if columns else ():
            found.append(part)
    large = sorted((part for part in found if part.factor >= LEAST), key=lambda part: -part.factor)
    return Multipliers(tuple(large), len(columns[0].numbers) if columns else 0)


# Parts that are masked.

Masking = tuple[int, Ints]
"""A column, and which number each of its members becomes: all 0 if the whole column is masked."""


def _masked(columns: list[Column]) -> Iterator[Multiplier]:
    hashes = [_mixed(place, np.arange(len(column.members))) for place, column in enumerate(columns)]
    whole = np.zeros(len(columns[0].numbers), np.uint64)
    for column, of_members in zip(columns, hashes, strict=True):
        whole += of_members[column.numbers]
    total = _different(whole)
    for (kind, name), changes in _changes(columns).items():
        look()
        left = whole.copy()
        for place, onto in changes:
            left += (hashes[place][onto] - hashes[place])[columns[place].numbers]
        changed = [columns[place] for place, _ in changes]
        owners = tuple(dict.fromkeys(column.owner for column in changed if column.kind != OBSERVER))
        senders, states = _senders(changed, kind, name), _states(changed) if kind == "process" else frozenset[str]()
        yield Multiplier(kind, name, total / _different(left), owners, senders, states)


def _senders(columns: list[Column], kind: str, name: str) -> int:
    """Return from how many processes messages of a class wait in one mailbox, at most."""
    boxes = (box for column in columns if kind == "message" for box in column.members)
    return max((len({one.sender for one in box if _class(one).__name__ == name}) for box in boxes), default=0)


def _states(columns: list[Column]) -> frozenset[str]:
    states = (state for column in columns if column.kind == LOCAL for state in column.members)
    return frozenset(type(state).__name__ for state in states if not isinstance(state, Crashed))


def _mixed(place: int, numbers: Ints) -> Hashes:
    """Return a hash of each number of a column (the finalizer of SplitMix64): sums of them are compared."""
    mixed = numbers.astype(np.uint64) + np.uint64((place + 1) << 40)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)), np.uint64)


def _different(hashes: Hashes) -> int:
    """Return how many different hashes there are; an estimate if there are many."""
    bits = max(0, (len(hashes) - 1).bit_length() - SAMPLED.bit_length() + 1)
    kept = hashes[hashes & np.uint64((1 << bits) - 1) == 0] if bits else hashes
    ordered = np.sort(kept)  # `np.unique` takes twenty times as long
    different = int(np.count_nonzero(ordered[1:] != ordered[:-1])) + (len(ordered) > 0)
    return max(1, different << bits)


def _changes(columns: list[Column]) -> dict[tuple[str, str], list[Masking]]:
    """Return for each part (what it is, its name) what becomes of the columns without it."""
    found = defaultdict[tuple[str, str], list[Masking]](list)
    for place, column in enumerate(columns):
        for name, onto in _alike(column):
            found[name].append((place, onto))
    return found


def _alike(column: Column) -> Iterator[tuple[tuple[str, str], Ints]]:
    """Yield the parts that a column has, and which of its members are alike without each."""
    nothing = np.zeros(len(column.members), np.int64)
    if column.kind == OBSERVER:
        yield ("observer", column.owner), nothing
    elif column.owner:
        yield ("process", column.owner), nothing
    if column.kind == TEXT:
        yield ("field", ".".join(part for part in column.name.split(".") if not part.isdecimal())), nothing
    elif column.kind == MAIL:
        for cls in dict.fromkeys(_classes(column)):
            without = (tuple(one for one in box if _class(one) is not cls) for box in column.members)
            yield ("message", cls.__name__), _firsts(without)
    elif column.kind == LOCAL:
        for cls, name in dict.fromkeys(field for state in column.members for field in _fields(state)):
            yield ("field", f"{cls.__name__}.{name}"), _firsts(_without(state, cls, name) for state in column.members)


def _classes(mail: Column) -> Iterator[type]:
    return (_class(envelope) for box in mail.members for envelope in box)


def _class(envelope: Envelope) -> type:
    return type(envelope.letter.message)


def _fields(state: Any) -> Iterator[tuple[type, str]]:
    if dataclasses.is_dataclass(state) and not isinstance(state, Crashed):
        yield from ((type(state), field.name) for field in dataclasses.fields(state))


def _without(state: Any, cls: type, name: str) -> Any:
    if type(state) is not cls:
        return key(state)
    return cls, *(key(getattr(state, field.name)) for field in dataclasses.fields(cls) if field.name != name)


def _firsts(items: Iterable[Any]) -> Ints:
    """Return for each item the number of the first one that is equal to it."""
    first: dict[Any, int] = {}
    return np.array([first.setdefault(item, number) for number, item in enumerate(items)], np.int64)


# Switches of the world.


def _switches(columns: list[Column]) -> Iterator[Multiplier]:
    """Yield what the world may do, and how many times more configurations there are than where it never does it."""
    world = next((column for column in columns if column.kind == BUDGETS), None)
    if world is None:
        return
    spent = {
        switch: np.array([bool(getattr(budget, field)) for budget in world.members])[world.numbers]
        for field, switch in SPENT.items()
    }
    down = np.sum([_crashed(column) for column in columns if column.kind == LOCAL], axis=0)
    spent["crashes"] = (down > down[0]) | spent["recoveries"]
    for switch, where in spent.items():
        if not where.all():
            yield Multiplier("switch", switch, len(where) / int((~where).sum()))


def _crashed(column: Column) -> Ints:
    """Return 1 where a process has crashed, else 0."""
    crashed = np.array([isinstance(state, Crashed) for state in column.members], np.int64)
    return crashed[column.numbers]
