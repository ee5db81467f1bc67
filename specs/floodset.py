"""FloodSet: for so many rounds, tell everybody all the inputs that you know of; then decide.

Lynch, "Distributed Algorithms" (1996), section 6.2.1; Dolev, Strong (1983) for the number of rounds.  Synchronous
rounds, n processes with binary inputs, at most f of them crash, and a crash may cut a broadcast short.

With f + 1 rounds there is a round in which nobody crashes, and after it everybody knows the same inputs.  With f rounds
the adversary can spend one crash in each of them: the last value passes from one crashing process to the next and
reaches a single survivor in the end, if two are left (n >= f + 2).  Crashes that fall between broadcasts cannot do
that, so a model in which they are all clean finds nothing wrong.
"""

from flpcheck import (
    HOLDS, VIOLATED, At, Effects, Heard, Instance, RoundProcess, agreement, any_input_validity, broadcast,
    correct_unanimity, integrity, protocol, record, replace, synchronous, termination, uniform_agreement, validity,
)  # fmt: skip

Values = frozenset[int]


@record
class State:
    """What a process knows."""

    known: Values  # W in the book
    decision: int | None = None


@protocol
class FloodSet:
    """n processes, so many rounds."""

    n: int = 3
    rounds: int = 2

    def processes(self) -> list[RoundProcess[State, Values]]:
        inputs = {value: State(frozenset({value})) for value in (0, 1)}
        return [RoundProcess(f"p{i}", self.send, self.receive, inputs=inputs) for i in range(self.n)]

    def send(self, at: At, s: State, round: int) -> Effects[Values]:  # 1. tell everybody all that is known
        return broadcast(s.known)

    def receive(self, at: At, s: State, round: int, heard: Heard[Values]) -> State:
        known = s.known.union(*heard.values())
        if round < self.rounds:
            return State(known)  # 2. add what the others know
        return State(known, min(known) if len(known) == 1 else 0)  # 3. decide the only value, or else 0


KEPT = {agreement: HOLDS, uniform_agreement: HOLDS, validity: HOLDS, any_input_validity: HOLDS, integrity: HOLDS,
        termination: HOLDS}  # fmt: skip

INSTANCES = (
    Instance(
        "n3 f1", FloodSet(n=3, rounds=2), synchronous(crashes=1), KEPT | {correct_unanimity: VIOLATED},
        configurations=44,
        about="f + 1 rounds",
    ),
)  # fmt: skip
