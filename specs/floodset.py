"""FloodSet: for a fixed number of rounds, send all known inputs to all; then decide.

Lynch, "Distributed Algorithms" (1996), section 6.2.1; Dolev, Strong (1983) for the number of rounds.  Synchronous
rounds, n processes with binary inputs, at most f of them crash, and a crash may cut a broadcast short.

With f + 1 rounds there is a round without a crash, and after it all survivors know the same inputs.  With f rounds
the adversary can spend one crash in each of them: the last value passes from one crashing process to the next and
reaches a single survivor in the end, if two are left (n >= f + 2).  Crashes between broadcasts cannot do
that, so a model that has only these finds nothing wrong.
"""

from flpcheck import (
    HOLDS, VIOLATED, At, Effects, Heard, Instance, RoundProcess, agreement, any_input_validity, broadcast,
    correct_unanimity, integrity, protocol, record, synchronous, termination, uniform_agreement, validity,
)  # fmt: skip

Values = frozenset[int]


@record
class State:
    """What a process knows."""

    known: Values  # W in the book
    decision: int | None = None


@protocol
class FloodSet:
    """n processes, and a number of rounds."""

    n: int = 3
    rounds: int = 2

    def processes(self) -> list[RoundProcess[State, Values]]:
        inputs = {value: State(frozenset({value})) for value in (0, 1)}
        return [RoundProcess(f"p{i}", self.send, self.receive, inputs=inputs) for i in range(self.n)]

    def send(self, at: At, s: State, round: int) -> Effects[Values]:  # 1. send all that is known to all
        return broadcast(s.known)

    def receive(self, at: At, s: State, round: int, heard: Heard[Values]) -> State:
        known = s.known.union(*heard.values())
        if round < self.rounds:
            return State(known)  # 2. add what the others know
        return State(known, min(known) if len(known) == 1 else 0)  # 3. decide the only value, or else 0


KEPT = {
    agreement: HOLDS, uniform_agreement: HOLDS, validity: HOLDS, any_input_validity: HOLDS, integrity: HOLDS,
    termination: HOLDS,
}  # fmt: skip
BROKEN = KEPT | {agreement: VIOLATED, uniform_agreement: VIOLATED}

INSTANCES = (
    Instance(
        "n3 f1", FloodSet(), synchronous(crashes=1), KEPT | {correct_unanimity: VIOLATED},
        configurations=44, transitions=83, depth=2,
        bivalent=3, univalent={0: 32, 1: 9}, none=0, critical=3, disagreeing=0,
        counterexample={correct_unanimity: 2}, within=2, chain=1, flp="outside",
        delays={"decision": (2, 12), "all decisions": (2, 12)},
        about="Two rounds tolerate a crash. Correct processes that all propose 1 may decide the 0 of the crashed one.",
    ),
    Instance(
        "n3 f1, one round", FloodSet(rounds=1), synchronous(crashes=1), BROKEN,
        configurations=32, transitions=50, depth=1,
        bivalent=9, univalent={0: 18, 1: 5}, none=0, critical=0, disagreeing=6,
        counterexample={agreement: 1, uniform_agreement: 1}, within=1, chain=1, flp=("disagrees", "outside"),
        about="With f rounds a crash in mid-broadcast informs one survivor and not the other.",
    ),
    Instance(
        "n3 f1, one round, clean crashes", FloodSet(rounds=1), synchronous(crashes=1, mid_broadcast=False), KEPT,
        configurations=20, transitions=32, depth=1,
        bivalent=3, univalent={0: 12, 1: 5}, none=0, critical=3, disagreeing=0,
        within=1, chain=1, flp="outside",
        about="The bug is not seen: a process that crashes between broadcasts is heard by all survivors, or by none.",
    ),
    Instance(
        "n2 f1, one round", FloodSet(n=2, rounds=1), synchronous(crashes=1), KEPT,
        configurations=13, transitions=16, depth=1,
        bivalent=2, univalent={0: 7, 1: 4}, none=0, critical=2, disagreeing=0,
        within=1, chain=1, flp="outside",
        about="Only one process survives, so it cannot disagree with another: the bound needs n >= f + 2.",
    ),
    Instance(
        "n3 f2, two rounds", FloodSet(rounds=2), synchronous(crashes=2), KEPT,
        configurations=62, transitions=197, depth=2,
        bivalent=12, univalent={0: 35, 1: 15}, none=0, critical=9, disagreeing=0,
        within=2, chain=2, flp="outside",
        about="f rounds are enough here as well, because n < f + 2.",
    ),
    Instance(
        "n3 f2", FloodSet(rounds=3), synchronous(crashes=2), KEPT,
        configurations=83, transitions=254, depth=3,
        bivalent=12, univalent={0: 49, 1: 22}, none=0, critical=9, disagreeing=0,
        within=3, chain=2, flp="outside",
        about="Three rounds for two crashes.",
    ),
    Instance(
        "n4 f1", FloodSet(n=4, rounds=2), synchronous(crashes=1), KEPT,
        configurations=94, transitions=211, depth=2,
        bivalent=4, univalent={0: 79, 1: 11}, none=0, critical=4, disagreeing=0,
        within=2, chain=1, flp="outside",
        about="Four processes, one crash.",
    ),
    Instance(
        "n4 f2, two rounds", FloodSet(n=4, rounds=2), synchronous(crashes=2), BROKEN,
        configurations=178, transitions=727, depth=2,
        bivalent=34, univalent={0: 121, 1: 23}, none=0, critical=6, disagreeing=12,
        counterexample={agreement: 2, uniform_agreement: 2}, within=2, chain=2, flp=("disagrees", "outside"),
        about="A chain of crashes: p0 reaches only p1, and p1 reaches only one of the other two, in the last round.",
    ),
    Instance(
        "n4 f2", FloodSet(n=4, rounds=3), synchronous(crashes=2), KEPT,
        configurations=211, transitions=850, depth=3,
        bivalent=22, univalent={0: 155, 1: 34}, none=0, critical=18, disagreeing=0,
        within=3, chain=2, flp="outside",
        about="One of three rounds has no crash: the adversary can keep the outcome open for f - 1 rounds only.",
    ),
)  # fmt: skip
