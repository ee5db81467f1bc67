"""Egalitarian Paxos with one ballot for each instance: two replicas commit different commands in the same place.

Breaks what figure 3 of Moraru, Andersen, Kaminsky (2013) leaves open, as found by Sutra, "On the Correctness of
Egalitarian Paxos" (2020): a replica that joins a ballot in order to answer must not forget in which ballot it has
voted, or an old vote looks like the newest one.  Everything else is `specs/epaxos.py`.
"""

from epaxos import Ballot, Entry, EPaxos, PrepareOK, consistency
from flpcheck import VIOLATED, Instance, asynchronous, protocol


@protocol
class EPaxosSingleBallot(EPaxos):
    """Egalitarian Paxos as its first description can be read."""

    def answer(self, i: str, e: Entry, ballot: Ballot) -> PrepareOK:
        return PrepareOK(i, ballot, e.ballot, e.status, e.what)  # BROKEN: instead of e.voted
