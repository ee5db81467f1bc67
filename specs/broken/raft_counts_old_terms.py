"""Raft with a leader that commits entries of earlier terms by counting: what is committed gets lost.

Breaks the last rule of leaders in Ongaro, Ousterhout, "In Search of an Understandable Consensus Algorithm" (2014),
Figure 2: only an entry of the leader's own term is committed by counting.  The story is that of their Figure 8, told by
three servers.  Everything else is `specs/raft.py`.
"""

from _raft import Server
from flpcheck import VIOLATED, Instance, asynchronous, protocol
from raft import Raft, complete_leaders


@protocol
class RaftCountsOldTerms(Raft):
    """Elections and log replication when any entry on a majority of servers counts as committed."""

    def may_count(self, s: Server, index: int) -> bool:
        return True  # BROKEN: whatever the term of the entry


INSTANCES = (
    Instance(
        "figure 8",
        RaftCountsOldTerms(terms=4, commands=2, candidates="s0 s1 s0 s1", asked="s0 s1", quiet=True),
        asynchronous(network="set"),
        {complete_leaders: VIOLATED},
        configurations=1262298,
        transitions=2756703,
        depth=22,
        counterexample={complete_leaders: 22},
        bounds={"max_depth": 22},
        about="The leader of term 3 commits an entry of term 1; the leader of term 4 has never heard of it.",
    ),
)
