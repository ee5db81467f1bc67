"""Atomic broadcast without consensus: each process delivers in its order of arrival, and the orders differ.

Breaks Chandra, Toueg, "Unreliable Failure Detectors for Reliable Distributed Systems" (1996), section 7, Task 3, by
leaving it out: what is R-delivered is A-delivered at once.  Reliable broadcast makes all processes deliver the
same messages, but not in the same order.  Everything else is `specs/atomic_broadcast.py`.
"""

from atomic_broadcast import AtomicBroadcast, Member, Message, agreed, honest, ordered
from flpcheck import HOLDS, VIOLATED, Instance, Note, Send, Step, asynchronous, protocol, replace


@protocol
class AtomicBroadcastArrivalOrder(AtomicBroadcast):
    """Reliable broadcast that calls itself atomic."""

    def propose(self, s: Member, *effects: Send[Message] | Note) -> Step[Member, Message]:
        new = sorted(s.received - set(s.delivered))
        return replace(s, delivered=(*s.delivered, *new)), effects  # BROKEN: as it arrives, no consensus


INSTANCES = (
    Instance(
        "two messages",
        AtomicBroadcastArrivalOrder(members=2),
        asynchronous(),
        {ordered: VIOLATED, agreed: VIOLATED, honest: HOLDS},
        configurations=28,
        transitions=38,
        depth=6,
        counterexample={ordered: 4, agreed: 2},
        about="Each process delivers its own message first.",
    ),
)
