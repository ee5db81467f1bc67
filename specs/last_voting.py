"""Last Voting: Paxos in rounds, with a coordinator that changes from phase to phase.

Charron-Bost, Schiper, "The Heard-Of model" (2009), section 5.3 (algorithm 4), after Lamport's Paxos and the algorithm
of Chandra and Toueg.  Heard-Of rounds, n processes with binary inputs; a phase consists of four rounds, and the
coordinator of phase k is process k mod n.

Agreement holds for any heard-of sets: a coordinator imposes a value only with a majority behind it, and asks a majority
for the last value imposed before.  Termination needs a phase whose coordinator is heard and hears a majority.
"""

from flpcheck import (
    HOLDS, VIOLATED, At, Effects, Heard, Instance, Next, RoundProcess, agreement, any_input_validity,
    broadcast, heard_of, integrity, one_of, partially_synchronous, protocol, record, replace, send, termination,
    validity,
)  # fmt: skip


@record
class Estimate:
    """Round 1, process -> coordinator: my value, and the phase that imposed it."""

    x: int
    ts: int


@record
class Vote:
    """Round 2, coordinator -> all: the value of this phase."""

    value: int


@record
class Ack:
    """Round 3, process -> coordinator: I have adopted the value."""


@record
class Decide:
    """Round 4, coordinator -> all: a majority has adopted it."""

    value: int


Message = Estimate | Vote | Ack | Decide


@record
class State:
    """x, ts, vote, commit and ready in the paper, and the output."""

    x: int
    ts: int = 0
    vote: int | None = None  # of a coordinator that has committed to a value
    ready: bool = False
    decision: int | None = None


@protocol
class LastVoting:
    """n processes, and as many phases as it takes."""

    n: int = 3

    def processes(self) -> list[RoundProcess[State, Message]]:
        inputs = {value: State(value) for value in (0, 1)}
        return [RoundProcess(f"p{i}", self.send, self.receive, inputs=inputs) for i in range(self.n)]

    def coordinator(self, round: int) -> str:
        return f"p{(round - 1) // 4 % self.n}"

    def send(self, at: At, s: State, round: int) -> Effects[Message]:
        coordinator = self.coordinator(round)
        phase = (round - 1) // 4 + 1
        match (round - 1) % 4 + 1:
            case 1:
                return send(Estimate(s.x, s.ts), to=coordinator)
            case 2 if s.vote is not None:
                return broadcast(Vote(s.vote))
            case 3 if s.ts == phase:
                return send(Ack(), to=coordinator)
            case 4 if s.ready and s.vote is not None:
                return broadcast(Decide(s.vote))
        return ()

    def last(self, estimates: list[Estimate]) -> set[int]:
        """Return the values with the last time stamp."""
        stamp = max(estimate.ts for estimate in estimates)
        return {estimate.x for estimate in estimates if estimate.ts == stamp}

    def receive(self, at: At, s: State, round: int, heard: Heard[Message]) -> Next[State]:
        phase = (round - 1) // 4 + 1
        estimates = [m for m in heard.values() if isinstance(m, Estimate)]
        acks = [m for m in heard.values() if isinstance(m, Ack)]
        if 2 * len(estimates) > self.n:
            return one_of(replace(s, vote=value) for value in sorted(self.last(estimates)))  # 1. a last value
        if 2 * len(acks) > self.n:
            return replace(s, ready=True)  # 3. a majority has adopted it
        for message in heard.values():
            if isinstance(message, Vote):
                return replace(s, x=message.value, ts=phase)  # 2. adopt the coordinator's value
            if isinstance(message, Decide):
                decision = message.value if s.decision is None else s.decision
                return replace(s, vote=None, ready=False, decision=decision)  # 4. decide
        return replace(s, vote=None, ready=False) if round % 4 == 0 else s


SAFE = {agreement: HOLDS, validity: HOLDS, any_input_validity: HOLDS, integrity: HOLDS}
UNDECIDED = SAFE | {termination: VIOLATED}

INSTANCES = (
    Instance(
        "one phase", LastVoting(), heard_of("any", rounds=4), UNDECIDED,
        configurations=308, transitions=388, depth=4,
        bivalent=6, univalent={0: 71, 1: 71}, none=160, critical=0, disagreeing=0,
        counterexample={termination: 1}, chain=1, flp="blocks",
        about="A coordinator that is not heard has no effect, and the phases may be over before another one is.",
    ),
    Instance(
        "two phases", LastVoting(), heard_of("any", rounds=8), UNDECIDED,
        configurations=2958, transitions=4474, depth=8,
        bivalent=120, univalent={0: 1114, 1: 1114}, none=610, critical=0, disagreeing=0,
        counterexample={termination: 5}, chain=5, flp="blocks",
        about="The second coordinator learns what the first one may have decided.",
    ),
    Instance(
        "three phases", LastVoting(), heard_of("any", rounds=12), UNDECIDED,
        configurations=10994, transitions=18010, depth=12,
        bivalent=486, univalent={0: 4448, 1: 4448}, none=1612, critical=0, disagreeing=0,
        counterexample={termination: 9}, chain=9, flp="blocks",
        about="Three coordinators, each of which can lose its majority half-way.",
    ),
    Instance(
        "n4 two phases", LastVoting(n=4), heard_of("any", rounds=8), UNDECIDED,
        configurations=12410, transitions=20020, depth=8,
        bivalent=322, univalent={0: 4800, 1: 4800}, none=2488, critical=0, disagreeing=0,
        counterexample={termination: 5}, chain=5, flp="blocks",
        about="Four processes: three are a majority.",
    ),
    Instance(
        "GST", LastVoting(), partially_synchronous(crashes=1, unstable=4), SAFE | {termination: HOLDS},
        configurations=2320, transitions=5570, depth=13,
        bivalent=354, univalent={0: 983, 1: 983}, none=0, critical=28, disagreeing=0,
        within=11, chain=10, flp="outside",
        delays={"decision": (4, 7), "all decisions": (4, 7)},
        about="After GST: the rest of a phase, a phase whose coordinator crashes, and an undisturbed one, 3 + 4 + 4.",
    ),
)  # fmt: skip
