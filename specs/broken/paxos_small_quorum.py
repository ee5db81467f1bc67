"""Paxos with quorums that need not meet: two values are chosen.

Breaks the fact that all of Lamport, "Paxos Made Simple" (2001), section 2.2, rests on: any two majorities have an
acceptor in common.  Everything else is `specs/paxos.py`.
"""

from flpcheck import VIOLATED, Instance, agreement, asynchronous, protocol
from paxos import Paxos


@protocol
class PaxosSmallQuorum(Paxos):
    """The synod algorithm with half of the acceptors as a quorum."""

    @property
    def quorum(self) -> int:
        return self.acceptors // 2  # BROKEN: instead of acceptors // 2 + 1


INSTANCES = (
    Instance(
        "split brain",
        PaxosSmallQuorum(acceptors=2),
        asynchronous(ignored="stays"),
        {agreement: VIOLATED},
        configurations=993,
        transitions=2590,
        depth=13,
        disagreeing=48,
        counterexample={agreement: 10},
        inputs={"p0": 0, "p1": 1},
        flp=("disagrees", "outside"),
        about="Each proposer finds its own half of the acceptors.",
    ),
    Instance(
        "partition",
        PaxosSmallQuorum(acceptors=2),
        asynchronous(ignored="stays", partition=(("p0", "a0", "l0"), ("p1", "a1", "l1", "client"))),
        {agreement: VIOLATED},
        configurations=42,
        transitions=71,
        depth=11,
        bivalent=42,
        univalent={0: 0, 1: 0},
        none=0,
        disagreeing=2,
        counterexample={agreement: 10},
        inputs={"p0": 0, "p1": 1},
        about="Cut off from each other, each side finds its quorum: split brain.",
    ),
    Instance(
        "healed partition",
        PaxosSmallQuorum(acceptors=2),
        asynchronous(ignored="stays", partition=(("p0", "a0", "l0"), ("p1", "a1", "l1", "client")), heals=True),
        {agreement: VIOLATED},
        configurations=1035,
        transitions=2703,
        depth=14,
        disagreeing=50,
        counterexample={agreement: 10},
        inputs={"p0": 0, "p1": 1},
        flp=("disagrees", "outside"),
        about="Healing comes too late: both sides have decided.",
    ),
)
