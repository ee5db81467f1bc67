"""A snapshot from registers: read them all, again and again, until nothing has changed in between.

Afek, Attiya, Dolev, Gafni, Merritt, Shavit, "Atomic Snapshots of Shared Memory" (1993), section 2: between two equal
collects there is a moment at which all registers held what was read, if no value is written twice.  So any two views
are comparable: one of them is at no place older than the other.  A single collect has no such moment.

Two processes update, each its own register with ever larger numbers, and two scan.  As many updates as there are end,
scans end as well; a process that updates for ever would need the helping of the paper's section 3.
"""

from typing import Any

from flpcheck import (
    HOLDS, VIOLATED, Instance, Object, Op, Register, SharedMemory, SharedState, asynchronous, invariant, protocol,
    record, replace, termination,
)  # fmt: skip

UPDATERS = 2


@record
class Local:
    """The local state of a process; the decision of a scanner is its view, that of an updater how far it has come."""

    written: int = 0
    last: tuple[int, ...] = ()  # the collect before
    seen: tuple[int, ...] = ()  # what has been read of this one
    decision: tuple[int, ...] | None = None


@protocol
class DoubleCollect(SharedMemory[Local]):
    """Updaters p0 and p1, and scanners."""

    n: int = 4
    updates: int = 2
    collects: int = 2

    def register(self, i: int) -> Register[int]:
        return Register(f"r{i}", 0)

    def objects(self) -> list[Object[Any]]:
        return [self.register(i) for i in range(UPDATERS)]

    def starts(self, i: int) -> list[Local]:
        return [Local()]

    def next(self, i: int, s: Local) -> Op | None:
        if s.decision is not None:
            return None
        if i < UPDATERS:  # 1. update
            return self.register(i).write(s.written + 1)
        return self.register(len(s.seen)).read()  # 2. collect

    def then(self, i: int, s: Local, answer: Any) -> Local:
        if i < UPDATERS:
            written = s.written + 1
            return replace(s, written=written, decision=(written,) if written == self.updates else None)
        seen = (*s.seen, answer)
        if len(seen) < UPDATERS:
            return replace(s, seen=seen)
        if self.collects == 1 or seen == s.last:  # 3. nothing has changed: this is a view
            return Local(decision=seen)
        return replace(s, seen=(), last=seen)


@invariant
def comparable(c: SharedState[Local]) -> bool:
    """Of two views, one is at no place older than the other."""
    one, other = (s.decision for s in c.locals[UPDATERS:])
    if one is None or other is None:
        return True
    pairs = list(zip(one, other, strict=True))
    return all(a <= b for a, b in pairs) or all(a >= b for a, b in pairs)


INSTANCES = (
    Instance(
        "double collect", DoubleCollect(), asynchronous(crashes=3, crash_events="elided"),
        {comparable: HOLDS, termination: HOLDS},
        configurations=3583, transitions=8205, depth=12,
        about="Two equal collects are a snapshot.",
    ),
    Instance(
        "single collect", DoubleCollect(updates=1, collects=1), asynchronous(crashes=3, crash_events="elided"),
        {comparable: VIOLATED, termination: HOLDS},
        configurations=99, transitions=159, depth=6,
        counterexample={comparable: 6},
        about="One scanner sees the first update only, the other one the second only.",
    ),
)  # fmt: skip
