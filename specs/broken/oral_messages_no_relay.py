"""Oral messages without the second round: lieutenants that trust the commander may trust a traitor.

Breaks step (2) of Lamport, Shostak, Pease (1982), algorithm OM(1).  Everything else is `specs/oral_messages.py`.
"""

from flpcheck import VIOLATED, At, Effects, Instance, protocol, synchronous
from oral_messages import Commander, OralMessages, Order, State, ic1


@protocol
class OralMessagesNoRelay(OralMessages):
    """Lieutenants do not communicate with each other."""

    def send(self, at: At, s: State, round: int) -> Effects[Order]:
        return super().send(at, s, round) if isinstance(s, Commander) else ()  # BROKEN: lieutenants relay the order


INSTANCES = (
    Instance(
        "n4", OralMessagesNoRelay(), synchronous(byzantine=1), {ic1: VIOLATED},
        configurations=59, transitions=50, depth=2,
        bivalent=25, univalent={0: 26, 1: 8}, none=0, critical=0, disagreeing=12,
        counterexample={ic1: 2}, chain=2, flp=("disagrees", "outside"),
        about="A traitor commander gives two different orders, which no lieutenant compares.",
    ),
)  # fmt: skip
