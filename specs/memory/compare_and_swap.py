"""Consensus from compare-and-swap: one operation decides, whatever the number of processes.

Herlihy, "Wait-Free Synchronization" (1991), section 3.4: compare-and-swap is universal.  Each process tries to replace
None by its input.  The first succeeds, and every other one is told whose input stands there, so all of them know the
winner's value after a single step.  Compare `memory/test_and_set`, where the third process does not.
"""

from typing import Any

from flpcheck import (
    CompareAndSwap, Instance, Object, Op, SharedMemory, asynchronous, protocol, record, replace,
)  # fmt: skip


@record
class Local:
    """The local state of a process."""

    input: int
    decision: int | None = None


@protocol
class CompareAndSwapConsensus(SharedMemory[Local]):
    """Put your input where there is none, and decide what is there."""

    n: int = 3
    first = CompareAndSwap[int | None]("first", None)

    def objects(self) -> list[Object[Any]]:
        return [self.first]

    def starts(self, i: int) -> list[Local]:
        return [Local(0), Local(1)]

    def next(self, i: int, s: Local) -> Op | None:
        return self.first.compare_and_swap(None, s.input) if s.decision is None else None

    def then(self, i: int, s: Local, before: int | None) -> Local:
        return replace(s, decision=s.input if before is None else before)


INSTANCES = (
    Instance("three, no crash", CompareAndSwapConsensus(), asynchronous()),
    Instance("three, two crashes", CompareAndSwapConsensus(), asynchronous(crashes=2)),
    Instance("four, three crashes, elided", CompareAndSwapConsensus(n=4), asynchronous(crashes=3, crash_events="elided")),
)
