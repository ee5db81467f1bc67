"""The canonical form of ballots: those in the past only by their order, those to come only by their distance.

New ballots lie above the current one of the process that starts them, so nothing is ever inserted below the lowest
current ballot: there only the order matters, and the ballots become 0, 1, 2...  From there on everything may be shifted
by a multiple of the period.  This is exact for steps that use ballots in comparisons, for their owner, and to find the
next one (Emerson and Sistla, "Symmetry and Model Checking", 1996, for the principle: a renaming that commutes with
every step is a bisimulation).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def canonical(ballots: Iterable[int], currents: Iterable[int | None], period: int) -> Mapping[int, int] | None:
    """Return the new number of each ballot of a configuration; None if all stay the same.

    Parameters
    ----------
    ballots
        All ballots that occur in the configuration.
    currents
        For each process the ballot above which it will start its next one; negative: it has not started any yet, so
        that its first ballot is still a literal of the spec and nothing may be renamed; None: it never starts one.
    period
        Owners repeat with it.

    Examples
    --------
    >>> canonical([1, 8, 11], [8, 11, None], period=2)
    {1: 0, 8: 2, 11: 5}
    >>> canonical([1, 8], [8, -1], period=2) is None
    True
    """
    active = [current for current in currents if current is not None]
    if any(current < 0 for current in active):
        return None
    live = sorted(set(ballots))
    lowest = min(active, default=None)
    past = [b for b in live if lowest is None or b < lowest]
    moved = {ballot: rank for rank, ballot in enumerate(past)}
    if lowest is not None:
        distance = lowest - len(past) - (lowest - len(past)) % period
        moved |= {b: b - distance for b in live if b >= lowest}
    return None if all(old == new for old, new in moved.items()) else moved
