"""Lamport's Paxos, without proposer state: one virtual leader per ballot, messages that stay for ever.

Lamport, "The Part-Time Parliament" (1998) and "Paxos Made Simple" (2001), section 2.2, in the form of the well-known
TLA+ module: leaders record only which phase they have begun, a learner is a predicate on the votes.  A message that was
sent stays for ever (set network); no process crashes, but an acceptor may stop for ever.  It refines `tla/voting`: the
votes there are the Phase2b messages here.
"""

from collections.abc import Iterator

from flpcheck import (
    HOLDS, At, Choice, Constant, Gather, Instance, Mail, PassiveLearner, Pid, Process, Processes, Start, Step,
    View, agreement, asynchronous, choose, gather_quorum, integrity, majority, non_triviality, protocol, record,
    refines, replace, reply, send,
)  # fmt: skip
from tla.voting import Ballots, Voting


@record
class Phase1a:
    """Leader -> acceptors: promise me this ballot."""

    ballot: int


@record
class Phase1b:
    """Acceptor -> leader: promised; and my last vote, if any (ballot -1: none)."""

    ballot: int
    voted: int
    value: Choice | None


@record
class Phase2a:
    """Leader -> acceptors: vote for this value in this ballot."""

    ballot: int
    value: Choice


@record
class Phase2b:
    """Acceptor -> learner: I have voted."""

    ballot: int
    value: Choice


Message = Phase1a | Phase1b | Phase2a | Phase2b


@record
class Leader:
    """The leader of one ballot: which phase it has begun."""

    ballot: int
    phase: int = 0


@record
class Acceptor:
    """The registers of an acceptor, and their names in the TLA+ module."""

    promised: int = -1  # maxBal
    voted: int = -1  # maxVBal
    value: Choice | None = None  # maxVal


@protocol
class Paxos:
    """The synod algorithm, one leader for each ballot."""

    acceptors: int = 3
    values: int = 2
    ballots: Constant[int] = 2

    def processes(self) -> Processes[Message]:
        leaders = [
            Process(f"leader{b}", self.leader, start=Leader(b), gather=self.promises, virtual=True)
            for b in range(self.ballots)
        ]
        return [
            *leaders,
            *(Process(pid, self.acceptor, start=Acceptor()) for pid in self.all_acceptors),
            PassiveLearner("learner", self.chosen),
        ]

    @property
    def all_acceptors(self) -> list[Pid]:
        return [f"a{i}" for i in range(self.acceptors)]

    @property
    def quorum(self) -> int:
        return majority(self.acceptors)

    def promises(self, at: At, s: Leader, mail: Mail[Message]) -> Iterator[Mail[Message]]:
        """Phase 2a waits for a promise from each member of a quorum."""
        return gather_quorum(mail, self.quorum)

    def leader(self, at: At, s: Leader, event: Start | Gather[Message] | Phase1b) -> Step[Leader, Message]:
        match event:
            case Start() if s.phase == 0:  # Phase 1a
                return replace(s, phase=1), send(Phase1a(s.ballot), to=self.all_acceptors)
            case Gather(letters) if s.phase == 1:  # Phase 2a: the value of the highest vote reported, or any value
                accepts = (send(Phase2a(s.ballot, v), to=self.all_acceptors) for v in self.safe_values(letters))
                return choose(*((replace(s, phase=2), accept) for accept in accepts))
            case Start() | Gather() | Phase1b():  # begun before; a promise counts together with its quorum
                return s, ()

    def safe_values(self, letters: Mail[Message]) -> list[int]:
        """Return what these promises leave to propose: the value of the highest vote, or any value without a vote."""
        reports = [m for _, m in letters if isinstance(m, Phase1b)]
        highest = max(report.voted for report in reports)
        if highest == -1:
            return list(range(self.values))
        return sorted({r.value for r in reports if r.voted == highest and r.value is not None})

    def acceptor(self, at: At, s: Acceptor, event: Phase1a | Phase2a) -> Step[Acceptor, Message]:
        match event:
            case Phase1a(ballot) if ballot > s.promised:  # Phase 1b
                return replace(s, promised=ballot), reply(Phase1b(ballot, s.voted, s.value))
            case Phase2a(ballot, value) if ballot >= s.promised:  # Phase 2b
                return Acceptor(ballot, ballot, value), send(Phase2b(ballot, value), to="learner")
            case Phase1a() | Phase2a():  # an old ballot
                return s, ()

    def chosen(self, mail: Mail[Message]) -> frozenset[int]:
        """A value is chosen when a quorum has voted for it in one ballot."""
        votes = [(m.ballot, m.value) for _, m in mail if isinstance(m, Phase2b)]
        return frozenset(value for ballot, value in votes if votes.count((ballot, value)) >= self.quorum)

    def as_voting(self, view: View[Leader | Acceptor]) -> Ballots:
        """Return what voting sees of this: the votes are the Phase2b messages, which stay where they were sent to."""
        cast = {(m.ballot, a): m.value for a, m in view.mail["learner"] if isinstance(m, Phase2b)}
        promised = view.each("promised")
        return Ballots(
            tuple(tuple(cast.get((b, a)) for a in self.all_acceptors) for b in range(self.ballots)),
            tuple(promised[a] for a in self.all_acceptors),
        )


refines_voting = refines(Voting, Paxos.as_voting)
CLAIMS = {agreement: HOLDS, integrity: HOLDS, non_triviality: HOLDS, refines_voting: HOLDS}

INSTANCES = (
    Instance(
        "ballots 0..1",
        Paxos(),
        asynchronous(network="set"),
        CLAIMS,
        configurations=3921,
        transitions=9914,
        depth=16,
        bivalent=369,
        univalent={0: 1776, 1: 1776},
        none=0,
        critical=36,
        disagreeing=0,
        flp="outside",
        about="The published instance with three acceptors and two values: 3921 distinct states, 17 levels.",
    ),
    Instance(
        "one acceptor",
        Paxos(acceptors=1, values=1),
        asynchronous(network="set"),
        {agreement: HOLDS, integrity: HOLDS, refines_voting: HOLDS},
        configurations=25,
        depth=8,
        about="The smallest published instance, with one acceptor and one value: 25 distinct states, 9 levels.",
    ),
)
