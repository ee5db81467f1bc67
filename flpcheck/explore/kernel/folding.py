"""The stage of the hot loop that renames a successor to the representative of its orbit."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba.core import types
from numba.core.extending import overload

from flpcheck.explore.kernel.arrays import DONE, FULL, WIDE, Layout, Numbers, Store, Word, Words
from flpcheck.explore.kernel.colours import Points
from flpcheck.explore.kernel.compile import HOT, kernel, part
from flpcheck.explore.kernel.renamings import Renamings, listed
from flpcheck.explore.kernel.sorting import by_sorting, rank_of
from flpcheck.explore.kernel.tuples import U, xored
from flpcheck.explore.kernel.words import value_of


class Folding(NamedTuple):
    """Renamings, and the points that they exchange where a group is not listed."""

    renamings: Renamings
    points: Points


@part
def _led(store: Store, folding: Folding) -> tuple[int, int]:
    """Find the representative of the configuration in `fields`; it is left in `least`.

    Return how many renamings lead there, 0 if an array is full, and the number of one: in the list, or that of the
    order of the points that are ranked.
    """
    renamings, points = folding
    if len(points.exchange) == 0:
        return listed(store, renamings), renamings.left[0]
    count = by_sorting(store, renamings, points)
    return count, rank_of(points) if count > 0 else 0


@part
def _place(store: Store, renamings: Renamings, field: int) -> Word:
    """Return which field of a configuration it is."""
    if len(renamings.watches) > 0 and field >= store.rules.processes:
        return U(renamings.where[field - store.rules.processes])
    return U(field)


@part
def _entered(store: Store, renamings: Renamings, field: int, value: Word) -> int:
    """Return the number by which a component, or an observer's state, is renamed."""
    if len(renamings.watches) > 0 and field >= store.rules.processes:
        return renamings.seen[field - store.rules.processes, value]
    return np.int64(value)


@part
def _least(store: Store, renamings: Renamings, field: int) -> Word:
    """Return what a field of the least configuration holds."""
    if len(renamings.watches) > 0 and field >= store.rules.processes:
        return U(renamings.numbers[renamings.least[field]])
    return U(renamings.least[field])


@part
def canonical(
    layout: Layout, store: Store, folding: Folding, configuration: tuple[Word, ...]
) -> tuple[int, tuple[Word, ...], int]:
    """Return why it stopped, the representative of an orbit, and the number of a renaming that leads there."""
    renamings = folding.renamings
    for field in range(len(renamings.fields)):
        value = value_of(layout, configuration, _place(store, renamings, field))
        renamings.fields[field] = _entered(store, renamings, field, value)
    count, renaming = _led(store, folding)
    if count == 0:
        return FULL, configuration, 0
    for field in range(len(renamings.fields)):
        place, after = _place(store, renamings, field), _least(store, renamings, field)
        if after > layout.mask[place]:
            return WIDE, configuration, 0
        before = value_of(layout, configuration, place)
        configuration = xored(configuration, layout.word[place], (before ^ after) << layout.shift[place])
    return DONE, configuration, renaming


def folded(
    layout: Layout, store: Store, folding: Folding | None, configuration: tuple[Word, ...]
) -> tuple[int, tuple[Word, ...], int]:
    """Do as `canonical` does, and nothing without symmetry."""
    if folding is None:
        return DONE, configuration, 0
    return canonical(layout, store, folding, configuration)


@overload(folded, jit_options=HOT, strict=False)
def _folded(_: Any, __: Any, folding: Any, ___: Any) -> Any:
    # An overload has the parameters of what it stands for, whether it uses them or not.
    if isinstance(folding, types.NoneType):
        return lambda layout, store, folding, configuration: (DONE, configuration, 0)  # noqa: ARG005

    def renamed(layout: Any, store: Any, folding: Any, configuration: Any) -> Any:
        return canonical(layout, store, folding, configuration)

    return renamed


@kernel
def find_least(store: Store, folding: Folding, found: Numbers) -> None:
    """Find the representative of the configuration in `fields`, and write down what leads there.

    Parameters
    ----------
    found
        int64[2]: how many renamings lead there, 0 if an array is full; the number of one of them.
    """
    found[0], found[1] = _led(store, folding)


@kernel
def count_leading(
    layout: Layout, width: int, store: Store, folding: Folding, states: Words, into: Numbers, first: int
) -> int:
    """Write how many renamings lead from each representative to itself; return where it had to stop."""
    renamings = folding.renamings
    for number in range(first, len(into)):
        for field in range(len(renamings.fields)):
            place = _place(store, renamings, field)
            word = states[U(number * width) + layout.word[place]]
            value = (word >> layout.shift[place]) & layout.mask[place]
            renamings.fields[field] = _entered(store, renamings, field, value)
        into[number], _ = _led(store, folding)
        if into[number] == 0:
            return number
    return len(into)
