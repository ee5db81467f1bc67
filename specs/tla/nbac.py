"""Non-blocking atomic commitment with an anonymous failure detector, as in the public TLA+ model `nbacg_guer01`.

Guerraoui, "Non-blocking atomic commit in asynchronous distributed systems with failure detectors" (2002), in the
counting abstraction of Konnov, Veith, Widder: messages are counted, and every process knows from the start whether its
detector will ever report a crash.
"""

from collections.abc import Iterator, Mapping
from itertools import product

from flpcheck import HOLDS, Event, Instance, Pid, agreement, asynchronous, invariant, protocol, record, replace

VOTES = ("YES", "NO")


@record
class Voter:
    """Where a process is, what its detector says, and how many votes of each kind it has received."""

    place: str
    some_fail: bool
    yes: int = 0
    no: int = 0


@record
class Commitment:
    """The processes, and how many votes were sent: by those that did not crash before, and by those that did."""

    voters: tuple[Voter, ...]
    sent: tuple[int, int] = (0, 0)  # YES, NO
    faulty: tuple[int, int] = (0, 0)  # that processes may have sent while they crashed

    def but(self, i: int, voter: Voter) -> "Commitment":
        """Return the same with another voter i."""
        return replace(self, voters=(*self.voters[:i], voter, *self.voters[i + 1 :]))


def counted(votes: tuple[int, int], vote: str) -> tuple[int, int]:
    """Return the numbers of votes with one more."""
    return (votes[0] + (vote == "YES"), votes[1] + (vote == "NO"))


@protocol
class NonBlockingCommitment:
    """Commit only if all vote yes and none is suspected."""

    n: int = 3

    def names(self) -> list[Pid]:
        return [f"p{i}" for i in range(self.n)]

    def initial(self) -> Iterator[Commitment]:
        for voters in product([Voter(vote, fails) for vote in VOTES for fails in (False, True)], repeat=self.n):
            yield Commitment(voters)

    def successors(self, c: Commitment) -> Iterator[tuple[Event, Commitment]]:
        for i, name in enumerate(self.names()):
            yield from ((Event(what, name, world=what == "fails"), after) for what, after in self.steps(c, i))

    def steps(self, c: Commitment, i: int) -> Iterator[tuple[str, Commitment]]:
        voter = c.voters[i]
        if voter.place != "CRASHED":  # a crash; its vote may have reached some
            crashed = c.but(i, replace(voter, place="CRASHED"))
            yield "fails", replace(crashed, faulty=counted(c.faulty, voter.place))
        if voter.place == "SENT" and voter.yes < c.sent[0] + c.faulty[0]:  # receive a YES
            yield "hears YES", c.but(i, replace(voter, yes=voter.yes + 1))
        if voter.place == "SENT" and voter.no < c.sent[1] + c.faulty[1]:  # receive a NO
            yield "hears NO", c.but(i, replace(voter, no=voter.no + 1))
        if voter.place in VOTES and not voter.some_fail:  # send the vote
            yield "votes", replace(c.but(i, replace(voter, place="SENT")), sent=counted(c.sent, voter.place))
        if voter.place in VOTES and voter.some_fail:  # the detector reports a crash
            yield "aborts", c.but(i, replace(voter, place="ABORT"))
        if voter.place == "SENT" and voter.no > 0:  # some process votes NO
            yield "aborts", c.but(i, replace(voter, place="ABORT"))
        if voter.place == "SENT" and voter.no == 0 and voter.yes >= self.n:  # all vote YES
            yield "commits", c.but(i, replace(voter, place="COMMIT"))

    def decisions(self, c: Commitment) -> Mapping[Pid, str | None]:
        final = ("COMMIT", "ABORT")
        return {n: v.place if v.place in final else None for n, v in zip(self.names(), c.voters, strict=True)}


@invariant
def commit_validity(c: Commitment) -> bool:
    """No process commits after a NO vote was sent."""
    return all(voter.place != "COMMIT" for voter in c.voters) or c.sent[1] == 0


INSTANCES = (
    Instance(
        "n=3",
        NonBlockingCommitment(),
        asynchronous(),
        {agreement: HOLDS, commit_validity: HOLDS},
        configurations=24922,
        transitions=80265,
        depth=15,
        bivalent=165,
        univalent={"ABORT": 21126, "COMMIT": 1308},
        none=2323,
        disagreeing=0,
        flp=("blocks", "outside"),
        about="Three processes, any of which may crash: the published number of configurations.",
    ),
)
