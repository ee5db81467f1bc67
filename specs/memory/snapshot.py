"""Consensus from an atomic snapshot: seeing all registers at once is no stronger than reading them one by one.

Afek, Attiya, Dolev, Gafni, Merritt, Shavit, "Atomic Snapshots of Shared Memory" (1993): a snapshot can be built from
registers, so its consensus number is 1 as well.  Each process updates its segment with its value and scans all.

- hasty    decide the smallest value that is there.                  It disagrees: another process may come later.
- patient  scan again until all have updated, then decide the smallest.                   A crash blocks it.
- polite   if all that is there is its own value, decide it; else adopt another one and start again.  Goes on for ever.

Updates of different segments commute, and so do scans, so only an update and a scan of it can be told apart, and only
by the process that scans.
"""

from typing import Any

from flpcheck import (
    HOLDS, VIOLATED, Instance, Object, Op, SharedMemory, Snapshot, agreement, any_input_validity, asynchronous,
    integrity, non_triviality, protocol, record, replace, termination, uniform_agreement, validity,
)  # fmt: skip


@record
class Local:
    """The local state of a process."""

    input: int
    value: int  # its preference: its input, until it adopts another one
    pc: str = "update"  # which operation comes next
    decision: int | None = None


@protocol
class SnapshotConsensus(SharedMemory[Local]):
    """Update, then scan."""

    n: int = 2
    manner: str = "hasty"

    @property
    def memory(self) -> Snapshot[int | None]:
        return Snapshot("memory", (None,) * self.n)

    def objects(self) -> list[Object[Any]]:
        return [self.memory]

    def starts(self, i: int) -> list[Local]:
        return [Local(0, 0), Local(1, 1)]

    def next(self, i: int, s: Local) -> Op | None:
        if s.decision is not None:
            return None
        return self.memory.update(s.value) if s.pc == "update" else self.memory.scan()

    def then(self, i: int, s: Local, answer: Any) -> Local:
        if s.pc == "update":  # 1. show its own value
            return replace(s, pc="scan")
        there = [value for value in answer if value is not None]  # 2. look at all at once
        different = [value for value in there if value != s.value]
        if self.manner == "patient" and len(there) < self.n:  # wait for the others: scan again
            return s
        if self.manner == "polite" and different:  # make way
            return replace(s, value=different[0], pc="update")
        return replace(s, decision=min(there))


SOLVED = {
    agreement: HOLDS, uniform_agreement: HOLDS, validity: HOLDS, any_input_validity: HOLDS, integrity: HOLDS,
    non_triviality: HOLDS, termination: HOLDS,
}  # fmt: skip
DISAGREES = SOLVED | {agreement: VIOLATED, uniform_agreement: VIOLATED}
ENDLESS = SOLVED | {termination: VIOLATED}

INSTANCES = (
    Instance(
        "hasty, no crash", SnapshotConsensus(manner="hasty"), asynchronous(), DISAGREES,
        configurations=40, transitions=50, depth=4,
        bivalent=10, univalent={0: 21, 1: 9}, none=0, critical=0, disagreeing=2,
        counterexample={agreement: 4, uniform_agreement: 4},
        flp=("disagrees", "outside"),
        about="A scan shows all that is there at one moment, and not what comes later.",
    ),
    Instance(
        "hasty, one crash", SnapshotConsensus(manner="hasty"), asynchronous(crashes=1), DISAGREES,
        configurations=120, transitions=180, depth=5,
        bivalent=18, univalent={0: 67, 1: 35}, none=0, critical=0, disagreeing=6,
        counterexample={agreement: 4, uniform_agreement: 4},
        flp="disagrees",
        about="First horn.",
    ),
    Instance(
        "patient, one crash", SnapshotConsensus(manner="patient"), asynchronous(crashes=1), ENDLESS,
        configurations=84, transitions=120, depth=5,
        bivalent=0, univalent={0: 51, 1: 17}, none=16, critical=0, disagreeing=0,
        counterexample={termination: 1},
        flp="blocks",
        about="Second horn.",
    ),
    Instance(
        "polite, one crash", SnapshotConsensus(manner="polite"), asynchronous(crashes=1), ENDLESS,
        configurations=276, transitions=440, depth=11,
        bivalent=30, univalent={0: 123, 1: 123}, none=0, critical=0, disagreeing=0,
        counterexample={termination: 10},
        flp="undecided_lasso",
        about="Third horn: update, scan, make way, in lockstep.",
    ),
    Instance(
        "hasty, three", SnapshotConsensus(n=3, manner="hasty"), asynchronous(), DISAGREES,
        configurations=282, transitions=507, depth=6,
        bivalent=102, univalent={0: 153, 1: 27}, none=0, critical=0, disagreeing=42,
        counterexample={agreement: 4, uniform_agreement: 4},
        flp=("disagrees", "outside"),
        about="With three processes, too, the smallest value may come last.",
    ),
)  # fmt: skip
