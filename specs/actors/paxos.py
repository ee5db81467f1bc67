"""A register on Paxos: a server proposes each request that it receives, and the chosen request is carried out.

The single-decree Paxos of the actor models of Stateright (`paxos`), from their published semantics; the protocol is
Lamport, "Paxos Made Simple" (2001), section 2, each server all three roles.  Asynchronous, no failures, no retries; a
message that a process ignores stays in flight.  Each client writes its value at one server, then reads at the next.
The history of the operations is linearizable (Herlihy and Wing 1990).
"""

from _actors import Client, Get, GetOk, Put, PutOk, Register, a_value_is_read, linearizable_history
from flpcheck import (
    HOLDS, At, Instance, Pid, Process, Processes, Step, asynchronous, majority, protocol, record, replace, reply,
    send,
)  # fmt: skip

Ballot = tuple[int, Pid]  # a round, and its server


@record
class Proposal:
    """The client, and the value that it wants to write."""

    client: Pid
    value: str


Vote = tuple[Ballot, Proposal]


@record
class Prepare:
    """Phase 1a: promise me this ballot."""

    ballot: Ballot


@record
class Prepared:
    """Phase 1b: promised; and what I have accepted, if anything."""

    ballot: Ballot
    accepted: Vote | None


@record
class Accept:
    """Phase 2a: accept this proposal."""

    ballot: Ballot
    proposal: Proposal


@record
class Accepted:
    """Phase 2b: accepted."""

    ballot: Ballot


@record
class Decided:
    """To the other servers: this is chosen."""

    ballot: Ballot
    proposal: Proposal


Message = Put | PutOk | Get | GetOk | Prepare | Prepared | Accept | Accepted | Decided


@record
class Server:
    """What a server keeps as proposer, acceptor and learner."""

    ballot: Ballot
    proposal: Proposal | None = None
    prepared: frozenset[tuple[Pid, Vote | None]] = frozenset()
    accepts: frozenset[Pid] = frozenset()
    accepted: Vote | None = None
    decided: bool = False


@protocol
class Paxos(Register):
    """Single-decree Paxos as a register that is written once."""

    servers: int = 3
    clients: int = 2
    history: bool = True

    def processes(self) -> Processes[Message]:
        start = Server((0, self.all_servers[0]))
        return [
            *(Process(s, self.server, start=start) for s in self.all_servers),
            *(Process(c, self.client, start=Client(), sent=self.put(c)) for c in self.all_clients),
        ]

    @property
    def quorum(self) -> int:
        return majority(self.servers)

    def server(
        self, at: At, s: Server, event: Put | Get | Prepare | Prepared | Accept | Accepted | Decided
    ) -> Step[Server, Message]:
        others = self.others(at)
        match event:
            case Get() if s.decided and s.accepted:  # Answer what was chosen
                return s, reply(GetOk(s.accepted[1].value))
            case Put(value) if not s.decided and s.proposal is None:  # Phase 1a: prepare a higher ballot
                ballot = (s.ballot[0] + 1, at.me)
                own = frozenset({(at.me, s.accepted)})
                asking = replace(
                    s, proposal=Proposal(at.sender, value), ballot=ballot, prepared=own, accepts=frozenset()
                )
                return asking, send(Prepare(ballot), to=others)
            case Prepare(ballot) if not s.decided and ballot > s.ballot:  # Phase 1b: promise
                return replace(s, ballot=ballot), reply(Prepared(ballot, s.accepted))
            case Prepared(ballot, accepted) if not s.decided and ballot == s.ballot:
                asking = replace(s, prepared=s.prepared | {(at.sender, accepted)})
                if len(asking.prepared) != self.quorum or s.proposal is None:
                    return asking, ()  # A promise that does not complete a majority
                votes = [vote for _, vote in asking.prepared if vote]
                proposal = max(votes, key=lambda vote: vote[0])[1] if votes else s.proposal
                after = replace(asking, proposal=proposal, accepted=(ballot, proposal), accepts=s.accepts | {at.me})
                return after, send(Accept(ballot, proposal), to=others)  # Phase 2a: ask to accept
            case Accept(ballot, proposal) if not s.decided and ballot >= s.ballot:  # Phase 2b: accept
                return replace(s, ballot=ballot, accepted=(ballot, proposal)), reply(Accepted(ballot))
            case Accepted(ballot) if not s.decided and ballot == s.ballot:
                accepts = s.accepts | {at.sender}
                if len(accepts) != self.quorum or s.proposal is None:
                    return replace(s, accepts=accepts), ()  # An acceptance that does not complete a majority
                over = send(Decided(ballot, s.proposal), to=others), send(PutOk(), to=s.proposal.client)
                return replace(s, accepts=accepts, decided=True), over  # Chosen: answer the client, inform the others
            case Decided(ballot, proposal) if not s.decided:  # Learn what was chosen
                return replace(s, ballot=ballot, accepted=(ballot, proposal), decided=True), ()
            case Put() | Get() | Prepare() | Prepared() | Accept() | Accepted() | Decided():  # it is busy
                return s, ()


CLAIMS = {linearizable_history: HOLDS, a_value_is_read: HOLDS}

INSTANCES = (
    Instance(
        "two clients", Paxos(servers=3, clients=2), asynchronous(ignored="stays"), CLAIMS,
        configurations=16668, transitions=32970, depth=20,
        counterexample={a_value_is_read: 8},
        about="The published instance: 16,668 states, a value is read after eight deliveries.",
    ),
    Instance(
        "three clients", Paxos(servers=3, clients=3), asynchronous(ignored="stays"), CLAIMS,
        on_demand=True,
        configurations=1194428, transitions=2420476, depth=27,
        counterexample={a_value_is_read: 8},
        about="Each server has a client of its own, so three ballots compete.",
    ),
    Instance(
        "two servers", Paxos(servers=2, clients=2), asynchronous(ignored="stays"), CLAIMS,
        configurations=111, transitions=136, depth=13,
        counterexample={a_value_is_read: 8},
        about="Both servers are needed for a majority: one that promises the other's ballot gives up its own.",
    ),
)  # fmt: skip
