"""The coarsest partition of local states into those that answer alike, as far as rows are known."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from flpcheck.reduce.local_rows import SILENT, LocalQuestion, Row

Blocks = dict[int, int]
"""The number of the block of each place."""


def coarsest(rows: Mapping[int, Mapping[LocalQuestion, Row]], first: Mapping[int, Hashable]) -> Blocks:
    """Return the coarsest partition whose blocks answer alike, by partition refinement.

    A question that was never put is taken to change nothing.

    Parameters
    ----------
    rows
        What is known of each place.
    first
        What is the same at least within a block, for each place that is to be in one with others.

    Examples
    --------
    >>> from flpcheck.reduce.local_rows import LocalEffect
    >>> on, off = LocalEffect(SILENT, 1), LocalEffect(SILENT, 0)
    >>> coarsest({0: {"go": (on,)}, 1: {}, 2: {"go": (on,)}}, {0: "p", 1: "p decided", 2: "p"})
    {0: 0, 1: 1, 2: 0}
    """
    blocks = _numbered(first)
    while True:
        finer = _numbered(
            {place: (block, _signature(place, rows.get(place, {}), blocks)) for place, block in blocks.items()}
        )
        if len(set(finer.values())) == len(set(blocks.values())):
            return finer
        blocks = finer


def _signature(place: int, rows: Mapping[LocalQuestion, Row], blocks: Blocks) -> Hashable:
    """Return what can be told of a place, given what can be told of those that follow."""
    idle = frozenset({(SILENT, blocks[place])})
    answers = ((question, answered(row, blocks)) for question, row in rows.items())
    return frozenset(one for one in answers if one[1] != idle)


def answered(row: Row, blocks: Mapping[int, int]) -> Hashable:
    """Return what can be told of a row; a place that is in no block is alone."""
    return frozenset((effect.label, blocks.get(effect.after, ~effect.after)) for effect in row)


def _numbered(names: Mapping[int, Hashable]) -> Blocks:
    numbers: dict[Hashable, int] = {}
    return {place: numbers.setdefault(name, len(numbers)) for place, name in names.items()}
