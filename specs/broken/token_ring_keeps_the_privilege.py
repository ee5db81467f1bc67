"""A ring of machines whose bottom machine stops counting: it keeps the privilege, which comes round no more.

Breaks Dijkstra, "Self-stabilizing systems in spite of distributed control" (1974): the bottom machine counts modulo K.
Everything else is `specs/token_ring.py`.
"""

from flpcheck import HOLDS, VIOLATED, Instance, asynchronous, protocol
from token_ring import TokenRing, privilege_comes_round, some_privilege, stabilises


@protocol
class TokenRingKeepsThePrivilege(TokenRing):
    """A ring whose bottom machine reaches its last state and stays there."""

    def after(self, state: int) -> int:
        return min(state + 1, self.k - 1)  # BROKEN: the last state is followed by the first one


INSTANCES = (
    Instance(
        "n=3, K=3",
        TokenRingKeepsThePrivilege(n=3),
        asynchronous(),
        {some_privilege: HOLDS, stabilises: HOLDS, privilege_comes_round: VIOLATED},
        configurations=27,
        transitions=42,
        about="One machine is privileged from some time on, as it should be, but always the same one.",
    ),
)
