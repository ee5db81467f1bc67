"""A splitter: of the processes that enter, at most one stops, and neither do all go right nor all go down.

Lamport, "A Fast Mutual Exclusion Algorithm" (1987); Moir, Anderson, "Wait-Free Algorithms for Fast, Long-Lived
Renaming" (1995), where a grid of splitters gives each process a name of its own.  A process writes its name to x; if
the door is closed it goes right; it closes the door; if x still holds its name it stops, else it goes down.

Registers are enough, and no process waits: choosing at most one winner is possible where choosing exactly one is not.
"""

from typing import Any

from flpcheck import (
    HOLDS, Instance, Object, Op, Register, SharedMemory, SharedState, asynchronous, invariant, protocol, record,
    replace, sometimes, termination,
)  # fmt: skip


@record
class Local:
    """The local state of a process; its decision is where it leaves the splitter."""

    pc: str = "enter"  # which operation comes next
    decision: str | None = None


@protocol
class Splitter(SharedMemory[Local]):
    """Write your name, look at the door, close it, look for your name."""

    n: int = 3
    x = Register[int | None]("x", None)
    closed = Register[bool]("closed", False)

    def objects(self) -> list[Object[Any]]:
        return [self.x, self.closed]

    def starts(self, i: int) -> list[Local]:
        return [Local()]

    def next(self, i: int, s: Local) -> Op | None:
        match s.pc:
            case "enter":  # 1. x := i
                return self.x.write(i)
            case "door":  # 2. closed?
                return self.closed.read()
            case "close":  # 3. closed := true
                return self.closed.write(True)
            case "check":  # 4. x = i?
                return self.x.read()
        return None

    def then(self, i: int, s: Local, answer: Any) -> Local:
        match s.pc:
            case "enter":
                return replace(s, pc="door")
            case "door" if answer:
                return Local("out", "right")
            case "door":
                return replace(s, pc="close")
            case "close":
                return replace(s, pc="check")
        return Local("out", "stop" if answer == i else "down")


@invariant
def at_most_one_stops(c: SharedState[Local]) -> bool:
    """At most one process stops."""
    return sum(s.decision == "stop" for s in c.locals) <= 1


@invariant
def not_all_right(c: SharedState[Local]) -> bool:
    """Not all processes go right."""
    return any(s.decision != "right" for s in c.locals)


@invariant
def not_all_down(c: SharedState[Local]) -> bool:
    """Not all processes go down."""
    return any(s.decision != "down" for s in c.locals)


@sometimes
def none_stops(c: SharedState[Local]) -> bool:
    """All have left, and none has stopped: this is not consensus."""
    return all(s.decision in {"right", "down"} for s in c.locals)


SPLITS = {
    at_most_one_stops: HOLDS, not_all_right: HOLDS, not_all_down: HOLDS, none_stops: HOLDS, termination: HOLDS,
}  # fmt: skip

INSTANCES = (
    Instance(
        "two, one crash", Splitter(n=2), asynchronous(crashes=1), SPLITS,
        configurations=159, transitions=246, depth=9,
        about="One goes right and one goes down, in the worst case.",
    ),
    Instance(
        "three, two crashes", Splitter(), asynchronous(crashes=2, crash_events="elided"), SPLITS,
        configurations=523, transitions=981, depth=12,
        about="Three go two ways at least.",
    ),
)  # fmt: skip
