"""Two-phase commit: a transaction is committed everywhere or nowhere, as long as the coordinator speaks.

Gray, "Notes on Data Base Operating Systems" (1978); Bernstein, Hadzilacos, Goodman, "Concurrency Control and Recovery
in Database Systems" (1987), chapter 7, whose conditions AC1 to AC5 are judged here.  Asynchronous, reliable delivery,
crash-stop; a participant's input is its vote.

A participant that votes no aborts at once.  One that has voted yes may do nothing on its own: the coordinator may have
committed or aborted already, and only the coordinator can tell.  Silence the coordinator in this window, and the
participant is blocked (AC5).  A `patient` coordinator waits for all votes, and the votes alone settle the outcome:
nothing is bivalent.  With `timeouts` it gives up on a vote that does not come, and cannot know whether the voter is
dead or slow: a false timeout aborts what all have agreed to (AC4), and all depends on the coordinator's next step.

With two participants there are 84 configurations: the coordinator aborts on the first no and remembers the votes that
it has received; a participant may learn the outcome before it has voted, and then votes no more.
"""

from flpcheck import (
    HOLDS, VIOLATED, At, Instance, Pid, Process, Processes, Start, Step, Timeout, View, asynchronous, integrity,
    invariant, protocol, record, replace, send, termination, until,
)  # fmt: skip


@record
class Vote:
    """Participant -> coordinator: yes or no."""

    vote: str


@record
class Outcome:
    """Coordinator -> participants: commit or abort."""

    outcome: str


Message = Vote | Outcome


@record
class Participant:
    """Its vote, whether it has sent it, and its decision."""

    input: str
    voted: bool = False
    decision: str | None = None


@record
class Coordinator:
    """The votes received, and its decision."""

    votes: frozenset[tuple[Pid, str]] = frozenset()
    decision: str | None = None


@protocol
class TwoPhaseCommit:
    """Phase 1: the votes.  Phase 2: the outcome."""

    participants: int = 2
    timeouts: bool = False

    @property
    def pids(self) -> list[Pid]:
        return [f"p{i}" for i in range(self.participants)]

    def processes(self) -> Processes[Message]:
        return [
            Process("coordinator", self.coordinator, start=Coordinator()),
            *(Process(p, self.participant, inputs={v: Participant(v) for v in ("yes", "no")}) for p in self.pids),
        ]

    def participant(self, at: At, s: Participant, event: Start | Outcome) -> Step[Participant, Message]:
        match event:
            case Start() if not s.voted and s.decision is None:
                vote = send(Vote(s.input), to="coordinator")
                if s.input == "no":
                    return replace(s, voted=True, decision="abort"), vote  # Phase 1: vote no and abort
                return replace(s, voted=True), vote  # Phase 1: vote yes and wait
            case Outcome(outcome) if s.decision is None:  # Phase 2: obey the coordinator
                return replace(s, decision=outcome), ()
            case Start() | Outcome():
                return s, ()

    def coordinator(self, at: At, s: Coordinator, event: Vote | Timeout) -> Step[Coordinator, Message]:
        match event:
            case Vote(vote) if s.decision is None:
                votes = s.votes | {(at.sender, vote)}
                if vote == "no":
                    return self.decide(votes, "abort")  # Phase 2: one no, abort
                if len(votes) == self.participants:
                    return self.decide(votes, "commit")  # Phase 2: all yes, commit
                return replace(s, votes=votes), ()  # Phase 1: wait for the other votes
            case Timeout() if s.decision is None and self.timeouts:  # Timeout: a vote does not come, abort
                return self.decide(s.votes, "abort")
            case Vote() | Timeout():
                return s, ()

    def decide(self, votes: frozenset[tuple[Pid, str]], outcome: str) -> Step[Coordinator, Message]:
        return Coordinator(votes, outcome), send(Outcome(outcome), to=self.pids)


Configuration = View[Participant | Coordinator]


@invariant
def ac1(view: Configuration) -> bool:
    """AC1: no two processes decide differently."""
    return len(set(view.outputs.values())) < 2


ac2 = integrity  # AC2: no process changes its decision


@invariant
def ac3(view: Configuration) -> bool:
    """AC3: commit is decided only if all vote yes."""
    return "commit" not in view.outputs.values() or "no" not in view.inputs.values()


@invariant
def ac4(view: Configuration) -> bool:
    """AC4: abort is not decided if no process has crashed and all vote yes."""
    return "abort" not in view.outputs.values() or "no" in view.inputs.values() or bool(view.crashed)


def none_commits(view: Configuration) -> bool:
    """No process has decided to commit."""
    return "commit" not in view.outputs.values()


def all_have_voted(view: Configuration) -> bool:
    """Every participant has voted, or has decided without a vote."""
    return all(s.voted or s.decision for s in view.states.values() if isinstance(s, Participant))


waits_for_votes = until(none_commits, all_have_voted, name="waits_for_votes")
ac5 = termination  # AC5: every correct process decides

SILENCE = asynchronous(crashes=1, crash_events="elided")  # one process may fall silent for ever
PATIENT = {ac1: HOLDS, ac2: HOLDS, ac3: HOLDS, ac4: HOLDS, ac5: VIOLATED}
HURRIED = {ac1: HOLDS, ac2: HOLDS, ac3: HOLDS, ac4: VIOLATED, ac5: VIOLATED}

INSTANCES = (
    Instance(
        "patient", TwoPhaseCommit(), SILENCE, PATIENT,
        configurations=84, transitions=124, depth=6,
        bivalent=0, univalent={"abort": 72, "commit": 12}, none=0, critical=0, disagreeing=0,
        flp="blocks",
        about="The votes settle the outcome, nothing is bivalent; but a silent process blocks all that wait for it.",
    ),
    Instance(
        "timeouts", TwoPhaseCommit(timeouts=True), SILENCE, HURRIED,
        configurations=276, transitions=508, depth=7,
        bivalent=8, univalent={"abort": 264, "commit": 4}, none=0, critical=2, disagreeing=0,
        counterexample={ac4: 1}, flp="blocks",
        about="A false timeout aborts what all have agreed to; that depends on one step of the coordinator.",
    ),
    Instance(
        "patient, no crash", TwoPhaseCommit(), asynchronous(), PATIENT | {ac5: HOLDS, waits_for_votes: HOLDS},
        configurations=84, transitions=124, depth=6,
        bivalent=0, univalent={"abort": 72, "commit": 12}, none=0, critical=0, disagreeing=0,
        flp="outside",
        about="Without a crash every condition holds.",
    ),
    Instance(
        "patient, one crash", TwoPhaseCommit(), asynchronous(crashes=1), PATIENT,
        configurations=252, transitions=552, depth=7,
        bivalent=0, univalent={"abort": 202, "commit": 34}, none=16, critical=0, disagreeing=0,
        flp="blocks",
        delays={"decision": (0, 1), "slowest inputs": (1, 4), "all decisions": (1, 4)},
        about="The same with crashes as events: the crash after the votes is there to be examined.",
    ),
    Instance(
        "timeouts, one crash", TwoPhaseCommit(timeouts=True), asynchronous(crashes=1), HURRIED,
        configurations=724, transitions=1934, depth=8,
        bivalent=18, univalent={"abort": 686, "commit": 16}, none=4, critical=6, disagreeing=0,
        counterexample={ac4: 1}, flp="blocks",
        about="Timeouts help against a silent participant, not against a silent coordinator.",
    ),
    Instance(
        "patient, 3 participants", TwoPhaseCommit(participants=3), SILENCE, PATIENT,
        configurations=1308, transitions=3084, depth=9,
        bivalent=0, univalent={"abort": 1274, "commit": 34}, none=0, critical=0, disagreeing=0,
        flp="blocks",
        about="More participants do not help: all of them wait for one coordinator.",
    ),
)  # fmt: skip
