"""Signed echo broadcast with too few signatures: a lying sender finds enough of them for both values.

Breaks the size of the quorum: f + 1 signatures prove that a correct process has heard the value, not that no other
value has as many.  Everything else is `specs/signed_echo.py`.
"""

from flpcheck import VIOLATED, Instance, agreement, asynchronous, protocol
from signed_echo import SignedEcho


@protocol
class FewSigners(SignedEcho):
    """Signed echo broadcast with quorums that need not meet in a correct process."""

    @property
    def quorum(self) -> int:
        return self.f + 1  # BROKEN: instead of more than (n + f) / 2


INSTANCES = (
    Instance(
        "lying sender",
        FewSigners(),
        asynchronous(byzantine=("sender",), authenticated=True, ignored="stays"),
        {agreement: VIOLATED},
        configurations=437,
        transitions=2022,
        depth=6,
        bivalent=385,
        univalent={0: 26, 1: 26},
        none=0,
        disagreeing=144,
        counterexample={agreement: 4},
        flp=("disagrees", "blocks"),
        about="One correct process signs 0, another one signs 1, and the sender signs both.",
    ),
)
