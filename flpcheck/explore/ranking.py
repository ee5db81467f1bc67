"""The canonical order of envelopes: ranks, with room between them for envelopes that come later."""

from __future__ import annotations

from array import array
from bisect import bisect
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from flpcheck.world.network import Envelope

APART = 2**32
"""Distance between the ranks of two envelopes that follow each other when all are ranked."""


class Ranking:
    """The numbers of envelopes in the order of their keys.

    New envelopes never change the order of old ones.  Ranks are compared and nothing else, so that a new one takes a
    few comparisons: a search of many small levels neither sorts nor renumbers all in each.
    """

    def __init__(self) -> None:
        self._order = array("q")

    def __len__(self) -> int:
        return len(self._order)

    def enter(self, envelopes: Sequence[Envelope], ranks: NDArray[np.int64]) -> None:
        """Give the envelopes that are new a rank; all get other ones where there is no room left."""
        for number in range(len(self._order), len(envelopes)):
            place = bisect(self._order, envelopes[number].key, key=lambda other: envelopes[other].key)
            self._order.insert(place, number)
            low = int(ranks[self._order[place - 1]]) if place else -APART
            high = int(ranks[self._order[place + 1]]) if place < number else low + 2 * APART
            ranks[number] = (low + high) // 2
            if high - low < 2:
                ranks[np.array(self._order)] = np.arange(number + 1) * APART
