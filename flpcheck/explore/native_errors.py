"""Errors of the spec in a native search: raised where the reference engine would raise them, with the schedule.

The kernel puts a level's questions before it expands the level; the error belongs to the first configuration that
needed the answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

import numpy as np

from flpcheck.errors import InternalError, SpecError
from flpcheck.explore.kernel.words import column
from flpcheck.system import Configuration

if TYPE_CHECKING:
    from flpcheck.explore.native import NativeSearch
    from flpcheck.explore.voices import Failing


def first_holder(
    search: NativeSearch, components: Sequence[Failing], first: int, last: int, faulty: Sequence[int] = ()
) -> int | None:
    """Return the first of some configurations that holds one of these components, where its failure shows.

    Parameters
    ----------
    faulty
        Who misbehaves in each state of the world, as masks.
    """
    states = search.space.states[first * search.width : last * search.width]
    number, holders = np.zeros(last - first, np.uint64), []
    for owner, crowds in dict.fromkeys((one.owner, one.crowds) for one in components):
        column(states, search.layout, search.width, owner, number)
        held = np.isin(number, [one.number for one in components if (one.owner, one.crowds) == (owner, crowds)])
        if crowds is not None:
            world = np.zeros(last - first, np.uint64)
            column(states, search.layout, search.width, len(search.system.names), world)
            held &= np.isin(world, [place for place, mask in enumerate(faulty) if mask in crowds])
        holders += [int(held.argmax()) + first] if held.any() else []
    return min(holders, default=None)


def raise_with_schedule(search: NativeSearch, number: int) -> NoReturn:
    """Raise what the reference semantics raises in a configuration, with the schedule that leads there."""
    configurations = search.configurations()
    try:
        search.system.confined(configurations[number])
        list(search.system.transitions(configurations[number]))
    except SpecError as error:
        error.schedule = _schedule(search, configurations, number)
        raise
    raise InternalError("a step failed when the kernel called it, but not when the reference engine did")


def _schedule(search: NativeSearch, configurations: Sequence[Configuration], number: int) -> tuple[str, ...]:
    events: list[str] = []
    while number >= search.first_inner:
        parent, wanted = discoverer(search, number), configurations[number]
        steps = search.system.transitions(configurations[parent])
        events.append(str(next(step for step in steps if step.successor == wanted).event))
        number = parent
    return tuple(reversed(events))


def discoverer(search: NativeSearch, number: int) -> int:
    """Return by whom a configuration was discovered: the first of the level before that leads to it."""
    depth = int(np.searchsorted(search.levels, number, side="right")) - 1
    return int(search.edges_into(depth - 1, np.array([number])).sources.min())
