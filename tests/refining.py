"""Protocols that others refine, and mutants that refine nothing, for tests of refinement."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flpcheck import (
    Action,
    At,
    Event,
    Property,
    StateGraph,
    Timeout,
    asynchronous,
    load,
    protocol,
    replace,
    reply,
)
from flpcheck.analyse import analyse
from flpcheck.analyse.finding import Finding
from flpcheck.authoring.values import key


@protocol
class Arrows:
    """An abstract protocol: arrows between values."""

    roots: tuple[Any, ...] = (0,)
    arrows: tuple[tuple[Any, Any], ...] = ()

    def initial(self) -> list[Any]:
        return list(self.roots)

    def actions(self) -> list[Action]:
        return [Action(self.goes, *arrow) for arrow in self.arrows]

    def goes(self, c: Any, start: Any, end: Any) -> Iterator[tuple[Event, Any]]:
        if key(c) == key(start):
            yield Event("goes", message=end), end


PAXOS = load("tla/paxos")
Phase1a, Phase1b, Phase2a = (getattr(PAXOS.module, name) for name in ("Phase1a", "Phase1b", "Phase2a"))
REFINES_VOTING = PAXOS.property_named("refines_voting")
Voting = PAXOS.module.Voting
SETS = asynchronous(network="set")


@protocol
class HidesVote(PAXOS.protocol):  # type: ignore[misc, name-defined]
    """A promise says nothing of the vote cast before."""

    def acceptor(self, at: At, s: Any, event: Phase1a | Phase2a) -> Any:  # type: ignore[valid-type]
        if isinstance(event, Phase1a) and event.ballot > s.promised:
            return replace(s, promised=event.ballot), reply(Phase1b(event.ballot, -1, None))
        return super().acceptor(at, s, event)


@protocol
class QuorumOfOne(PAXOS.protocol):  # type: ignore[misc, name-defined]
    """A leader goes on with a single promise."""

    @property
    def quorum(self) -> int:
        return 1


@protocol
class TakesOldBallots(PAXOS.protocol):  # type: ignore[misc, name-defined]
    """An acceptor votes in ballots that it has promised to leave."""

    def acceptor(self, at: At, s: Any, event: Phase1a | Phase2a) -> Any:  # type: ignore[valid-type]
        if isinstance(event, Phase2a):
            return super().acceptor(at, replace(s, promised=min(s.promised, event.ballot)), event)
        return super().acceptor(at, s, event)


MUTANTS = {"hides its vote": (HidesVote, 10), "quorum of one": (QuorumOfOne, 4), "old ballots": (TakesOldBallots, 7)}


def verdict_on(graph: StateGraph, claim: Property) -> Finding:
    return analyse(graph, [claim]).findings[0]


RAFT = load("raft")
Message, RequestVote = (getattr(RAFT.module, name) for name in ("Message", "RequestVote"))


@protocol
class VotesForAnyLog(RAFT.protocol):  # type: ignore[misc, name-defined]
    """A server votes for a candidate whose log is behind its own."""

    def server(self, at: At, s: Any, event: Timeout | Message) -> Any:  # type: ignore[valid-type]
        if isinstance(event, RequestVote):
            event = replace(event, last_term=event.term)
        return super().server(at, s, event)
