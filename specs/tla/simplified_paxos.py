"""Classic Paxos as the first half of simplified Fast Paxos: one leader per ballot, a decision that is recorded.

Lamport, "Fast Paxos" (2006), section 2.2, in the form of the public TLA+ module SimplifiedFastPaxos:
ballots and registers start at 0, a ballot is begun by a message, a leader asks for a value once a quorum has promised,
and the decision is a variable of its own.  A message that was sent stays for ever (set network); no process crashes.
"""

from collections.abc import Iterator

from flpcheck import (
    HOLDS, At, Choice, Constant, Gather, Instance, Interchangeable, Letter, Mail, Pid, Process, Processes, Reduction,
    Start, Step, Symmetric, agreement, asynchronous, choose, gather_quorum, integrity, non_triviality, protocol, record,
    replace, reply, send,
)  # fmt: skip


@record
class Prepare:
    """P1a, leader -> replicas: promise me this ballot."""

    ballot: int


@record
class Promise:
    """P1b, replica -> leader: promised; and my last vote (no value: none)."""

    ballot: int
    voted: int
    value: Choice | None


@record
class Accept:
    """P2a, leader -> replicas: vote for this value in this ballot."""

    ballot: int
    value: Choice


@record
class Accepted:
    """P2b, replica -> learner: I have voted."""

    ballot: int
    value: Choice


Message = Prepare | Promise | Accept | Accepted


@record
class Leader:
    """The leader of one ballot: which phase it has begun."""

    ballot: int
    phase: int = 0


@record
class Replica:
    """The registers of a replica."""

    promised: int = 0  # maxBallot
    voted: int = 0  # maxVBallot
    value: Choice | None = None  # maxValue


@record
class Learner:
    """What has been decided."""

    decision: Choice | None = None


@protocol
class SimplifiedPaxos:
    """Classic rounds only."""

    replicas: int = 4
    quorum: int = 3
    values: int = 3
    ballots: Constant[int] = 3

    def processes(self) -> Processes[Message]:
        leaders = [
            Process(f"leader{b}", self.leader, start=Leader(b), gather=self.promises, virtual=True)
            for b in range(1, self.ballots)
        ]
        return [
            *leaders,
            *(Process(pid, self.replica, start=Replica()) for pid in self.all_replicas),
            Process("learner", self.learner, start=Learner(), gather=self.votes, virtual=True),
        ]

    @property
    def all_replicas(self) -> list[Pid]:
        return [f"r{i}" for i in range(self.replicas)]

    def reductions(self) -> list[Reduction]:
        return [Symmetric(tuple(self.all_replicas)), Interchangeable(tuple(range(self.values)))]

    def promises(self, at: At, s: Leader, mail: Mail[Message]) -> Iterator[Mail[Message]]:
        """A promise from each member of a quorum."""
        return gather_quorum(mail, self.quorum)

    def leader(self, at: At, s: Leader, event: Start | Gather[Message] | Promise) -> Step[Leader, Message]:
        match event:
            case Start() if s.phase == 0:  # PaxosPrepare
                return replace(s, phase=1), send(Prepare(s.ballot), to=self.all_replicas)
            case Gather(letters) if s.phase == 1:  # PaxosAccept
                accepts = (send(Accept(s.ballot, v), to=self.all_replicas) for v in self.safe_values(letters))
                return choose(*((replace(s, phase=2), accept) for accept in accepts))
            case Start() | Gather() | Promise():  # begun before; a promise counts together with its quorum
                return s, ()

    def safe_values(self, letters: Mail[Message]) -> list[int]:
        """Return the value of the highest vote reported, or any value if none has voted."""
        reports = [m for _, m in letters if isinstance(m, Promise)]
        highest = max(report.voted for report in reports)
        reported = {r.value for r in reports if r.voted == highest and r.value is not None}
        return sorted(reported) if reported else list(range(self.values))

    def replica(self, at: At, s: Replica, event: Prepare | Accept) -> Step[Replica, Message]:
        match event:
            case Prepare(ballot) if s.promised < ballot:  # PaxosPromise
                return replace(s, promised=ballot), reply(Promise(ballot, s.voted, s.value))
            case Accept(ballot, value) if s.promised <= ballot:  # PaxosAccepted
                return Replica(ballot, ballot, value), send(Accepted(ballot, value), to="learner")
            case Prepare() | Accept():  # an old ballot
                return s, ()

    def votes(self, at: At, s: Learner, mail: Mail[Message]) -> Iterator[Mail[Message]]:
        """Equal votes of one ballot from each member of a quorum."""
        for vote in dict.fromkeys(message for _, message in mail):
            yield from gather_quorum(tuple(letter for letter in mail if letter.message == vote), self.quorum)

    def learner(self, at: At, s: Learner, event: Gather[Message] | Accepted) -> Step[Learner, Message]:
        match event:
            case Gather((Letter(_, Accepted(_, value)), *_)):  # PaxosDecide
                return Learner(value), ()
            case Gather() | Accepted():  # a vote counts together with its quorum
                return s, ()


CLAIMS = {agreement: HOLDS, integrity: HOLDS, non_triviality: HOLDS}

INSTANCES = (
    Instance(
        "ballots 0..2", SimplifiedPaxos(), asynchronous(network="set"), CLAIMS,
        configurations=1207, depth=21,
        about="The published instance, modulo the symmetry of replicas and values: 1207 distinct states, 22 levels.",
    ),
    Instance(
        "without symmetry", SimplifiedPaxos(), asynchronous(network="set"), CLAIMS,
        configurations=48514, transitions=154688, depth=21, reduction=False,
        about="The same with all names distinguished: as many configurations as the 1207 orbits have members.",
    ),
)  # fmt: skip
