"""Timers of which some are longer than others: who was armed in which busy period, and who therefore waits for whom.

A timer of higher patience is longer than one of lower patience plus two busy periods.  So it cannot fire in a quiet
moment in which a less patient one is armed that was armed in the same busy period or in an earlier one.  Of timers that
are equally patient nothing is known: not even that the one that was armed first fires first, because two busy periods
may be an instant apart.

*Ages* are ranks: 0 for a timer that is not armed; while all is busy 1 for one that was armed in the present busy
period, 2 and more for those of earlier periods, the latest first; while all is quiet 1 and more.  What was armed before
the world has stabilised is `EARLIER`: its order is unknown.
"""

from __future__ import annotations

from collections.abc import Sequence

EARLIER = 1 << 30


class Patience:
    """The patience of the timers of a system.

    Parameters
    ----------
    ranks
        The patience of each process.
    """

    def __init__(self, ranks: Sequence[int]) -> None:
        self.ranks = tuple(ranks)
        self.differs = len(set(ranks)) > 1

    def ripe(self, armed: int, ages: tuple[int, ...]) -> int:
        """Return whose timer may fire in a quiet moment, as bits."""
        return sum(1 << q for q in _of(armed) if not any(self._sooner(p, q, ages) for p in _of(armed)))

    def _sooner(self, p: int, q: int, ages: tuple[int, ...]) -> bool:
        """Whether the timer of p fires before that of q, both being armed."""
        return self.ranks[p] < self.ranks[q] and ages[p] >= ages[q] and ages[q] != EARLIER

    def aged(
        self, ages: tuple[int, ...], kept: int, armed: int, *, from_quiet: bool, to_quiet: bool
    ) -> tuple[int, ...]:
        """Return the ages after an event.

        Parameters
        ----------
        ages
            Those before it.
        kept, armed
            Whose timer keeps running, and whose is armed after the event, as bits.
        from_quiet, to_quiet
            Whether all was quiet before it, and is after it.
        """
        found = [0] * len(ages)
        for p in _of(armed):
            older = ages[p] + (from_quiet and ages[p] != EARLIER)
            found[p] = older if kept >> p & 1 else 1
        return ranked(found, 1 if to_quiet else 2)


def ranked(ages: Sequence[int], first: int) -> tuple[int, ...]:
    """Return the ages as ranks without gaps, starting at `first`; smaller ages stay.

    Examples
    --------
    >>> ranked([0, 1, 5, 3], 2), ranked([0, 1, 5, 3], 1), ranked([4, 0], 1)
    ((0, 1, 3, 2), (0, 1, 3, 2), (1, 0))
    """
    old = sorted({age for age in ages if first <= age < EARLIER})
    return tuple(old.index(age) + first if age in old else age for age in ages)


def _of(bits: int) -> list[int]:
    return [index for index in range(bits.bit_length()) if bits >> index & 1]
