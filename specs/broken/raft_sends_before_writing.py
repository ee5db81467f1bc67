"""Raft on a server that answers before its vote is on disk: after a restart it votes again, and a term has two leaders.

Breaks a rule of Ongaro, Ousterhout, "In Search of an Understandable Consensus Algorithm" (2014), Figure 2: term, vote
and log are updated on stable storage before a server responds to a request.  The rules are those of
`specs/raft.py`; only the points where a crash may come differ.  The same servers with the disk first are the instance
`crashes inside steps` there.
"""

from flpcheck import VIOLATED, Instance, asynchronous, protocol
from raft import Raft, safe_elections


@protocol
class RaftSendsBeforeWriting(Raft):
    """Elections of servers whose messages leave before their state is stored."""


INSTANCES = (
    Instance(
        "one term",
        RaftSendsBeforeWriting(terms=1, commands=0, quiet=True),
        asynchronous(network="set", crashes=1, recoveries=1, crash_points="send-first"),  # BROKEN: not write-first
        {safe_elections: VIOLATED},
        configurations=4087,
        transitions=10098,
        depth=8,
        counterexample={safe_elections: 7},
        about="A vote reaches the candidate, the voter crashes before it has written it down, and votes again.",
    ),
)
