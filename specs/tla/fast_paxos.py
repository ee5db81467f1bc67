"""Simplified Fast Paxos: replicas vote for values of their own in fast ballots, a coordinator settles collisions.

Lamport, "Fast Paxos" (2006), section 3, in the form of the public TLA+ module SimplifiedFastPaxos:
nothing is prepared; every fast ballot is open from the beginning, and a classic ballot is begun only when a fast quorum
of a lower fast ballot has voted for different values.  A message that was sent stays for ever (set network).
"""

from collections.abc import Iterator

from flpcheck import (
    HOLDS, At, Choice, Constant, Effects, Gather, Instance, Interchangeable, Letter, Mail, Pid, Process, Processes,
    Reduction, Start, Step, Symmetric, agreement, asynchronous, choose, gather_quorum, integrity, non_triviality,
    protocol, record, replace, send,
)  # fmt: skip


@record
class Any:
    """P2a of a fast ballot, coordinator -> replicas: vote for any value."""

    ballot: int


@record
class Accept:
    """P2a of a classic ballot, coordinator -> replicas: vote for this value."""

    ballot: int
    value: Choice


@record
class Accepted:
    """P2b, replica -> learner, and in a fast ballot -> coordinator: I have voted."""

    ballot: int
    value: Choice


Message = Any | Accept | Accepted


@record
class Replica:
    """The registers of a replica."""

    ballot: int = 0  # maxBallot, and maxVBallot: nothing is promised without a vote
    value: Choice | None = None  # maxValue


@record
class Coordinator:
    """The ballots that it has begun, and the value that it has asked for in classic ones."""

    begun: frozenset[int] = frozenset()
    value: Choice | None = None  # cValue


@record
class Learner:
    """What has been decided."""

    decision: Choice | None = None


@protocol
class FastPaxos:
    """Fast and classic ballots, without leaders and without promises."""

    replicas: int = 4
    quorum: int = 3
    fast_quorum: int = 3
    values: int = 3
    ballots: Constant[int] = 5
    fast: Constant[frozenset[int]] = frozenset({1, 3})

    def processes(self) -> Processes[Message]:
        return [
            Process("coordinator", self.coordinator, start=Coordinator(), gather=self.collisions, virtual=True),
            *(Process(pid, self.replica, start=Replica()) for pid in self.all_replicas),
            Process("learner", self.learner, start=Learner(), gather=self.votes, virtual=True),
        ]

    @property
    def all_replicas(self) -> list[Pid]:
        return [f"r{i}" for i in range(self.replicas)]

    def reductions(self) -> list[Reduction]:
        return [Symmetric(tuple(self.all_replicas)), Interchangeable(tuple(range(self.values)))]

    def collisions(self, at: At, s: Coordinator, mail: Mail[Message]) -> Iterator[Mail[Message]]:
        """The votes of a fast quorum in one ballot, not all for the same value."""
        for ballot in sorted(self.fast):
            votes = tuple(letter for letter in mail if letter.message.ballot == ballot)
            for group in gather_quorum(votes, self.fast_quorum):
                if len(set(cast(group))) > 1:
                    yield group

    def coordinator(
        self, at: At, s: Coordinator, event: Start | Gather[Message] | Accepted
    ) -> Step[Coordinator, Message]:
        match event:
            case Start() if self.fast - s.begun:  # FastAny
                closed = sorted(self.fast - s.begun)
                return choose(*((replace(s, begun=s.begun | {b}), send(Any(b), to=self.all_replicas)) for b in closed))
            case Gather(letters) if ways := list(self.settling(s, letters)):  # ClassicAccept
                return choose(*ways)
            case Start() | Gather() | Accepted():  # all are begun; a vote counts together with its quorum
                return s, ()

    def settling(self, s: Coordinator, letters: Mail[Message]) -> Iterator[tuple[Coordinator, Effects[Message]]]:
        """Begin a higher classic ballot, with the value of most of these votes, or with any if none has most."""
        votes = cast(letters)
        most = [v for v in set(votes) if 2 * votes.count(v) > len(votes)]
        above = letters[0].message.ballot + 1
        for ballot in sorted(set(range(above, self.ballots)) - self.fast - s.begun):
            for value in most or sorted(set(votes)):
                if s.value in (None, value):
                    yield Coordinator(s.begun | {ballot}, value), send(Accept(ballot, value), to=self.all_replicas)

    def replica(self, at: At, s: Replica, event: Any | Accept) -> Step[Replica, Message]:
        match event:
            case Any(ballot) if ballot > s.ballot:  # FastPropose: any value, but only its own once it has one
                own = range(self.values) if s.value is None else [s.value]
                ways = ((v, send(Accepted(ballot, v), to=("coordinator", "learner"))) for v in own)
                return choose(*((Replica(ballot, v), way) for v, way in ways))
            case Accept(ballot, value) if ballot >= s.ballot:  # ClassicAccepted
                return Replica(ballot, value), send(Accepted(ballot, value), to="learner")
            case Any() | Accept():  # an old ballot, or one in which it has voted
                return s, ()

    def votes(self, at: At, s: Learner, mail: Mail[Message]) -> Iterator[Mail[Message]]:
        """Equal votes of one ballot from each member of a quorum."""
        for vote in dict.fromkeys(message for _, message in mail):
            size = self.fast_quorum if vote.ballot in self.fast else self.quorum
            yield from gather_quorum(tuple(letter for letter in mail if letter.message == vote), size)

    def learner(self, at: At, s: Learner, event: Gather[Message] | Accepted) -> Step[Learner, Message]:
        match event:
            case Gather((Letter(_, Accepted(_, value)), *_)):  # FastDecide, ClassicDecide
                return Learner(value), ()
            case Gather() | Accepted():  # a vote counts together with its quorum
                return s, ()


def cast(letters: Mail[Message]) -> list[int]:
    """Return the values that some votes are for."""
    return [message.value for _, message in letters if isinstance(message, Accepted)]


CLAIMS = {agreement: HOLDS, integrity: HOLDS, non_triviality: HOLDS}

INSTANCES = (
    Instance(
        "ballots 0..4", FastPaxos(), asynchronous(network="set"), CLAIMS,
        configurations=25617, depth=21,
        about="The published instance, modulo the symmetry of replicas and values: 25617 distinct states, 22 levels.",
    ),
    Instance(
        "without symmetry", FastPaxos(), asynchronous(network="set"), CLAIMS,
        on_demand=True,
        configurations=3043684, transitions=12637528, depth=21, reduction=False,
        about="The same with all names distinguished: as many configurations as the 25617 orbits have members.",
    ),
)  # fmt: skip
