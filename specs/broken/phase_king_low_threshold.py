"""Phase king that treats a bare majority as a clear one: liars can show it to one process and hide it from another.

Breaks rule 4 of Berman, Garay, Perry (1989): more than n / 2 + f.  Everything else is `specs/phase_king.py`.
"""

from flpcheck import VIOLATED, Instance, agreement, protocol, synchronous
from phase_king import PhaseKing


@protocol
class PhaseKingLowThreshold(PhaseKing):
    """More than half is clear enough."""

    @property
    def clear(self) -> int:
        return self.n // 2 + 1  # BROKEN: instead of n // 2 + f + 1


INSTANCES = (
    Instance(
        "second king lies", PhaseKingLowThreshold(), synchronous(byzantine=("p1",)), {agreement: VIOLATED},
        configurations=560, transitions=1024, depth=4,
        bivalent=146, univalent={0: 207, 1: 207}, none=0, critical=0, disagreeing=14,
        counterexample={agreement: 4}, chain=4, flp=("disagrees", "outside"),
        about="In the last phase the liar shows one process a majority and overrules another one as its king.",
    ),
)  # fmt: skip
