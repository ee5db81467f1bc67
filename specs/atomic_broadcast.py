"""Atomic broadcast from consensus: all processes deliver the same messages in the same order.

Chandra, Toueg, "Unreliable Failure Detectors for Reliable Distributed Systems" (1996), section 7, Figure 6: the three
tasks of the reduction.  Messages are spread by reliable broadcast (each process relays what it receives for the first
time, Figure 5).  The k-th instance of consensus is a box: a virtual process that answers all with the first proposal
that reaches it; any algorithm that solves consensus could take its place.

Each process broadcasts one message of its own, whenever it likes.
"""

from typing import Any

from flpcheck import (
    DEFER, HOLDS, At, Constant, Instance, Note, Observer, Pid, Process, Processes, Send, Start, Step, View,
    asynchronous, note, protocol, record, replace, send, sometimes,
)  # fmt: skip
from flpcheck.properties import Broadcast, broadcast_integrity, broadcast_observer, prefix_agreement, total_order


@record
class Relay:
    """To all: a message, from the process that broadcast it or from one that relays it (reliable broadcast)."""

    message: str


@record
class Propose:
    """Process -> the k-th consensus: a set of messages to deliver next."""

    messages: frozenset[str]


@record
class Decide:
    """The k-th consensus -> all: deliver these next."""

    k: int
    messages: frozenset[str]


Message = Relay | Propose | Decide


@record
class Member:
    """A process: what it is going to broadcast, what it has received, what it has delivered (in order)."""

    own: str | None
    received: frozenset[str] = frozenset()
    delivered: tuple[str, ...] = ()
    k: int = 0  # number of completed consensus instances
    waiting: bool = False  # for the next one's decision


@record
class Consensus:
    """One instance of consensus: its number, from 1, and its decision."""

    k: int
    decided: frozenset[str] | None = None


@protocol
class AtomicBroadcast:
    """The reduction of atomic broadcast to consensus."""

    members: int = 3
    broadcasters: Constant[int] = 2  # number of processes with something to broadcast

    def processes(self) -> Processes[Message]:
        return [
            *(Process(p, self.member, start=Member(self.message_of(i))) for i, p in enumerate(self.all_members)),
            *(Process(f"c{k}", self.consensus, start=Consensus(k), virtual=True) for k in self.instances),
        ]

    def message_of(self, i: int) -> str | None:
        return "xyzuvw"[i] if i < self.broadcasters else None

    def observers(self) -> list[Observer[Any, object]]:
        return [broadcast_observer()]

    @property
    def all_members(self) -> list[Pid]:
        return [f"p{i}" for i in range(self.members)]

    @property
    def instances(self) -> range:
        return range(1, self.broadcasters + 1)  # each decides at least one message

    def member(self, at: At, s: Member, event: Start | Relay | Decide) -> Step[Member, Message]:
        match event:
            case Start() if s.own is not None:  # Task 1: A-broadcast a message by R-broadcasting it
                return self.received(at, replace(s, own=None), s.own, note(Broadcast(s.own)))
            case Relay(message) if message not in s.received:  # Task 2: R-deliver it
                return self.received(at, s, message)
            case Decide(k, messages) if k == s.k + 1:  # Task 3: A-deliver what was decided, in a fixed order
                new = sorted(messages - set(s.delivered))
                return self.propose(replace(s, delivered=(*s.delivered, *new), k=k, waiting=False))
            case Decide(k) if k > s.k + 1:  # the earlier decisions first
                return DEFER
            case Start() | Relay() | Decide():  # nothing left to broadcast; received or decided before
                return s, ()

    def received(self, at: At, s: Member, message: str, *notes: Note) -> Step[Member, Message]:
        """Reliable broadcast relays a message when it sees it for the first time."""
        relay = send(Relay(message), to=[p for p in self.all_members if p != at.me])
        return self.propose(replace(s, received=s.received | {message}), relay, *notes)

    def propose(self, s: Member, *effects: Send[Message] | Note) -> Step[Member, Message]:
        """Task 3: propose what was received and not delivered to the next consensus."""
        undelivered = s.received - set(s.delivered)
        if s.waiting or not undelivered:
            return s, effects
        return replace(s, waiting=True), (*effects, send(Propose(undelivered), to=f"c{s.k + 1}"))

    def consensus(self, at: At, s: Consensus, event: Propose) -> Step[Consensus, Message]:
        match event:
            case Propose(messages) if s.decided is None:  # The first proposal is decided
                return replace(s, decided=messages), send(Decide(s.k, messages), to=self.all_members)
            case Propose():
                return s, ()


agreed = prefix_agreement("delivered")
ordered = total_order("delivered")
honest = broadcast_integrity("delivered")


@sometimes
def everything_is_delivered(view: View[Member | Consensus]) -> bool:
    """Every process has delivered all that was broadcast."""
    return all(log and len(log) == len(view.observers["broadcasts"]) for log in view.each("delivered").values())


SAFE = {agreed: HOLDS, ordered: HOLDS, honest: HOLDS, everything_is_delivered: HOLDS}

INSTANCES = (
    Instance(
        "two processes", AtomicBroadcast(members=2), asynchronous(), SAFE,
        configurations=1084, transitions=3786, depth=12,
        delays={"entry 1": (2, 4), "entry 2": (2, 4)},
        about="Two processes broadcast at once, and consensus settles which message comes first, or both at once.",
    ),
    Instance(
        "one crash", AtomicBroadcast(members=2), asynchronous(crashes=1, mid_broadcast=True),
        {agreed: HOLDS, ordered: HOLDS, everything_is_delivered: HOLDS},
        configurations=2118, transitions=9686, depth=12,
        about="A process may crash while it sends; what it has sent is relayed.  (Integrity is not judged: a step that "
        "is cut short makes no notes, so a message that was still sent does not count as broadcast.)",
    ),
    Instance(
        "a listener", AtomicBroadcast(broadcasters=1), asynchronous(crashes=1), SAFE,
        configurations=2962, transitions=19447, depth=11,
        about="Three processes, two of which only listen, and one of which may crash.",
    ),
    Instance(
        "large", AtomicBroadcast(), asynchronous(), SAFE,
        on_demand=True,
        configurations=3745892, transitions=32546562, depth=24,
        about="Three processes, the third of which only listens, two messages, up to two consensuses.",
    ),
)  # fmt: skip
