"""Always zero: every process decides 0, whatever the inputs are.

Fischer, Lynch, Paterson, "Impossibility of Distributed Consensus with One Faulty Process" (1985), section 2: why the
definition of partial correctness demands that both values are possible.  Without that clause there is nothing to
prove: this protocol agrees and terminates in spite of any number of crashes, and is useless.
"""

from flpcheck import (
    HOLDS, VIOLATED, At, Instance, Process, Processes, Start, Step, agreement, any_input_validity, asynchronous,
    integrity, non_triviality, protocol, record, replace, termination, uniform_agreement, validity,
)  # fmt: skip


@record
class State:
    """The registers of a process."""

    input: int
    decision: int | None = None


@protocol
class AlwaysZero:
    """No process sends anything."""

    n: int = 2

    def processes(self) -> Processes[None]:
        return [Process(f"p{i}", self.process, inputs={v: State(v) for v in (0, 1)}) for i in range(self.n)]

    def process(self, at: At, s: State, event: Start) -> Step[State, None]:
        return replace(s, decision=0), ()  # decide 0


TRIVIAL = {
    agreement: HOLDS, uniform_agreement: HOLDS, integrity: HOLDS, termination: HOLDS,
    validity: VIOLATED, any_input_validity: VIOLATED, non_triviality: VIOLATED,
}  # fmt: skip

INSTANCES = (
    Instance(
        "no crash", AlwaysZero(n=2), asynchronous(), TRIVIAL,
        configurations=16, transitions=16, depth=2,
        bivalent=0, univalent={0: 16}, none=0, critical=0, disagreeing=0,
        counterexample={validity: 1, any_input_validity: 1},
        flp=("trivial", "outside"),
        about="Agreement and termination alone are easy: every configuration is 0-valent.",
    ),
    Instance(
        "one crash", AlwaysZero(n=2), asynchronous(crashes=1), TRIVIAL,
        configurations=48, transitions=64, depth=3,
        bivalent=0, univalent={0: 48}, none=0, critical=0, disagreeing=0,
        counterexample={validity: 1, any_input_validity: 1}, flp="trivial",
        about="The theorem does not forbid this protocol: non-triviality, which it violates, makes consensus hard.",
    ),
)  # fmt: skip
