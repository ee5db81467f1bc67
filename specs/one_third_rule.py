"""The One-Third Rule: adopt the most frequent value heard; decide one that more than two thirds have sent.

Charron-Bost, Schiper, "The Heard-Of model" (2009), section 5.1 (algorithm 1).  Heard-Of rounds, n processes with binary
inputs.  There are no failures in the model, only messages that are not heard; a crashed process is one that no other
hears.

Agreement holds for any heard-of sets.  Termination needs luck: a round in which all hear the same set of more than two
thirds, and then more than two thirds again.  Without it the adversary can keep all undecided for ever, as the theorem
says; once the network is stable for good, two rounds are enough if more than two thirds are alive (n > 3f).
"""

from flpcheck import (
    HOLDS, VIOLATED, At, Effects, Heard, Instance, RoundProcess, agreement, any_input_validity, broadcast, heard_of,
    integrity, partially_synchronous, protocol, record, replace, termination, validity,
)  # fmt: skip


@record
class State:
    """x in the paper, and the output."""

    x: int
    decision: int | None = None


@protocol
class OneThirdRule:
    """n processes; all rounds are alike."""

    n: int = 3
    period = 1

    @property
    def enough(self) -> int:
        return 2 * self.n // 3 + 1  # more than two thirds

    def processes(self) -> list[RoundProcess[State, int]]:
        inputs = {value: State(value) for value in (0, 1)}
        return [RoundProcess(f"p{i}", self.send, self.receive, inputs=inputs) for i in range(self.n)]

    def send(self, at: At, s: State, round: int) -> Effects[int]:
        return broadcast(s.x)

    def receive(self, at: At, s: State, round: int, heard: Heard[int]) -> State:
        values = sorted(heard.values())
        if len(values) < self.enough:  # too few are heard: nothing happens
            return s
        x = max(sorted(set(values)), key=values.count)  # 1. the smallest most frequent value received
        if s.decision is None and values.count(x) >= self.enough:
            return State(x, decision=x)  # 2. decide what more than two thirds have sent
        return replace(s, x=x)


SAFE = {agreement: HOLDS, validity: HOLDS, any_input_validity: HOLDS, integrity: HOLDS}

INSTANCES = (
    Instance(
        "any", OneThirdRule(), heard_of("any"), SAFE | {termination: VIOLATED},
        configurations=22, transitions=44, depth=1,
        bivalent=0, univalent={0: 11, 1: 11}, none=0, critical=0, disagreeing=0,
        counterexample={termination: 1}, flp="undecided_lasso",
        about="No two processes disagree, for any heard-of sets; but rounds in which none is heard can go on for ever.",
    ),
    Instance(
        "n4 any", OneThirdRule(n=4), heard_of("any"), SAFE | {termination: VIOLATED},
        configurations=102, transitions=804, depth=1,
        bivalent=6, univalent={0: 48, 1: 48}, none=0, critical=0, disagreeing=0,
        counterexample={termination: 1}, flp="undecided_lasso",
        about="The same with four processes.",
    ),
    Instance(
        "n5 any", OneThirdRule(n=5), heard_of("any"), SAFE | {termination: VIOLATED},
        configurations=244, transitions=3032, depth=1,
        bivalent=10, univalent={0: 122, 1: 112}, none=0, critical=0, disagreeing=0,
        counterexample={termination: 1}, flp="undecided_lasso",
        about="The same with five processes.",
    ),
    Instance(
        "n4 uniform", OneThirdRule(n=4), heard_of("uniform+two_thirds"), SAFE | {termination: HOLDS},
        configurations=18, transitions=30, depth=1,
        bivalent=6, univalent={0: 6, 1: 6}, none=0, critical=6, disagreeing=0,
        within=2, chain=1, flp="outside",
        about="If all hear the same set of more than two thirds in every round, all decide in the second one.",
    ),
    Instance(
        "n4 f1 GST", OneThirdRule(n=4), partially_synchronous(crashes=1), SAFE | {termination: HOLDS},
        configurations=844, transitions=5392, depth=3,
        bivalent=12, univalent={0: 416, 1: 416}, none=0, critical=6, disagreeing=0,
        within=3, flp="outside",
        delays={"decision": (1, 12), "slowest inputs": (2, 24), "all decisions": (1, 12)},
        about="Four processes tolerate a crash: soon after GST all have decided, whatever happened before.",
    ),
    Instance(
        "n3 f1 GST", OneThirdRule(), partially_synchronous(crashes=1), SAFE | {termination: VIOLATED},
        configurations=152, transitions=390, depth=3,
        bivalent=0, univalent={0: 64, 1: 64}, none=24, critical=0, disagreeing=0,
        counterexample={termination: 1}, flp=("blocks", "outside"),
        about="Three do not: after a crash two are left, and they are not more than two thirds.",
    ),
)  # fmt: skip
