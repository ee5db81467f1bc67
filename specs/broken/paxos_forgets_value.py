"""Paxos whose promises do not report the accepted proposal: two values are chosen.

Breaks Phase 1b of Lamport, "Paxos Made Simple" (2001), section 2.2: a new proposer no longer learns that a value may
have been chosen already, and proposes its own.  Everything else is `specs/paxos.py`.
"""

from flpcheck import HOLDS, VIOLATED, At, Instance, Step, agreement, asynchronous, protocol, replace, reply
from paxos import Accept, Acceptor, Message, Paxos, Prepare, Promise, refines_voting


@protocol
class PaxosForgetsValue(Paxos):
    """The synod algorithm without the report that its condition P2c needs."""

    def acceptor(self, at: At, s: Acceptor, event: Prepare | Accept) -> Step[Acceptor, Message]:
        match event:
            case Prepare(ballot) if ballot > s.promised:  # BROKEN: Phase 1b: promise, but do not report the proposal
                return replace(s, promised=ballot), reply(Promise(ballot, None))
            case Prepare() | Accept():
                return super().acceptor(at, s, event)


INSTANCES = (
    Instance(
        "one ballot each",
        PaxosForgetsValue(),
        asynchronous(ignored="stays"),
        {agreement: VIOLATED},
        configurations=6021,
        transitions=17946,
        depth=19,
        disagreeing=216,
        counterexample={agreement: 16},
        inputs={"p0": 0, "p1": 1},
        flp=("disagrees", "outside"),
        about="After 0 was chosen in ballot 0, ballot 1 chooses 1.",
    ),
    Instance(
        "messages that stay",
        PaxosForgetsValue(proposers=2, acceptors=3, learners=1),
        asynchronous(network="set"),
        {agreement: HOLDS, refines_voting: VIOLATED},
        configurations=3105,
        transitions=8598,
        inputs={"p0": 0, "p1": 1},
        about="With one learner no two processes disagree, but the vote for another value is no step of `tla/voting`.",
    ),
)
