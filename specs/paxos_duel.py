"""Duelling proposers: Paxos whose proposers try again for ever, with ever higher ballots.

Lamport, "Paxos Made Simple" (2001), section 2.4: two proposers that keep outbidding each other choose nothing.  An
acceptor that refuses says what it has promised, and a refused proposer starts its smallest ballot above that.  Ballots
are unbounded; what keeps the configurations finite is declared in `reductions` and verified while exploring.
"""

from collections.abc import Mapping

from flpcheck import (
    HOLDS, INCOMPLETE, VIOLATED, At, Ballot, BallotShift, Instance, Pid, Process, Processes, Reduction, StaleMail,
    Start, Step, Symmetric, agreement, any_input_validity, asynchronous, integrity, majority, next_ballot, protocol,
    record, replace, reply, send, termination,
)  # fmt: skip


@record
class Proposal:
    """A ballot with a value."""

    ballot: Ballot
    value: int


@record
class Prepare:
    """Proposer -> acceptors: promise me this ballot."""

    ballot: Ballot


@record
class Promise:
    """Acceptor -> proposer: promised; and the proposal accepted last, if any."""

    ballot: Ballot
    accepted: Proposal | None


@record
class Accept:
    """Proposer -> acceptors: accept this proposal."""

    proposal: Proposal


@record
class Accepted:
    """Acceptor -> proposer: accepted."""

    proposal: Proposal


@record
class Nack:
    """Acceptor -> proposer: refused, I have promised a higher ballot."""

    ballot: Ballot
    promised: Ballot


Message = Prepare | Promise | Accept | Accepted | Nack


@record
class Proposer:
    """The input of a proposer, its ballot, and the acceptors that have answered in its current phase."""

    input: int
    ballot: Ballot = -1
    phase: int = 0
    answered: frozenset[Pid] = frozenset()
    proposal: Proposal | None = None  # phase 1: the highest that came with a promise; phase 2: what it asks to accept
    decision: int | None = None


@record
class Acceptor:
    """The highest ballot promised, and the proposal accepted last."""

    promised: Ballot = -1
    accepted: Proposal | None = None


@protocol
class Duel:
    """Proposers that never give up."""

    proposers: int = 2
    acceptors: int = 1
    alike: bool = False  # whether acceptors are explored modulo their names

    def processes(self) -> Processes[Message]:
        return [
            *(Process(p, self.proposer, inputs={v: Proposer(v) for v in (0, 1)}) for p in self.all_proposers),
            *(Process(a, self.acceptor, start=Acceptor()) for a in self.all_acceptors),
        ]

    @property
    def all_proposers(self) -> list[Pid]:
        return [f"p{i}" for i in range(self.proposers)]

    @property
    def all_acceptors(self) -> list[Pid]:
        return [f"a{i}" for i in range(self.acceptors)]

    def prepare(self, at: At, s: Proposer, above: int) -> Step[Proposer, Message]:
        """Phase 1a: begin the smallest own ballot above another."""
        ballot = next_ballot(above, self.all_proposers.index(at.me), self.proposers)
        return Proposer(s.input, ballot, phase=1), send(Prepare(ballot), to=self.all_acceptors)

    def proposer(self, at: At, s: Proposer, event: Start | Promise | Accepted | Nack) -> Step[Proposer, Message]:
        match event:
            case Start() if s.phase == 0 and s.decision is None:
                return self.prepare(at, s, above=-1)  # Phase 1a: prepare the first ballot
            case Promise(ballot, accepted) if s.phase == 1 and ballot == s.ballot:
                promises = s.answered | {at.sender}
                highest = max(s.proposal, accepted, key=lambda proposal: proposal.ballot if proposal else -1)
                if len(promises) < majority(self.acceptors):
                    return replace(s, answered=promises, proposal=highest), ()  # A promise, not yet from a majority
                chosen = Proposal(ballot, highest.value if highest else s.input)
                after = Proposer(s.input, ballot, phase=2, proposal=chosen)
                return after, send(Accept(chosen), to=self.all_acceptors)  # Phase 2a: ask to accept
            case Accepted(proposal) if s.phase == 2 and proposal.ballot == s.ballot:
                answers = s.answered | {at.sender}
                if len(answers) < majority(self.acceptors):
                    return replace(s, answered=answers), ()  # Accepted, not yet by a majority
                return Proposer(s.input, decision=proposal.value), ()  # Chosen
            case Nack(ballot, promised) if s.phase > 0 and ballot == s.ballot:
                return self.prepare(at, s, above=promised)  # Refused: try again with a higher ballot
            case Start() | Promise() | Accepted() | Nack():  # begun, decided, or an answer to an earlier ballot
                return s, ()

    def acceptor(self, at: At, s: Acceptor, event: Prepare | Accept) -> Step[Acceptor, Message]:
        match event:
            case Prepare(ballot) if ballot > s.promised:  # Phase 1b: promise
                return replace(s, promised=ballot), reply(Promise(ballot, s.accepted))
            case Accept(proposal) if proposal.ballot >= s.promised:  # Phase 2b: accept
                return Acceptor(proposal.ballot, proposal), reply(Accepted(proposal))
            case Prepare(ballot) if ballot == s.promised:  # A request for this ballot was faster
                return s, ()
            case Prepare(ballot) | Accept(Proposal(ballot)):  # A higher ballot was promised: refuse
                return s, reply(Nack(ballot, s.promised))

    def reductions(self) -> list[Reduction]:
        alike = [Symmetric(tuple(self.all_acceptors))] if self.alike else []
        return [StaleMail(self.stale), BallotShift(self.proposers, self.current), *alike]

    def current(self, s: Proposer | Acceptor) -> int | None:
        """The ballot above which a proposer will begin its next one; acceptors and decided proposers begin none."""
        return s.ballot if isinstance(s, Proposer) and s.decision is None else None

    def stale(self, receiver: Proposer | Acceptor, sender: Proposer | Acceptor, message: Message) -> bool:
        """An answer to an earlier ballot; a request that changes nothing and whose proposer would ignore the answer."""
        match receiver, sender, message:
            case Proposer(), _, Promise(ballot) if receiver.ballot == ballot:
                return receiver.phase == 2
            case Proposer(), _, Promise(ballot) | Nack(ballot) | Accepted(Proposal(ballot)):
                return self.beyond(receiver, ballot)
            case Acceptor(promised), Proposer(), Prepare(ballot):
                return ballot <= promised and self.beyond(sender, ballot)
            case Acceptor(promised), Proposer(), Accept(Proposal(ballot)):
                return ballot < promised and self.beyond(sender, ballot)
        return False

    def beyond(self, s: Proposer, ballot: int) -> bool:
        """Whether a proposer is done with a ballot."""
        return s.ballot > ballot or s.decision is not None


SAFE = {agreement: HOLDS, any_input_validity: HOLDS, integrity: HOLDS}
INPUTS: Mapping[Pid, int] = {"p0": 0, "p1": 1}

INSTANCES = (
    Instance(
        "duel",
        Duel(proposers=2, acceptors=1),
        asynchronous(crashes=1, crash_events="elided"),
        SAFE | {termination: VIOLATED},
        configurations=68,
        transitions=112,
        bivalent=28,
        univalent={0: 18, 1: 22},
        none=0,
        disagreeing=0,
        counterexample={termination: 11},
        flp=("blocks", "undecided_lasso"),
        inputs=INPUTS,
        about="The two proposers outbid each other for ever: none crashes, every message arrives, nothing is chosen.",
    ),
    Instance(
        "stable leader",
        Duel(proposers=2, acceptors=1),
        asynchronous(initially_dead=("p1",)),
        SAFE | {termination: HOLDS},
        configurations=6,
        inputs=INPUTS,
        about="For comparison, the same proposers, of which only one ever proposes: it decides in every run.",
    ),
    Instance(
        "stable leader, three acceptors",
        Duel(proposers=2, acceptors=3, alike=True),
        asynchronous(initially_dead=("p1",)),
        SAFE,
        configurations=31,
        transitions=85,
        inputs=INPUTS,
        delays={"decision": (4, 10)},
        about="Modulo the names of the acceptors as well: the 31 configurations stand for 108.",
    ),
    Instance(
        "two acceptors",
        Duel(proposers=2, acceptors=2),
        asynchronous(),
        SAFE | {termination: VIOLATED},
        configurations=4874,
        transitions=14692,
        inputs=INPUTS,
        about="Seven fair cycles: in one nothing is settled, in six the value is, and no proposer learns it.",
    ),
    Instance(
        "n3 duel",
        Duel(proposers=2, acceptors=3),
        asynchronous(crashes=1, crash_events="elided"),
        {agreement: INCOMPLETE, termination: VIOLATED},
        configurations=3999,
        inputs=INPUTS,
        bounds={"max_configurations": 4000},
        about="Three acceptors keep old requests for ever, so a bound cuts; the duel that is found within it is real.",
    ),
)
