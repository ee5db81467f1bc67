"""Two hand-sized protocols with known counts: wait for W of N, and its variant that hears before it starts."""

from __future__ import annotations

from dataclasses import replace

from flpcheck import DEFER, At, Pid, Process, Processes, Start, Step, protocol, record, to_others


@record
class Value:
    """Process -> all others: my input."""

    value: int


@record
class Local:
    """The registers of a process."""

    input: int
    got: frozenset[tuple[Pid, int]] = frozenset()
    decision: int | None = None


@protocol
class WaitForSome:
    """Each process tells its input and decides the majority of the first W that it knows, 0 on a tie."""

    n: int = 2
    wait: int = 2

    def processes(self) -> Processes[Value]:
        return [Process(f"p{i}", self.step, inputs={v: Local(v) for v in (0, 1)}) for i in range(self.n)]

    def step(self, at: At, s: Local, event: Start | Value) -> Step[Local, Value]:
        match event:
            case Start() if not s.got:
                return self.learn(s, at.me, s.input), to_others(Value(s.input))
            case Value(value) if s.got:
                return self.learn(s, at.sender, value), ()
            case Value():
                return DEFER
            case Start():
                return s, ()

    def learn(self, s: Local, who: Pid, value: int) -> Local:
        got = s.got | {(who, value)}
        if s.decision is None and len(got) >= self.wait:
            return replace(s, got=got, decision=int(2 * sum(v for _, v in got) > len(got)))
        return replace(s, got=got)


@record
class Listener:
    """The registers of a process that may receive before it starts; the decision follows from what it knows."""

    input: int
    n: int
    known: frozenset[tuple[Pid, int]] = frozenset()

    @property
    def decision(self) -> int | None:
        return min(v for _, v in self.known) if len(self.known) == self.n else None


@protocol
class EarlyListeners:
    """Each process tells its input, hears others at any time, and decides the minimum of all."""

    n: int = 2

    def processes(self) -> Processes[Value]:
        return [Process(f"p{i}", self.step, inputs={v: Listener(v, self.n) for v in (0, 1)}) for i in range(self.n)]

    def step(self, at: At, s: Listener, event: Start | Value) -> Step[Listener, Value]:
        match event:
            case Start() if (at.me, s.input) not in s.known:
                return replace(s, known=s.known | {(at.me, s.input)}), to_others(Value(s.input))
            case Value(value):
                return replace(s, known=s.known | {(at.sender, value)}), ()
            case Start():
                return s, ()


@record
class Collector:
    """The registers of a process that resets what it has heard when it decides, or forgets to on one path."""

    input: int
    started: bool = False
    heard: frozenset[tuple[Pid, int]] = frozenset()
    decision: int | None = None


@protocol
class Forgetful:
    """Each process tells its input, hears others at any time, and decides the minimum of all.

    Who decides by its own start, having heard all others before, keeps what it has heard if `forget` is set.
    """

    n: int = 2
    forget: bool = True

    def processes(self) -> Processes[Value]:
        return [Process(f"p{i}", self.step, inputs={v: Collector(v) for v in (0, 1)}) for i in range(self.n)]

    def step(self, at: At, s: Collector, event: Start | Value) -> Step[Collector, Value]:
        match event:
            case Start() if not s.started:
                return self.settle(replace(s, started=True), keep=self.forget), to_others(Value(s.input))
            case Value(value):
                return self.settle(replace(s, heard=s.heard | {(at.sender, value)}), keep=False), ()
            case Start():
                return s, ()

    def settle(self, s: Collector, *, keep: bool) -> Collector:
        if not s.started or len(s.heard) < self.n - 1:
            return s
        decision = min(s.input, *(value for _, value in s.heard))
        return Collector(s.input, started=True, heard=s.heard if keep else frozenset(), decision=decision)
