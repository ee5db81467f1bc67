"""Peterson's mutual exclusion: two processes, two flags, and a turn that the later one gives away.

Peterson, "Myths About the Mutual Exclusion Problem" (1981).  A process raises its flag, gives the turn to the other
one, and waits until the other's flag is down or the turn is its own.  Registers are enough for that, because here
processes may wait for each other: a crash inside keeps the other one out for ever, as it must.
"""

from typing import Any

from flpcheck import (
    HOLDS, VIOLATED, Instance, Object, Op, Register, SharedMemory, SharedState, asynchronous, invariant, protocol,
    record, replace, termination,
)  # fmt: skip


@record
class Local:
    """The local state of a process; `decision` says that it has been inside."""

    pc: str = "raise"  # which operation comes next; "leave" is the one that ends the critical section
    decision: str | None = None


@protocol
class Peterson(SharedMemory[Local]):
    """Each process enters once."""

    n: int = 2
    turn = Register[int]("turn", 0)

    def flag(self, i: int) -> Register[bool]:
        return Register(f"flag{i % 2}", False)

    def objects(self) -> list[Object[Any]]:
        return [self.flag(0), self.flag(1), self.turn]

    def starts(self, i: int) -> list[Local]:
        return [Local()]

    def next(self, i: int, s: Local) -> Op | None:
        match s.pc:
            case "raise":  # 1. raise its flag
                return self.flag(i).write(True)
            case "give":  # 2. give the turn away
                return self.turn.write(1 - i)
            case "look":  # 3. is the other one interested?
                return self.flag(i + 1).read()
            case "wait":  # 4. whose turn is it?
                return self.turn.read()
            case "leave":  # 5. leave the critical section
                return self.flag(i).write(False)
        return None

    def then(self, i: int, s: Local, answer: Any) -> Local:
        match s.pc:
            case "raise":
                return replace(s, pc="give")
            case "give":
                return replace(s, pc="look")
            case "look":
                return replace(s, pc="wait" if answer else "leave")
            case "wait":
                return replace(s, pc="leave" if answer == i else "look")
        return replace(s, pc="out", decision="been inside")


@invariant
def one_inside(c: SharedState[Local]) -> bool:
    """At most one process is in its critical section."""
    return sum(s.pc == "leave" for s in c.locals) <= 1


INSTANCES = (
    Instance(
        "no crash", Peterson(), asynchronous(), {one_inside: HOLDS, termination: HOLDS},
        configurations=38, transitions=62, depth=8,
        about="Never both inside, and each enters in the end.",
    ),
    Instance(
        "one crash", Peterson(), asynchronous(crashes=1), {one_inside: HOLDS, termination: VIOLATED},
        configurations=114, transitions=200, depth=9,
        counterexample={termination: 2},
        about="Who crashes with its flag up, and not at its turn, keeps the other one out.",
    ),
)  # fmt: skip
