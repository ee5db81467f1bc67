"""Chandra-Toueg with less than a majority: a coordinator that all others have given up still decides.

Breaks the assumption n > 2f of Chandra and Toueg (1996), section 6.2: the coordinator waits only for itself.
Everything else is `specs/chandra_toueg.py`.
"""

from chandra_toueg import ChandraToueg
from flpcheck import VIOLATED, Instance, agreement, asynchronous, protocol


@protocol
class ChandraTouegSmallQuorum(ChandraToueg):
    """The rotating coordinator with half of the processes as a quorum."""

    n: int = 4

    @property
    def quorum(self) -> int:
        return self.n // 2  # BROKEN: instead of n // 2 + 1


INSTANCES = (
    Instance(
        "two halves",
        ChandraTouegSmallQuorum(),
        asynchronous(detector="diamond-S", mistakes=2, ignored="stays"),
        {agreement: VIOLATED},
        configurations=29997,
        counterexample={agreement: 11},
        inputs={"p0": 0, "p1": 1, "p2": 1, "p3": 1},
        bounds={"max_configurations": 30000},
        about="Two halves decide by themselves: one in the first round, the other, which gave it up, in the second.",
    ),
)
