"""Three-phase commit without the phase in the middle: the survivors cannot tell whether a dead coordinator committed.

Breaks Skeen (1981): none may commit while another is uncertain.  Everything else is `specs/three_phase_commit.py`.
"""

from flpcheck import VIOLATED, Heard, Instance, protocol, replace, synchronous, uniform_agreement
from three_phase_commit import COMMIT, Decision, Message, State, ThreePhaseCommit


@protocol
class ThreePhaseCommitUnprepared(ThreePhaseCommit):
    """A coordinator that has all votes commits at once."""

    def count_votes(self, s: State, heard: Heard[Message], *, leading: bool) -> State:
        counted = super().count_votes(s, heard, leading=leading)
        unanimous = leading and not isinstance(counted.order, Decision)
        return replace(counted, order=Decision(COMMIT)) if unanimous else counted  # BROKEN: instead of Prepare()


INSTANCES = (
    Instance(
        "two crashes", ThreePhaseCommitUnprepared(), synchronous(crashes=2), {uniform_agreement: VIOLATED},
        configurations=1587, transitions=2847, depth=10,
        bivalent=27, univalent={"abort": 1398, "commit": 162}, none=0, critical=2, disagreeing=7,
        counterexample={uniform_agreement: 6}, chain=2, flp=("disagrees", "outside"),
        about="p2 alone hears of the commit, commits, and crashes as well; p1, left alone and uncertain, aborts.",
    ),
)  # fmt: skip
