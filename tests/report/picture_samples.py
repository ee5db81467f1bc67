"""Small protocols for pictures: one that disagrees, one whose values are words, one with shared variables, a lasso."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from flpcheck import (
    At,
    Bounds,
    Event,
    Pid,
    Process,
    Processes,
    Property,
    Start,
    Step,
    View,
    World,
    agreement,
    asynchronous,
    choose,
    integrity,
    invariant,
    load,
    protocol,
    record,
    replace,
    send,
    system_of,
    termination,
    to_others,
)
from flpcheck.analyse import Analysis, analyse, standard_properties
from flpcheck.explore import explore


@record
class Hello:
    """A message with any content."""

    content: Any


@record
class State:
    """A decision that may be anything."""

    input: Any
    started: bool = False
    decision: Any = None


@protocol
class Hasty:
    """Each process decides the first value heard."""

    n: int = 2
    values: tuple[Any, ...] = (0, 1)

    def processes(self) -> Processes[Hello]:
        return [Process(f"p{i}", self.step, inputs={v: State(v) for v in self.values}) for i in range(self.n)]

    def step(self, at: At, s: State, event: Start | Hello) -> Step[State, Hello]:
        match event:
            case Start() if not s.started:
                return replace(s, started=True), to_others(Hello(s.input))
            case Hello(value) if s.decision is None:
                return replace(s, decision=value), ()
            case Start() | Hello():
                return s, ()


@invariant
def nobody_decides(view: View[State]) -> bool:
    """No process decides."""
    return not view.outputs


@record
class Token:
    """Your turn."""


@record
class Holder:
    """Who has the token may decide or pass it on, for ever."""

    decision: str | None = None


@protocol
class Procrastination:
    """Two processes pass a token to and fro."""

    def processes(self) -> Processes[Token]:
        return [
            Process("p0", self.step, start=Holder()),
            Process("p1", self.step, start=Holder(), sent=send(Token(), to="p0")),
        ]

    def step(self, at: At, s: Holder, event: Token) -> Step[Holder, Token]:
        other: Pid = "p1" if at.me == "p0" else "p0"
        if s.decision is not None:
            return s, send(Token(), to=other)
        return choose((s, send(Token(), to=other)), (replace(s, decision="done"), send(Token(), to=other)))


@record
class Shared:
    """A counter, and what each process has read of it."""

    x: int = 0
    read: tuple[int | None, int | None] = (None, None)
    done: tuple[bool, bool] = (False, False)


@protocol
class Counter:
    """Two processes increment without a lock."""

    limit: int = 2

    def names(self) -> list[Pid]:
        return ["t0", "t1"]

    def initial(self) -> Iterator[Shared]:
        yield Shared()

    def successors(self, c: Shared) -> Iterator[tuple[Event, Shared]]:
        for i in (0, 1):
            read = c.read[i]
            if read is None:
                yield Event("reads x", f"t{i}"), replace(c, read=_put(c.read, i, c.x))
            elif not c.done[i]:
                yield Event("writes x+1", f"t{i}"), replace(c, x=read + 1, done=_put(c.done, i, True))


def _put(pair: tuple[Any, Any], place: int, value: Any) -> tuple[Any, Any]:
    return (value, pair[1]) if place == 0 else (pair[0], value)


@invariant
def no_lost_update(shared: Shared) -> bool:
    """When both are done, both have been counted."""
    return not all(shared.done) or shared.x == 2


def findings(model: Any, world: World, *claims: Property, bounds: Bounds | None = None) -> Analysis:
    """Return the findings on a protocol in a world."""
    graph = explore(system_of(model, world), bounds)
    return analyse(graph, claims or standard_properties(graph))


@cache
def waiting() -> Analysis:
    """Return the findings on `wait_for_all`: 84 configurations, blocks after a crash."""
    return findings(load("wait_for_all").protocol(n=2), asynchronous(crashes=1), agreement, termination)


@cache
def waiting_for_three() -> Analysis:
    """Return the findings on a larger `wait_for_all`: too large to be drawn one by one."""
    return findings(load("wait_for_all").protocol(n=3), asynchronous(crashes=1), agreement, termination)


@cache
def committing() -> Analysis:
    """Return the findings on two-phase commit with two resource managers: one critical configuration, words."""
    return findings(load("tla/two_phase").protocol(resource_managers=2), asynchronous(network="set"), agreement)


@cache
def hasty() -> Analysis:
    """Return the findings on a protocol that disagrees and violates an invariant."""
    return findings(Hasty(), asynchronous(), agreement, integrity, nobody_decides)


@cache
def procrastinating() -> Analysis:
    """Return the findings on a protocol with a fair loop in which some process never decides."""
    return findings(Procrastination(), asynchronous(), agreement, termination)


@cache
def counting() -> Analysis:
    """Return the findings on a general protocol without decisions."""
    return findings(Counter(), asynchronous(), no_lost_update)


ALL = (waiting, waiting_for_three, committing, hasty, procrastinating, counting)
