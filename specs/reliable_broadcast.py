"""Reliable broadcast among Byzantine processes: a message is accepted by all correct processes, or by none.

Srikanth, Toueg, "Simulating authenticated broadcasts to derive simple fault-tolerant algorithms" (1987), figure 7:
echoes do what signatures would.  Correct for n > 3f, asynchronous; a Byzantine process echoes to some, not to others.
"""

from collections.abc import Iterator

from flpcheck import (
    HOLDS, VIOLATED, At, Instance, Pid, Process, Processes, Start, Step, View, agreement, asynchronous, broadcast,
    correct_unanimity, eventually, for_each, integrity, invariant, leads_to, protocol, record, replace, termination,
)  # fmt: skip


@record
class Echo:
    """A process -> all: I know that the message was broadcast."""


Message = Echo


@record
class Peer:
    """Whether the sender's message has come, which processes have echoed it, and whether it is accepted."""

    input: int  # 1: the message has come from the sender; 0: it never comes
    echoed: bool = False
    echoes: frozenset[Pid] = frozenset()
    decision: int | None = None  # 1: accepted


@protocol
class ReliableBroadcast:
    """One message, of which each process has heard from the sender or not."""

    n: int = 4
    f: int = 1

    def processes(self) -> Processes[Message]:
        return [Process(f"p{i}", self.peer, inputs={v: Peer(v) for v in (0, 1)}) for i in range(self.n)]

    def lies(self, liar: Pid) -> Iterator[Message]:
        yield Echo()

    def peer(self, at: At, s: Peer, event: Start | Echo) -> Step[Peer, Message]:
        match event:
            case Start() if s.input and not s.echoed:  # 1. echo what comes from the sender
                return replace(s, echoed=True), broadcast(Echo())
            case Echo():
                return self.heard(replace(s, echoes=s.echoes | {at.sender}))
            case Start():  # nothing came, or it was echoed
                return s, ()

    def heard(self, s: Peer) -> Step[Peer, Message]:
        accepted = replace(s, decision=1) if len(s.echoes) >= 2 * self.f + 1 else s  # 3. accept on 2f+1 echoes
        if self.may_relay(s) and not s.echoed:  # 2. echo on f+1 echoes: one of them is a correct process's
            return replace(accepted, echoed=True), broadcast(Echo())
        return accepted, ()

    def may_relay(self, s: Peer) -> bool:
        return len(s.echoes) >= self.f + 1


@invariant
def relay(view: View[Peer]) -> bool:
    """If a correct process has accepted, either all have, or something is still in flight."""
    accepted = [peer.decision is not None for peer in view.states.values()]
    return all(accepted) or not any(accepted) or any(view.mail.values()) or any(map(waiting, view.states.values()))


def waiting(peer: Peer) -> bool:
    """Whether a process has yet to echo what came from the sender."""
    return bool(peer.input) and not peer.echoed


def accepts(view: View[Peer], pid: Pid) -> bool:
    """It has accepted the message."""
    return view[pid].decision is not None


def some_has_accepted(view: View[Peer], _: Pid) -> bool:
    """Some correct process has accepted the message."""
    return any(peer.decision is not None for peer in view.states.values())


all_accept = for_each(eventually(accepts, name="all_accept"))
totality = for_each(leads_to(some_has_accepted, accepts, name="totality"))

ALL = {f"p{i}": 1 for i in range(3)}
NONE = {f"p{i}": 0 for i in range(3)}

INSTANCES = (
    Instance(
        "correctness",
        ReliableBroadcast(),
        asynchronous(byzantine=("p3",)),
        dict.fromkeys((termination, all_accept, totality, agreement, relay, integrity), HOLDS),
        configurations=4980,
        transitions=30024,
        depth=13,
        bivalent=0,
        univalent={1: 4980},
        none=0,
        disagreeing=0,
        inputs=ALL,
        about="All three correct processes hear the sender: all accept, whatever the fourth one says.",
    ),
    Instance(
        "unforgeability",
        ReliableBroadcast(),
        asynchronous(byzantine=("p3",)),
        {correct_unanimity: HOLDS, relay: HOLDS, all_accept: VIOLATED, totality: HOLDS},
        configurations=8,
        transitions=12,
        depth=3,
        bivalent=0,
        univalent={},
        none=8,
        disagreeing=0,
        inputs=NONE,
        about="No process hears the sender: one liar alone makes none accept.",
    ),
    Instance(
        "relay",
        ReliableBroadcast(),
        asynchronous(byzantine=("p3",)),
        {relay: HOLDS, totality: HOLDS, correct_unanimity: HOLDS, termination: VIOLATED, all_accept: VIOLATED},
        configurations=15344,
        transitions=81504,
        depth=13,
        bivalent=0,
        univalent={1: 15336},
        none=8,
        disagreeing=0,
        counterexample={termination: 0},
        about="The sender reaches any set of processes: all correct processes accept or none does, and it may be none.",
    ),
    Instance(
        "n = 3f",
        ReliableBroadcast(n=3),
        asynchronous(byzantine=("p2",)),
        {relay: VIOLATED, termination: VIOLATED, all_accept: VIOLATED, totality: VIOLATED},
        configurations=92,
        transitions=284,
        depth=7,
        bivalent=0,
        univalent={1: 92},
        none=0,
        disagreeing=0,
        counterexample={relay: 6, termination: 6},
        inputs={"p0": 1, "p1": 1},
        about="One liar among three echoes to one process and not to the other, which waits for ever.",
    ),
)
