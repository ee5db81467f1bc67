"""Paxos with a leader oracle: the same synod algorithm, but the failure detector Omega chooses who may propose.

Lamport, "Paxos Made Simple" (2001), section 2.4: progress needs a distinguished proposer.  Chandra, Hadzilacos and
Toueg, "The Weakest Failure Detector for Solving Consensus" (1996), say what is needed to elect one: Omega, which
eventually makes all trust the same correct process.  `specs/paxos.py` is unchanged but for the rule by which a
proposer starts a ballot, and for rejections, without which a leader would not learn of higher ballots.
"""

from typing import Any

from flpcheck import (
    HOLDS, INCOMPLETE, VIOLATED, At, Instance, Process, Processes, Step, Trust, agreement,
    any_input_validity, asynchronous, integrity, next_ballot, protocol, record, reply, send, termination,
    uniform_agreement, validity,
)  # fmt: skip
from paxos import Accept, Acceptor, Learner, Message as Synod, Paxos, Prepare, Promise, Proposer


@record
class Reject:
    """Acceptor -> proposer: your ballot is too low, this one was promised."""

    ballot: int
    promised: int


Message = Synod | Reject


@protocol
class OmegaPaxos(Paxos):
    """The synod algorithm, led by the proposer that Omega names."""

    learners: int = 1

    def processes(self) -> Processes[Any]:
        return [
            *(Process(p, self.leader, inputs={v: Proposer(v) for v in (0, 1)}) for p in self.all_proposers),
            *(Process(a, self.strict_acceptor, start=Acceptor()) for a in self.all_acceptors),
            *(Process(x, self.learner, start=Learner(), gather=self.chosen) for x in self.all_learners),
            Process("client", self.client, start=Learner()),
        ]

    def counters(self) -> dict[str, int]:
        """Ballots are only compared with each other, and belong to the proposers in turn."""
        return {"ballot": self.proposers, "promised": self.proposers}

    def leader(self, at: At, s: Proposer, event: Trust | Promise | Reject) -> Step[Proposer, Message]:
        match event:
            case Trust(pid) if pid == at.me and s.phase == 0:  # Phase 1a, by the distinguished proposer
                ballot = next_ballot(s.ballot, self.all_proposers.index(at.me), self.proposers)
                return Proposer(s.input, ballot, phase=1), send(Prepare(ballot), to=self.all_acceptors)
            case Promise():  # Phase 2a, as always
                return self.proposer(at, s, event)
            case Reject(ballot, promised) if s.phase > 0 and ballot == s.ballot:  # a higher ballot exists: give up
                return Proposer(s.input, promised), ()
            case Trust() | Reject():  # another process leads, or this one already does; an old ballot was rejected
                return s, ()

    def strict_acceptor(self, at: At, s: Acceptor, event: Prepare | Accept) -> Step[Acceptor, Message]:
        match event:
            case Prepare(ballot) if ballot < s.promised:  # Phase 1b: report that a higher ballot was promised
                return s, reply(Reject(ballot, s.promised))
            case Accept(proposal) if proposal.ballot < s.promised:  # Phase 2b: report that a higher ballot was promised
                return s, reply(Reject(proposal.ballot, s.promised))
            case Prepare() | Accept():  # Phases 1b and 2b, as always
                return self.acceptor(at, s, event)


SAFE = {agreement: HOLDS, uniform_agreement: HOLDS, validity: HOLDS, any_input_validity: HOLDS, integrity: HOLDS}
COMPETING = {"p0": 0, "p1": 1}

INSTANCES = (
    Instance(
        "a leader",
        OmegaPaxos(),
        asynchronous(detector="omega", ignored="stays"),
        SAFE | {termination: HOLDS},
        configurations=115,
        transitions=208,
        depth=11,
        bivalent=1,
        univalent={0: 57, 1: 57},
        none=0,
        critical=0,
        disagreeing=0,
        flp="outside",
        inputs=COMPETING,
        about="All trust the same proposer: its first ballot is chosen.",
    ),
    Instance(
        "two mistakes",
        OmegaPaxos(acceptors=1),
        asynchronous(detector="omega", mistakes=2, ignored="stays"),
        SAFE | {termination: HOLDS},
        configurations=216,
        transitions=459,
        depth=15,
        bivalent=48,
        univalent={0: 75, 1: 93},
        none=0,
        critical=3,
        disagreeing=0,
        flp="outside",
        inputs=COMPETING,
        about="For a while both proposers believe to lead and get in each other's way, until one is trusted for good.",
    ),
    Instance(
        "a leader crashes",
        OmegaPaxos(acceptors=1),
        asynchronous(crashes=1, faulty=("p0", "p1"), detector="omega", mistakes=1, ignored="stays"),
        SAFE | {termination: HOLDS},
        configurations=321,
        transitions=686,
        depth=15,
        bivalent=45,
        univalent={0: 133, 1: 143},
        none=0,
        critical=8,
        disagreeing=0,
        within=16,
        flp="outside",
        inputs=COMPETING,
        delays={"decision": (4, 5), "all decisions": (5, 5)},
        about="Whichever proposer crashes, in the middle of a ballot or not: the other one is eventually trusted.",
    ),
    Instance(
        "never accurate",
        OmegaPaxos(acceptors=1),
        asynchronous(detector="omega", stabilises=False, ignored="stays"),
        dict.fromkeys(SAFE, INCOMPLETE) | {termination: VIOLATED},
        configurations=1000,
        counterexample={termination: 27},
        flp=("outside", "undecided_lasso"),
        inputs=COMPETING,
        bounds={"max_configurations": 1000},
        about="Omega that never stabilises: trusted in turn, the two proposers outbid each other for ever.",
    ),
)
