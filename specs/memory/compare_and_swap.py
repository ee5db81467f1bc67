"""Consensus from compare-and-swap: one operation decides, whatever the number of processes.

Herlihy, "Wait-Free Synchronization" (1991), section 3.4: compare-and-swap is universal.  Each process tries to replace
None by its input.  The first succeeds, and every other one reads the winner's input in the answer, so all of them know
it after a single step.  Compare `memory/test_and_set`, where the third process does not.
"""

from typing import Any

from flpcheck import (
    HOLDS, CompareAndSwap, Instance, Object, Op, SharedMemory, agreement, any_input_validity, asynchronous,
    integrity, non_triviality, protocol, record, replace, termination, uniform_agreement, validity,
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


SOLVED = {
    agreement: HOLDS, uniform_agreement: HOLDS, validity: HOLDS, any_input_validity: HOLDS, integrity: HOLDS,
    non_triviality: HOLDS, termination: HOLDS,
}  # fmt: skip

INSTANCES = (
    Instance(
        "three, no crash", CompareAndSwapConsensus(), asynchronous(), SOLVED,
        configurations=82, transitions=108, depth=3,
        bivalent=6, univalent={0: 38, 1: 38}, none=0, critical=6, disagreeing=0,
        flp="outside",
        about="2^n + 2 (4^n - 3^n) configurations; critical are those in which nothing is decided and inputs differ.",
    ),
    Instance(
        "three, two crashes", CompareAndSwapConsensus(), asynchronous(crashes=2), SOLVED,
        configurations=574, transitions=1170, depth=5,
        bivalent=18, univalent={0: 278, 1: 278}, none=0, critical=18, disagreeing=0,
        flp="outside",
        about="Wait-free: the last process decides alone if need be.",
    ),
    Instance(
        "four, three crashes", CompareAndSwapConsensus(n=4), asynchronous(crashes=3, crash_events="elided"), SOLVED,
        configurations=366, transitions=656, depth=4,
        bivalent=14, univalent={0: 176, 1: 176}, none=0, critical=14, disagreeing=0,
        flp="outside",
        about="With a fourth process nothing changes, nor with any further one.",
    ),
)  # fmt: skip
