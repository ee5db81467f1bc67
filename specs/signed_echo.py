"""Signed echo broadcast: no two correct processes deliver different values, even from a lying sender.

Cachin, Guerraoui, Rodrigues, "Introduction to Reliable and Secure Distributed Programming" (2011), section 3.10.4,
algorithm 3.17, after Reiter (1994).  Asynchronous, n > 3f, a sender with a binary value, at most f of the n processes
Byzantine; no process can forge a signature.

The sender collects signed echoes of its value from more than (n + f) / 2 processes and shows them to all.  Two such
quorums have a correct process in common, and it signs one echo only.  Where signatures can be forged, the sender needs
no echoes, and can show each receiver a different value.
"""

from collections.abc import Iterable, Iterator
from itertools import combinations

from flpcheck import (
    HOLDS, VIOLATED, At, Instance, Pid, Process, Processes, Start, Step, agreement, asynchronous, broadcast,
    correct_unanimity, integrity, protocol, record, replace, reply, termination,
)  # fmt: skip


@record
class Send:
    """Sender -> all: this is my value."""

    value: int


@record
class Echo:
    """Process -> sender: the first value that I have heard from you, with my signature."""

    value: int
    signer: Pid


@record
class Final:
    """Sender -> all: this value, with the signatures of those who have echoed it."""

    value: int
    signers: frozenset[Pid]


Message = Send | Echo | Final


@record
class State:
    """What a process has echoed and delivered; of the sender also its value and the echoes of it."""

    value: int | None = None  # the sender's
    sent: bool = False
    echoed: bool = False
    echoes: frozenset[Pid] = frozenset()
    shown: bool = False
    decision: int | None = None


@protocol
class SignedEcho:
    """A sender and n - 1 other processes; all take part in the echoes."""

    n: int = 4
    f: int = 1

    @property
    def quorum(self) -> int:
        return (self.n + self.f) // 2 + 1  # more than (n + f) / 2

    def processes(self) -> Processes[Message]:
        values = {v: State(v) for v in (0, 1)}
        others = [Process(f"p{i}", self.step, start=State()) for i in range(1, self.n)]
        return [Process("sender", self.step, inputs=values), *others]

    def step(self, at: At, s: State, event: Start | Message) -> Step[State, Message]:
        match event:
            case Start() if s.value is not None and not s.sent:
                return replace(s, sent=True), broadcast(Send(s.value))  # 1. send the value to all
            case Send(value) if at.sender == "sender" and not s.echoed:
                return replace(s, echoed=True), reply(Echo(value, at.me))  # 2. sign an echo of the first value heard
            case Echo(value, signer) if value == s.value and signer == at.sender and not s.shown:
                echoes = s.echoes | {signer}
                if len(echoes) < self.quorum:
                    return replace(s, echoes=echoes), ()
                shown = replace(s, echoes=frozenset(), shown=True)
                return shown, broadcast(Final(value, echoes))  # 3. show a quorum of signed echoes to all
            case Final(value, signers) if at.sender == "sender" and len(signers) >= self.quorum and s.decision is None:
                return replace(s, decision=value), ()  # 4. deliver what a quorum has signed
            case Start() | Send() | Echo() | Final():  # nothing to send; echoed, shown, delivered before
                return s, ()

    def signatures(self, message: Message) -> Iterable[tuple[Pid, int]]:
        """Return which processes have signed which value."""
        match message:
            case Send():
                return ()
            case Echo(value, signer):
                return [(signer, value)]
            case Final(value, signers):
                return [(pid, value) for pid in signers]

    def lies(self, liar: Pid) -> Iterator[Message]:
        """Any value, and any signatures under it; those that are forged make a difference only where they can be."""
        everyone = ["sender", *(f"p{i}" for i in range(1, self.n))]
        for value in (0, 1):
            yield Send(value)
            yield from (Echo(value, pid) for pid in everyone)
            yield from (Final(value, frozenset(quorum)) for quorum in combinations(everyone, self.quorum))


SAFE = {agreement: HOLDS, integrity: HOLDS, correct_unanimity: HOLDS}

INSTANCES = (
    Instance(
        "lying sender",
        SignedEcho(),
        asynchronous(byzantine=("sender",), authenticated=True, ignored="stays"),
        SAFE | {termination: VIOLATED},
        configurations=125,
        transitions=378,
        depth=6,
        bivalent=13,
        univalent={0: 56, 1: 56},
        none=0,
        critical=0,
        disagreeing=0,
        counterexample={termination: 0},
        flp="blocks",
        about="It may send each process something else, or nothing; but a quorum signs at most one value.",
    ),
    Instance(
        "forged",
        SignedEcho(),
        asynchronous(byzantine=("sender",), ignored="stays"),
        SAFE | {agreement: VIOLATED, termination: VIOLATED},
        configurations=216,
        transitions=2376,
        depth=6,
        bivalent=200,
        univalent={0: 8, 1: 8},
        none=0,
        disagreeing=96,
        counterexample={agreement: 2, termination: 0},
        flp=("disagrees", "blocks"),
        about="Without signatures it invents echoes that were never sent, of one value here, of another there.",
    ),
    Instance(
        "lying receiver",
        SignedEcho(),
        asynchronous(byzantine=("p3",), authenticated=True, ignored="stays"),
        SAFE | {termination: HOLDS},
        configurations=208,
        transitions=478,
        depth=10,
        bivalent=0,
        univalent={0: 104, 1: 104},
        none=0,
        critical=0,
        disagreeing=0,
        flp="outside",
        about="A correct sender needs only the three correct processes, and all deliver its value.",
    ),
    Instance(
        "n = 3f",
        SignedEcho(n=3),
        asynchronous(byzantine=("p2",), authenticated=True, ignored="stays"),
        SAFE | {termination: VIOLATED},
        configurations=46,
        transitions=80,
        depth=8,
        bivalent=0,
        univalent={0: 23, 1: 23},
        none=0,
        critical=0,
        disagreeing=0,
        counterexample={termination: 5},
        flp="blocks",
        about="With three processes, all would have to sign, so a silent receiver blocks all.",
    ),
)
