"""Last Voting whose coordinator takes any value reported to it: it may overrule a decision.

Breaks rule 1 of Charron-Bost, Schiper (2009), algorithm 4: the value with the last time stamp.  Everything else is
`specs/last_voting.py`.
"""

from flpcheck import VIOLATED, Instance, agreement, heard_of, protocol
from last_voting import Estimate, LastVoting


@protocol
class LastVotingAnyValue(LastVoting):
    """The time stamps are ignored."""

    def last(self, estimates: list[Estimate]) -> set[int]:
        return {estimate.x for estimate in estimates}  # BROKEN: instead of those with the last time stamp


INSTANCES = (
    Instance(
        "two phases", LastVotingAnyValue(), heard_of("any", rounds=8), {agreement: VIOLATED},
        configurations=4058, transitions=5826, depth=8,
        bivalent=552, univalent={0: 1433, 1: 1433}, none=640, critical=0, disagreeing=168,
        counterexample={agreement: 8}, chain=5, flp=("disagrees", "blocks"),
        about="The first phase decides for one process; the second coordinator imposes an older value on another one.",
    ),
)  # fmt: skip
