"""Voting: how ballots keep a choice safe, before there are messages.

Lamport, "Paxos Made Simple" (2001), section 2.2, as the TLA+ module between Consensus and Paxos has it: an acceptor
looks at the votes of a whole quorum at once, hence the general front end.  It refines `tla/consensus` (the set
of chosen values gets at most one element), and `tla/paxos` refines it: promises carry there what is looked up here.
"""

from collections.abc import Iterator, Mapping
from itertools import combinations

from flpcheck import (
    HOLDS, Action, Constant, Event, Instance, Interchangeable, Pid, Reduction, Renaming, Symmetric, agreement,
    asynchronous, integrity, invariant, majority, non_triviality, protocol, put, record, refines, replace,
)  # fmt: skip
from tla.consensus import Chosen, Consensus

Row = tuple[int | None, ...]
Steps = Iterator[tuple[Event, "Ballots"]]


@record
class Ballots:
    """The votes cast, and the ballots still open to each acceptor."""

    votes: tuple[Row, ...]  # votes[b][a]: the vote of acceptor a in ballot b, None if it has cast none
    promised: tuple[int, ...]  # maxBal: acceptor a no longer votes in ballots below promised[a]


@protocol
class Voting:
    """The voting algorithm."""

    acceptors: int = 3
    values: int = 2
    ballots: Constant[int] = 2

    def names(self) -> list[Pid]:
        return [f"a{i}" for i in range(self.acceptors)]

    def initial(self) -> Iterator[Ballots]:
        yield Ballots(((None,) * self.acceptors,) * self.ballots, (-1,) * self.acceptors)

    def actions(self) -> Iterator[Action]:
        for a in range(self.acceptors):
            yield from (Action(self.promises, a, b) for b in range(self.ballots))
            yield from (Action(self.votes, a, b, v) for b in range(self.ballots) for v in range(self.values))

    def promises(self, c: Ballots, a: int, b: int) -> Steps:  # IncreaseMaxBal
        if b > c.promised[a]:
            yield Event("promises", f"a{a}", message=b), replace(c, promised=put(c.promised, a, b))

    def votes(self, c: Ballots, a: int, b: int, v: int) -> Steps:  # VoteFor
        if b >= c.promised[a] and self.may_vote(c, a, b, v):
            votes = put(c.votes, b, put(c.votes[b], a, v))
            yield Event("votes", f"a{a}", message=(b, v)), Ballots(votes, put(c.promised, a, b))

    def may_vote(self, c: Ballots, a: int, b: int, v: int) -> bool:
        """Once in a ballot, only for what others vote for there, and only if a quorum shows that it is safe."""
        if c.votes[b][a] is not None or any(other not in (None, v) for other in c.votes[b]):
            return False
        return any(self.shows_safe(c, q, b, v) for q in combinations(range(self.acceptors), self.quorum))

    def shows_safe(self, c: Ballots, quorum: tuple[int, ...], b: int, v: int) -> bool:
        """The quorum has left all lower ballots, and the last one in which a member voted was for this value."""
        if any(c.promised[a] < b for a in quorum):
            return False
        for earlier in reversed(c.votes[:b]):
            cast = {earlier[a] for a in quorum} - {None}
            if cast:
                return v in cast
        return True

    @property
    def quorum(self) -> int:
        return majority(self.acceptors)

    def reductions(self) -> list[Reduction]:
        return [Symmetric(tuple(self.names())), Interchangeable(tuple(range(self.values)))]

    def renamed(self, c: Ballots, to: Renaming) -> Ballots:
        """Types: an entry for each acceptor, and every vote is a value."""
        votes = tuple(to.row(self.names(), [to.value(vote) for vote in row]) for row in c.votes)
        return Ballots(votes, to.row(self.names(), c.promised))

    def decisions(self, c: Ballots) -> Mapping[Pid, int | None]:
        """A value is chosen when a quorum has voted for it in one ballot."""
        return {f"ballot {b}": self.chosen(row) for b, row in enumerate(c.votes)}

    def chosen(self, row: Row) -> int | None:
        return next((v for v in row if v is not None and row.count(v) >= self.quorum), None)

    def as_consensus(self, c: Ballots) -> Chosen:
        """Return what consensus sees of this: the values that are chosen in some ballot."""
        return Chosen(frozenset(v for v in map(self.chosen, c.votes) if v is not None))


@invariant
def one_value_per_ballot(c: Ballots) -> bool:
    """All votes of a ballot are for the same value."""
    return all(len(set(row) - {None}) < 2 for row in c.votes)


refines_consensus = refines(Consensus, Voting.as_consensus)
CLAIMS = {agreement: HOLDS, integrity: HOLDS, non_triviality: HOLDS, one_value_per_ballot: HOLDS}
REFINING = CLAIMS | {refines_consensus: HOLDS}

INSTANCES = (
    Instance(
        "ballots 0..1",
        Voting(acceptors=3, values=2, ballots=2),
        asynchronous(),
        REFINING,
        configurations=599,
        transitions=2079,
        depth=10,
        bivalent=123,
        univalent={0: 238, 1: 238},
        none=0,
        critical=7,
        disagreeing=0,
        flp="outside",
        reduction=False,
        about="Two ballots: once a value is chosen in ballot 0, nothing else is safe in ballot 1.",
    ),
    Instance(
        "ballots 0..1, modulo symmetry",
        Voting(acceptors=3, values=2, ballots=2),
        asynchronous(),
        CLAIMS,
        configurations=77,
        depth=10,
        about="The published instance, with acceptors and values exchanged: 77 orbits for 599 configurations.",
    ),
    Instance(
        "ballots 0..2",
        Voting(acceptors=3, values=2, ballots=3),
        asynchronous(),
        REFINING,
        configurations=6752,
        transitions=26904,
        depth=15,
        bivalent=814,
        univalent={0: 2969, 1: 2969},
        none=0,
        critical=37,
        disagreeing=0,
        flp="outside",
        reduction=False,
        about="The published instance with three ballots and without symmetry: 6752 distinct states, 16 levels.",
    ),
)
