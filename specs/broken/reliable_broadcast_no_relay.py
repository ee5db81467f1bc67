"""Reliable broadcast without relaying: a liar makes one process accept what the others never hear of.

Breaks Srikanth, Toueg, "Simulating authenticated broadcasts to derive simple fault-tolerant algorithms" (1987), figure
7: a process that has received f+1 echoes sends its own, for one of them is a correct process's.  Everything else is
`specs/reliable_broadcast.py`.
"""

from flpcheck import HOLDS, VIOLATED, Instance, asynchronous, correct_unanimity, protocol
from reliable_broadcast import Peer, ReliableBroadcast, totality


@protocol
class ReliableBroadcastNoRelay(ReliableBroadcast):
    """One message, which a process echoes only if it has heard the sender itself."""

    def may_relay(self, s: Peer) -> bool:
        return False  # BROKEN: f+1 echoes are enough to know that the message was broadcast


INSTANCES = (
    Instance(
        "two of three",
        ReliableBroadcastNoRelay(),
        asynchronous(byzantine=("p3",)),
        {correct_unanimity: HOLDS, totality: VIOLATED},
        configurations=648,
        transitions=2844,
        depth=11,
        counterexample={totality: 9},
        inputs={"p0": 1, "p1": 1, "p2": 0},
        about="Two hear the sender; one of them accepts, with the liar's echo, and the third never does.",
    ),
)
