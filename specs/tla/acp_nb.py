"""Non-blocking atomic commitment: participants forward before they decide, as in the model `ACP_NB`.

Babaoglu, Toueg, "Non-Blocking Atomic Commitment" (1993), section 5, in shared memory: uniform broadcast in the place
of simple broadcast.  A participant that has received the decision forwards it to all others before it decides, so that
none decides what a live one can never hear of.  It plays the role of three-phase commit.
"""

from collections.abc import Iterator

from flpcheck import HOLDS, Instance, agreement, asynchronous, invariant, protocol, replace
from _acp import AtomicCommitment, Committee, Step, ac2, ac3


@protocol
class NonBlocking(AtomicCommitment):
    """A coordinator, and participants that forward its decision before they obey."""

    n: int = 2

    def spread(self, c: Committee, i: int) -> Iterator[Step]:
        own, told = c.forward[i][i], c.coordinator.told
        for j in range(self.n):
            if own is None and c.forward[j][i] is not None:  # pre-decide what another one has forwarded
                yield f"hears of it from p{j}", c.forwarded(i, i, c.forward[j][i])
            if own is not None and c.forward[i][j] is None:  # forward it
                yield f"forwards to p{j}", c.forwarded(i, j, own)
        if own is None and told[i] is not None:  # pre-decide what the coordinator has sent
            yield "is told", c.forwarded(i, i, told[i])
        if None not in c.forward[i]:  # decide, after forwarding to all others
            yield "decides", c.but(i, replace(c.participants[i], decision=own))
        yield from self.give_up(c, i, told)  # the coordinator has crashed, and has left no trace


@invariant
def ac5(c: Committee) -> bool:
    """Wherever nothing but crashes can happen, all live participants have decided."""
    return not NonBlocking(len(c.participants)).at_rest(c) or all(p.decision for p in c.participants if p.alive)


INSTANCES = (
    Instance(
        "n=2", NonBlocking(), asynchronous(),
        {agreement: HOLDS, ac2: HOLDS, ac3: HOLDS, ac5: HOLDS},
        configurations=4284, transitions=10508, depth=18,
        bivalent=43, univalent={"abort": 3383, "commit": 234}, none=624, critical=8, disagreeing=0,
        flp=("blocks", "outside"),
        about="The published count: all live processes decide, whichever crash (if all crash, none need decide).",
    ),
)  # fmt: skip
