"""Multi-Paxos with a new leader that goes straight to phase 2: two commands are chosen in one slot.

Breaks Lamport, "Paxos Made Simple" (2001), section 3: a leader may skip phase 1 for the next command because it
ran phase 1 for all slots when it was elected.  Here the second leader skips it altogether, so it never learns
what may have been chosen under the first one.  Everything else is `specs/multi_paxos.py`.
"""

from flpcheck import VIOLATED, At, Gather, Instance, Start, Step, asynchronous, protocol, replace
from multi_paxos import Leader, Message, MultiPaxos, Request, logs_agree, one_command_per_slot


@protocol
class MultiPaxosSkipsPhase1(MultiPaxos):
    """A log of Paxos instances whose leadership changes hands without asking the acceptors."""

    def leader(self, at: At, s: Leader, event: Start | Request | Gather[Message]) -> Step[Leader, Message]:
        match event:
            case Start() if at.me == "p1" and s.phase == 0:  # BROKEN: no prepare, as if the log were empty
                return replace(s, ballot=1, phase=2), ()
            case Start() | Request() | Gather():
                return super().leader(at, s, event)


INSTANCES = (
    Instance(
        "one slot",
        MultiPaxosSkipsPhase1(slots=1),
        asynchronous(ignored="stays"),
        {one_command_per_slot: VIOLATED, logs_agree: VIOLATED},
        configurations=5490,
        transitions=13665,
        depth=16,
        counterexample={one_command_per_slot: 13, logs_agree: 13},
        about="The new leader proposes its own command where the old one's is already chosen.",
    ),
)
