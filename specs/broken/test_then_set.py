"""Broken test-and-set: the bit is tested in one step and set in the next.

Broken rule: test-and-set must be one indivisible step (Herlihy, "Wait-Free Synchronization" (1991)).  Here it is a read
of the bit and then a write, which is what a program does that asks "is it free?" before it takes something.

What goes wrong: both processes find the bit at 0 before either sets it, both believe that they have won, and both
decide their own inputs.  Nothing else is lost: they terminate, and what they decide was proposed by somebody.  With the
test and the set apart only reads and writes are left, and from these nobody can build consensus
(`read_write_registers`).
"""

from collections.abc import Iterator
from typing import TypeVar

from flpcheck import (
    HOLDS, VIOLATED, Event, Instance, Pid, agreement, any_input_validity, asynchronous, integrity, protocol, record,
    replace, termination, uniform_agreement, validity,
)  # fmt: skip

T = TypeVar("T")


@record
class Local:
    """What only the process itself sees."""

    input: int
    next: str = "write"  # the access it makes next
    decision: int | None = None


@record
class Memory:
    """A configuration: what the two processes share, and what each has for itself."""

    local: tuple[Local, ...]
    register: tuple[int | None, ...] = (None, None)  # register i is written by process i
    bit: int = 0


def put(values: tuple[T, ...], i: int, value: T) -> tuple[T, ...]:
    """Return the values with the i-th one changed."""
    return (*values[:i], value, *values[i + 1 :])


def after(c: Memory, i: int, local: Local) -> Memory:
    """Return the configuration in which process i has moved on."""
    return replace(c, local=put(c.local, i, local))


@protocol
class TestThenSet:
    """Two registers and one bit."""

    def names(self) -> list[Pid]:
        return ["p0", "p1"]

    def initial(self) -> Iterator[Memory]:
        yield from (Memory((Local(a), Local(b))) for a in (0, 1) for b in (0, 1))

    def inputs(self, c: Memory) -> dict[Pid, int]:
        return {f"p{i}": s.input for i, s in enumerate(c.local)}

    def decisions(self, c: Memory) -> dict[Pid, int | None]:
        return {f"p{i}": s.decision for i, s in enumerate(c.local)}

    def successors(self, c: Memory) -> Iterator[tuple[Event, Memory]]:
        for i, s in enumerate(c.local):
            if s.decision is None:
                yield self.access(c, i, s)

    def access(self, c: Memory, i: int, s: Local) -> tuple[Event, Memory]:
        """Return what process i does next, and the configuration afterwards."""
        me, other = f"p{i}", c.register[1 - i]
        match s.next:
            case "write":  # 1. make the own input known
                written = replace(c, register=put(c.register, i, s.input))
                return Event("writes its input", me, message=s.input), after(written, i, replace(s, next="test"))
            case "test":  # 2. BROKEN: should set the bit in the same step
                then = replace(s, next="set" if c.bit == 0 else "read")
                return Event("reads the bit", me, message=c.bit), after(c, i, then)
            case "set":  # 3. BROKEN: by now the other one may be here as well
                return Event("sets the bit", me), after(replace(c, bit=1), i, replace(s, decision=s.input))
            case _:  # 4. decide what the first one has written
                return Event("reads the winner's input", me, message=other), after(c, i, replace(s, decision=other))


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
