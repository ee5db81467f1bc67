"""Wait for all: everybody tells everybody its input and decides once it has heard all n.

Fischer, Lynch, Paterson, "Impossibility of Distributed Consensus with One Faulty Process" (1985): the protocol that
keeps agreement and gives up termination.  Asynchronous, reliable delivery, n processes with binary inputs.  A process
receives only after its own start; it decides the majority of the inputs, 0 on a tie.
"""

from flpcheck import (
    DEFER, HOLDS, VIOLATED, At, Instance, Pid, Process, Processes, Start, Step, agreement, any_input_validity,
    asynchronous, integrity, protocol, record, replace, termination, to_others, validity,
)  # fmt: skip


@record
class Value:
    """Process -> all others: my input."""

    value: int


@record
class State:
    """The registers of a process."""

    input: int
    heard: frozenset[tuple[Pid, int]] = frozenset()  # whose inputs are known; empty before the start
    decision: int | None = None


def majority_of(heard: frozenset[tuple[Pid, int]]) -> int:
    """Return the value that most processes have, 0 on a tie."""
    return int(2 * sum(value for _, value in heard) > len(heard))


@protocol
class WaitForAll:
    """Everybody waits for everybody."""

    n: int = 2

    def processes(self) -> Processes[Value]:
        return [Process(f"p{i}", self.process, inputs={v: State(v) for v in (0, 1)}) for i in range(self.n)]

    def process(self, at: At, s: State, event: Start | Value) -> Step[State, Value]:
        match event:
            case Start() if not s.heard:  # 1. tell everybody the own input
                return self.learn(s, at.me, s.input), to_others(Value(s.input))
            case Value() if not s.heard:  # not started: a process receives only after its own start
                return DEFER
            case Value(value):  # 2. collect the inputs and decide when all are there
                return self.learn(s, at.sender, value), ()
            case Start():
                return s, ()

    def learn(self, s: State, sender: Pid, value: int) -> State:
        """Return the state after an input has become known."""
        heard = s.heard | {(sender, value)}
        decide = s.decision is None and len(heard) == self.n
        return replace(s, heard=heard, decision=majority_of(heard) if decide else s.decision)


KEPT = {agreement: HOLDS, validity: HOLDS, any_input_validity: HOLDS, integrity: HOLDS}

INSTANCES = (
    Instance(
        "no crash", WaitForAll(n=2), asynchronous(), KEPT | {termination: HOLDS},
        configurations=28, transitions=32, depth=4,
        bivalent=0, univalent={0: 21, 1: 7}, none=0, critical=0, disagreeing=0,
        flp="outside",
        about="While nobody crashes everybody decides; the inputs alone settle the value, so nothing is ever bivalent.",
    ),
    Instance(
        "one crash", WaitForAll(n=2), asynchronous(crashes=1), KEPT | {termination: VIOLATED},
        configurations=84, transitions=120, depth=5,
        bivalent=0, univalent={0: 51, 1: 17}, none=16, critical=0, disagreeing=0,
        flp="blocks",
        about="A process that crashes before its start leaves the other one waiting for ever; agreement survives.",
    ),
    Instance(
        "no crash, n=3", WaitForAll(n=3), asynchronous(), KEPT | {termination: HOLDS},
        configurations=640, transitions=1800, depth=9,
        bivalent=0, univalent={0: 320, 1: 320}, none=0, critical=0, disagreeing=0,
        flp="outside",
        about="Three processes have no ties: both values are decided in equally many configurations.",
    ),
    Instance(
        "one crash, n=3", WaitForAll(n=3), asynchronous(crashes=1), KEPT | {termination: VIOLATED},
        configurations=1696, transitions=5640, depth=10,
        bivalent=0, univalent={0: 764, 1: 764}, none=168, critical=0, disagreeing=0,
        flp="blocks",
        about="More processes do not help: one early crash still blocks the two others.",
    ),
)  # fmt: skip
