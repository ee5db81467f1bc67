"""Fast Paxos with majorities as fast quorums: two values are chosen.

Breaks the Fast Quorum Requirement of Lamport, "Fast Paxos" (2006), section 3.3: a classic quorum and any two fast ones
have a member in common.  Any two majorities of three acceptors meet, which is all that Paxos requires; but a
coordinator that hears one vote for each value from a majority cannot tell which of them the third acceptor's vote has
completed or still will.  Everything else is `specs/fast_paxos.py`.
"""

from fast_paxos import FastPaxos
from flpcheck import VIOLATED, Instance, agreement, asynchronous, protocol


@protocol
class FastPaxosSmallQuorums(FastPaxos):
    """Fast rounds with the quorums of classic ones."""

    acceptors: int = 3
    fast: int = 2  # BROKEN: instead of 3, so that fast + fast + classic > 2 * acceptors
    classic: int = 2


INSTANCES = (
    Instance(
        "majorities",
        FastPaxosSmallQuorums(),
        asynchronous(),
        {agreement: VIOLATED},
        configurations=208034,
        transitions=1055472,
        depth=22,
        disagreeing=3840,
        inputs={"p0": 0, "p1": 1},
        counterexample={agreement: 15},
        flp=("disagrees", "outside"),
        about="The classic round picks the value of one acceptor, while the other one's gets its fast quorum.",
    ),
)
