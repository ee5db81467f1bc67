"""Non-blocking atomic commitment with an anonymous failure detector, as in the public TLA+ model `nbacg_guer01`.

Guerraoui, "Non-blocking atomic commit in asynchronous distributed systems with failure detectors" (2002), in the
counting abstraction of Konnov, Veith, Widder: messages are counted, and every process knows from the start whether its
detector will ever report a crash.
"""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from flpcheck import (
    HOLDS, Action, Event, Instance, Pid, agreement, asynchronous, invariant, protocol, put, record, replace,
)  # fmt: skip

VOTES = ("YES", "NO")
Steps = Iterator[tuple[Event, "Commitment"]]


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

    def but(self, i: int, **changes: Any) -> "Commitment":
        """Return the same after changes of voter i."""
        return replace(self, voters=put(self.voters, i, replace(self.voters[i], **changes)))


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

    def actions(self) -> Iterator[Action]:
        for i in range(self.n):
            yield from (Action(rule, i) for rule in (self.fails, self.hears_yes, self.hears_no, self.votes))
            yield from (Action(rule, i) for rule in (self.suspects, self.aborts, self.commits))

    def fails(self, c: Commitment, i: int) -> Steps:  # a crash; its vote may have reached some
        if c.voters[i].place != "CRASHED":
            crashed = replace(c.but(i, place="CRASHED"), faulty=counted(c.faulty, c.voters[i].place))
            yield Event("fails", f"p{i}", world=True), crashed

    def hears_yes(self, c: Commitment, i: int) -> Steps:
        voter = c.voters[i]
        if voter.place == "SENT" and voter.yes < c.sent[0] + c.faulty[0]:
            yield Event("hears YES", f"p{i}"), c.but(i, yes=voter.yes + 1)

    def hears_no(self, c: Commitment, i: int) -> Steps:
        voter = c.voters[i]
        if voter.place == "SENT" and voter.no < c.sent[1] + c.faulty[1]:
            yield Event("hears NO", f"p{i}"), c.but(i, no=voter.no + 1)

    def votes(self, c: Commitment, i: int) -> Steps:
        voter = c.voters[i]
        if voter.place in VOTES and not voter.some_fail:
            yield Event("votes", f"p{i}"), replace(c.but(i, place="SENT"), sent=counted(c.sent, voter.place))

    def suspects(self, c: Commitment, i: int) -> Steps:  # the detector reports a crash
        if c.voters[i].place in VOTES and c.voters[i].some_fail:
            yield Event("aborts", f"p{i}"), c.but(i, place="ABORT")

    def aborts(self, c: Commitment, i: int) -> Steps:  # some process votes NO
        if c.voters[i].place == "SENT" and c.voters[i].no > 0:
            yield Event("aborts", f"p{i}"), c.but(i, place="ABORT")

    def commits(self, c: Commitment, i: int) -> Steps:  # all vote YES
        voter = c.voters[i]
        if voter.place == "SENT" and voter.no == 0 and voter.yes >= self.n:
            yield Event("commits", f"p{i}"), c.but(i, place="COMMIT")

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
