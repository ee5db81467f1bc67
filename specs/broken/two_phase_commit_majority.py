"""Broken two-phase commit: the coordinator commits as soon as a majority has voted yes.

Broken rule: in phase 2 the coordinator may commit only when *all* votes are there and all are yes (Bernstein,
Hadzilacos, Goodman, "Concurrency Control and Recovery in Database Systems" (1987), section 7.4).  A majority is enough
to choose a value, as in Paxos, but not to commit a transaction, in which every participant has a veto.

What goes wrong: two of three vote yes, and the coordinator commits although the third one is against it (AC3).  The
third one has the right to abort at once when it votes no, and so two processes decide differently (AC1).  AC2 and AC4
still hold: decisions are never changed, and if all vote yes, all commit.
"""

from flpcheck import (
    HOLDS,
    VIOLATED,
    At,
    Instance,
    Step,
    Timeout,
    asynchronous,
    majority,
    protocol,
    replace,
    termination,
)
from two_phase_commit import Coordinator, Message, TwoPhaseCommit, Vote, ac1, ac2, ac3, ac4, waits_for_votes


@protocol
class MajorityCommit(TwoPhaseCommit):
    """Two-phase commit without a veto."""

    def coordinator(self, at: At, s: Coordinator, event: Vote | Timeout) -> Step[Coordinator, Message]:
        enough = majority(self.participants)  # BROKEN: should be self.participants
        match event:
            case Vote(vote) if s.decision is None:
                votes = s.votes | {(at.sender, vote)}
                yes = sum(voted == "yes" for _, voted in votes)
                if yes == enough:
                    return self.decide(votes, "commit")  # Phase 2: enough yes, commit
                if len(votes) - yes > self.participants - enough:
                    return self.decide(votes, "abort")  # Phase 2: too many no, abort
                return replace(s, votes=votes), ()  # Phase 1: wait for the other votes
            case Vote() | Timeout():
                return super().coordinator(at, s, event)


INSTANCES = (
    Instance(
        "two of three", MajorityCommit(participants=3), asynchronous(),
        {ac1: VIOLATED, ac2: HOLDS, ac3: VIOLATED, ac4: HOLDS, termination: HOLDS, waits_for_votes: VIOLATED},
        configurations=520, transitions=1056, depth=9,
        bivalent=156, univalent={"abort": 260, "commit": 104}, none=0, critical=0, disagreeing=72,
        counterexample={ac1: 5, ac3: 4},
        flp=("disagrees", "outside"),
        about="Two votes of yes outvote a no: the third participant has aborted on its own.",
    ),
)  # fmt: skip
