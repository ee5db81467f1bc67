"""Fast Paxos: in a fast round the acceptors take values straight from the proposers, at the price of larger quorums.

Lamport, "Fast Paxos" (2006).  Round 0 is fast: its coordinator tells the acceptors to accept any proposed value, so a
value is chosen two message delays after it was proposed, unless different acceptors accept different ones (a
collision).  Then a classic round must find out what may have been chosen.  Its coordinator hears from a quorum Q only,
so as far as Q can tell, at most one value may have a fast quorum behind it: a classic quorum and any two fast ones must
have a member in common (section 3.3, the Fast Quorum Requirement).  Asynchronous, crash-stop.
"""

from collections.abc import Iterator

from flpcheck import (
    DEFER, HOLDS, VIOLATED, At, Constant, Gather, Instance, Mail, PassiveLearner, Pid, Process, Processes, Start, Step,
    agreement, any_input_validity, asynchronous, choose, gather_quorum, integrity, non_triviality, protocol, record,
    replace, reply, send, termination, uniform_agreement, validity,
)  # fmt: skip


@record
class Propose:
    """Proposer -> acceptors and coordinators: choose this value."""

    value: int


@record
class Phase1a:
    """Coordinator -> acceptors: take part in this round, and in no lower one."""

    round: int


@record
class Phase1b:
    """Acceptor -> coordinator: I do; and my last vote, if any (round -1: none)."""

    round: int
    voted: int
    value: int | None


@record
class Phase2a:
    """Coordinator -> acceptors: accept this value; None stands for `any` value that was proposed."""

    round: int
    value: int | None


@record
class Phase2b:
    """Acceptor -> learner: I have voted."""

    round: int
    value: int


Message = Propose | Phase1a | Phase1b | Phase2a | Phase2b


@record
class Proposer:
    """The value that it proposes."""

    input: int
    proposed: bool = False


@record
class Coordinator:
    """The coordinator of one round, and a value that was proposed to it."""

    round: int
    phase: int = 0
    proposal: int | None = None


@record
class Acceptor:
    """The registers of an acceptor, and their names in the paper."""

    round: int = 0  # rnd
    voted: int = -1  # vrnd
    value: int | None = None  # vval
    any: bool = False  # whether it may accept any proposed value in this round


@protocol
class FastPaxos:
    """One value, a fast round 0 and classic rounds after it, each with its own coordinator."""

    proposers: int = 2
    acceptors: int = 4
    fast: int = 3  # the size of fast quorums
    classic: int = 3  # the size of classic quorums
    rounds: Constant[int] = 2

    def processes(self) -> Processes[Message]:
        return [
            *(Process(f"p{i}", self.proposer, inputs={v: Proposer(v) for v in (0, 1)}) for i in range(self.proposers)),
            *(
                Process(c, self.coordinator, start=Coordinator(i), gather=self.quorum)
                for i, c in enumerate(self.coordinators)
            ),
            *(Process(a, self.acceptor, start=Acceptor()) for a in self.all_acceptors),
            PassiveLearner("learner", self.chosen),
        ]

    @property
    def coordinators(self) -> list[Pid]:
        return [f"c{i}" for i in range(self.rounds)]

    @property
    def all_acceptors(self) -> list[Pid]:
        return [f"a{i}" for i in range(self.acceptors)]

    def quorum_of(self, i: int) -> int:
        """Return the size of a quorum of round i."""
        return self.fast if i == 0 else self.classic

    def proposer(self, at: At, s: Proposer, event: Start) -> Step[Proposer, Message]:
        if s.proposed:
            return s, ()
        hearers = [*self.coordinators[1:], *self.all_acceptors]
        return replace(s, proposed=True), send(Propose(s.input), to=hearers)  # Propose

    def coordinator(
        self, at: At, s: Coordinator, event: Start | Propose | Gather[Message]
    ) -> Step[Coordinator, Message]:
        match event:
            case Start() if s.round == s.phase == 0:  # Phase 2a of the first round: no acceptor has voted, so any value
                return replace(s, phase=2), send(Phase2a(0, None), to=self.all_acceptors)
            case Start() if s.phase == 0:  # Phase 1a
                return replace(s, phase=1), send(Phase1a(s.round), to=self.all_acceptors)
            case Propose(value) if s.proposal is None and s.phase < 2:  # Remember a proposal
                return replace(s, proposal=value), ()
            case Gather(letters):  # Phase 2a: a value that may be chosen already, else any
                after = Coordinator(s.round, phase=2)
                values = self.may_pick(s, [m for _, m in letters if isinstance(m, Phase1b)])
                return choose(*((after, send(Phase2a(s.round, v), to=self.all_acceptors)) for v in values))
            case Start() | Propose():  # begun before; it knows one
                return s, ()

    def quorum(self, at: At, s: Coordinator, mail: Mail[Message]) -> Iterator[Mail[Message]]:
        """Phase 2a waits for answers from a quorum that leave some value to pick."""
        answers = tuple(letter for letter in mail if isinstance(letter.message, Phase1b)) if s.phase == 1 else ()
        for group in gather_quorum(answers, self.quorum_of(s.round)):
            if self.may_pick(s, [m for _, m in group if isinstance(m, Phase1b)]):
                yield group

    def may_pick(self, s: Coordinator, answers: list[Phase1b]) -> list[int]:
        """Return what phase 2a may pick (section 3.3); nothing, if it has to wait for a proposal."""
        k = max(answer.voted for answer in answers)
        votes = [answer.value for answer in answers if answer.voted == k and answer.value is not None]
        if not votes:  # no member of Q has voted: any proposed value
            return [] if s.proposal is None else [s.proposal]
        unheard = self.acceptors - len(answers)
        # O4(v): some quorum of round k may have chosen v, for all in Q that belong to it have voted for v.
        chosen = {v for v in votes if votes.count(v) + unheard >= self.quorum_of(k)}
        return sorted(chosen or set(votes))

    def acceptor(self, at: At, s: Acceptor, event: Phase1a | Phase2a | Propose) -> Step[Acceptor, Message]:
        match event:
            case Phase1a(round) if round > s.round:  # Phase 1b
                return Acceptor(round, s.voted, s.value), reply(Phase1b(round, s.voted, s.value))
            case Phase2a(round, None) if round == s.round:  # In a fast round: any proposed value will do
                return replace(s, any=True), ()
            case Propose(value) if s.any:  # Phase 2b in a fast round: accept this one
                return Acceptor(s.round, s.round, value), send(Phase2b(s.round, value), to="learner")
            case Phase2a(round, int(value)) if round >= s.round and s.voted < round:  # Phase 2b
                return Acceptor(round, round, value), send(Phase2b(round, value), to="learner")
            case Propose() if s.voted == -1:  # not yet
                return DEFER
            case Phase1a() | Phase2a() | Propose():  # a lower round; it has voted
                return s, ()

    def chosen(self, mail: Mail[Message]) -> frozenset[int]:
        """A value is chosen when a quorum has voted for it in one round."""
        votes = [(m.round, m.value) for _, m in mail if isinstance(m, Phase2b)]
        return frozenset(value for i, value in votes if votes.count((i, value)) >= self.quorum_of(i))


SAFE = {agreement: HOLDS, uniform_agreement: HOLDS, validity: HOLDS, any_input_validity: HOLDS, integrity: HOLDS}

COLLIDING = {"p0": 0, "p1": 1}

INSTANCES = (
    Instance(
        "no collision", FastPaxos(proposers=1, rounds=1), asynchronous(initially_dead=("a3",)),
        SAFE | {termination: HOLDS},
        configurations=74, transitions=154, depth=8,
        flp="outside",
        about="One proposer, and one of four acceptors is dead: the values go straight to the acceptors.",
    ),
    Instance(
        "fast round only", FastPaxos(acceptors=3, rounds=1), asynchronous(),
        SAFE | {non_triviality: HOLDS, termination: VIOLATED},
        configurations=282, transitions=738, depth=12,
        bivalent=36, univalent={0: 75, 1: 75}, none=96, critical=1, disagreeing=0,
        counterexample={termination: 7}, flp=("blocks", "outside"), inputs=COLLIDING,
        delays={"decision": (2, 9), "all decisions": (2, 9)},
        about="Two proposers collide, and no classic round follows the fast one: the acceptors have voted in vain.",
    ),
    Instance(
        "three acceptors", FastPaxos(acceptors=3, fast=3, classic=2), asynchronous(),
        SAFE | {non_triviality: HOLDS, termination: HOLDS},
        configurations=208034, transitions=1055472, depth=22,
        bivalent=8748, univalent={0: 99643, 1: 99643}, none=0, critical=31, disagreeing=0,
        flp="outside", inputs=COLLIDING,
        about="Classic quorums are majorities here, so a fast one takes all three acceptors; a classic round recovers.",
    ),
    Instance(
        "four acceptors", FastPaxos(), asynchronous(), SAFE | {non_triviality: HOLDS},
        on_demand=True,
        configurations=4739610, transitions=30501156, depth=27,
        disagreeing=0,
        flp="outside", inputs=COLLIDING,
        about="Three of four for both kinds of quorums: the fewest acceptors that tolerate the loss of one.",
    ),
)  # fmt: skip
