"""Raft with a server that forgets its vote in a restart: two leaders in one term.

Breaks a rule of Ongaro, Ousterhout, "In Search of an Understandable Consensus Algorithm" (2014), Figure 2: votedFor
is persistent state, updated on stable storage before a server responds to a request.  The term and the log survive the
restart, the vote does not.  Everything else is `specs/raft.py`.
"""

from _raft import Message, Server
from flpcheck import VIOLATED, Instance, Process, Processes, asynchronous, protocol
from raft import Raft, safe_elections


@protocol
class RaftForgetsVote(Raft):
    """Elections when servers keep their votes in volatile memory."""

    def processes(self) -> Processes[Message]:
        kept = ("term", "log")  # BROKEN: without voted_for
        return [Process(s, self.server, Server(), sent=self.requests(s), stable=kept) for s in self.all_servers]


INSTANCES = (
    Instance(
        "one term",
        RaftForgetsVote(terms=1, commands=0, quiet=True),
        asynchronous(network="set", crashes=1, recoveries=1),
        {safe_elections: VIOLATED},
        configurations=1543,
        transitions=3126,
        depth=10,
        counterexample={safe_elections: 8},
        about="A server votes, restarts, and votes again in the same term.",
    ),
)
