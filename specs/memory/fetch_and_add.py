"""Consensus from fetch-and-add and registers: for two processes, and for no more.

Herlihy, "Wait-Free Synchronization" (1991), section 3.2, on read-modify-write operations that commute.  Each process
writes its input to a register of its own and adds a power of two of its own to a counter, so the answer is the set of
those that came before.  If there is none, it has won; if there is one, that one has won.

With three processes the last one learns who came before, but not in which order: sums commute.  It guesses the one of
the smallest index (the consensus number of fetch-and-add is 2).
"""

from typing import Any

from flpcheck import FetchAndAdd, Instance, Object, Op, Register, SharedMemory, asynchronous, protocol, record, replace


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


INSTANCES = (
    Instance("two, no crash", FetchAndAddConsensus(), asynchronous()),
    Instance("two, one crash", FetchAndAddConsensus(), asynchronous(crashes=1)),
    Instance("three, no crash", FetchAndAddConsensus(n=3), asynchronous()),
)
