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

from flpcheck import Instance, Object, Op, SharedMemory, Snapshot, asynchronous, protocol, record, replace


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


INSTANCES = (
    Instance("hasty, no crash", SnapshotConsensus(manner="hasty"), asynchronous()),
    Instance("hasty, one crash", SnapshotConsensus(manner="hasty"), asynchronous(crashes=1)),
    Instance("patient, one crash", SnapshotConsensus(manner="patient"), asynchronous(crashes=1)),
    Instance("polite, one crash", SnapshotConsensus(manner="polite"), asynchronous(crashes=1)),
    Instance("hasty, three", SnapshotConsensus(n=3, manner="hasty"), asynchronous()),
)
