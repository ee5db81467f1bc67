"""Consensus from a sticky bit: it keeps the first value that is written, and everyone can read it.

Plotkin, "Sticky Bits and Universality of Consensus" (1989).  Each process jams its input into the bit and then reads
it.  What the first one has jammed stays, so all read the same value, whatever the number of processes.
"""

from typing import Any

from flpcheck import (
    HOLDS, Instance, Object, Op, SharedMemory, Sticky, agreement, any_input_validity, asynchronous, integrity,
    non_triviality, protocol, record, replace, termination, uniform_agreement, validity,
)  # fmt: skip


@record
class Local:
    """The local state of a process."""

    input: int
    jammed: bool = False
    decision: int | None = None


@protocol
class StickyBitConsensus(SharedMemory[Local]):
    """Jam your input, and decide what is there."""

    n: int = 3
    bit = Sticky[int]("bit")

    def objects(self) -> list[Object[Any]]:
        return [self.bit]

    def starts(self, i: int) -> list[Local]:
        return [Local(0), Local(1)]

    def next(self, i: int, s: Local) -> Op | None:
        if not s.jammed:  # 1. jam its own input
            return self.bit.jam(s.input)
        return self.bit.read() if s.decision is None else None  # 2. read

    def then(self, i: int, s: Local, answer: Any) -> Local:
        return replace(s, decision=answer) if s.jammed else replace(s, jammed=True)


SOLVED = {
    agreement: HOLDS, uniform_agreement: HOLDS, validity: HOLDS, any_input_validity: HOLDS, integrity: HOLDS,
    non_triviality: HOLDS, termination: HOLDS,
}  # fmt: skip

INSTANCES = (
    Instance(
        "three, no crash", StickyBitConsensus(), asynchronous(), SOLVED,
        configurations=312, transitions=600, depth=6,
        bivalent=6, univalent={0: 153, 1: 153}, none=0, critical=6, disagreeing=0,
        flp="outside",
        about="The first jam decides; every reader finds it.",
    ),
    Instance(
        "three, two crashes", StickyBitConsensus(), asynchronous(crashes=2), SOLVED,
        configurations=2184, transitions=5208, depth=8,
        bivalent=18, univalent={0: 1083, 1: 1083}, none=0, critical=18, disagreeing=0,
        flp="outside",
        about="Wait-free: what is jammed stays, whichever process crashes.",
    ),
)  # fmt: skip
