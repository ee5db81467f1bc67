"""Paxos: proposers, acceptors and learners choose a single value.

Lamport, "Paxos Made Simple" (2001), section 2.  Asynchronous, crash-stop.  Safe whatever happens, because any two
majorities have a member in common; live only if some ballot is left undisturbed (section 2.4).  Refines `tla/voting`.
"""

from collections.abc import Iterator

from flpcheck import (
    HOLDS, VIOLATED, At, Constant, Gather, Instance, Mail, Pid, Process, Processes, Stable, Start, Step, View,
    agreement, any_input_validity, asynchronous, gather_quorum, integrity, majority, next_ballot, non_triviality,
    protocol, record, refines, replace, reply, send, termination, uniform_agreement, validity,
)  # fmt: skip
from tla.voting import Ballots, Voting


@record
class Proposal:
    """A ballot number with a value: what acceptors accept."""

    ballot: int
    value: int


@record
class Prepare:
    """Proposer -> acceptors: promise not to accept proposals below this ballot."""

    ballot: int


@record
class Promise:
    """Acceptor -> proposer: promised; and the proposal that I have accepted, if any."""

    ballot: int
    accepted: Proposal | None


@record
class Accept:
    """Proposer -> the acceptors that have promised: accept this proposal."""

    proposal: Proposal


@record
class Accepted:
    """Acceptor -> learners: I have accepted this proposal."""

    proposal: Proposal


@record
class Chosen:
    """Learner -> client: this value is chosen."""

    value: int


Message = Prepare | Promise | Accept | Accepted | Chosen


@record
class Proposer:
    """Its input, its ballot, and in phase 1 the promises received."""

    input: int
    ballot: int = -1  # ballot b belongs to proposer b % proposers; -1: none yet
    phase: int = 0
    promises: frozenset[Pid] = frozenset()
    highest: Proposal | None = None  # of the proposals that came with the promises, the one of the highest ballot


@record
class Acceptor:
    """The highest ballot promised, and the proposal accepted in the highest ballot; both survive a crash (2.5)."""

    promised: Stable[int] = -1
    accepted: Stable[Proposal | None] = None


@record
class Learner:
    """The value that a learner has learned, or that was reported to the client."""

    decision: int | None = None


@protocol
class Paxos:
    """The synod algorithm for one value."""

    proposers: int = 2
    acceptors: int = 3
    learners: int = 2
    retries: Constant[int] = 0  # how many times a proposer may start a higher ballot

    def processes(self) -> Processes[Message]:
        return [
            *(Process(p, self.proposer, inputs={v: Proposer(v) for v in (0, 1)}) for p in self.all_proposers),
            *(Process(a, self.acceptor, start=Acceptor()) for a in self.all_acceptors),
            *(Process(x, self.learner, start=Learner(), gather=self.chosen) for x in self.all_learners),
            Process("client", self.client, start=Learner()),
        ]

    @property
    def all_proposers(self) -> list[Pid]:
        return [f"p{i}" for i in range(self.proposers)]

    @property
    def all_acceptors(self) -> list[Pid]:
        return [f"a{i}" for i in range(self.acceptors)]

    @property
    def all_learners(self) -> list[Pid]:
        return [f"l{i}" for i in range(self.learners)]

    @property
    def quorum(self) -> int:
        return majority(self.acceptors)

    def proposer(self, at: At, s: Proposer, event: Start | Promise) -> Step[Proposer, Message]:
        match event:
            case Start() if s.ballot < self.retries * self.proposers:  # Phase 1a: prepare a higher ballot
                ballot = next_ballot(s.ballot, self.all_proposers.index(at.me), self.proposers)
                return Proposer(s.input, ballot, phase=1), send(Prepare(ballot), to=self.all_acceptors)
            case Promise(ballot, accepted) if s.phase == 1 and ballot == s.ballot:
                promises = s.promises | {at.sender}
                highest = max(s.highest, accepted, key=lambda proposal: proposal.ballot if proposal else -1)
                if len(promises) < self.quorum:
                    return replace(s, promises=promises, highest=highest), ()  # A promise, not yet from a majority
                value = highest.value if highest else s.input
                # The promises no longer matter, so they are dropped, which keeps the configurations few.
                after = Proposer(s.input, ballot, phase=2)
                return after, send(Accept(Proposal(ballot, value)), to=sorted(promises))  # Phase 2a: ask to accept
            case Start() | Promise():  # no retries left; a promise that came too late
                return s, ()

    def acceptor(self, at: At, s: Acceptor, event: Prepare | Accept) -> Step[Acceptor, Message]:
        match event:
            case Prepare(ballot) if ballot > s.promised:  # Phase 1b: promise
                return replace(s, promised=ballot), reply(Promise(ballot, s.accepted))
            case Accept(proposal) if proposal.ballot >= s.promised:  # Phase 2b: accept
                return Acceptor(proposal.ballot, proposal), send(Accepted(proposal), to=self.all_learners)
            case Prepare() | Accept():  # a higher ballot was promised
                return s, ()

    def learner(self, at: At, s: Learner, event: Gather[Message]) -> Step[Learner, Message]:
        match event:
            case Gather([(_, Accepted(proposal)), *_]) if s.decision is None:  # Learn what a majority has accepted
                return Learner(proposal.value), send(Chosen(proposal.value), to="client")
            case Gather():  # learned before
                return s, ()

    def chosen(self, at: At, s: Learner, mail: Mail[Message]) -> Iterator[Mail[Message]]:
        """A proposal is chosen when a majority of the acceptors has accepted it."""
        return (votes for votes in gather_quorum(mail, self.quorum) if len({message for _, message in votes}) == 1)

    def client(self, at: At, s: Learner, event: Chosen) -> Step[Learner, Message]:
        match event:
            case Chosen(value) if s.decision is None:  # Report to the client
                return Learner(value), ()
            case Chosen():  # reported before
                return s, ()

    @property
    def ballots(self) -> int:
        return (self.retries + 1) * self.proposers

    def as_voting(self, view: View[Proposer | Acceptor | Learner]) -> Ballots:
        """Return what voting sees of this: the votes are the answers to a learner, which stay on a set network."""
        cast = {(m.proposal.ballot, a): m.proposal.value for a, m in view.mail["l0"] if isinstance(m, Accepted)}
        votes = tuple(tuple(cast.get((b, a)) for a in self.all_acceptors) for b in range(self.ballots))
        promised = view.each("promised")
        return Ballots(votes, tuple(promised[a] for a in self.all_acceptors))


refines_voting = refines(Voting, Paxos.as_voting)
SAFE = {agreement: HOLDS, uniform_agreement: HOLDS, validity: HOLDS, any_input_validity: HOLDS, integrity: HOLDS}
SIDES = (("p0", "a0", "l0"), ("p1", "a1", "a2", "l1", "client"))

INSTANCES = (
    Instance(
        "one ballot each", Paxos(proposers=2, acceptors=3, learners=2),
        asynchronous(crashes=1, crash_events="elided", ignored="stays"),
        SAFE | {non_triviality: HOLDS, termination: VIOLATED},
        configurations=12042, transitions=35892, depth=19,
        bivalent=609, univalent={0: 9225, 1: 2208}, none=0, critical=24, disagreeing=0,
        flp="blocks", inputs={"p0": 0}, delays={"decision": (4, 12), "all decisions": (5, 13)},
        about="Two proposers compete: always safe, but one can stop the other's ballot and then crash.",
    ),
    Instance(
        "round", Paxos(proposers=1, acceptors=3, learners=2), asynchronous(initially_dead=("a2",)),
        SAFE | {termination: HOLDS},
        configurations=42, transitions=58, depth=11,
        bivalent=0, univalent={0: 21, 1: 21}, none=0,
        flp="outside",
        about="One ballot with one of three acceptors dead: two learners report the same value to the client.",
    ),
    Instance(
        "partition", Paxos(proposers=2, acceptors=3, learners=2), asynchronous(ignored="stays", partition=SIDES),
        SAFE | {termination: VIOLATED},
        configurations=60, transitions=121, depth=12,
        bivalent=0, univalent={1: 60}, none=0, disagreeing=0,
        counterexample={termination: 0}, inputs={"p0": 0, "p1": 1},
        about="One acceptor here, two there: the side with the majority decides, the other one waits.",
    ),
    Instance(
        "healed partition", Paxos(proposers=2, acceptors=3, learners=2),
        asynchronous(ignored="stays", partition=SIDES, heals=True),
        SAFE | {termination: HOLDS},
        configurations=6081, transitions=18127, depth=20,
        bivalent=633, univalent={0: 3204, 1: 2244}, none=0, critical=26, disagreeing=0,
        flp="outside", inputs={"p0": 0, "p1": 1},
        about="The same, but it eventually heals: what waited gets through, and all learn the same value.",
    ),
    Instance(
        "crash events", Paxos(proposers=2, acceptors=3, learners=2), asynchronous(crashes=1, ignored="stays"),
        SAFE | {termination: VIOLATED},
        configurations=50858, transitions=185124, depth=20,
        bivalent=3555, univalent={0: 27588, 1: 18284}, none=1431, critical=168, disagreeing=0,
        flp="blocks", inputs={"p0": 0, "p1": 1},
        about="The same, with the crash as an event: in 1431 configurations it has cost the last chance to decide.",
    ),
    Instance(
        "one retry", Paxos(proposers=2, acceptors=1, learners=2, retries=1), asynchronous(ignored="stays"),
        SAFE | {termination: HOLDS},
        configurations=3825, transitions=9420, depth=19,
        bivalent=91, univalent={0: 2283, 1: 1451}, none=0, critical=9, disagreeing=0,
        flp="outside", inputs={"p0": 0, "p1": 1},
        about="Finitely many ballots and no crash: the highest ballot of all is undisturbed and decides.",
    ),
    Instance(
        "messages that stay", Paxos(proposers=2, acceptors=3, learners=1), asynchronous(network="set"),
        SAFE | {refines_voting: HOLDS, termination: HOLDS},
        configurations=3033, transitions=8520, depth=18,
        bivalent=609, univalent={0: 1146, 1: 1278}, none=0, critical=24, disagreeing=0,
        flp="outside", inputs={"p0": 0, "p1": 1},
        about="On a set network all votes can be looked up: they are those of `tla/voting`.",
    ),
    Instance(
        "three proposers", Paxos(proposers=3), asynchronous(crashes=1, crash_events="elided", ignored="stays"),
        SAFE | {non_triviality: HOLDS, termination: VIOLATED},
        configurations=3003480, transitions=11334048, depth=27,
        bivalent=112938, univalent={0: 1445271, 1: 1445271}, none=0, critical=2688, disagreeing=0,
        flp="blocks", on_demand=True,
        about="Three ballots compete, with every choice of inputs.",
    ),
)  # fmt: skip
