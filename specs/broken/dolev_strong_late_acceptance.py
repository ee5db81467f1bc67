"""Dolev-Strong broadcast that accepts a value whenever it is signed: the last round is too late to pass it on.

Breaks the rule of Dolev, Strong (1983) that a value needs r signatures in round r.  Everything else is
`specs/dolev_strong.py`.
"""

from collections.abc import Iterator

from flpcheck import VIOLATED, At, Instance, agreement, protocol, synchronous
from dolev_strong import DolevStrong, Message, Signed


@protocol
class DolevStrongLateAcceptance(DolevStrong):
    """The sender's signature is enough at any time."""

    def convincing(self, m: Signed, round: int) -> bool:
        return m.chain[:1] == ("sender",)  # BROKEN: and the signatures of as many others as there were rounds

    def lies(self, at: At, round: int) -> Iterator[Message]:
        return super().lies(at, 1)


INSTANCES = (
    Instance(
        "n3", DolevStrongLateAcceptance(), synchronous(byzantine=("sender",), authenticated=True),
        {agreement: VIOLATED},
        configurations=98, transitions=97, depth=2,
        bivalent=21, univalent={0: 71, 1: 6}, none=0, critical=0, disagreeing=16,
        counterexample={agreement: 2}, chain=2, flp=("disagrees", "outside"),
        about="The sender keeps its value to itself until the last round, and then shows it to one receiver only.",
    ),
)  # fmt: skip
