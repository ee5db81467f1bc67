"""The order of configurations by content: the same for every engine, however they were found."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from flpcheck.explore.columned import Columned
from flpcheck.system import Configuration, System
from flpcheck.system.interface import WORLD

Ints = NDArray[np.int64]


def by_content(system: System, configurations: Sequence[Configuration], ids: Ints) -> Ints:
    """Return some configurations in the order of their content.

    Parameters
    ----------
    system
        Knows what a configuration is made of.
    configurations
        All of them, by id.
    ids
        int64[n]: which ones.

    Returns
    -------
    int64[n]
        Their ids, sorted.  Cost: a look at each of them; where they are stored in columns, at each value of a column.
    """
    if isinstance(configurations, Columned):
        return ids[np.lexsort(_ranks(system, configurations.part(ids))[::-1])]
    contents = {number: system.content(configurations[number]) for number in ids.tolist()}
    return np.array(sorted(contents, key=contents.__getitem__), np.int64)


def _ranks(system: System, some: Columned) -> list[Ints]:
    """Return, for each part of a configuration, how many of those that occur come before each."""
    columns = [some.column(owner) for owner in (*range(len(system.names)), WORLD)]
    columns += [some.column(index, observer=True) for index in range(len(system.observers))]
    return [_rank(system, some, place, column) for place, column in enumerate(columns)]


def _rank(system: System, some: Columned, place: int, column: NDArray[np.uint64]) -> Ints:
    _, first, which = np.unique(column, return_index=True, return_inverse=True)
    contents = [system.content(some[number])[place] for number in first.tolist()]
    rank = np.empty(len(contents), np.int64)
    rank[sorted(range(len(contents)), key=contents.__getitem__)] = np.arange(len(contents))
    ranks: Ints = rank[which]
    return ranks
