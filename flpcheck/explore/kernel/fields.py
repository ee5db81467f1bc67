"""Renamings of configurations whose fields have no structure that is known here: where each value of a field goes.

A pair is a field and a value of it.  Images are pairs, so one table says which field a value goes to, and what it
becomes there.  Pairs are numbered as they are met, hence never again, and configurations are compared by them, field by
field.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba.core import types
from numba.core.extending import overload
from numpy.typing import NDArray

from flpcheck.explore.kernel.arrays import DONE, WIDE, Layout, Numbers, Word, Words
from flpcheck.explore.kernel.compile import HOT, kernel, part
from flpcheck.explore.kernel.tuples import U, xored
from flpcheck.explore.kernel.words import value_of

Short = NDArray[np.int32]
FAR = 2**62


class FieldRenamings(NamedTuple):
    """All renamings of a group, the identity first.

    Parameters
    ----------
    movers
        int64[renamings, processes]: the place to which each moves a process.
    back
        int32[renamings, fields]: from which field each takes what comes to a field.
    first
        int64[fields]: where the pairs of a field begin in `pairs`.
    pairs
        int64[n]: the pair of each value of a field.
    values
        int64[pairs]: the value.
    images
        int32[pairs, renamings]: the pair that each becomes.
    here, least, left
        Scratch: the pairs of a configuration, those of the least one of its orbit, and who leads there.
    """

    movers: Numbers
    back: Short
    first: Numbers
    pairs: Numbers
    values: Numbers
    images: Short
    here: Numbers
    least: Numbers
    left: Numbers


@part
def _narrowed(renamings: FieldRenamings, field: int, count: int) -> int:
    """Keep those of the renamings in `left` that take the least pair to a field; return how many."""
    least, kept = FAR, 0
    for candidate in range(count):
        renaming = renamings.left[candidate]
        pair = np.int64(renamings.images[renamings.here[renamings.back[renaming, field]], renaming])
        if pair < least:
            least, kept = pair, 0
        if pair == least:
            renamings.left[kept] = renaming
            kept += 1
    renamings.least[field] = least
    return kept


@part
def _find_least(renamings: FieldRenamings) -> int:
    """Find the least configuration of an orbit; return how many renamings lead there.

    The configuration stands in `here`; the least one is left in `least`, the first renaming that leads there in `left`.
    """
    count = renamings.images.shape[1]
    for renaming in range(count):
        renamings.left[renaming] = renaming
    for field in range(len(renamings.here)):
        count = _narrowed(renamings, field, count)
    return count


@part
def _canonical(
    layout: Layout, renamings: FieldRenamings, configuration: tuple[Word, ...]
) -> tuple[int, tuple[Word, ...], int]:  # fmt: skip
    """Return why it stopped, the representative of an orbit, and the number of a renaming that leads there."""
    for field in range(len(renamings.here)):
        value = np.int64(value_of(layout, configuration, U(field)))
        renamings.here[field] = renamings.pairs[renamings.first[field] + value]
    _find_least(renamings)
    for field in range(len(renamings.here)):
        before = U(renamings.values[renamings.here[field]])
        after = U(renamings.values[renamings.least[field]])
        if after > layout.mask[field]:
            return WIDE, configuration, 0
        configuration = xored(configuration, layout.word[field], (before ^ after) << layout.shift[field])
    return DONE, configuration, renamings.left[0]


def renamed(
    layout: Layout, renamings: FieldRenamings | None, configuration: tuple[Word, ...]
) -> tuple[int, tuple[Word, ...], int]:
    """Do as `_canonical` does, and nothing without symmetry."""
    if renamings is None:
        return DONE, configuration, 0
    return _canonical(layout, renamings, configuration)


@overload(renamed, jit_options=HOT, strict=False)
def _renamed(_: Any, renamings: Any, __: Any) -> Any:
    # An overload has the parameters of what it stands for, whether it uses them or not.
    if isinstance(renamings, types.NoneType):
        return lambda layout, renamings, configuration: (DONE, configuration, 0)  # noqa: ARG005

    def canonical(layout: Any, renamings: Any, configuration: Any) -> Any:
        return _canonical(layout, renamings, configuration)

    return canonical


@kernel
def lead(rows: Numbers, renamings: FieldRenamings, which: Numbers, counts: Numbers) -> None:
    """Replace configurations by their representatives.

    Parameters
    ----------
    rows
        int64[n, fields]: their values.
    which, counts
        int64[n]: written, a renaming that leads there, and how many do.
    """
    for number in range(len(rows)):
        for field in range(len(renamings.here)):
            renamings.here[field] = renamings.pairs[renamings.first[field] + rows[number, field]]
        counts[number] = _find_least(renamings)
        which[number] = renamings.left[0]
        for field in range(len(renamings.here)):
            rows[number, field] = renamings.values[renamings.least[field]]


@kernel
def unpack(layout: Layout, width: int, states: Words, rows: Numbers) -> None:
    """Write the values of the fields of packed configurations; int64[n, fields]."""
    for number in range(len(rows)):
        for field in range(len(layout.word)):
            word = states[U(number * width) + layout.word[field]]
            rows[number, field] = np.int64((word >> layout.shift[field]) & layout.mask[field])
