"""Paxos Commit: each resource manager's vote to commit or abort is chosen by Paxos, so no coordinator can block.

Gray, Lamport, "Consensus on Transaction Commit" (2006), section 4; the actions are named as in their TLA+ module.  One
instance of Paxos for each resource manager: it is itself the leader of ballot 0 of its instance, without a phase 1; any
leader may take over in a higher ballot, and proposes to abort where nothing may have been chosen.  A message that was
sent stays for ever (set network); no process crashes, but any may stop for ever.
"""

from collections.abc import Iterator
from itertools import chain, product

from flpcheck import (
    HOLDS, At, Constant, Gather, Instance, Mail, Pid, Process, Processes, Start, Step, View, agreement,
    asynchronous, choose, gather_quorum, integrity, invariant, majority, non_triviality, protocol, quorums, record,
    replace, reply, send,
)  # fmt: skip


@record
class Phase1a:
    """Leader -> acceptors: promise me this ballot in the instance of a resource manager."""

    rm: Pid
    ballot: int


@record
class Phase1b:
    """Acceptor -> leader: promised; and my last vote in this instance, if any (ballot -1: none)."""

    voted: int
    value: str


@record
class Phase2a:
    """Leader (in ballot 0 the resource manager itself) -> acceptors: vote for this value in its instance."""

    rm: Pid
    ballot: int
    value: str


@record
class Phase2b:
    """Acceptor -> the counter of votes for this value: I have voted."""

    rm: Pid
    ballot: int
    value: str


@record
class Commit:
    """To the resource managers: all of them are prepared."""


@record
class Abort:
    """To the resource managers: abort is chosen for one of them."""


Message = Phase1a | Phase1b | Phase2a | Phase2b | Commit | Abort


@record
class ResourceManager:
    """working -> prepared -> committed or aborted."""

    state: str = "working"

    @property
    def decision(self) -> str | None:
        return self.state if self.state in ("committed", "aborted") else None


@record
class Leader:
    """The leader of one ballot of one instance: which phase it has begun."""

    rm: Pid
    ballot: int
    phase: int = 0


@record
class Vote:
    """The registers of an acceptor in one instance, and their names in the TLA+ module."""

    promised: int = 0  # mbal
    voted: int = -1  # bal
    value: str = "none"  # val


@record
class Acceptor:
    """One vote for each resource manager, in their order."""

    votes: tuple[Vote, ...]


@record
class Decider:
    """The counter of votes for one outcome: whether it has announced it."""

    announced: bool = False


@protocol
class PaxosCommit:
    """Transaction commit on 2F+1 acceptors."""

    resource_managers: int = 2
    acceptors: int = 3
    ballots: Constant[int] = 2

    @property
    def rms(self) -> list[Pid]:
        return [f"rm{i}" for i in range(self.resource_managers)]

    @property
    def all_acceptors(self) -> list[Pid]:
        return [f"a{i}" for i in range(self.acceptors)]

    @property
    def quorum(self) -> int:
        return majority(self.acceptors)

    def processes(self) -> Processes[Message]:
        higher = product(self.rms, range(1, self.ballots))
        return [
            *(Process(rm, self.resource_manager, start=ResourceManager()) for rm in self.rms),
            *(
                Process(f"{rm}/leader{b}", self.leader, start=Leader(rm, b), gather=self.promises, virtual=True)
                for rm, b in higher
            ),
            *(Process(a, self.acceptor, start=Acceptor((Vote(),) * len(self.rms))) for a in self.all_acceptors),
            Process("prepared", self.decider, start=Decider(), gather=self.all_prepared, virtual=True),
            Process("aborted", self.decider, start=Decider(), gather=self.one_aborted, virtual=True),
        ]

    def resource_manager(
        self, at: At, s: ResourceManager, event: Start | Commit | Abort
    ) -> Step[ResourceManager, Message]:
        match event:
            case Start() if s.state == "working":  # RMPrepare or RMChooseToAbort
                outcomes = (ResourceManager(vote) for vote in ("prepared", "aborted"))
                return choose(*((o, send(Phase2a(at.me, 0, o.state), to=self.all_acceptors)) for o in outcomes))
            case Commit():  # RMRcvCommitMsg
                return ResourceManager("committed"), ()
            case Abort():  # RMRcvAbortMsg
                return ResourceManager("aborted"), ()
            case Start():  # it has made its choice
                return s, ()

    def promises(self, at: At, s: Leader, mail: Mail[Message]) -> Iterator[Mail[Message]]:
        """Phase 2a waits for a promise from each member of a majority."""
        return gather_quorum(mail, self.quorum)

    def leader(self, at: At, s: Leader, event: Start | Gather[Message] | Phase1b) -> Step[Leader, Message]:
        match event:
            case Start() if s.phase == 0:  # Phase1a
                return replace(s, phase=1), send(Phase1a(s.rm, s.ballot), to=self.all_acceptors)
            case Gather(letters) if s.phase == 1:  # Phase2a: the value of the highest vote reported, or else abort
                highest = max((m for _, m in letters if isinstance(m, Phase1b)), key=lambda promise: promise.voted)
                value = highest.value if highest.voted >= 0 else "aborted"
                return replace(s, phase=2), send(Phase2a(s.rm, s.ballot, value), to=self.all_acceptors)
            case Start() | Gather() | Phase1b():  # begun before; a promise counts together with its majority
                return s, ()

    def acceptor(self, at: At, s: Acceptor, event: Phase1a | Phase2a) -> Step[Acceptor, Message]:
        i = self.rms.index(event.rm)
        mine = s.votes[i]
        match event:
            case Phase1a(_, ballot) if ballot > mine.promised:  # Phase1b
                return self.with_vote(s, i, replace(mine, promised=ballot)), reply(Phase1b(mine.voted, mine.value))
            case Phase2a(rm, ballot, value) if ballot >= mine.promised:  # Phase2b
                return self.with_vote(s, i, Vote(ballot, ballot, value)), send(Phase2b(rm, ballot, value), to=value)
            case Phase1a() | Phase2a():  # an old ballot
                return s, ()

    def with_vote(self, s: Acceptor, i: int, vote: Vote) -> Acceptor:
        return Acceptor((*s.votes[:i], vote, *s.votes[i + 1 :]))

    def chosen(self, value: str, rm: Pid, mail: Mail[Message]) -> Iterator[Mail[Message]]:
        """Yield the majorities that have chosen this value in a resource manager's instance, in one ballot."""
        for ballot in range(self.ballots):
            votes = [letter for letter in mail if letter.message == Phase2b(rm, ballot, value)]
            yield from quorums(votes, self.quorum)

    def all_prepared(self, at: At, s: Decider, mail: Mail[Message]) -> Iterator[Mail[Message]]:
        """To commit, `prepared` must be chosen for every resource manager."""
        majorities = [list(self.chosen("prepared", rm, mail)) for rm in self.rms]
        return (tuple(chain(*together)) for together in product(*majorities))

    def one_aborted(self, at: At, s: Decider, mail: Mail[Message]) -> Iterator[Mail[Message]]:
        """To abort, `aborted` chosen for one resource manager is enough."""
        return chain(*(self.chosen("aborted", rm, mail) for rm in self.rms))

    def decider(self, at: At, s: Decider, event: Gather[Message] | Phase2b) -> Step[Decider, Message]:
        match event:
            case Gather() if not s.announced:  # Decide
                outcome = Commit() if at.me == "prepared" else Abort()
                return Decider(announced=True), send(outcome, to=self.rms)
            case Gather() | Phase2b():  # announced before; a vote counts together with its majority
                return s, ()


@invariant
def consistent(view: View[ResourceManager]) -> bool:
    """No resource manager has committed while another has aborted."""
    return len(set(view.outputs.values())) < 2


CLAIMS = {consistent: HOLDS, agreement: HOLDS, integrity: HOLDS, non_triviality: HOLDS}

INSTANCES = (
    Instance(
        "rm=1", PaxosCommit(resource_managers=1), asynchronous(network="set"), CLAIMS,
        configurations=1461, transitions=4167, depth=14,
        bivalent=43, univalent={"aborted": 782, "committed": 636}, none=0, critical=3, disagreeing=0,
        flp="outside",
        about="A single resource manager, and a leader that may abort on its behalf before its vote is chosen.",
    ),
    Instance(
        "rm=2", PaxosCommit(), asynchronous(network="set"), CLAIMS,
        on_demand=True,
        configurations=1321761, transitions=7029158, depth=27,
        bivalent=22145, univalent={"aborted": 1083920, "committed": 215696}, none=0, critical=150, disagreeing=0,
        flp="outside",
        about="The published instance with two resource managers: 1,321,761 distinct states, 28 levels.",
    ),
)  # fmt: skip
