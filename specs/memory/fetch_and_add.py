"""Consensus from fetch-and-add and registers: for two processes, and for no more.

Herlihy, "Wait-Free Synchronization" (1991), section 3.2, on read-modify-write operations that commute.  Each process
writes its input to a register of its own and adds a power of two of its own to a counter, so the answer is the set of
those that came before.  If there is none, it has won; if there is one, that one has won.

With three processes the last one learns who came before, but not in which order: sums commute.  It guesses the one of
the smallest index (the consensus number of fetch-and-add is 2).
"""

from typing import Any

from flpcheck import (
    HOLDS, VIOLATED, FetchAndAdd, Instance, Object, Op, Register, SharedMemory, agreement, any_input_validity,
    asynchronous, integrity, non_triviality, protocol, record, replace, termination, uniform_agreement, validity,
)  # fmt: skip


@record
class Local:
    """The local state of a process."""

    input: int
    pc: str = "write"  # which operation comes next
    winner: int = 0  # whom it takes for the first, as an index
    decision: int | None = None


@protocol
class FetchAndAddConsensus(SharedMemory[Local]):
    """Write your input, count yourself, and decide the input of the first."""

    n: int = 2
    counter = FetchAndAdd("counter")

    def register(self, i: int) -> Register[int | None]:
        return Register(f"r{i}", None)

    def objects(self) -> list[Object[Any]]:
        return [self.counter, *(self.register(i) for i in range(self.n))]

    def starts(self, i: int) -> list[Local]:
        return [Local(0), Local(1)]

    def next(self, i: int, s: Local) -> Op | None:
        match s.pc:
            case "write":  # 1. write its own input
                return self.register(i).write(s.input)
            case "count":  # 2. count itself
                return self.counter.fetch_and_add(1 << i)
            case "read":  # 3. read what the first has written
                return self.register(s.winner).read()
        return None

    def then(self, i: int, s: Local, answer: Any) -> Local:
        match s.pc:
            case "write":
                return replace(s, pc="count")
            case "count" if answer == 0:
                return replace(s, pc="done", winner=i, decision=s.input)
            case "count":
                before = [j for j in range(self.n) if answer >> j & 1]
                return replace(s, pc="read", winner=before[0])
        return replace(s, pc="done", decision=answer)


SOLVED = {
    agreement: HOLDS, uniform_agreement: HOLDS, validity: HOLDS, any_input_validity: HOLDS, integrity: HOLDS,
    non_triviality: HOLDS, termination: HOLDS,
}  # fmt: skip
DISAGREES = SOLVED | {agreement: VIOLATED, uniform_agreement: VIOLATED}

INSTANCES = (
    Instance(
        "two, no crash", FetchAndAddConsensus(), asynchronous(), SOLVED,
        configurations=48, transitions=56, depth=5,
        bivalent=8, univalent={0: 20, 1: 20}, none=0, critical=2, disagreeing=0,
        flp="outside",
        about="The answer 0 tells the first that it is the first.",
    ),
    Instance(
        "two, one crash", FetchAndAddConsensus(), asynchronous(crashes=1), SOLVED,
        configurations=144, transitions=208, depth=6,
        bivalent=8, univalent={0: 68, 1: 68}, none=0, critical=2, disagreeing=0,
        flp="outside",
        about="Wait-free.",
    ),
    Instance(
        "three, no crash", FetchAndAddConsensus(n=3), asynchronous(), DISAGREES,
        configurations=512, transitions=832, depth=8,
        bivalent=184, univalent={0: 164, 1: 164}, none=0, critical=0, disagreeing=24,
        counterexample={agreement: 7, uniform_agreement: 7},
        flp=("disagrees", "outside"),
        about="The last one knows who came before, and not in which order.",
    ),
)  # fmt: skip
