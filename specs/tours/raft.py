"""A tour of `raft`: an election, an entry, and why a server without that entry cannot be elected.

Ongaro, Ousterhout, "In Search of an Understandable Consensus Algorithm" (2014), sections 5.2 to 5.4.
"""

from collections import Counter

from _raft import Appended, AppendEntries, Entry, Request, RequestVote, Server, Vote
from flpcheck import Event, Gauge, Onward, Stop, Story, Tour, View, receives, times_out
from raft import Raft

X = Entry(1, "x")
APPEND = AppendEntries(1, 0, 0, (X,), 0)


def voted(candidate: str, request: RequestVote, *servers: str) -> tuple[Event, ...]:
    """Return that some servers receive a request to vote."""
    return tuple(receives(s, request, candidate) for s in servers)


ELECTED = (times_out("s0"), *voted("s0", RequestVote(1, 0, 0), "s1", "s2"), receives("s0", Vote(1, True), "s2"))
SENT = (receives("s0", Request("x"), "s0"), times_out("s0"))
COMMITTED = (receives("s2", APPEND, "s0"), receives("s0", Appended(1, True, 1), "s2"))

TOURS = (
    Tour(
        "Why a leader must have the newest log",
        "two leaders",
        "What one leader has committed survives it, because a server that lacks it gets no majority of votes.",
        (
            Stop(
                "Three followers",
                "All are in term 0 with empty logs. Timers decide who stands for election; in this model s0 stands for "
                "term 1 and s1 for term 2.",
                decided={}, shows={"s0": {"role": "follower", "term": 0}}, impossible=(times_out("s1"),),
            ),
            Stop(
                "s0 stands for election",
                "Its timer fires: it moves to term 1, votes for itself, and asks the others for their votes.",
                ELECTED[:1], decided={}, shows={"s0": {"role": "candidate", "term": 1, "voted_for": "s0"}},
            ),
            Stop(
                "A majority votes for it",
                "s1 and s2 vote for it. With its own vote and that of s2 it has two of three: s0 is the leader of "
                "term 1. A server votes once in a term, so there is no second one.",
                ELECTED[1:], decided={}, shows={"s0": {"role": "leader"}},
            ),
            Stop(
                "A client's command",
                "s0 appends x to its log, and sends it along with its next heartbeat. An entry in one log is not yet "
                "safe.",
                SENT, decided={}, shows={"s0": {"log": (X,), "commit": 0}, "s1": {"log": ()}, "s2": {"log": ()}},
            ),
            Stop(
                "Committed",
                "s2 appends x and says so. Two of three logs have it, so s0 commits x. The message to s1 is still on "
                "its way.",
                COMMITTED, decided={"s0": X}, shows={"s0": {"commit": 1}, "s1": {"log": ()}, "s2": {"log": (X,)}},
            ),
            Stop(
                "s1 would like to lead",
                "Its timer fires: it moves to term 2 and asks for votes, with an empty log. If it led, it could put "
                "another command where x is.",
                (times_out("s1"),), decided={"s0": X}, shows={"s1": {"role": "candidate", "term": 2, "log": ()}},
            ),
            Stop(
                "It is refused",
                "s0 and s2 move to term 2, and do not vote for it: their logs are newer than that of s1. A "
                "majority of votes includes one from a server with x, since any two majorities meet.",
                voted("s1", RequestVote(2, 0, 0), "s0", "s2"), decided={"s0": X}, shows={"s2": {"voted_for": None}},
                impossible=(receives("s1", Vote(2, True), "s0"), receives("s1", Vote(2, True), "s2")),
            ),
            Stop(
                "With the entry it may lead",
                "The same until x was committed. But now s1 receives x before its timer fires.",
                (
                    *ELECTED, *SENT, *COMMITTED, receives("s1", APPEND, "s0"), times_out("s1"),
                    *voted("s1", RequestVote(2, 1, 1), "s2"),
                ),
                inputs={}, decided={"s0": X}, shows={"s1": {"role": "candidate", "log": (X,)}},
            ),
            Stop(
                "The leader of term 2 has x",
                "s2 has nothing that s1 lacks, and votes for it. That is leader completeness (figure 3 of the paper): "
                "what is committed in one term is in the logs of the leaders of all later terms.",
                (receives("s1", Vote(2, True), "s2"),), decided={"s0": X},
                shows={"s1": {"role": "leader", "term": 2, "log": (X,)}},
            ),
        ),
        (
            Onward("In Paxos a new leader need not have it: it asks what was accepted.",
                   "Why a promise carries the accepted value", "paxos"),
            Onward("The order of entries is all that replicas need.", "One order, one state",
                   "replicated_state_machine"),
        ),
    ),
)  # fmt: skip


def votes(view: View[Server]) -> int:
    """Return how many votes a candidate has got in the newest term."""
    newest = max(view.each("term").values())
    names = [s.voted_for for s in view.states.values() if s.term == newest and s.voted_for]
    return max(Counter(names).values(), default=0)


def copies(view: View[Server]) -> int:
    """Return how many logs have the first entry."""
    return sum(len(log) > 0 for log in view.each("log").values())


def needed(model: Raft) -> int:
    """Return how many servers are a majority."""
    return model.quorum


STORIES = (
    Story(
        "Votes and copies",
        "A majority elects, and a majority commits: the two share a server.",
        ("two leaders",),
        gauges=(
            Gauge("votes in the newest term", votes, needed),
            Gauge("logs that have an entry", copies, needed),
        ),
    ),
)
