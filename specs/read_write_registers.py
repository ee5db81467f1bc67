"""Consensus from registers: with reads and writes alone, every protocol disagrees, blocks, or dances for ever.

Loui, Abu-Amara, "Memory Requirements for Agreement Among Unreliable Asynchronous Processes" (1987); Herlihy,
"Wait-Free Synchronization" (1991).  Shared memory, two processes with binary inputs, one register each, which its owner
writes and the other one reads.  One event is one write or one read.

The theorem holds here as it does for messages: no protocol reaches consensus in spite of one crash.  Three ways of
answering the same two questions (what if the other one has written nothing yet, and what if it has written something
else?) each fail by exactly one of the three horns:

- hasty    nothing there: decide alone; something else: decide the smaller value.     It disagrees.
- patient  nothing there: read again; something else: decide the smaller value.       It blocks after a crash.
- polite   nothing there: decide alone; something else: adopt it and start again.     It never disagrees and never
  blocks, but two polite processes can make way for each other for ever, like two people in a corridor.
"""

from collections.abc import Iterator

from flpcheck import (
    HOLDS, VIOLATED, Action, Box, Disc, Event, Instance, Line, Pid, Shape, agreement, any_input_validity, asynchronous,
    integrity, non_triviality, protocol, put, record, replace, termination, uniform_agreement, validity,
)  # fmt: skip


@record
class Local:
    """What only the process itself sees."""

    input: int
    value: int  # its preference: its input, until it makes way
    next: str = "write"  # the access it makes next
    decision: int | None = None


@record
class Memory:
    """A configuration: the registers, and the local state of each process."""

    local: tuple[Local, ...]
    register: tuple[int | None, ...] = (None, None)  # register i is written by process i


@protocol
class ReadWriteRegisters:
    """Write, then look."""

    manner: str = "hasty"

    def names(self) -> list[Pid]:
        return ["p0", "p1"]

    def initial(self) -> Iterator[Memory]:
        yield from (Memory((Local(a, a), Local(b, b))) for a in (0, 1) for b in (0, 1))

    def inputs(self, c: Memory) -> dict[Pid, int]:
        return {f"p{i}": s.input for i, s in enumerate(c.local)}

    def decisions(self, c: Memory) -> dict[Pid, int | None]:
        return {f"p{i}": s.decision for i, s in enumerate(c.local)}

    def actions(self) -> list[Action]:
        return [Action(rule, i) for i in (0, 1) for rule in (self.writes, self.reads)]

    def writes(self, c: Memory, i: int) -> Iterator[tuple[Event, Memory]]:
        """1. Write its own value."""
        s = c.local[i]
        if s.decision is None and s.next == "write":
            written = replace(c, register=put(c.register, i, s.value))
            then = replace(s, next="read")
            yield Event("writes", f"p{i}", message=s.value), replace(written, local=put(c.local, i, then))

    def reads(self, c: Memory, i: int) -> Iterator[tuple[Event, Memory]]:
        """2. Read the other one's."""
        s = c.local[i]
        if s.decision is None and s.next == "read":
            other = c.register[1 - i]
            yield Event("reads", f"p{i}", message=other), replace(c, local=put(c.local, i, self.decide(s, other)))

    def picture(self, c: Memory) -> Iterator[Shape]:
        """Draw each process with its preference or decision, its register, and the access that it makes next."""
        for i, s in enumerate(c.local):
            text = f"for {s.value}" if s.decision is None else f"decided {s.decision}"
            yield Disc(3 + 12 * i, 2.5, 2, text, tone="plain" if s.decision is None else "strong")
            yield Box(1.5 + 12 * i, 8, 3, 2, "" if c.register[i] is None else str(c.register[i]))
            if s.decision is None and s.next == "write":
                yield Line(3 + 12 * i, 4.5, 3 + 12 * i, 8, arrow=True)
            elif s.decision is None:
                yield Line(15 - 12 * i, 8, 3 + 12 * i, 4.5, arrow=True)

    def decide(self, s: Local, other: int | None) -> Local:
        """Return what becomes of a process that has read the other one's register."""
        match other:
            case None if self.manner == "patient":  # wait for the other one: read again
                return s
            case None:  # the other one is late, and will see what is written here
                return replace(s, decision=s.value)
            case value if value != s.value and self.manner == "polite":  # make way
                return replace(s, value=value, next="write")
            case value:  # both have written: the smaller value, its own if they are equal
                return replace(s, decision=min(s.value, value))


SAFE = {
    agreement: HOLDS, uniform_agreement: HOLDS, validity: HOLDS, any_input_validity: HOLDS, integrity: HOLDS,
    non_triviality: HOLDS,
}  # fmt: skip
ENDLESS = SAFE | {termination: VIOLATED}
HASTY = SAFE | {agreement: VIOLATED, uniform_agreement: VIOLATED, termination: HOLDS}

INSTANCES = (
    Instance(
        "hasty, no crash", ReadWriteRegisters(manner="hasty"), asynchronous(), HASTY,
        configurations=40, transitions=50, depth=4,
        bivalent=10, univalent={0: 21, 1: 9}, none=0, critical=0, disagreeing=2,
        counterexample={agreement: 4, uniform_agreement: 4},
        flp=("disagrees", "outside"),
        about="One process finds itself alone and decides 1; the other one comes later, with 0.",
    ),
    Instance(
        "hasty, one crash", ReadWriteRegisters(manner="hasty"), asynchronous(crashes=1), HASTY,
        configurations=120, transitions=180, depth=5,
        bivalent=18, univalent={0: 67, 1: 35}, none=0, critical=0, disagreeing=6,
        counterexample={agreement: 4, uniform_agreement: 4}, flp="disagrees",
        about="First horn: a process that decides alone may be contradicted.",
    ),
    Instance(
        "patient, no crash", ReadWriteRegisters(manner="patient"), asynchronous(), SAFE | {termination: HOLDS},
        configurations=28, transitions=32, depth=4,
        bivalent=0, univalent={0: 21, 1: 7}, none=0, critical=0, disagreeing=0,
        flp="outside",
        about="Patience is rewarded; the graph is that of `wait_for_all`, with writes instead of broadcasts.",
    ),
    Instance(
        "patient, one crash", ReadWriteRegisters(manner="patient"), asynchronous(crashes=1), ENDLESS,
        configurations=84, transitions=120, depth=5,
        bivalent=0, univalent={0: 51, 1: 17}, none=16, critical=0, disagreeing=0,
        flp="blocks",
        about="Second horn: a process that waits for the other one may wait for ever.",
    ),
    Instance(
        "polite, no crash", ReadWriteRegisters(manner="polite"), asynchronous(), ENDLESS,
        configurations=92, transitions=128, depth=10,
        bivalent=30, univalent={0: 31, 1: 31}, none=0, critical=0, disagreeing=0,
        counterexample={termination: 10},
        flp=("undecided_lasso", "outside"),
        about="The dance needs no crash: two writes, then a round of eight events: read, make way, write, twice each.",
    ),
    Instance(
        "polite, one crash", ReadWriteRegisters(manner="polite"), asynchronous(crashes=1), ENDLESS,
        configurations=276, transitions=440, depth=11,
        bivalent=30, univalent={0: 123, 1: 123}, none=0, critical=0, disagreeing=0,
        counterexample={termination: 10}, flp="undecided_lasso",
        about="Third horn: from everywhere a decision can still be reached, even after a crash, but need not be.",
    ),
)  # fmt: skip
