"""Paxos with an acceptor that forgets its promise in a restart: two values are chosen.

Breaks a demand of Lamport, "Paxos Made Simple" (2001), section 2.5: an acceptor records its promise in stable storage
before it sends it.  What was accepted survives the restart, the promise does not.  Everything else is `specs/paxos.py`.
"""

from flpcheck import VIOLATED, At, Instance, Step, Timeout, agreement, asynchronous, protocol, replace
from paxos import Accept, Acceptor, Message, Paxos, Prepare


@protocol
class PaxosForgetsPromise(Paxos):
    """The synod algorithm when one acceptor keeps its promise in volatile memory."""

    def acceptor(self, at: At, s: Acceptor, event: Timeout | Prepare | Accept) -> Step[Acceptor, Message]:
        match event:
            case Timeout() if at.me == "a1":  # BROKEN: a restart, and the promise is gone
                return replace(s, promised=-1), ()
            case Timeout():  # the others keep it in stable storage
                return s, ()
            case Prepare() | Accept():
                return super().acceptor(at, s, event)


INSTANCES = (
    Instance(
        "one ballot each",
        PaxosForgetsPromise(),
        asynchronous(ignored="stays"),
        {agreement: VIOLATED},
        configurations=18827,
        transitions=65474,
        depth=21,
        disagreeing=192,
        counterexample={agreement: 17},
        inputs={"p0": 0, "p1": 1},
        flp=("disagrees", "outside"),
        about="An acceptor promises ballot 1, restarts, and helps to choose another value in ballot 0.",
    ),
)
