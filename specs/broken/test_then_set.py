"""Broken test-and-set: the bit is tested in one step and set in the next.

Broken rule: test-and-set must be one indivisible step (Herlihy, "Wait-Free Synchronization" (1991)).  Here it is a read
of the bit and then a write, as in a program that asks "is it free?" before it takes something.

What goes wrong: both processes find the bit at 0 before either sets it, both believe that they have won, and both
decide their own inputs.  Nothing else is lost: they terminate, and what they decide was proposed.  With test and set
separate, only reads and writes are left, from which consensus cannot be built
(`read_write_registers`).
"""

from flpcheck import (
    HOLDS, VIOLATED, Event, Instance, agreement, any_input_validity, asynchronous, integrity, protocol, replace,
    termination, uniform_agreement, validity,
)  # fmt: skip
from test_and_set import Local, Memory, TestAndSet, after


@protocol
class TestThenSet(TestAndSet):
    """Two registers and one bit that is only read and written."""

    def access(self, c: Memory, i: int, s: Local) -> tuple[Event, Memory]:
        match s.next:
            case "set" if c.bit == 0:  # BROKEN: the bit is free, but it is only taken in the next step
                return Event("finds the bit free", f"p{i}"), after(c, i, replace(s, next="take"))
            case "take":  # BROKEN: by now the other one may be here as well
                return Event("sets the bit", f"p{i}"), after(replace(c, bit=1), i, replace(s, decision=s.input))
            case _:
                return super().access(c, i, s)


BROKEN = {
    agreement: VIOLATED, uniform_agreement: VIOLATED, validity: HOLDS, any_input_validity: HOLDS, integrity: HOLDS,
    termination: HOLDS,
}  # fmt: skip

INSTANCES = (
    Instance(
        "no crash", TestThenSet(), asynchronous(), BROKEN,
        configurations=80, transitions=104, depth=6,
        bivalent=24, univalent={0: 28, 1: 28}, none=0, critical=0, disagreeing=2,
        counterexample={agreement: 6, uniform_agreement: 6},
        flp=("disagrees", "outside"),
        about="Both test before either sets, and both have won.",
    ),
    Instance(
        "one crash", TestThenSet(), asynchronous(crashes=1), BROKEN,
        configurations=240, transitions=368, depth=7,
        bivalent=32, univalent={0: 104, 1: 104}, none=0, critical=0, disagreeing=6,
        counterexample={agreement: 6, uniform_agreement: 6}, flp="disagrees",
        about="Still wait-free, and still wrong.",
    ),
)  # fmt: skip
