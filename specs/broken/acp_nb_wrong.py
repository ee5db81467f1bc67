"""Non-blocking atomic commitment that decides before it forwards: a copy of the public model `ACP_NB_WRONG`.

Breaks the order of Babaoglu and Toueg's uniform broadcast: a participant obeys the coordinator at once and crashes
before it forwards; the others find no trace of the decision and abort.  Like the public model it also forwards that it
is undecided, which has no effect.  Everything else is `specs/tla/acp_nb.py`.
"""

from collections.abc import Iterator

from flpcheck import VIOLATED, Instance, agreement, asynchronous, protocol, replace
from _acp import AtomicCommitment, Committee, Step


@protocol
class DecidesFirst(AtomicCommitment):
    """A coordinator, and participants that obey before they forward."""

    n: int = 2

    def spread(self, c: Committee, i: int) -> Iterator[Step]:
        yield from self.obey(c, i)  # BROKEN: nothing has been forwarded yet
        participant = c.participants[i]
        for j in range(self.n):
            if c.forward[i][j] is None:  # forward the decision, if there is one
                yield f"forwards to p{j}", c.forwarded(i, j, participant.decision or "undecided")
            if participant.decision is None and c.forward[j][i] in {"commit", "abort"}:  # adopt what was forwarded
                yield f"hears of it from p{j}", c.but(i, replace(participant, decision=c.forward[j][i]))
        yield from self.give_up(c, i, c.coordinator.told)


INSTANCES = (
    Instance(
        "n=2", DecidesFirst(), asynchronous(), {agreement: VIOLATED},
        configurations=17464, transitions=43046, depth=18,
        bivalent=636, univalent={"abort": 12852, "commit": 2456}, none=1520, disagreeing=108,
        counterexample={agreement: 12}, flp=("disagrees", "blocks", "outside"),
        inputs={"p0": "yes", "p1": "yes"},
        about="Published: thirteen states to the first violation, which are twelve steps.",
    ),
)  # fmt: skip
