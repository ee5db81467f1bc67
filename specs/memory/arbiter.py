"""An arbiter in shared memory: one process decides for all, and its reading of a register is critical.

Loui, Abu-Amara, "Memory Requirements for Agreement Among Unreliable Asynchronous Processes" (1987).  Process p0 looks
once whether p1 has written its input.  If so it chooses that, else its own; it writes its choice, and the others read
until there is one.  Whether p1's write or p0's read comes first only p0 can tell, so if p0 crashes the others wait for
ever.  Where a register is critical it cannot be otherwise.  It is `sequencer` without messages.
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
    pc: str = "propose"  # which operation comes next
    decision: int | None = None


@protocol
class Arbiter(SharedMemory[Local]):
    """p0 chooses, and the others wait."""

    n: int = 2
    proposal = Register[int | None]("proposal", None)
    choice = Register[int | None]("choice", None)

    def objects(self) -> list[Object[Any]]:
        return [self.proposal, self.choice]

    def starts(self, i: int) -> list[Local]:
        return [Local(0), Local(1)] if i < 2 else [Local(0)]

    def next(self, i: int, s: Local) -> Op | None:
        if s.decision is not None and s.pc != "announce":
            return None
        match s.pc:
            case "propose" if i == 0:  # 1. look for the other proposal
                return self.proposal.read()
            case "announce":  # 2. announce the choice
                return self.choice.write(s.decision)
            case "propose" if i == 1:  # 3. propose, then wait
                return self.proposal.write(s.input)
        return self.choice.read()

    def then(self, i: int, s: Local, answer: Any) -> Local:
        match s.pc:
            case "propose" if i == 0:
                return replace(s, pc="announce", decision=s.input if answer is None else answer)
            case "announce":
                return replace(s, pc="done")
            case "propose" if i == 1:
                return replace(s, pc="wait")
        return replace(s, decision=answer)


SOLVED = {
    agreement: HOLDS, uniform_agreement: HOLDS, validity: HOLDS, any_input_validity: HOLDS, integrity: HOLDS,
    non_triviality: HOLDS, termination: HOLDS,
}  # fmt: skip
ENDLESS = SOLVED | {termination: VIOLATED}

INSTANCES = (
    Instance(
        "two, no crash", Arbiter(), asynchronous(), SOLVED,
        configurations=34, transitions=36, depth=4,
        bivalent=2, univalent={0: 16, 1: 16}, none=0, critical=2, disagreeing=0,
        flp="outside",
        about="Critical on a register: whether the proposal came in time only p0 can tell.",
    ),
    Instance(
        "two, one crash", Arbiter(), asynchronous(crashes=1), ENDLESS,
        configurations=102, transitions=140, depth=5,
        bivalent=2, univalent={0: 46, 1: 46}, none=8, critical=2, disagreeing=0,
        counterexample={termination: 1},
        flp="blocks",
        about="So if p0 crashes, no other process ever decides: it blocks.",
    ),
    Instance(
        "three, one crash", Arbiter(n=3), asynchronous(crashes=1, crash_events="elided"), ENDLESS,
        configurations=50, transitions=62, depth=5,
        bivalent=2, univalent={0: 24, 1: 24}, none=0, critical=2, disagreeing=0,
        counterexample={termination: 0},
        flp="blocks",
        about="Further processes can only wait.",
    ),
)  # fmt: skip
