"""The One-Third Rule with a simple majority: two majorities of different rounds need not agree.

Breaks the threshold of Charron-Bost, Schiper (2009), algorithm 1: more than two thirds.  Everything else is
`specs/one_third_rule.py`.
"""

from flpcheck import VIOLATED, Instance, agreement, heard_of, protocol
from one_third_rule import OneThirdRule


@protocol
class OneThirdRuleMajority(OneThirdRule):
    """More than half is enough."""

    @property
    def enough(self) -> int:
        return self.n // 2 + 1  # BROKEN: instead of 2 * n // 3 + 1


INSTANCES = (
    Instance(
        "n3", OneThirdRuleMajority(), heard_of("any"), {agreement: VIOLATED},
        configurations=110, transitions=467, depth=3,
        bivalent=75, univalent={0: 20, 1: 15}, none=0, critical=0, disagreeing=33,
        counterexample={agreement: 2}, flp=("disagrees", "undecided_lasso"),
        about="p0 decides the value of a majority; the others, who hear a different majority, decide the other one.",
    ),
)  # fmt: skip
