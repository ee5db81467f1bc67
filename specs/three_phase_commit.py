"""Three-phase commit: no process commits before all are prepared to, so none has to wait for a crashed coordinator.

Skeen, "Nonblocking Commit Protocols" (1981); Bernstein, Hadzilacos, Goodman, "Concurrency Control and Recovery in
Database Systems" (1987), section 7.5, with its termination protocol.  Rounds, n participants with a vote; p0 is the
coordinator, and when it is not heard p1, p2, ... take over, one after the other.

In the synchronous world a process that is not heard has crashed, and the protocol tolerates crashes of all participants
but one: the survivors are all uncertain, and may abort, or one is prepared, and all may commit.  In a world where a
message may be late the same rules read a slow participant as a crashed one, and one side commits while the other
aborts.
"""

from flpcheck import (
    HOLDS, VIOLATED, At, Effects, Heard, Instance, RoundProcess, View, heard_of, integrity, invariant, protocol, record,
    replace, send, synchronous, termination, to_others, uniform_agreement,
)  # fmt: skip

COMMIT, ABORT = "commit", "abort"


@record
class Vote:
    """Participant -> coordinator: yes or no."""

    vote: str


@record
class Prepare:
    """Coordinator -> all: all have voted yes."""


@record
class Ack:
    """Participant -> coordinator: I am prepared."""


@record
class Decision:
    """Coordinator -> all: commit or abort."""

    outcome: str


@record
class Report:
    """Participant -> new coordinator: how far I have come."""

    prepared: bool
    decision: str | None


Message = Vote | Prepare | Ack | Decision | Report


@record
class State:
    """The vote, how far the participant has come, what it has to announce as a coordinator, and the outcome."""

    input: str
    prepared: bool = False
    order: Message | None = None
    decision: str | None = None


@protocol
class ThreePhaseCommit:
    """n participants, p0 the coordinator."""

    n: int = 3

    @property
    def rounds(self) -> int:
        return 4 + 3 * (self.n - 1)

    def processes(self) -> list[RoundProcess[State, Message]]:
        inputs = {"yes": State("yes"), "no": State("no")}
        return [RoundProcess(f"p{i}", self.send, self.receive, inputs=inputs) for i in range(self.n)]

    def coordinator(self, round: int) -> str:
        """Return whose turn it is: p0 for four rounds, then each of the others for three."""
        return f"p{max(0, (round - 2) // 3)}"

    def step(self, round: int) -> str:
        """Return what happens in a round."""
        first = ("vote", "prepare", "ack", "decide")
        return first[round - 1] if round <= len(first) else ("report", "prepare", "decide")[(round - 5) % 3]

    def send(self, at: At, s: State, round: int) -> Effects[Message]:
        coordinator = self.coordinator(round)
        match self.step(round):
            case "vote":
                return send(Vote(s.input), to=coordinator)
            case "report":
                return send(Report(s.prepared, s.decision), to=coordinator)
            case "ack" if s.prepared:
                return send(Ack(), to=coordinator)
            case "prepare" | "decide" if at.me == coordinator and s.order is not None:
                return to_others(s.order)
        return ()

    def receive(self, at: At, s: State, round: int, heard: Heard[Message]) -> State:
        leading = at.me == self.coordinator(round)
        match self.step(round), heard.get(self.coordinator(round)):
            case "vote", _:
                return self.count_votes(s, heard, leading=leading)
            case "report", _:
                return self.take_over(s, heard) if leading else s
            case "ack", _:  # 3. a participant that does not acknowledge has crashed: go on
                return replace(s, order=Decision(COMMIT)) if leading and s.prepared else s
            case _, Prepare():
                return replace(s, prepared=True)  # 2. prepare to commit
            case _, Decision(outcome) if s.decision is None:
                return replace(s, prepared=False, decision=outcome)  # 5. obey the coordinator
        return self.carry_out(s) if leading and s.order is not None else s

    def count_votes(self, s: State, heard: Heard[Message], *, leading: bool) -> State:
        """Return the state after the votes: a no is an abort, and only the coordinator knows of all of them."""
        if leading:
            unanimous = sum(message == Vote("yes") for message in heard.values()) == self.n
            return replace(s, order=Prepare() if unanimous else Decision(ABORT))  # 1. all yes: prepare; else abort
        return replace(s, decision=ABORT) if s.input == "no" else s  # 1. a participant that votes no aborts at once

    def carry_out(self, s: State) -> State:
        """Return the state of a coordinator after it has given an order."""
        match s.order:
            case Decision(outcome):
                decision = outcome if s.decision is None else s.decision
                return State(s.input, decision=decision)  # 4. a decision that was sent takes effect
            case _:
                return replace(s, prepared=True, order=Decision(COMMIT))  # 2. the coordinator is prepared as well

    def take_over(self, s: State, heard: Heard[Message]) -> State:
        """Return the state of a new coordinator, from the reports that it hears."""
        reports = [message for message in heard.values() if isinstance(message, Report)]
        reports.append(Report(s.prepared, s.decision))
        decided = sorted({r.decision for r in reports if r.decision is not None})
        if decided:
            return replace(s, order=Decision(decided[0]))  # 6. some participant has decided: so do all
        if any(r.prepared for r in reports):
            return replace(s, order=Prepare())  # 7. some participant is prepared: so may all be, and commit
        return replace(s, order=Decision(ABORT))  # 8. none is prepared: none can have committed


@invariant
def ac3(view: View[State]) -> bool:
    """No participant commits unless all have voted yes."""
    return COMMIT not in view.outputs.values() or set(view.inputs.values()) == {"yes"}


@invariant
def ac4(view: View[State]) -> bool:
    """If all have voted yes and none has failed, none aborts."""
    return bool(view.faulty) or set(view.inputs.values()) != {"yes"} or ABORT not in view.outputs.values()


COMMITS = {uniform_agreement: HOLDS, integrity: HOLDS, ac3: HOLDS, ac4: HOLDS, termination: HOLDS}

INSTANCES = (
    Instance(
        "no crash", ThreePhaseCommit(), synchronous(), COMMITS,
        configurations=88, transitions=80, depth=10,
        bivalent=0, univalent={"abort": 77, "commit": 11}, none=0, critical=0, disagreeing=0,
        within=4, flp="outside",
        about="All vote, prepare and commit, or abort.",
    ),
    Instance(
        "two crashes", ThreePhaseCommit(), synchronous(crashes=2), COMMITS,
        configurations=1571, transitions=2845, depth=10,
        bivalent=11, univalent={"abort": 1398, "commit": 162}, none=0, critical=4, disagreeing=0,
        within=10, chain=6, flp="outside",
        delays={"decision": (1, 2), "slowest inputs": (4, 8), "all decisions": (2, 4)},
        about="Whichever processes crash, even in mid-broadcast: the last live one does not have to wait for any.",
    ),
    Instance(
        "false suspicion", ThreePhaseCommit(), heard_of("any"),
        COMMITS | {uniform_agreement: VIOLATED, ac4: VIOLATED},
        configurations=246, transitions=301, depth=10,
        bivalent=58, univalent={"abort": 139, "commit": 49}, none=0, critical=0, disagreeing=31,
        counterexample={uniform_agreement: 6, ac4: 2}, within=10, chain=4, flp="disagrees",
        about="p1 does not hear the others, takes over, finds none prepared and aborts; they commit.",
    ),
)  # fmt: skip
