"""One voter, two candidates: a protocol that is right if what the voter wrote is on disk before its answer leaves."""

from __future__ import annotations

from typing import Any

from flpcheck import (
    At,
    Process,
    Recovered,
    Stable,
    Start,
    Step,
    View,
    invariant,
    protocol,
    record,
    replace,
    reply,
    send,
)


@record
class Ask:
    term: int


@record
class Yes:
    term: int


@record
class Back:
    pass


@record
class Voter:
    term: Stable[int] = 0
    vote: Stable[str | None] = None


@record
class Candidate:
    asked: int = 0
    led: frozenset[int] = frozenset()


ONCE, TOGETHER, BACKWARDS = (((1,),), ((1,),)), (((1,),), ((1, 2),)), (((1,),), ((2,), (1,)))
"""For each candidate the terms that it asks for, start by start."""


@protocol
class Votes:
    """Candidates ask for a term, the voter gives each to one of them."""

    asks: Any = ONCE
    announces: bool = False

    def processes(self) -> list[Process[Any, Any]]:
        voter = self.announcing if self.announces else self.voter
        candidates = [Process(name, self.candidate, start=Candidate()) for name in ("c1", "c2")]
        return [Process("v", voter, start=Voter()), *candidates]

    def voter(self, at: At, s: Voter, event: Ask) -> Step[Voter, Yes]:
        if event.term > s.term or (event.term == s.term and s.vote == at.sender):
            return Voter(max(event.term, s.term), at.sender), reply(Yes(event.term))
        return s, ()

    def announcing(self, at: At, s: Voter, event: Ask | Recovered) -> Step[Voter, Yes | Back]:
        return (s, send(Back(), to=("c1", "c2"))) if isinstance(event, Recovered) else self.voter(at, s, event)

    def candidate(self, at: At, s: Candidate, event: Start | Yes | Back) -> Step[Candidate, Ask]:
        match event:
            case Start() if s.asked < len(terms := self.asks[int(at.me == "c2")]):
                return replace(s, asked=s.asked + 1), tuple(send(Ask(term), to="v") for term in terms[s.asked])
            case Yes(term):
                return replace(s, led=s.led | {term}), ()
            case _:
                return s, ()


@invariant
def one_leader_in_term_1(view: View[Any]) -> bool:
    """At most one candidate leads term 1."""
    return not all(1 in view.states[name].led for name in ("c1", "c2"))
