"""How many acceptors Paxos needs: with f of them silent, one proposer decides if there are 2f + 1, and not with fewer.

Lamport, "The Part-Time Parliament" (1998) and "Paxos Made Simple" (2001): any two quorums must meet, and one quorum
must remain when f acceptors are silent.  With n = 2f both cannot be had: waiting for a majority blocks, and waiting
for n - f lets two proposers choose differently.
"""

from flpcheck import (
    HOLDS, VIOLATED, Instance, Process, Processes, agreement, asynchronous, integrity, protocol, replace, termination,
)  # fmt: skip
from paxos import Message, Paxos


@protocol
class PaxosQuorums(Paxos):
    """Paxos in which only acceptors crash, with quorums of a majority or of all but a few."""

    proposers: int = 1
    learners: int = 1
    absent: int = -1  # a quorum is all acceptors but this number; -1: a majority

    def processes(self) -> Processes[Message]:
        everybody = (p for p in super().processes() if isinstance(p, Process))
        return [replace(p, virtual=p.name not in self.all_acceptors) for p in everybody]

    @property
    def quorum(self) -> int:
        return super().quorum if self.absent < 0 else self.acceptors - self.absent


SILENT = asynchronous(initially_dead=1, ignored="stays")

INSTANCES = (
    Instance(
        "sweep",
        PaxosQuorums(acceptors=3),
        SILENT,
        {agreement: HOLDS, integrity: HOLDS, termination: HOLDS},
        configurations=204,
        delays={"decision": (4, 10), "all decisions": (5, 10)},
        about="Three acceptors, one of them silent: two are a majority, so the proposer decides.",
    ),
    Instance(
        "n = 2f, majority",
        PaxosQuorums(acceptors=2),
        SILENT,
        {agreement: HOLDS, integrity: HOLDS, termination: VIOLATED},
        configurations=46,
        about="Two acceptors, one of them silent: the other is no majority, so no process ever decides.",
    ),
    Instance(
        "n = 2f, n - f",
        PaxosQuorums(proposers=2, acceptors=2, learners=2, absent=1),
        SILENT,
        {agreement: VIOLATED},
        configurations=1195,
        inputs={"p0": 0, "p1": 1},
        about="One of two acceptors is a quorum for each proposer: neither waits, and two values are chosen.",
    ),
)
