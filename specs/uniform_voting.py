"""Uniform Voting: vote for a value if only that value is heard, and decide it if only votes for it are heard.

Charron-Bost, Schiper, "The Heard-Of model" (2009), section 5.2 (algorithm 2), derived from Ben-Or's algorithm.
Heard-Of rounds, n processes with binary inputs; a phase consists of two rounds.

Agreement rests on the communication predicate *no split*: in each round any two processes hear a common one, so that
there are never votes for two values, and all hear of a decided value.  Termination needs a round in which
all hear the same.
"""

from flpcheck import (
    HOLDS, VIOLATED, At, Effects, Heard, Instance, RoundProcess, agreement, any_input_validity, broadcast, heard_of,
    integrity, protocol, record, replace, termination, validity,
)  # fmt: skip


@record
class Ballot:
    """What is sent: the value, and in the second round of a phase the vote."""

    x: int
    vote: int | None = None


@record
class State:
    """x and vote in the paper, and the output."""

    x: int
    vote: int | None = None
    decision: int | None = None


@protocol
class UniformVoting:
    """n processes; every other round is alike."""

    n: int = 3
    period = 2

    def processes(self) -> list[RoundProcess[State, Ballot]]:
        inputs = {value: State(value) for value in (0, 1)}
        return [RoundProcess(f"p{i}", self.send, self.receive, inputs=inputs) for i in range(self.n)]

    def send(self, at: At, s: State, round: int) -> Effects[Ballot]:
        return broadcast(Ballot(s.x, s.vote))

    def settled(self, ballots: list[Ballot]) -> bool:
        """Whether all that is heard are votes for one value."""
        return all(ballot.vote is not None and ballot.vote == ballots[0].vote for ballot in ballots)

    def receive(self, at: At, s: State, round: int, heard: Heard[Ballot]) -> State:
        ballots = list(heard.values())
        values = [ballot.x for ballot in ballots]
        votes = [ballot.vote for ballot in ballots if ballot.vote is not None]
        if not ballots:  # no process is heard
            return replace(s, vote=None)
        if round % 2:
            vote = values[0] if len(set(values)) == 1 else None
            return replace(s, x=min(values), vote=vote)  # 1. the smallest value; vote for it if all agree
        x = min(votes or values)  # 2. a value that was voted for, or else the smallest
        if s.decision is None and self.settled(ballots):
            return State(x, decision=x)  # 3. decide if all votes are for it
        return replace(s, x=x, vote=None)


SAFE = {agreement: HOLDS, validity: HOLDS, any_input_validity: HOLDS, integrity: HOLDS}

INSTANCES = (
    Instance(
        "no split", UniformVoting(), heard_of("no_split"), SAFE | {termination: VIOLATED},
        configurations=51, transitions=261, depth=3,
        bivalent=12, univalent={0: 23, 1: 16}, none=0, critical=0, disagreeing=0,
        counterexample={termination: 2}, flp="undecided_lasso",
        about="Under its predicate no two processes disagree; the adversary can keep two values alive for ever.",
    ),
    Instance(
        "kernel", UniformVoting(), heard_of("kernel"), SAFE | {termination: VIOLATED},
        configurations=51, transitions=261, depth=3,
        bivalent=12, univalent={0: 23, 1: 16}, none=0, critical=0, disagreeing=0,
        counterexample={termination: 2}, flp="undecided_lasso",
        delays={"decision": (2, 12), "all decisions": (2, 12)},
        about="A process that all hear in each round is no more help than that.",
    ),
    Instance(
        "uniform", UniformVoting(), heard_of("uniform"), SAFE | {termination: HOLDS},
        configurations=15, transitions=27, depth=3,
        bivalent=6, univalent={0: 5, 1: 4}, none=0, critical=6, disagreeing=0,
        within=4, chain=1, flp="outside",
        about="If all hear the same in every round, one phase is enough.",
    ),
    Instance(
        "unrestricted", UniformVoting(), heard_of("any"), SAFE | {agreement: VIOLATED, termination: VIOLATED},
        configurations=1944, transitions=26378, depth=7,
        bivalent=1674, univalent={0: 135, 1: 135}, none=0, critical=0, disagreeing=864,
        counterexample={agreement: 2, termination: 2}, flp=("disagrees", "undecided_lasso"),
        about="Without the predicate two processes hear nothing of each other and decide two values.",
    ),
)  # fmt: skip
