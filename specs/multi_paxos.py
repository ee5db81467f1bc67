"""Multi-Paxos: a log of Paxos instances; a stable leader runs phase 1 once, for all of them.

Lamport, "Paxos Made Simple" (2001), section 3.  Slot i of the log is instance i of the algorithm of `specs/paxos.py`.
A new leader runs phase 1 for all slots with a single message.  The promises tell it in which slots something may have
been chosen: there it must propose that, in a gap below it proposes a no-op, and above it is free.  From then on a
command costs phase 2 alone, one round trip.  The leader may propose a command before it knows that the one before is
chosen (here up to the whole log ahead), which creates the gaps.  Leaders learn what is chosen in their ballot.

Leaders are elected at any time, more than one at once, as an asynchronous election must allow.  Slots,
commands and elections are model constants.  It refines `specs/replicated_log.py`: a command is chosen in a slot when a
majority has accepted it there, whether or not any leader knows.
"""

from collections.abc import Iterator

from flpcheck import (
    DEFER, HOLDS, VIOLATED, At, Constant, Gather, Instance, Mail, Pid, Process, Processes, Send, Start, Step, View,
    agreement, asynchronous, eventually, gather_quorum, integrity, invariant, majority, next_ballot,
    possible_from_everywhere, protocol, put, record, refines, replace, reply, send, sometimes, termination,
)  # fmt: skip
from flpcheck.properties import prefix_agreement
from replicated_log import NOOP, Log, ReplicatedLog, Row


@record
class Request:
    """Client -> leaders: append this command to the log."""

    command: str


@record
class Proposal:
    """A ballot and a command: what an acceptor has accepted in a slot."""

    ballot: int
    command: str


@record
class Prepare:
    """Leader -> acceptors: promise, in all slots, not to accept anything below this ballot."""

    ballot: int


@record
class Promise:
    """Acceptor -> leader: promised; and what I have accepted, by slot."""

    ballot: int
    accepted: tuple[Proposal | None, ...]


@record
class Accept:
    """Leader -> acceptors: accept this in this slot."""

    slot: int
    proposal: Proposal


@record
class Accepted:
    """Acceptor -> leaders: I have."""

    slot: int
    proposal: Proposal


Message = Request | Prepare | Promise | Accept | Accepted


@record
class Leader:
    """What it has proposed, and what it knows to be chosen (by slot)."""

    ballot: int = -1  # ballot b belongs to leader b % leaders; -1: never elected
    phase: int = 0
    proposed: Row = ()
    chosen: Row = ()

    @property
    def log(self) -> tuple[str, ...]:
        """The commands that can be executed: all that are chosen up to the first gap."""
        gap = self.chosen.index(None) if None in self.chosen else len(self.chosen)
        return tuple(command for command in self.chosen[:gap] if command)

    def may_propose(self, command: str) -> bool:
        return self.phase == 2 and None in self.proposed and command not in self.proposed

    @property
    def decision(self) -> str | None:
        """The command of the first slot, which is a consensus by itself."""
        return self.chosen[0]


@record
class Acceptor:
    """One promise for all slots, and what was accepted in each."""

    promised: int = -1
    accepted: tuple[Proposal | None, ...] = ()


@protocol
class MultiPaxos:
    """Leaders, which also learn, and acceptors."""

    leaders: int = 2
    acceptors: int = 3
    slots: Constant[int] = 2
    commands: Constant[int] = 2
    elections: Constant[int] = 1  # maximum number of elections of each leader

    def processes(self) -> Processes[Message]:
        nothing = (None,) * self.slots
        leader = Leader(proposed=nothing, chosen=nothing)
        return [
            *(Process(p, self.leader, leader, sent=self.asked(p), gather=self.quorums) for p in self.all_leaders),
            *(Process(a, self.acceptor, start=Acceptor(accepted=nothing)) for a in self.all_acceptors),
        ]

    def asked(self, leader: Pid) -> tuple[Send[Message], ...]:
        """The requests that clients have left with every leader."""
        return tuple(send(Request("xyzuvw"[i]), to=leader) for i in range(self.commands))

    @property
    def all_leaders(self) -> list[Pid]:
        return [f"p{i}" for i in range(self.leaders)]

    @property
    def all_acceptors(self) -> list[Pid]:
        return [f"a{i}" for i in range(self.acceptors)]

    @property
    def quorum(self) -> int:
        return majority(self.acceptors)

    def may_be_elected(self, s: Leader) -> bool:
        return s.ballot < (self.elections - 1) * self.leaders

    def quorums(self, at: At, s: Leader, mail: Mail[Message]) -> Iterator[Mail[Message]]:
        """A majority of promises, or a majority that has accepted the same in the same slot."""
        promises = tuple(x for x in mail if isinstance(x.message, Promise) and x.message.ballot == s.ballot)
        yield from gather_quorum(promises, self.quorum)
        for accepted in dict.fromkeys(x.message for x in mail if isinstance(x.message, Accepted)):
            yield from gather_quorum(tuple(x for x in mail if x.message == accepted), self.quorum)

    def leader(self, at: At, s: Leader, event: Start | Request | Gather[Message]) -> Step[Leader, Message]:
        match event:
            case Start() if self.may_be_elected(s):  # 1. A new leader prepares all slots at once
                ballot = next_ballot(s.ballot, self.all_leaders.index(at.me), self.leaders)
                return replace(s, ballot=ballot, phase=1), send(Prepare(ballot), to=self.all_acceptors)
            case Gather([(_, Promise()), *_] as promises) if s.phase == 1:  # 3. It proposes what the promises demand
                proposed = self.demanded([m.accepted for _, m in promises if isinstance(m, Promise)])
                accepts = (self.accept(slot, s.ballot, command) for slot, command in enumerate(proposed) if command)
                return replace(s, phase=2, proposed=proposed), tuple(accepts)
            case Request(command) if s.may_propose(command):  # 4. Then commands go to the next free slot, by phase 2
                slot = s.proposed.index(None)
                return replace(s, proposed=put(s.proposed, slot, command)), self.accept(slot, s.ballot, command)
            case Gather([(_, Accepted(slot, proposal)), *_]):  # 6. What a majority has accepted is chosen
                return replace(s, chosen=put(s.chosen, slot, proposal.command)), ()
            case Request() if s.phase < 2:  # not yet the leader
                return DEFER
            case Start() | Request() | Gather():  # no election left; proposed already, or no free slot; too late
                return s, ()

    def demanded(self, reports: list[tuple[Proposal | None, ...]]) -> Row:
        """The command of the highest ballot accepted in a slot; in every gap below one a no-op; else nothing."""
        highest = [max(slot, key=lambda p: p.ballot if p else -1) for slot in zip(*reports, strict=True)]
        last = max((slot for slot, proposal in enumerate(highest) if proposal), default=-1)
        return tuple(p.command if p else NOOP if slot < last else None for slot, p in enumerate(highest))

    def accept(self, slot: int, ballot: int, command: str) -> Send[Message]:
        return send(Accept(slot, Proposal(ballot, command)), to=self.all_acceptors)

    def acceptor(self, at: At, s: Acceptor, event: Prepare | Accept) -> Step[Acceptor, Message]:
        match event:
            case Prepare(ballot) if ballot > s.promised:  # 2. One promise for all slots, with all that was accepted
                return replace(s, promised=ballot), reply(Promise(ballot, s.accepted))
            case Accept(slot, proposal) if proposal.ballot >= s.promised:  # 5. Accept
                after = Acceptor(proposal.ballot, put(s.accepted, slot, proposal))
                return after, reply(Accepted(slot, proposal))
            case Prepare() | Accept():  # a higher ballot was promised
                return s, ()

    def as_log(self, view: View[Leader | Acceptor]) -> Log:
        """Return what is chosen, by the answers that leaders have got: on a set network they stay in their mail."""
        answers = [m for p in self.all_leaders for _, m in view.mail[p] if isinstance(m, Accepted)]
        chosen = {m.slot: m.proposal.command for m in answers if answers.count(m) >= self.quorum}
        return Log(tuple(chosen.get(slot) for slot in range(self.slots)))


@sometimes
def the_log_is_full(view: View[Leader | Acceptor]) -> bool:
    """A leader knows what is chosen in every slot."""
    return any(isinstance(s, Leader) and None not in s.chosen for s in view.states.values())


logs_agree = prefix_agreement(lambda s: s.log if isinstance(s, Leader) else None, name="logs_agree")


@invariant
def one_command_per_slot(view: View[Leader | Acceptor]) -> bool:
    """No two leaders ever learn different commands in the same slot."""
    slots = zip(*view.each("chosen").values(), strict=True)
    return all(len(set(learned) - {None}) < 2 for learned in slots)


log_fills = eventually(the_log_is_full, name="log_fills")
log_can_fill = possible_from_everywhere(the_log_is_full, name="log_can_fill")
refines_replicated_log = refines(ReplicatedLog, MultiPaxos.as_log)
SAFE = {logs_agree: HOLDS, one_command_per_slot: HOLDS, the_log_is_full: HOLDS}

INSTANCES = (
    Instance(
        "calm", MultiPaxos(leaders=1), asynchronous(ignored="stays"),
        SAFE | {log_fills: HOLDS, log_can_fill: HOLDS},
        configurations=2535, transitions=7690, depth=15,
        bivalent=15, univalent={"x": 1260, "y": 1260}, none=0, critical=3, disagreeing=0,
        flp="outside",
        delays={"decision": (4, 10), "all decisions": (4, 10), "entry 1": (4, 10), "entry 2": (2, 5)},
        about="One leader: the phases of the slots overlap, and each slot costs one round trip.",
    ),
    Instance(
        "one slot", MultiPaxos(slots=1), asynchronous(crashes=1, crash_events="elided", ignored="stays"),
        SAFE | {agreement: HOLDS, integrity: HOLDS, termination: VIOLATED},
        configurations=20529, transitions=48129, depth=19,
        bivalent=801, univalent={"x": 9864, "y": 9864}, none=0, critical=84, disagreeing=0,
        flp="blocks",
        about="With one slot it is Paxos.  That leaders outbid each other for ever (`paxos_duel` shows it) is "
        "hidden by the constant `elections`: with finitely many ballots they give up instead, and that is blocking.",
    ),
    Instance(
        "messages that stay", MultiPaxos(slots=1), asynchronous(network="set"),
        SAFE | {refines_replicated_log: HOLDS},
        configurations=7929, transitions=22711, depth=19,
        bivalent=537, univalent={"x": 3696, "y": 3696}, none=0, critical=36, disagreeing=0,
        flp="outside",
        about="On a set network what acceptors have answered can always be looked up.",
    ),
    Instance(
        "large", MultiPaxos(), asynchronous(ignored="stays"), SAFE,
        on_demand=True,
        configurations=3157713, transitions=12591513, depth=28, disagreeing=0,
        about="A change of leaders at every point of a log of two slots; gaps are filled with no-ops.",
    ),
)  # fmt: skip
