"""An arbiter in shared memory: one process decides for all, and its reading of a register is critical.

Process p0 looks once whether p1 has written its input.  If so it chooses that, else its own input; it writes its choice,
and the others read until there is one.  With registers alone the outcome can only stand or fall with a single process
(Loui, Abu-Amara 1987): whether p1's write or p0's read comes first only p0 can tell, and after its crash all others wait
for ever.  It is `sequencer` without messages.
"""

from typing import Any

from flpcheck import Instance, Object, Op, Register, SharedMemory, asynchronous, protocol, record, replace


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


INSTANCES = (
    Instance("two, no crash", Arbiter(), asynchronous()),
    Instance("two, one crash", Arbiter(), asynchronous(crashes=1)),
    Instance("three, one crash, elided", Arbiter(n=3), asynchronous(crashes=1, crash_events="elided")),
)
