"""Ben-Or: randomised consensus; a process that hears nothing decisive tosses a coin.

Ben-Or, "Another Advantage of Free Choice: Completely Asynchronous Agreement Protocols" (1983), protocol A, for crashes:
n > 2f processes with binary inputs, asynchronous and reliable.  Always safe; and with probability one all processes
decide, since eventually all coins of some round fall on the same side.

After `last` rounds, a constant of the model, all processes stop; `specs/ben_or_rounds.py` goes on for ever.

Departures from the paper.  A process counts its own message without sending it.  No decision is announced, because a
process that has decided goes on voting.
"""

from collections.abc import Iterator

from flpcheck import (
    HOLDS, VIOLATED, At, Constant, Effects, Gather, Instance, Mail, Process, Processes, Start, Step, agreement,
    any_input_validity, asynchronous, gather_quorum, integrity, protocol, record, replace, termination, to_others, toss,
    uniform_agreement, validity,
)  # fmt: skip

TOSS = None  # the next value of a process that has to toss for it


@record
class Report:
    """Phase 1: my value."""

    round: int
    value: int


@record
class Proposal:
    """Phase 2: the value that a majority has reported to me, if one was."""

    round: int
    value: int | None


Message = Report | Proposal


@record
class State:
    """x, the round and the phase; and what this process has proposed in the round."""

    input: int
    x: int
    round: int = 0
    phase: int = 0
    proposed: int | None = None
    decision: int | None = None


def proposal(reports: list[int], n: int) -> int | None:
    """Step 2: the value that more than n/2 of the reports have."""
    return next((v for v in (0, 1) if reports.count(v) > n / 2), None)


def verdict(proposals: list[int | None], enough: int) -> tuple[int | None, bool]:
    """Step 3: adopt any proposed value, and decide it if enough have proposed it; or else toss."""
    named = [value for value in proposals if value is not None]
    return (named[0], len(named) >= enough) if named else (TOSS, False)


@protocol
class BenOr:
    """Protocol A, message by message."""

    n: int = 3
    f: int = 1
    enough: int = 2  # number of proposals that make a decision: more than f
    coins: bool = True  # without them a process that would toss keeps its value
    last: Constant[int] = 1  # the last round

    def processes(self) -> Processes[Message]:
        inputs = {v: State(v, v) for v in (0, 1)}
        return [Process(f"p{i}", self.process, inputs=inputs, gather=self.enough_mail) for i in range(self.n)]

    def process(self, at: At, s: State, event: Start | Gather[Message]) -> Step[State, Message]:
        match event:
            case Start() if s.phase == 0:  # Step 1: report the value
                return replace(s, round=1, phase=1), to_others(Report(1, s.x))
            case Gather(letters) if s.phase == 1:  # Step 2: propose what a majority has reported
                value = proposal([s.x, *(m.value for _, m in letters if isinstance(m, Report))], self.n)
                return replace(s, phase=2, proposed=value), to_others(Proposal(s.round, value))
            case Gather(letters):
                others = [m.value for _, m in letters if isinstance(m, Proposal)]
                x, decides = verdict([s.proposed, *others], self.enough)
                if x is TOSS:
                    return self.without_a_proposal(s)  # Step 3c: toss
                if decides and s.decision is None:
                    return self.onwards(replace(s, decision=x), x)  # Step 3b: decide
                return self.onwards(s, x)  # Step 3a: adopt
            case Start():  # started
                return s, ()

    def without_a_proposal(self, s: State) -> Step[State, Message]:
        """Step 3c: a coin with two sides, or without coins the old value."""
        return toss((0.5, self.onwards(s, 0)), (0.5, self.onwards(s, 1))) if self.coins else self.onwards(s, s.x)

    def onwards(self, s: State, x: int) -> tuple[State, Effects[Message]]:
        """Step 4: the next round, if there is one."""
        if s.round == self.last:
            return State(s.input, 0, s.round, 3, None, s.decision), ()
        return State(s.input, x, s.round + 1, 1, None, s.decision), to_others(Report(s.round + 1, x))

    def enough_mail(self, at: At, s: State, mail: Mail[Message]) -> Iterator[Mail[Message]]:
        """With its own, n - f messages of the phase of the round."""
        kind = {1: Report, 2: Proposal}.get(s.phase)
        mine = tuple(x for x in mail if kind and isinstance(x.message, kind) and x.message.round == s.round)
        yield from gather_quorum(mine, self.n - self.f - 1)


SAFE = {agreement: HOLDS, uniform_agreement: HOLDS, validity: HOLDS, any_input_validity: HOLDS, integrity: HOLDS}

SPLIT = {"p0": 0, "p1": 0, "p2": 1}

INSTANCES = (
    Instance(
        "agreed", BenOr(), asynchronous(crashes=1), SAFE | {termination: HOLDS}, inputs=dict.fromkeys(SPLIT, 0),
        configurations=701, transitions=2160, depth=10,
        bivalent=0, univalent={0: 701}, none=0, critical=0, disagreeing=0,
        delays={"decision": (2, 8), "all decisions": (2, 12)},
        about="With equal inputs all decide in the first round, without a coin.",
    ),
    Instance(
        "one round", BenOr(), asynchronous(), SAFE | {termination: VIOLATED},
        configurations=2368, transitions=5280, depth=9,
        bivalent=0, univalent={0: 560, 1: 560}, none=1248, critical=0, disagreeing=0,
        counterexample={termination: 0}, flp=("blocks", "outside"),
        about="With different inputs one round is not enough for all to decide.",
    ),
    Instance(
        "two rounds", BenOr(last=2), asynchronous(), SAFE | {termination: VIOLATED}, inputs=SPLIT,
        configurations=60371, transitions=138550, depth=15,
        bivalent=191, univalent={0: 24113, 1: 8747}, none=27320, critical=64, disagreeing=0,
        counterexample={termination: 7}, flp=("blocks", "outside"),
        about="A scheduler that sees a coin before the others have heard their proposals leaves a chance of 1/8.",
    ),
)  # fmt: skip
