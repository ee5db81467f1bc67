"""Non-blocking atomic commitment: participants forward before they decide, as in the model `ACP_NB`.

Babaoglu, Toueg, "Non-Blocking Atomic Commitment" (1993), section 5, in shared memory: uniform broadcast in the place
of simple broadcast.  A participant that has received the decision forwards it to all others before it decides, so that
none decides what a live one can never hear of.  It plays the role of three-phase commit.
"""

from collections.abc import Iterator

from flpcheck import HOLDS, Action, Event, Instance, agreement, asynchronous, invariant, protocol
from _acp import AtomicCommitment, Committee, Steps, ac2, ac3


@protocol
class NonBlocking(AtomicCommitment):
    """A coordinator, and participants that forward its decision before they obey."""

    n: int = 2

    def spread(self, i: int) -> Iterator[Action]:
        for j in range(self.n):
            yield from (Action(rule, i, j) for rule in (self.hears_of_it, self.forwards))
        yield from (Action(rule, i) for rule in (self.is_told, self.decides, self.gives_up))

    def hears_of_it(self, c: Committee, i: int, j: int) -> Steps:
        """Pre-decide what another one has forwarded."""
        if c.participants[i].alive and c.forward[i][i] is None and c.forward[j][i] is not None:
            yield Event(f"hears of it from p{j}", f"p{i}"), c.forwarded(i, i, c.forward[j][i])

    def forwards(self, c: Committee, i: int, j: int) -> Steps:
        if c.participants[i].alive and c.forward[i][i] is not None and c.forward[i][j] is None:
            yield Event(f"forwards to p{j}", f"p{i}"), c.forwarded(i, j, c.forward[i][i])

    def is_told(self, c: Committee, i: int) -> Steps:
        """Pre-decide what the coordinator has sent."""
        if c.participants[i].alive and c.forward[i][i] is None and c.coordinator.told[i] is not None:
            yield Event("is told", f"p{i}"), c.forwarded(i, i, c.coordinator.told[i])

    def decides(self, c: Committee, i: int) -> Steps:
        """Decide, after forwarding to all others."""
        if c.participants[i].alive and None not in c.forward[i]:
            yield Event("decides", f"p{i}"), c.but(i, decision=c.forward[i][i])


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
