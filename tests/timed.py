"""Small protocols with timers, each of which some rule for timers decides: T1 to T9, and views.

What they are to show, and who is bad, is the invariant of each; how many configurations they have in which world is
counted by hand or by an enumerator that knows nothing of the product, and stands in `world/test_time.py`.
"""

from __future__ import annotations

from typing import Any

from flpcheck import (
    At,
    Process,
    Start,
    Step,
    Timeout,
    View,
    invariant,
    protocol,
    record,
    replace,
    reply,
    restart_timer,
    send,
    to_others,
)


@record
class Say:
    """A message: what is said."""

    word: str


@record
class State:
    """What a process of these protocols remembers."""

    x: int = 0
    decision: str | None = None


@record
class Plain:
    """The same of a process that decides nothing."""

    x: int = 0


Move = Step[Any, Say]


@protocol
class FirstTimer:
    """T1: whose timer is first leads, and who hears of it follows."""

    def processes(self) -> list[Process[State, Say]]:
        return [Process(pid, self.step, start=State()) for pid in ("a", "b")]

    def step(self, at: At, s: State, event: Timeout | Say) -> Move:
        match event:
            case Timeout() if s.decision is None:
                return replace(s, decision=at.me), to_others(Say("mine"))
            case Say() if s.decision is None:
                return replace(s, decision=at.sender), ()
            case _:
                return s, ()

    def lies(self, liar: str) -> list[Say]:
        return [Say("mine")]


@protocol
class SplitVote:
    """T2: who claims first leads; claims that cross are withdrawn."""

    def processes(self) -> list[Process[State, Say]]:
        return [Process(pid, self.step, start=State()) for pid in ("a", "b")]

    def step(self, at: At, s: State, event: Timeout | Say) -> Move:
        if s.decision is not None:
            return s, ()
        match event:
            case Timeout() if not s.x:
                return replace(s, x=1), to_others(Say("claim"))
            case Say("claim") if s.x:
                return replace(s, x=0), ()
            case Say("claim"):
                return replace(s, decision=at.sender), reply(Say("follow"))
            case Say("follow"):
                return replace(s, decision=at.me), ()
            case _:
                return s, ()


@protocol
class Request:
    """T3: q is asked and answers; p takes silence for death."""

    def processes(self) -> list[Process[Any, Say]]:
        return [Process("p", self.p, start=State()), Process("q", self.q, start=Plain())]

    def p(self, at: At, s: State, event: Start | Timeout | Say) -> Move:
        match event:
            case Start() if not s.x:
                return replace(s, x=1), send(Say("ask"), to="q")
            case Timeout() if s.x and s.decision is None:
                return replace(s, decision="dead"), ()
            case Say() if s.decision is None:
                return replace(s, decision="alive"), ()
            case _:
                return s, ()

    def q(self, at: At, s: Plain, event: Say) -> Move:
        return s, reply(Say("yes"))


@invariant
def never_dead(view: View[Any]) -> bool:
    """P does not take q for dead."""
    return view.outputs.get("p") != "dead"


@invariant
def dead_only_if_crashed(view: View[Any]) -> bool:
    """P takes q for dead only if q has crashed."""
    return view.outputs.get("p") != "dead" or "q" in view.crashed


@protocol
class Overtake:
    """T4: q hears from p and times out before r hears from p."""

    def processes(self) -> list[Process[Plain, Say]]:
        return [Process("p", self.p, start=Plain()), Process("q", self.q, start=Plain()),
                Process("r", self.r, start=Plain())]  # fmt: skip

    def p(self, at: At, s: Plain, event: Timeout) -> Move:
        return (Plain(1), (send(Say("A"), to="q"), send(Say("B"), to="r"))) if s.x == 0 else (s, ())

    def q(self, at: At, s: Plain, event: Timeout | Say) -> Move:
        match event:
            case Say("A") if s.x == 0:
                return Plain(1), ()
            case Timeout() if s.x == 0:
                return Plain(3), send(Say("D"), to="r")
            case Timeout() if s.x == 1:
                return Plain(2), send(Say("C"), to="r")
            case _:
                return s, ()

    def r(self, at: At, s: Plain, event: Say) -> Move:
        return (Plain({"B": 1, "C": 2}[event.word]), ()) if s.x == 0 and event.word != "D" else (s, ())


@invariant
def b_first(view: View[Any]) -> bool:
    """R hears B before C."""
    return bool(view.states["r"].x != 2)


@protocol
class TwoTimeouts:
    """T5: p sends on each of two timeouts."""

    def processes(self) -> list[Process[Plain, Say]]:
        return [Process("p", self.p, start=Plain()), Process("q", self.q, start=Plain())]

    def p(self, at: At, s: Plain, event: Timeout) -> Move:
        return (Plain(s.x + 1), send(Say("M"), to="q")) if s.x < 2 else (s, ())

    def q(self, at: At, s: Plain, event: Say) -> Move:
        return s, ()


@invariant
def one_in_flight(view: View[Any]) -> bool:
    """At most one M is in flight."""
    return len(view.mail["q"]) < 2


@protocol
class PingPong:
    """T6: a and b play for ever; c's timer decides."""

    def processes(self) -> list[Process[State, Say]]:
        return [Process(pid, self.step, start=State()) for pid in ("a", "b", "c")]

    def step(self, at: At, s: State, event: Start | Timeout | Say) -> Move:
        match event:
            case Start() if not s.x and at.me in "ac":
                return replace(s, x=1), send(Say("ball"), to="b") if at.me == "a" else ()
            case Say():
                return s, reply(Say("ball"))
            case Timeout() if at.me == "c" and s.x and s.decision is None:
                return replace(s, decision="late"), ()
            case _:
                return s, ()


@protocol
class Greeting:
    """T7: what is said once stays in a network that keeps messages."""

    def processes(self) -> list[Process[State, Say]]:
        return [Process(pid, self.step, start=State()) for pid in ("a", "b")]

    def step(self, at: At, s: State, event: Start | Timeout | Say) -> Move:
        match event:
            case Start() if not s.x and at.me == "a":
                return replace(s, x=1), to_others(Say("hello"))
            case Timeout() if at.me == "b" and s.decision is None:
                return replace(s, decision="late"), ()
            case _:
                return s, ()


@invariant
def never_late(view: View[Any]) -> bool:
    """No process decides late."""
    return "late" not in view.outputs.values()


@protocol
class Heartbeat:
    """T8: l beats, and f suspects l when its timer fires first."""

    patience: int = 0

    def processes(self) -> list[Process[Any, Say]]:
        return [Process("l", self.lead, start=Plain()),
                Process("f", self.follow, start=State(), patience=self.patience)]  # fmt: skip

    def lead(self, at: At, s: Plain, event: Timeout) -> Move:
        return (Plain(s.x + 1), send(Say("beat"), to="f")) if s.x < 2 else (s, ())

    def follow(self, at: At, s: State, event: Timeout | Say) -> Move:
        match event:
            case Say() if s.decision is None:
                return replace(s, x=s.x + 1), restart_timer()
            case Timeout() if s.decision is None and s.x < 2:
                return replace(s, decision="suspects"), ()
            case _:
                return s, ()


@invariant
def never_suspects(view: View[Any]) -> bool:
    """F never suspects l."""
    return "suspects" not in view.outputs.values()


@protocol
class Lease:
    """T9: s grants a lease to c and, when its own timer fires, to e."""

    patience: int = 0

    def processes(self) -> list[Process[Plain, Say]]:
        return [Process("s", self.serve, start=Plain(), patience=self.patience),
                Process("c", self.hold, start=Plain()), Process("e", self.hold, start=Plain())]  # fmt: skip

    def serve(self, at: At, s: Plain, event: Start | Timeout) -> Move:
        match event:
            case Start() if s.x == 0:
                return Plain(1), send(Say("grant"), to="c")
            case Timeout() if s.x == 1:
                return Plain(2), send(Say("grant"), to="e")
            case _:
                return s, ()

    def hold(self, at: At, s: Plain, event: Timeout | Say) -> Move:
        match event:
            case Say() if s.x == 0:
                return Plain(1), ()
            case Timeout() if s.x == 1 and at.me == "c":
                return Plain(2), ()
            case _:
                return s, ()


@invariant
def one_holds(view: View[Any]) -> bool:
    """C and e do not hold the lease at once."""
    return not (view.states["c"].x == 1 == view.states["e"].x)


@record
class Seat:
    """A replica: its view, whether it has asked for the next, and who has asked, by view."""

    view: int = 0
    sent: bool = False
    heard: frozenset[tuple[int, str]] = frozenset()


@record
class Go:
    """A replica wants to enter a view."""

    view: int


@protocol
class Views:
    """Three replicas change views on timeouts, two of them together."""

    last: int = 2

    def processes(self) -> list[Process[Seat, Go]]:
        return [Process(f"r{i}", self.step, start=Seat()) for i in range(3)]

    def step(self, at: At, s: Seat, event: Timeout | Go) -> Step[Seat, Go]:
        match event:
            case Timeout() if not s.sent and s.view < self.last:
                asked = replace(s, sent=True, heard=s.heard | {(s.view + 1, at.me)})
                return self.entered(asked), to_others(Go(s.view + 1))
            case Go(view) if view > s.view:
                return self.entered(replace(s, heard=s.heard | {(view, at.sender)})), ()
            case _:
                return s, ()

    def entered(self, s: Seat) -> Seat:
        if sum(view == s.view + 1 for view, _ in s.heard) < 2:
            return s
        later = replace(s, view=s.view + 1, sent=False)
        return self.entered(replace(later, heard=frozenset(h for h in s.heard if h[0] > later.view)))
