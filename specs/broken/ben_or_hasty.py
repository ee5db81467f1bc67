"""Ben-Or, hasty: one proposal is enough to decide.

In the paper more than f proposals make a decision, so that every process hears of at least one of them and adopts it.
With fewer, as here, a process can decide a value while the others hear of no proposal, toss their coins, and decide the
other value later.
"""

from flpcheck import (
    HOLDS, VIOLATED, Instance, agreement, any_input_validity, asynchronous, integrity, protocol, termination,
    uniform_agreement, validity,
)  # fmt: skip
from ben_or_rounds import Rounds


@protocol
class HastyBenOr(Rounds):
    """Protocol A, with a smaller quorum of proposals."""

    enough: int = 1


INSTANCES = (
    Instance(
        "one proposal", HastyBenOr(), asynchronous(),
        {agreement: VIOLATED, uniform_agreement: VIOLATED, validity: HOLDS, any_input_validity: HOLDS, integrity: HOLDS,
         termination: HOLDS},
        configurations=1300, transitions=19886, depth=4,
        bivalent=1116, univalent={0: 92, 1: 92}, none=0, critical=0, disagreeing=576,
        counterexample={agreement: 2, uniform_agreement: 2}, flp=("disagrees", "outside"),
        about="One process decides on the only proposal; the others toss their coins and decide the other value.",
    ),
)  # fmt: skip
