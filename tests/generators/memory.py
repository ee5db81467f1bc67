"""Random protocols in shared memory, as a hypothesis strategy: each is made from one number, its seed."""

from __future__ import annotations

from random import Random
from typing import Any, NamedTuple

from flpcheck import (
    CompareAndSwap,
    FetchAndAdd,
    Object,
    Op,
    Queue,
    Register,
    SharedMemory,
    Snapshot,
    Sticky,
    TestAndSet,
    protocol,
    record,
)  # fmt: skip
from generators.protocols import seeds

KINDS = ("Register", "Snapshot", "TestAndSet", "FetchAndAdd", "Queue", "CompareAndSwap", "Sticky")
WEAK = ("Register", "Snapshot")
GROWING = ("FetchAndAdd", "Queue")
"""Objects whose values grow, so that a protocol on them must not go round in circles."""


@record
class Spot:
    """Where a process stands: what it has as its input, its program's line, and what it keeps of the last answer."""

    input: int
    line: int = 0
    kept: int = 2
    decision: int | None = None


class Line(NamedTuple):
    """A line of a program: an operation, and for each class of answers the next line and what is decided."""

    thing: int
    operation: int
    argument: str
    branches: tuple[tuple[int, str], ...]


def made(kind: str, name: str, n: int) -> Object[Any]:
    """Return an object of a kind."""
    initial: dict[str, Object[Any]] = {
        "Register": Register(name, 2), "Snapshot": Snapshot(name, (2,) * n), "TestAndSet": TestAndSet(name),
        "FetchAndAdd": FetchAndAdd(name), "Queue": Queue(name, (1,)), "CompareAndSwap": CompareAndSwap(name, 2),
        "Sticky": Sticky(name),
    }  # fmt: skip
    return initial[kind]


def operation(thing: Any, number: int, value: int) -> Op:
    """Return one of the operations of an object."""
    names = {
        "Register": ("read", "write"), "Snapshot": ("scan", "update"), "TestAndSet": ("test_and_set", "reset"),
        "FetchAndAdd": ("fetch_and_add", "fetch_and_add"), "Queue": ("dequeue", "enqueue"),
        "CompareAndSwap": ("read", "compare_and_swap"), "Sticky": ("read", "jam"),
    }  # fmt: skip
    name = names[type(thing).__name__][number]
    arguments = {"compare_and_swap": (2, value), "fetch_and_add": (value if number else 1,)}
    plain = () if name in {"read", "scan", "dequeue", "test_and_set", "reset"} else (value,)
    op: Op = getattr(thing, name)(*arguments.get(name, plain))
    return op


def smallest(answer: Any) -> int:
    """Return what a process keeps of an answer: 0, 1, or 2 for nothing."""
    if isinstance(answer, tuple):
        return min((x for x in answer if x != 2), default=2)
    return 2 if answer is None else min(int(answer), 2)


@protocol
class RandomMemory(SharedMemory[Spot]):
    """Straight-line programs with branches, and perhaps loops."""

    n: int = 2
    kinds: Any = ()
    programs: Any = ()  # per process its lines
    inputs_of: Any = ((0, 1), (0, 1), (0,))

    def objects(self) -> list[Object[Any]]:
        return [made(kind, f"x{number}", self.n) for number, kind in enumerate(self.kinds)]

    def starts(self, i: int) -> list[Spot]:
        return [Spot(value) for value in self.inputs_of[i]]

    def next(self, i: int, s: Spot) -> Op | None:
        if s.line >= len(self.programs[i]):
            return None
        line = self.programs[i][s.line]
        return operation(self.objects()[line.thing], line.operation, self.value(s, line.argument))

    def value(self, s: Spot, what: str) -> int:
        return {"input": s.input, "kept": s.kept if s.kept < 2 else s.input, "least": min(s.input, s.kept)}[what]

    def then(self, i: int, s: Spot, answer: Any) -> Spot:
        line = self.programs[i][s.line]
        kept = smallest(answer)
        after, what = line.branches[kept]
        now = Spot(s.input, after, kept, s.decision)
        if what == "nothing" or s.decision is not None:
            return now
        return Spot(s.input, after, kept, self.value(now, what))


def random_memory(seed: int, kinds: tuple[str, ...] = KINDS) -> RandomMemory:
    """Return a protocol of two or three processes on one to three objects, of some kinds."""
    at = Random(seed)
    n = at.choice([2, 2, 3])
    chosen = tuple(at.choice(kinds) for _ in range(at.randrange(1, 4)))
    loops = not any(kind in GROWING for kind in chosen) and at.random() < 0.5
    alike = at.random() < 0.5
    programs = [_program(at, len(chosen), at.randrange(1, 4), loops=loops) for _ in range(n)]
    return RandomMemory(n, chosen, tuple(programs[0] if alike else program for program in programs))


def _program(at: Random, things: int, lines: int, *, loops: bool) -> tuple[Line, ...]:
    def branch(number: int) -> tuple[int, str]:
        last = number == lines - 1
        after = at.randrange(0 if loops else number + 1, lines + 1)
        what = at.choice(["input", "kept", "least"]) if last or at.random() < 0.2 else "nothing"
        return (lines if what != "nothing" else after), what

    return tuple(
        Line(
            at.randrange(things), at.randrange(2), at.choice(["input", "kept", "least"]),
            tuple(branch(number) for _ in range(3)),
        )
        for number in range(lines)
    )  # fmt: skip


memory_protocols = seeds.map(random_memory)
register_protocols = seeds.map(lambda seed: random_memory(seed, WEAK))
