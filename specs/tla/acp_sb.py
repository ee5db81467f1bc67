"""Atomic commitment with simple broadcast: two-phase commit, as in the public TLA+ model `ACP_SB`.

Babaoglu, Toueg, "Non-Blocking Atomic Commitment" (1993), figures 1 and 2, in shared memory: the coordinator sends its
decision to one participant after another, and may crash in between.  Then the others are left without one.
"""

from collections.abc import Iterator

from flpcheck import HOLDS, VIOLATED, Action, Instance, agreement, asynchronous, invariant, protocol
from _acp import AtomicCommitment, Committee, ac2, ac3


@protocol
class SimpleBroadcast(AtomicCommitment):
    """A coordinator and participants that obey it."""

    n: int = 3

    def spread(self, i: int) -> Iterator[Action]:
        yield Action(self.obeys, i)


@invariant
def ac5(c: Committee) -> bool:
    """Wherever nothing but crashes can happen, all live participants have decided."""
    return not SimpleBroadcast(len(c.participants)).at_rest(c) or all(p.decision for p in c.participants if p.alive)


INSTANCES = (
    Instance(
        "n=3", SimpleBroadcast(), asynchronous(),
        {agreement: HOLDS, ac2: HOLDS, ac3: HOLDS, ac5: VIOLATED},
        configurations=54944, transitions=172256, depth=20,
        bivalent=86, univalent={"abort": 49551, "commit": 465}, none=4842, critical=12, disagreeing=0,
        counterexample={ac5: 5}, flp=("blocks", "outside"),
        about="The published count. A crashed coordinator leaves those that it has asked without a decision.",
    ),
)  # fmt: skip
