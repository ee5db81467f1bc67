"""Non-blocking atomic commitment that decides before it forwards: a copy of the public model `ACP_NB_WRONG`.

Breaks the order of Babaoglu and Toueg's uniform broadcast: a participant obeys the coordinator at once and crashes
before it forwards; the others find no trace of the decision and abort.  Like the public model it also forwards that it
is undecided, which has no effect.  Everything else is `specs/tla/acp_nb.py`.
"""

from collections.abc import Iterator

from flpcheck import VIOLATED, Action, Event, Instance, agreement, asynchronous, protocol
from _acp import AtomicCommitment, Committee, Steps


@protocol
class DecidesFirst(AtomicCommitment):
    """A coordinator, and participants that obey before they forward."""

    n: int = 2

    def spread(self, i: int) -> Iterator[Action]:
        yield Action(self.obeys, i)  # BROKEN: nothing has been forwarded yet
        for j in range(self.n):
            yield from (Action(rule, i, j) for rule in (self.forwards, self.hears_of_it))
        yield Action(self.gives_up, i)

    def forwards(self, c: Committee, i: int, j: int) -> Steps:
        """Forward the decision, if there is one."""
        if c.participants[i].alive and c.forward[i][j] is None:
            yield Event(f"forwards to p{j}", f"p{i}"), c.forwarded(i, j, c.participants[i].decision or "undecided")

    def hears_of_it(self, c: Committee, i: int, j: int) -> Steps:
        """Adopt what was forwarded."""
        participant = c.participants[i]
        if participant.alive and participant.decision is None and c.forward[j][i] in {"commit", "abort"}:
            yield Event(f"hears of it from p{j}", f"p{i}"), c.but(i, decision=c.forward[j][i])


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
