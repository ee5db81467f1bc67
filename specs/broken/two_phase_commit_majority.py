"""Broken two-phase commit: the coordinator commits as soon as a majority has voted yes.

Broken rule: in phase 2 the coordinator may commit only when *all* votes are there and all are yes (Bernstein,
Hadzilacos, Goodman, "Concurrency Control and Recovery in Database Systems" (1987), section 7.4).  A majority is enough
to choose a value, as in Paxos, but not to commit a transaction, in which everybody has a veto.

What goes wrong: two of three vote yes, and the coordinator commits although the third one is against it (AC3).  The
third one has the right to abort at once when it votes no, and so two processes decide differently (AC1).  AC2 and AC4
still hold: decisions are never changed, and if all vote yes, all commit.
"""

from flpcheck import (
    HOLDS, VIOLATED, At, Effects, Instance, Pid, Process, Processes, Start, Step, View, asynchronous, integrity,
    invariant, majority, protocol, record, replace, send, termination,
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
    """Who has voted yes and who no, and its decision."""

    yes: frozenset[Pid] = frozenset()
    no: frozenset[Pid] = frozenset()
    decision: str | None = None


@protocol
class MajorityCommit:
    """Two-phase commit without a veto."""

    participants: int = 3

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
            case Outcome(outcome) if s.decision is None:  # Phase 2: do what the coordinator says
                return replace(s, decision=outcome), ()
            case Start() | Outcome():
                return s, ()

    def coordinator(self, at: At, s: Coordinator, event: Vote) -> Step[Coordinator, Message]:
        enough = majority(self.participants)  # BROKEN: should be self.participants
        match event:
            case Vote("yes") if s.decision is None:
                yes = s.yes | {at.sender}
                if len(yes) == enough:
                    return Coordinator(yes, s.no, "commit"), self.tell("commit")  # Phase 2: enough yes, commit
                return replace(s, yes=yes), ()  # Phase 1: wait for the other votes
            case Vote() if s.decision is None:
                no = s.no | {at.sender}
                if len(no) > self.participants - enough:
                    return Coordinator(s.yes, no, "abort"), self.tell("abort")  # Phase 2: too many no, abort
                return replace(s, no=no), ()  # Phase 1: wait for the other votes
            case Vote():
                return s, ()

    def tell(self, outcome: str) -> Effects[Message]:
        return send(Outcome(outcome), to=self.pids)


Configuration = View[Participant | Coordinator]


@invariant
def ac1(view: Configuration) -> bool:
    """AC1: no two processes decide differently."""
    return len(set(view.outputs.values())) < 2


ac2 = integrity  # AC2: no process changes its decision


@invariant
def ac3(view: Configuration) -> bool:
    """AC3: commit is decided only if everybody votes yes."""
    return "commit" not in view.outputs.values() or "no" not in view.inputs.values()


@invariant
def ac4(view: Configuration) -> bool:
    """AC4: abort is not decided if nobody has crashed and everybody votes yes."""
    return "abort" not in view.outputs.values() or "no" in view.inputs.values() or bool(view.crashed)


INSTANCES = (
    Instance(
        "two of three", MajorityCommit(), asynchronous(),
        {ac1: VIOLATED, ac2: HOLDS, ac3: VIOLATED, ac4: HOLDS, termination: HOLDS},
        configurations=520, transitions=1056, depth=9,
        bivalent=156, univalent={"abort": 260, "commit": 104}, none=0, critical=0, disagreeing=72,
        counterexample={ac1: 5, ac3: 4},
        about="Two votes of yes outvote a no: the third participant has aborted on its own.",
    ),
)  # fmt: skip
