"""Consensus from registers alone: each attempt disagrees, blocks, or goes on for ever.

Loui, Abu-Amara, "Memory Requirements for Agreement Among Unreliable Asynchronous Processes" (1987); Herlihy,
"Wait-Free Synchronization" (1991), section 3.1: with registers no protocol solves consensus among two processes of
which one may crash.  Each process writes its value to a register of its own and reads those of the others, one by one.

- hasty    decide the smallest value that is there.                                       It disagrees.
- patient  read again until all have written, then decide the smallest.                   A crash blocks it.
- polite   if all that is there is its own value, decide it; else adopt another value and start again.  It never
  disagrees and never blocks, but two processes can swap their values for ever.

Two reads commute, and so do operations on different registers; of two writes to one register the later one hides the
earlier one.  So no configuration can be critical on a register unless some process is waited for.
"""

from typing import Any

from flpcheck import (
    HOLDS, VIOLATED, Instance, Object, Op, Register, SharedMemory, agreement, any_input_validity, asynchronous,
    integrity, non_triviality, protocol, record, replace, termination, uniform_agreement, validity,
)  # fmt: skip


@record
class Local:
    """The local state of a process."""

    input: int
    value: int  # its preference: its input, until it adopts another one
    pc: str = "write"  # which operation comes next
    seen: tuple[int | None, ...] = ()  # what it has read so far: of its neighbour, the next one, and so on
    decision: int | None = None


@protocol
class RegisterConsensus(SharedMemory[Local]):
    """Write, then look."""

    n: int = 2
    manner: str = "hasty"

    def register(self, i: int) -> Register[int | None]:
        return Register(f"r{i % self.n}", None)

    def objects(self) -> list[Object[Any]]:
        return [self.register(i) for i in range(self.n)]

    def starts(self, i: int) -> list[Local]:
        return [Local(0, 0), Local(1, 1)]

    def next(self, i: int, s: Local) -> Op | None:
        if s.decision is not None:
            return None
        if s.pc == "write":  # 1. write its own value
            return self.register(i).write(s.value)
        return self.register(i + 1 + len(s.seen)).read()  # 2. read those of the others

    def then(self, i: int, s: Local, answer: Any) -> Local:
        if s.pc == "write":
            return replace(s, pc="read")
        seen = (*s.seen, answer)
        if len(seen) < self.n - 1:
            return replace(s, seen=seen)
        return self.decide(replace(s, seen=()), seen)

    def decide(self, s: Local, seen: tuple[int | None, ...]) -> Local:
        """Return what becomes of a process that has read all other registers."""
        there = [value for value in seen if value is not None]
        different = [value for value in there if value != s.value]
        if self.manner == "patient" and None in seen:  # wait for the others: read again
            return s
        if self.manner == "polite" and different:  # make way
            return replace(s, value=different[0], pc="write")
        return replace(s, decision=min([s.value, *there]))


SOLVED = {
    agreement: HOLDS, uniform_agreement: HOLDS, validity: HOLDS, any_input_validity: HOLDS, integrity: HOLDS,
    non_triviality: HOLDS, termination: HOLDS,
}  # fmt: skip
DISAGREES = SOLVED | {agreement: VIOLATED, uniform_agreement: VIOLATED}
ENDLESS = SOLVED | {termination: VIOLATED}

INSTANCES = (
    Instance(
        "hasty, no crash", RegisterConsensus(manner="hasty"), asynchronous(), DISAGREES,
        configurations=40, transitions=50, depth=4,
        bivalent=10, univalent={0: 21, 1: 9}, none=0, critical=0, disagreeing=2,
        counterexample={agreement: 4, uniform_agreement: 4},
        flp=("disagrees", "outside"),
        about="One process finds itself alone and decides 1; the other comes later, with 0.",
    ),
    Instance(
        "hasty, one crash", RegisterConsensus(manner="hasty"), asynchronous(crashes=1), DISAGREES,
        configurations=120, transitions=180, depth=5,
        bivalent=18, univalent={0: 67, 1: 35}, none=0, critical=0, disagreeing=6,
        counterexample={agreement: 4, uniform_agreement: 4},
        flp="disagrees",
        about="First horn: a process that decides alone may be contradicted.",
    ),
    Instance(
        "patient, no crash", RegisterConsensus(manner="patient"), asynchronous(), SOLVED,
        configurations=28, transitions=32, depth=4,
        bivalent=0, univalent={0: 21, 1: 7}, none=0, critical=0, disagreeing=0,
        flp="outside",
        about="Without crashes, waiting for all is enough.",
    ),
    Instance(
        "patient, one crash", RegisterConsensus(manner="patient"), asynchronous(crashes=1), ENDLESS,
        configurations=84, transitions=120, depth=5,
        bivalent=0, univalent={0: 51, 1: 17}, none=16, critical=0, disagreeing=0,
        counterexample={termination: 1},
        flp="blocks",
        about="Second horn: a process that waits for another may wait for ever.",
    ),
    Instance(
        "polite, no crash", RegisterConsensus(manner="polite"), asynchronous(), ENDLESS,
        configurations=92, transitions=128, depth=10,
        bivalent=30, univalent={0: 31, 1: 31}, none=0, critical=0, disagreeing=0,
        counterexample={termination: 10},
        flp=("undecided_lasso", "outside"),
        about="The two swap their values for ever, in lockstep.",
    ),
    Instance(
        "polite, one crash", RegisterConsensus(manner="polite"), asynchronous(crashes=1), ENDLESS,
        configurations=276, transitions=440, depth=11,
        bivalent=30, univalent={0: 123, 1: 123}, none=0, critical=0, disagreeing=0,
        counterexample={termination: 10},
        flp="undecided_lasso",
        about="Third horn: a decision can always be reached, even after a crash, but need not be.",
    ),
    Instance(
        "polite, three", RegisterConsensus(n=3, manner="polite"),
        asynchronous(crashes=1, crash_events="elided"), ENDLESS,
        configurations=8828, transitions=22752, depth=23,
        bivalent=5046, univalent={0: 1891, 1: 1891}, none=0, critical=0, disagreeing=0,
        counterexample={termination: 21},
        flp="undecided_lasso",
        about="The same with three processes.",
    ),
)  # fmt: skip
