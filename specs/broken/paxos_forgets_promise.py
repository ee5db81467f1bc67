"""Paxos with an acceptor that forgets its promise when it recovers from a crash: two values are chosen.

Breaks a rule of Lamport, "Paxos Made Simple" (2001), section 2.5: an acceptor records its promise in stable storage
before it sends it.  What was accepted survives the crash, the promise does not.  Everything else is `specs/paxos.py`.
"""

from dataclasses import replace

from flpcheck import VIOLATED, Instance, Process, Processes, agreement, asynchronous, protocol
from paxos import Message, Paxos


@protocol
class PaxosForgetsPromise(Paxos):
    """The synod algorithm when the acceptors keep their promises in volatile memory."""

    def processes(self) -> Processes[Message]:
        return [
            replace(member, stable=("accepted",)) if isinstance(member, Process) and member.name in self.all_acceptors
            else member  # BROKEN: `promised` has to be stable, too
            for member in super().processes()
        ]  # fmt: skip


INSTANCES = (
    Instance(
        "one ballot each",
        PaxosForgetsPromise(),
        asynchronous(crashes=1, recoveries=1, faulty=("a1",), ignored="stays"),
        {agreement: VIOLATED},
        configurations=41854,
        transitions=149217,
        depth=22,
        bivalent=5016,
        univalent={0: 21112, 1: 14689},
        none=1037,
        disagreeing=192,
        counterexample={agreement: 18},
        inputs={"p0": 0, "p1": 1},
        flp=("disagrees", "blocks"),
        about="An acceptor promises ballot 1, crashes and recovers, and helps to choose another value in ballot 0.",
    ),
)
