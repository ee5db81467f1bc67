"""Consensus from a queue and registers: for two processes, and for no more.

Herlihy, "Wait-Free Synchronization" (1991), section 3.3.  The queue holds a single token.  Each process writes its
input to a register of its own and takes an item: the one that gets the token has won, and the other one finds the
queue empty.

With three processes one that finds it empty does not know which other one has the token, and guesses its neighbour.
After two dequeues in either order the queue is empty, so no better rule would help (the consensus number of a queue
is 2).
"""

from typing import Any

from flpcheck import (
    HOLDS, VIOLATED, Instance, Object, Op, Queue, Register, SharedMemory, agreement, any_input_validity,
    asynchronous, integrity, non_triviality, protocol, record, replace, termination, uniform_agreement, validity,
)  # fmt: skip


@record
class Local:
    """The local state of a process."""

    input: int
    pc: str = "write"  # which operation comes next
    decision: int | None = None


@protocol
class QueueConsensus(SharedMemory[Local]):
    """Write your input; who takes the token decides it, and the loser reads its neighbour's."""

    n: int = 2
    q = Queue("q", ("token",))

    def register(self, i: int) -> Register[int | None]:
        return Register(f"r{i % self.n}", None)

    def objects(self) -> list[Object[Any]]:
        return [self.q, *(self.register(i) for i in range(self.n))]

    def starts(self, i: int) -> list[Local]:
        return [Local(0), Local(1)]

    def next(self, i: int, s: Local) -> Op | None:
        match s.pc:
            case "write":  # 1. write its own input
                return self.register(i).write(s.input)
            case "take":  # 2. take an item
                return self.q.dequeue()
            case "read":  # 3. the loser reads what the winner has written
                return self.register(i + 1).read()
        return None

    def then(self, i: int, s: Local, answer: Any) -> Local:
        match s.pc:
            case "write":
                return replace(s, pc="take")
            case "take" if answer == "token":
                return replace(s, pc="done", decision=s.input)
            case "take":
                return replace(s, pc="read")
        return replace(s, pc="done", decision=s.input if answer is None else answer)


SOLVED = {
    agreement: HOLDS, uniform_agreement: HOLDS, validity: HOLDS, any_input_validity: HOLDS, integrity: HOLDS,
    non_triviality: HOLDS, termination: HOLDS,
}  # fmt: skip
DISAGREES = SOLVED | {agreement: VIOLATED, uniform_agreement: VIOLATED}

INSTANCES = (
    Instance(
        "two, no crash", QueueConsensus(), asynchronous(), SOLVED,
        configurations=46, transitions=56, depth=5,
        bivalent=8, univalent={0: 19, 1: 19}, none=0, critical=2, disagreeing=0,
        flp="outside",
        about="The graph is that of test-and-set: the token takes the place of the bit.",
    ),
    Instance(
        "two, one crash", QueueConsensus(), asynchronous(crashes=1), SOLVED,
        configurations=138, transitions=204, depth=6,
        bivalent=8, univalent={0: 65, 1: 65}, none=0, critical=2, disagreeing=0,
        flp="outside",
        about="Wait-free.",
    ),
    Instance(
        "three, no crash", QueueConsensus(n=3), asynchronous(), DISAGREES,
        configurations=438, transitions=756, depth=8,
        bivalent=276, univalent={0: 81, 1: 81}, none=0, critical=0, disagreeing=66,
        counterexample={agreement: 5, uniform_agreement: 5},
        flp=("disagrees", "outside"),
        about="Two of three find the queue empty, and cannot know who has the token.",
    ),
)  # fmt: skip
