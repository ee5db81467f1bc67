"""Egalitarian Paxos with one ballot for each instance: a command and a no-op are committed in the same place.

Figure 3 of Moraru, Andersen, Kaminsky, "There Is More Consensus in Egalitarian Parliaments" (2013) speaks of one ballot
for an instance; Sutra, "On the Correctness of Egalitarian Paxos" (2020) found that two are needed.  If a replica that
joins a ballot forgets in which one it has voted, what it knows (here: nothing) passes for newer than a command that
others have voted for.  Everything else is `specs/epaxos.py`.
"""

from _epaxos_log import Ballot, Entry, PrepareOK
from epaxos import EPaxos, consistency
from flpcheck import VIOLATED, Instance, asynchronous, protocol


@protocol
class EPaxosSingleBallot(EPaxos):
    """Egalitarian Paxos when an answer reports the ballot last joined."""

    def answer(self, i: str, e: Entry, ballot: Ballot) -> PrepareOK:
        return PrepareOK(i, ballot, e.ballot, e.status, e.what)  # BROKEN: the ballot joined, not the one voted in


INSTANCES = (
    Instance(
        "two recoveries",
        EPaxosSingleBallot(commands=1, recoverers=2),
        asynchronous(),
        {consistency: VIOLATED},
        configurations=57270,
        counterexample={consistency: 11},
        bounds={"max_depth": 11},
        about="r1 joins its own ballot and knows nothing; r2 then takes that for newer than the command it has seen.",
    ),
)
