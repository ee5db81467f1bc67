"""Uniform Voting that decides on a single vote: another process may not have heard of it.

Breaks rule 3 of Charron-Bost, Schiper (2009), algorithm 2: all that is heard must be votes.  Everything else is
`specs/uniform_voting.py`.
"""

from flpcheck import VIOLATED, Instance, agreement, heard_of, protocol
from uniform_voting import Ballot, UniformVoting


@protocol
class UniformVotingHasty(UniformVoting):
    """One vote is enough."""

    def settled(self, ballots: list[Ballot]) -> bool:
        return any(ballot.vote is not None for ballot in ballots)  # BROKEN: instead of all(...)


INSTANCES = (
    Instance(
        "no split", UniformVotingHasty(), heard_of("no_split"), {agreement: VIOLATED},
        configurations=192, transitions=978, depth=6,
        bivalent=138, univalent={0: 23, 1: 31}, none=0, critical=0, disagreeing=24,
        counterexample={agreement: 4}, chain=2, flp="disagrees",
        about="One process decides on the only vote, which another one does not hear of.",
    ),
)  # fmt: skip
