"""Herlihy's hierarchy from verdicts alone: one protocol, seven kinds of objects, and how many processes it serves.

Herlihy, "Wait-Free Synchronization" (1991), table 1.  Every process writes its input to a register of its own and races
on one more object.  From the answer it takes some process for the winner, and decides what that one has written.

| object                          | what the answer says                                        | solves it for |
|---------------------------------|-------------------------------------------------------------|---------------|
| register, snapshot              | who has written so far                                      | n = 1         |
| test_and_set, queue             | whether it has won                                          | n <= 2        |
| fetch_and_add                   | which processes came before                                 | n <= 2        |
| compare_and_swap, sticky        | who has won                                                 | any n         |

A verdict is about this protocol; that no other one does better with the first five is Herlihy's theorem, and how its
proof looks on them `flpcheck flp` shows: `memory/arbiter`, `memory/test_and_set`, `memory/compare_and_swap`.
"""

from typing import Any

from flpcheck import (
    HOLDS, VIOLATED, CompareAndSwap, FetchAndAdd, Instance, Object, Op, Queue, Register, SharedMemory, Snapshot,
    Sticky, TestAndSet, agreement, any_input_validity, asynchronous, integrity, non_triviality, protocol, record,
    replace, termination, uniform_agreement, validity,
)  # fmt: skip


@record
class Local:
    """The local state of a process."""

    input: int
    pc: str = "write"  # which operation comes next
    winner: int | None = None  # whom it takes for the winner, as an index
    decision: int | None = None


@protocol
class Hierarchy(SharedMemory[Local]):
    """Write your input, race, and decide what the winner has written."""

    n: int = 2
    object: str = "test_and_set"

    bit = TestAndSet("race")
    counter = FetchAndAdd("race")
    queue = Queue("race", ("token",))
    cell = CompareAndSwap[int | None]("race", None)
    sticky = Sticky[int]("race")

    @property
    def segments(self) -> Snapshot[bool]:
        return Snapshot("race", (False,) * self.n)

    def register(self, i: int) -> Register[int | None]:
        return Register(f"r{i % self.n}", None)

    def objects(self) -> list[Object[Any]]:
        race: dict[str, Object[Any]] = {
            "test_and_set": self.bit, "fetch_and_add": self.counter, "queue": self.queue, "sticky": self.sticky,
            "compare_and_swap": self.cell, "snapshot": self.segments,
        }  # fmt: skip
        return [*(self.register(i) for i in range(self.n)), *([race[self.object]] if self.object in race else [])]

    def starts(self, i: int) -> list[Local]:
        return [Local(0), Local(1)]

    def next(self, i: int, s: Local) -> Op | None:
        match s.pc:
            case "write":  # 1. write its own input
                return self.register(i).write(s.input)
            case "show":  # (a snapshot: first show that it is there)
                return self.segments.update(True)
            case "race":  # 2. race
                return self.race(i)
            case "look":  # (a sticky bit: look who is there)
                return self.sticky.read()
            case "read":  # 3. read what the winner has written
                return self.register(s.winner or 0).read()
        return None

    def race(self, i: int) -> Op:
        match self.object:
            case "test_and_set":
                return self.bit.test_and_set()
            case "fetch_and_add":
                return self.counter.fetch_and_add(1 << i)
            case "queue":
                return self.queue.dequeue()
            case "compare_and_swap":
                return self.cell.compare_and_swap(None, i)
            case "sticky":
                return self.sticky.jam(i)
            case "snapshot":
                return self.segments.scan()
        return self.register(i + 1).read()

    def then(self, i: int, s: Local, answer: Any) -> Local:
        match s.pc:
            case "write":
                return replace(s, pc="show" if self.object == "snapshot" else "race")
            case "show":
                return replace(s, pc="race")
            case "race" if self.object == "sticky":
                return replace(s, pc="look")
            case "race" | "look":
                return replace(s, pc="read", winner=self.winner(i, answer))
        return replace(s, pc="done", decision=s.input if answer is None else answer)

    def winner(self, i: int, answer: Any) -> int:
        """Return whom process i takes for the winner; where the answer does not say, its neighbour."""
        match self.object:
            case "test_and_set":
                won = not answer
            case "queue":
                won = answer == "token"
            case "register":
                won = answer is None
            case "fetch_and_add":
                return next((j for j in range(self.n) if answer >> j & 1), i)
            case "snapshot":
                return next(j for j in range(self.n) if answer[j])
            case _:  # compare_and_swap, sticky
                return i if answer is None else int(answer)
        return i if won else (i + 1) % self.n


SOLVED = {
    agreement: HOLDS, uniform_agreement: HOLDS, validity: HOLDS, any_input_validity: HOLDS, integrity: HOLDS,
    non_triviality: HOLDS, termination: HOLDS,
}  # fmt: skip
DISAGREES = SOLVED | {agreement: VIOLATED, uniform_agreement: VIOLATED}
ONE_CRASH, TWO_CRASHES = (asynchronous(crashes=f, crash_events="elided") for f in (1, 2))

INSTANCES = (
    Instance(
        "register, two", Hierarchy(object="register"), ONE_CRASH, DISAGREES,
        configurations=112, transitions=152, depth=6,
        bivalent=24, univalent={0: 44, 1: 44}, none=0, critical=0, disagreeing=2,
        counterexample={agreement: 6, uniform_agreement: 6},
        flp="disagrees",
        about="Each may find that it was there first.",
    ),
    Instance(
        "register, three", Hierarchy(n=3, object="register"), TWO_CRASHES, DISAGREES,
        configurations=1376, transitions=2736, depth=9,
        bivalent=792, univalent={0: 292, 1: 292}, none=0, critical=0, disagreeing=138,
        counterexample={agreement: 6, uniform_agreement: 6},
        flp="disagrees",
        about="No better with three.",
    ),
    Instance(
        "snapshot, two", Hierarchy(object="snapshot"), ONE_CRASH, DISAGREES,
        configurations=124, transitions=188, depth=8,
        bivalent=32, univalent={0: 46, 1: 46}, none=0, critical=0, disagreeing=2,
        counterexample={agreement: 8, uniform_agreement: 8},
        flp="disagrees",
        about="Each may find that it was there first.",
    ),
    Instance(
        "snapshot, three", Hierarchy(n=3, object="snapshot"), TWO_CRASHES, DISAGREES,
        configurations=1912, transitions=4136, depth=12,
        bivalent=744, univalent={0: 584, 1: 584}, none=0, critical=0, disagreeing=118,
        counterexample={agreement: 8, uniform_agreement: 8},
        flp="disagrees",
        about="No better with three.",
    ),
    Instance(
        "test_and_set, two", Hierarchy(object="test_and_set"), ONE_CRASH, SOLVED,
        configurations=80, transitions=112, depth=6,
        bivalent=8, univalent={0: 36, 1: 36}, none=0, critical=2, disagreeing=0,
        flp="outside",
        about="One wins, and the other knows who.",
    ),
    Instance(
        "test_and_set, three", Hierarchy(n=3, object="test_and_set"), TWO_CRASHES, DISAGREES,
        configurations=904, transitions=1812, depth=9,
        bivalent=504, univalent={0: 200, 1: 200}, none=0, critical=0, disagreeing=84,
        counterexample={agreement: 6, uniform_agreement: 6},
        flp="disagrees",
        about="Two do not win, and do not know who has.",
    ),
    Instance(
        "queue, two", Hierarchy(object="queue"), ONE_CRASH, SOLVED,
        configurations=80, transitions=112, depth=6,
        bivalent=8, univalent={0: 36, 1: 36}, none=0, critical=2, disagreeing=0,
        flp="outside",
        about="One wins, and the other knows who.",
    ),
    Instance(
        "queue, three", Hierarchy(n=3, object="queue"), TWO_CRASHES, DISAGREES,
        configurations=904, transitions=1812, depth=9,
        bivalent=504, univalent={0: 200, 1: 200}, none=0, critical=0, disagreeing=84,
        counterexample={agreement: 6, uniform_agreement: 6},
        flp="disagrees",
        about="Two do not win, and do not know who has.",
    ),
    Instance(
        "fetch_and_add, two", Hierarchy(object="fetch_and_add"), ONE_CRASH, SOLVED,
        configurations=80, transitions=112, depth=6,
        bivalent=8, univalent={0: 36, 1: 36}, none=0, critical=2, disagreeing=0,
        flp="outside",
        about="One wins, and the other knows who.",
    ),
    Instance(
        "fetch_and_add, three", Hierarchy(n=3, object="fetch_and_add"), TWO_CRASHES, DISAGREES,
        configurations=960, transitions=1920, depth=9,
        bivalent=320, univalent={0: 320, 1: 320}, none=0, critical=0, disagreeing=36,
        counterexample={agreement: 8, uniform_agreement: 8},
        flp="disagrees",
        about="The last one knows who came before, and not in which order.",
    ),
    Instance(
        "compare_and_swap, two", Hierarchy(object="compare_and_swap"), ONE_CRASH, SOLVED,
        configurations=80, transitions=112, depth=6,
        bivalent=8, univalent={0: 36, 1: 36}, none=0, critical=2, disagreeing=0,
        flp="outside",
        about="One wins, and the others know who.",
    ),
    Instance(
        "compare_and_swap, three", Hierarchy(n=3, object="compare_and_swap"), TWO_CRASHES, SOLVED,
        configurations=832, transitions=1728, depth=9,
        bivalent=48, univalent={0: 392, 1: 392}, none=0, critical=6, disagreeing=0,
        flp="outside",
        about="One wins, and the others know who.",
    ),
    Instance(
        "sticky, two", Hierarchy(object="sticky"), ONE_CRASH, SOLVED,
        configurations=136, transitions=208, depth=8,
        bivalent=8, univalent={0: 64, 1: 64}, none=0, critical=2, disagreeing=0,
        flp="outside",
        about="One wins, and the others know who.",
    ),
    Instance(
        "sticky, three", Hierarchy(n=3, object="sticky"), TWO_CRASHES, SOLVED,
        configurations=1864, transitions=4272, depth=12,
        bivalent=48, univalent={0: 908, 1: 908}, none=0, critical=6, disagreeing=0,
        flp="outside",
        about="One wins, and the others know who.",
    ),
)  # fmt: skip
