"""First quorum: each process sends its input to all and decides as soon as it has heard a quorum.

Fischer, Lynch, Paterson, "Impossibility of Distributed Consensus with One Faulty Process" (1985): the protocol that
keeps termination and gives up agreement, the other half of the trade that `wait_for_all` makes.  Asynchronous,
reliable delivery, n processes with binary inputs; with quorum = n - f no process ever waits for one that has
crashed.  A process receives only after its own start; it decides the majority of the inputs heard, 0 on a tie.
"""

from flpcheck import (
    DEFER, HOLDS, VIOLATED, At, Instance, Pid, Process, Processes, Start, Step, agreement, any_input_validity,
    asynchronous, integrity, protocol, record, replace, termination, to_others, uniform_agreement, validity,
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

    def learn(self, sender: Pid, value: int, quorum: int) -> "State":
        """Rule 2: collect the inputs; the quorum-th one decides."""
        heard = self.heard | {(sender, value)}
        ones = sum(v for _, v in heard)
        majority = int(2 * ones > len(heard))
        decides = self.decision is None and len(heard) >= quorum
        return replace(self, heard=heard, decision=majority if decides else self.decision)


@protocol
class FirstQuorum:
    """Each process waits for a quorum, of whichever processes."""

    n: int = 2
    quorum: int = 1

    def processes(self) -> Processes[Value]:
        return [Process(f"p{i}", self.process, inputs={v: State(v) for v in (0, 1)}) for i in range(self.n)]

    def process(self, at: At, s: State, event: Start | Value) -> Step[State, Value]:
        match event:
            case Start() if not s.heard:  # 1. send its input to all others
                return s.learn(at.me, s.input, self.quorum), to_others(Value(s.input))
            case Value() if not s.heard:  # not started: a process receives only after its own start
                return DEFER
            case Value(value):  # 2. collect the inputs and decide when a quorum is there
                return s.learn(at.sender, value, self.quorum), ()
            case Start():
                return s, ()


BROKEN = {
    agreement: VIOLATED, uniform_agreement: VIOLATED, validity: HOLDS, any_input_validity: HOLDS, integrity: HOLDS,
    termination: HOLDS,
}  # fmt: skip

INSTANCES = (
    Instance(
        "one crash", FirstQuorum(n=2, quorum=1), asynchronous(crashes=1), BROKEN,
        configurations=68, transitions=112, depth=4,
        bivalent=26, univalent={0: 21, 1: 21}, none=0, critical=0, disagreeing=16,
        counterexample={agreement: 2, uniform_agreement: 2}, flp="disagrees",
        about="No process waits for another, so two different inputs are two different decisions.",
    ),
    Instance(
        "no crash, n=3", FirstQuorum(n=3, quorum=2), asynchronous(), BROKEN,
        configurations=748, transitions=2004, depth=9,
        bivalent=300, univalent={0: 368, 1: 80}, none=0, critical=0, disagreeing=168,
        counterexample={agreement: 5, uniform_agreement: 5},
        flp=("disagrees", "outside"),
        about="The rule disagrees even without a crash: a crash need only be possible, not happen.",
    ),
    Instance(
        "one crash, n=3", FirstQuorum(n=3, quorum=2), asynchronous(crashes=1), BROKEN,
        configurations=2122, transitions=6624, depth=9,
        bivalent=759, univalent={0: 1106, 1: 257}, none=0, critical=0, disagreeing=426,
        counterexample={agreement: 5, uniform_agreement: 5}, flp="disagrees",
        delays={"decision": (1, 4), "all decisions": (1, 6)},
        about="Two quorums of two differ in one input, and a tie is broken towards 0.",
    ),
    Instance(
        "two crashes, n=3", FirstQuorum(n=3, quorum=1), asynchronous(crashes=2), BROKEN,
        configurations=1624, transitions=6456, depth=9,
        bivalent=1104, univalent={0: 260, 1: 260}, none=0, critical=0, disagreeing=948,
        counterexample={agreement: 2, uniform_agreement: 2}, flp="disagrees",
        about="The more crashes are tolerated, the smaller the quorum and the more configurations hold two decisions.",
    ),
)  # fmt: skip
