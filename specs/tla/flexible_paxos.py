"""Flexible Paxos: quorums of the two phases must meet each other, not among themselves.

Howard, Malkhi, Spiegelman, "Flexible Paxos: Quorum intersection revisited" (2016), on Lamport's Paxos as in
`tla/paxos`: a leader waits for `first` promises, and a value is chosen by `second` votes.  Agreement needs
first + second > n, so with four acceptors two votes are enough if three must promise: fewer than a majority.
"""

from collections.abc import Iterator

from flpcheck import (
    HOLDS, VIOLATED, At, Instance, Mail, Reduction, Symmetric, agreement, asynchronous, gather_quorum, integrity,
    non_triviality, protocol,
)  # fmt: skip
from tla.paxos import Leader, Message, Paxos


@protocol
class FlexiblePaxos(Paxos):
    """Paxos with a size of quorums for each phase."""

    acceptors: int = 4
    first: int = 3
    second: int = 2

    @property
    def quorum(self) -> int:  # of votes
        return self.second

    def promises(self, at: At, s: Leader, mail: Mail[Message]) -> Iterator[Mail[Message]]:
        return gather_quorum(mail, self.first)

    def reductions(self) -> list[Reduction]:
        return [Symmetric(tuple(self.all_acceptors))]


CLAIMS = {agreement: HOLDS, integrity: HOLDS, non_triviality: HOLDS}

INSTANCES = (
    Instance(
        "3 promises, 2 votes", FlexiblePaxos(), asynchronous(network="set"), CLAIMS,
        configurations=1622,
        about="Quorums of the second phase need not meet: two acceptors are half of four.",
    ),
    Instance(
        "1 vote", FlexiblePaxos(acceptors=3, first=3, second=1), asynchronous(network="set"), CLAIMS,
        configurations=173,
        about="A single vote chooses, because each leader hears of all votes before it asks for any.",
    ),
    Instance(
        "2 promises, 2 votes", FlexiblePaxos(first=2), asynchronous(network="set"), {agreement: VIOLATED},
        configurations=5862,
        about="Two and two of four need not meet: the second leader does not hear of the value chosen.",
    ),
)  # fmt: skip
