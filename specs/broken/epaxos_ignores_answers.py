"""Egalitarian Paxos whose command leaders keep their own attributes: replicas execute two commands in different orders.

Breaks line 10 of figure 2 in Moraru, Andersen, Kaminsky, "There Is More Consensus in Egalitarian Parliaments" (2013):
the fast path is for answers that are all alike.  A leader that commits what it has proposed, whatever the others have
added, misses a command that a member of its quorum has seen before.  Everything else is `specs/epaxos.py`.
"""

from _epaxos_log import Attributes, Message, Replica
from epaxos import EPaxos, consistency, dependencies, same_order
from flpcheck import HOLDS, VIOLATED, At, Instance, Step, asynchronous, protocol


@protocol
class EPaxosIgnoresAnswers(EPaxos):
    """Egalitarian Paxos in which every command takes the fast path."""

    def pre_accepted(self, at: At, s: Replica, i: str, answers: list[Attributes]) -> Step[Replica, Message]:
        return self.commit(at, s, i, s[i].what)  # BROKEN: whatever the answers say


INSTANCES = (
    Instance(
        "calm", EPaxosIgnoresAnswers(recoverers=0), asynchronous(),
        {consistency: HOLDS, dependencies: VIOLATED, same_order: VIOLATED},
        configurations=372, transitions=786, depth=10,
        counterexample={dependencies: 6, same_order: 6},
        about="Neither command depends on the other, so each leader executes its own one first.",
    ),
)  # fmt: skip
