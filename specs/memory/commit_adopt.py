"""Commit-adopt, level after level: registers come ever closer to consensus, and never get there.

Gafni, "Round-by-Round Fault Detectors: Unifying Synchrony and Asynchrony" (1998).  On each level a process writes its
value to its register a and reads the others' a.  If it has seen no other value it proposes to commit, else to adopt;
it writes the proposal to its register b and reads the others' b.  If all are proposals to commit, it commits, that is,
decides; if some is, it adopts the value of that one; and it goes on to the next level.

A process that commits v on a level makes all others leave that level with v, so agreement is safe until the levels are
used up.  Then something must be decided all the same, and with any number of levels two processes decide differently:
the impossibility of Loui and Abu-Amara (1987), in as many steps as one likes.
"""

from typing import Any

from flpcheck import (
    HOLDS, VIOLATED, Instance, Object, Op, Register, SharedMemory, agreement, any_input_validity, asynchronous,
    integrity, non_triviality, protocol, record, replace, termination, uniform_agreement, validity,
)  # fmt: skip

Proposal = tuple[bool, int]
"""Whether to commit, and which value."""


@record
class Local:
    """The local state of a process."""

    input: int
    value: int  # its preference
    level: int = 0
    pc: str = "write a"  # which operation comes next
    seen: tuple[Any, ...] = ()  # what it has read so far of the others, and its own
    decision: int | None = None


@protocol
class CommitAdopt(SharedMemory[Local]):
    """Some levels of commit-adopt; after the last one its own value is decided."""

    n: int = 2
    levels: int = 1

    def register(self, which: str, level: int, i: int) -> Register[Any]:
        return Register(f"{which}{level}.{i % self.n}", None)

    def objects(self) -> list[Object[Any]]:
        cells = [(level, which, i) for level in range(self.levels) for which in "ab" for i in range(self.n)]
        return [self.register(which, level, i) for level, which, i in cells]

    def starts(self, i: int) -> list[Local]:
        return [Local(0, 0), Local(1, 1)]

    def next(self, i: int, s: Local) -> Op | None:
        if s.decision is not None:
            return None
        which = s.pc[-1]
        match s.pc:
            case "write a":
                return self.register(which, s.level, i).write(s.value)
            case "write b":
                return self.register(which, s.level, i).write(s.seen[0])
        return self.register(which, s.level, i + len(s.seen)).read()

    def then(self, i: int, s: Local, answer: Any) -> Local:
        match s.pc:
            case "write a":  # 1. announce its value
                return replace(s, pc="read a", seen=(s.value,))
            case "write b":  # 3. announce what it proposes
                return replace(s, pc="read b")
        seen = (*s.seen, answer)
        if len(seen) < self.n:
            return replace(s, seen=seen)
        there = [one for one in seen if one is not None]
        if s.pc == "read a":  # 2. propose to commit if no process has announced another value
            proposal: Proposal = (all(value == s.value for value in there), s.value)
            return replace(s, pc="write b", seen=(proposal,))
        return self.leave(replace(s, seen=()), there)

    def leave(self, s: Local, proposals: list[Proposal]) -> Local:
        """4. Commit if all propose to, adopt if some do, and go on."""
        committing = [value for commits, value in proposals if commits]
        if len(committing) == len(proposals):
            return replace(s, decision=committing[0])
        value = committing[0] if committing else s.value
        if s.level + 1 == self.levels:  # the levels are used up
            return replace(s, value=value, decision=value)
        return replace(s, value=value, level=s.level + 1, pc="write a")


SOLVED = {
    agreement: HOLDS, uniform_agreement: HOLDS, validity: HOLDS, any_input_validity: HOLDS, integrity: HOLDS,
    non_triviality: HOLDS, termination: HOLDS,
}  # fmt: skip
DISAGREES = SOLVED | {agreement: VIOLATED, uniform_agreement: VIOLATED}

INSTANCES = (
    Instance(
        "one level", CommitAdopt(), asynchronous(crashes=1, crash_events="elided"), DISAGREES,
        configurations=156, transitions=232, depth=8,
        bivalent=66, univalent={0: 45, 1: 45}, none=0, critical=0, disagreeing=6,
        counterexample={agreement: 8, uniform_agreement: 8},
        flp="disagrees",
        about="Both propose to adopt, and each keeps its own value.",
    ),
    Instance(
        "two levels", CommitAdopt(levels=2), asynchronous(crashes=1, crash_events="elided"), DISAGREES,
        configurations=700, transitions=1092, depth=16,
        bivalent=298, univalent={0: 201, 1: 201}, none=0, critical=0, disagreeing=18,
        counterexample={agreement: 16, uniform_agreement: 16},
        flp="disagrees",
        about="As often as they tie, they tie again on the next level.",
    ),
    Instance(
        "three levels", CommitAdopt(levels=3), asynchronous(crashes=1, crash_events="elided"), DISAGREES,
        configurations=2332, transitions=3672, depth=24,
        bivalent=994, univalent={0: 669, 1: 669}, none=0, critical=0, disagreeing=54,
        counterexample={agreement: 24, uniform_agreement: 24},
        flp="disagrees",
        about="Each level costs the adversary eight more events.",
    ),
)  # fmt: skip
