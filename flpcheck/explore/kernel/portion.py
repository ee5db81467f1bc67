"""The arrays that several workers share while they expand a portion of a level together."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# Entries of `Portion.counters`: how much of `todo` is handed out, ids and places for transitions that are, and how many
# configurations are left out; then the first configuration of the portion, the first id that is given while it is
# expanded, the end of the ids and of the places; how many configurations are handed out at a time, and how many ids or
# places; how many of these one configuration may need.
HANDED, IDS, PLACES, LEFT, FIRST, FRESH, LAST_ID, LAST_PLACE, SHARE, HANDFUL, MARGIN = range(11)
COUNTERS = 11


class Portion(NamedTuple):
    """Configurations, one after the other, that several workers expand together; without elements where none do.

    Parameters
    ----------
    counters
        int64: as listed above.
    todo, left
        int64[n]: those that are to be expanded, and those that were left out because something has to be asked.
    keys
        uint64[n]: of each id from `FRESH` on the least key of those by which it was reached: `ranks.py` says what for.
    slots
        uint32[n]: the slot of each of these ids.
    starts, ends
        int64[n]: the places of the transitions of each configuration, in the order of the portion.
    """

    counters: NDArray[np.int64]
    todo: NDArray[np.int64]
    left: NDArray[np.int64]
    keys: NDArray[np.uint64]
    slots: NDArray[np.uint32]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]


_NONE: NDArray[np.int64] = np.zeros(0, np.int64)
NO_PORTION = Portion(_NONE, _NONE, _NONE, np.zeros(0, np.uint64), np.zeros(0, np.uint32), _NONE, _NONE)
NEVER = np.uint64((1 << 64) - 1)
"""The key of an id that stands for no configuration."""
