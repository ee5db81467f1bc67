"""FloodSet with f rounds: the adversary spends a crash in each of them, and one survivor learns a value too late.

Breaks the number of rounds of Lynch, "Distributed Algorithms" (1996), section 6.2.1: f + 1.
"""

from flpcheck import VIOLATED, Instance, agreement, protocol, synchronous
from floodset import FloodSet


@protocol
class FloodSetOneRoundLess(FloodSet):
    """As many rounds as there are crashes."""

    rounds: int = 1  # BROKEN: with f crashes f + 1 rounds are needed


INSTANCES = (
    Instance(
        "n3 f1", FloodSetOneRoundLess(), synchronous(crashes=1), {agreement: VIOLATED},
        configurations=32, transitions=50, depth=1,
        bivalent=9, univalent={0: 18, 1: 5}, none=0, critical=0, disagreeing=6,
        counterexample={agreement: 1}, chain=1, flp=("disagrees", "outside"),
        about="p0 crashes while it broadcasts its 0, and only p1 has received it.",
    ),
    Instance(
        "n4 f2", FloodSetOneRoundLess(n=4, rounds=2), synchronous(crashes=2), {agreement: VIOLATED},
        configurations=178, transitions=727, depth=2,
        bivalent=34, univalent={0: 121, 1: 23}, none=0, critical=6, disagreeing=12,
        counterexample={agreement: 2}, chain=2, flp=("disagrees", "outside"),
        about="A chain of two crashes carries the 0 past the last round.",
    ),
)  # fmt: skip
