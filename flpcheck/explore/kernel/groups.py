"""Groups: the crashes, or omissions, of one process that are one transition if they lead to the same configuration."""

from __future__ import annotations

import numpy as np

from flpcheck.explore.kernel.arrays import CRASHING, LOSING, PHASES, RELAPSING, Batch, Word
from flpcheck.explore.kernel.compile import inlined, outside
from flpcheck.explore.kernel.tuples import U, loaded, stored

PHASE_SHIFT = np.uint64(56)
"""Where an entry of the agenda has its phase."""
CRASH, LOSS, RELAPSE, FAULT = (np.uint64(phase << 56) for phase in (CRASHING, LOSING, RELAPSING, PHASES))
"""The least entries of these phases; those of crashes end where losses begin, those of relapses where faults do."""


@inlined
def in_groups(entry: Word, crashes: bool, faults: bool) -> bool:
    """Return whether an entry of the agenda is one of a group, where crashes, or faults, stand in groups."""
    return (crashes and (LOSS > entry >= CRASH or FAULT > entry >= RELAPSE)) or (faults and entry >= FAULT)


@outside
def seen_before(batch: Batch, successor: tuple[Word, ...], group: Word) -> bool:
    """Return whether a successor is among the last `group` of this group; add it to them if not."""
    width = U(len(successor))
    for other in range(group):
        if loaded(batch.group, other * width, successor) == successor:
            return True
    stored(batch.group, group * width, successor)
    return False
