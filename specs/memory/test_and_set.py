"""Consensus from a test-and-set bit and registers: for two processes, and for no more.

Herlihy, "Wait-Free Synchronization" (1991), section 3.2; Loui, Abu-Amara, "Memory Requirements for Agreement Among
Unreliable Asynchronous Processes" (1987).  Each process writes its input to a register of its own and then sets the
bit.  The one that finds it clear has won and decides its own input; the loser decides what the winner has written.

With two processes the loser knows who has won: the other one.  With three it does not, and guesses its neighbour.  No
better rule would help: two test-and-sets in either order leave the bit set, so the third process cannot tell which
came first (the consensus number of test-and-set is 2).
"""

from typing import Any

from flpcheck import (
    HOLDS, VIOLATED, Instance, Object, Op, Register, SharedMemory, TestAndSet, agreement, any_input_validity,
    asynchronous, integrity, non_triviality, protocol, record, replace, termination, uniform_agreement, validity,
)  # fmt: skip


@record
class Local:
    """The local state of a process."""

    input: int
    pc: str = "write"  # which operation comes next
    decision: int | None = None


@protocol
class TestAndSetConsensus(SharedMemory[Local]):
    """Write your input; who wins the bit decides it, and the loser reads its neighbour's."""

    n: int = 2
    bit = TestAndSet("bit")

    def register(self, i: int) -> Register[int | None]:
        return Register(f"r{i % self.n}", None)

    def objects(self) -> list[Object[Any]]:
        return [self.bit, *(self.register(i) for i in range(self.n))]

    def starts(self, i: int) -> list[Local]:
        return [Local(0), Local(1)]

    def next(self, i: int, s: Local) -> Op | None:
        match s.pc:
            case "write":  # 1. write its own input
                return self.register(i).write(s.input)
            case "race":  # 2. race for the bit
                return self.bit.test_and_set()
            case "read":  # 3. the loser reads what the winner has written
                return self.register(i + 1).read()
        return None

    def then(self, i: int, s: Local, answer: Any) -> Local:
        match s.pc:
            case "write":
                return replace(s, pc="race")
            case "race" if not answer:  # the bit was clear: the first one decides for all
                return replace(s, pc="done", decision=s.input)
            case "race":
                return replace(s, pc="read")
        return replace(s, pc="done", decision=s.input if answer is None else answer)


SOLVED = {
    agreement: HOLDS, uniform_agreement: HOLDS, validity: HOLDS, any_input_validity: HOLDS, integrity: HOLDS,
    non_triviality: HOLDS, termination: HOLDS,
}  # fmt: skip
DISAGREES = SOLVED | {agreement: VIOLATED, uniform_agreement: VIOLATED}

INSTANCES = (
    Instance(
        "two, no crash", TestAndSetConsensus(), asynchronous(), SOLVED,
        configurations=46, transitions=56, depth=5,
        bivalent=8, univalent={0: 19, 1: 19}, none=0, critical=2, disagreeing=0,
        flp="outside",
        about="In both critical configurations both are about to set the bit, and only they can tell who was first.",
    ),
    Instance(
        "two, one crash", TestAndSetConsensus(), asynchronous(crashes=1), SOLVED,
        configurations=138, transitions=204, depth=6,
        bivalent=8, univalent={0: 65, 1: 65}, none=0, critical=2, disagreeing=0,
        flp="outside",
        about="Wait-free: no process waits for another, so no crash does any harm.",
    ),
    Instance(
        "three, no crash", TestAndSetConsensus(n=3), asynchronous(), DISAGREES,
        configurations=438, transitions=756, depth=8,
        bivalent=276, univalent={0: 81, 1: 81}, none=0, critical=0, disagreeing=66,
        counterexample={agreement: 5, uniform_agreement: 5},
        flp=("disagrees", "outside"),
        about="The third process knows that it has lost, and not to whom: it reads the other loser's input.",
    ),
    Instance(
        "three, two crashes", TestAndSetConsensus(n=3), asynchronous(crashes=2, crash_events="elided"), DISAGREES,
        configurations=438, transitions=756, depth=8,
        bivalent=276, univalent={0: 81, 1: 81}, none=0, critical=0, disagreeing=66,
        counterexample={agreement: 5, uniform_agreement: 5},
        flp="disagrees",
        about="The same with crashes that are not events.",
    ),
)  # fmt: skip
