"""Consensus from test-and-set: the first of two processes to set the bit decides for both.

Herlihy, "Wait-Free Synchronization" (1991); Loui, Abu-Amara, "Memory Requirements for Agreement Among Unreliable
Asynchronous Processes" (1987).  Shared memory, two processes with binary inputs, no messages.  One event is one access
to the memory: a write, a read, or a test-and-set, which sets the bit and returns what it was in one indivisible step.

The protocol is wait-free: each process decides after at most three steps of its own, whatever the other one does, so
agreement, validity and termination hold in spite of any crash.  The theorem is not contradicted.  Its proof needs steps
of different processes to commute (Lemma 1), and two test-and-sets do not: the first one wins.  Compare
`read_write_registers`, where the same two processes must do without.
"""

from collections.abc import Iterator

from flpcheck import (
    HOLDS, Action, Event, Instance, Pid, agreement, any_input_validity, asynchronous, integrity, non_triviality,
    protocol, put, record, replace, termination, uniform_agreement, validity,
)  # fmt: skip


@record
class Local:
    """What only the process itself sees."""

    input: int
    next: str = "write"  # the access it makes next
    decision: int | None = None


@record
class Memory:
    """A configuration: what the two processes share, and the local state of each."""

    local: tuple[Local, ...]
    register: tuple[int | None, ...] = (None, None)  # register i is written by process i
    bit: int = 0


def after(c: Memory, i: int, local: Local) -> Memory:
    """Return the configuration in which process i has moved on."""
    return replace(c, local=put(c.local, i, local))


@protocol
class TestAndSet:
    """Two registers and one bit."""

    def names(self) -> list[Pid]:
        return ["p0", "p1"]

    def initial(self) -> Iterator[Memory]:
        yield from (Memory((Local(a), Local(b))) for a in (0, 1) for b in (0, 1))

    def inputs(self, c: Memory) -> dict[Pid, int]:
        return {f"p{i}": s.input for i, s in enumerate(c.local)}

    def decisions(self, c: Memory) -> dict[Pid, int | None]:
        return {f"p{i}": s.decision for i, s in enumerate(c.local)}

    def actions(self) -> list[Action]:
        return [Action(self.accesses, i) for i in (0, 1)]

    def accesses(self, c: Memory, i: int) -> Iterator[tuple[Event, Memory]]:
        if c.local[i].decision is None:
            yield self.access(c, i, c.local[i])

    def access(self, c: Memory, i: int, s: Local) -> tuple[Event, Memory]:
        """Return what process i does next, and the configuration afterwards."""
        me, other = f"p{i}", c.register[1 - i]
        match s.next:
            case "write":  # 1. write its own input
                written = replace(c, register=put(c.register, i, s.input))
                return Event("writes its input", me, message=s.input), after(written, i, replace(s, next="set"))
            case "set" if c.bit == 0:  # 2. the first one to set the bit decides its own input
                return Event("sets the bit first", me), after(replace(c, bit=1), i, replace(s, decision=s.input))
            case "set":  # 3. the other one finds it set
                return Event("finds the bit set", me), after(c, i, replace(s, next="read"))
            case _:  # 4. and decides what the first one has written
                return Event("reads the winner's input", me, message=other), after(c, i, replace(s, decision=other))


WAIT_FREE = {
    agreement: HOLDS, uniform_agreement: HOLDS, validity: HOLDS, any_input_validity: HOLDS, integrity: HOLDS,
    non_triviality: HOLDS, termination: HOLDS,
}  # fmt: skip

INSTANCES = (
    Instance(
        "no crash", TestAndSet(), asynchronous(), WAIT_FREE,
        configurations=48, transitions=56, depth=5,
        bivalent=8, univalent={0: 20, 1: 20}, none=0, critical=2, disagreeing=0,
        flp="outside",
        about="In both critical configurations the two processes are about to set the bit, and either may win.",
    ),
    Instance(
        "one crash", TestAndSet(), asynchronous(crashes=1), WAIT_FREE,
        configurations=144, transitions=208, depth=6,
        bivalent=8, univalent={0: 68, 1: 68}, none=0, critical=2, disagreeing=0,
        flp="outside",
        about="No process waits for another, so no crash does any harm: consensus, in spite of one faulty process.",
    ),
)  # fmt: skip
