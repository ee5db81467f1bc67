"""A register on Paxos: each server that is asked proposes the request, and what is chosen is written.

The single-decree Paxos of the actor models of Stateright (`paxos`), from their published semantics; the protocol is
Lamport, "Paxos Made Simple" (2001), section 2, each server all three roles.  Asynchronous, no failures, no retries; a
message that a process ignores stays in flight.  Each client writes its value at one server, then reads at the next.
The history of the operations is linearizable (Herlihy and Wing 1990).
"""

from flpcheck import (
    HOLDS, At, Effects, History, Instance, Invoke, Observer, Pid, Process, Processes, Read, Return, Step, View, Write,
    asynchronous, history_observer, invariant, linearizable, majority, note, protocol, record, register, replace, reply,
    send, sometimes,
)  # fmt: skip

Ballot = tuple[int, Pid]  # a round, and whose it is


@record
class Proposal:
    """Whose value it is to be, and the value."""

    client: Pid
    value: str


Vote = tuple[Ballot, Proposal]


@record
class Put:
    """Client -> server: write this value."""

    value: str


@record
class PutOk:
    """Server -> client: written."""


@record
class Get:
    """Client -> server: tell me what is written."""


@record
class GetOk:
    """Server -> client: this is."""

    value: str


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


@record
class Client:
    """writing -> reading -> done; the value that it reads is in the history only."""

    state: str = "writing"


@protocol
class Paxos:
    """Single-decree Paxos as a register that is written once."""

    servers: int = 3
    clients: int = 2
    history: bool = True  # whether the history of operations is a part of the configuration

    def processes(self) -> Processes[Message]:
        start = Server((0, self.all_servers[0]))
        return [
            *(Process(s, self.server, start=start) for s in self.all_servers),
            *(Process(c, self.client, start=Client(), sent=self.put(c)) for c in self.all_clients),
        ]

    def observers(self) -> list[Observer[History, object]]:
        begun = [Invoke(c, Write(self.value_of(c))) for c in self.all_clients]
        return [history_observer(begun)] if self.history else []

    @property
    def all_servers(self) -> list[Pid]:
        return [f"s{i}" for i in range(self.servers)]

    @property
    def all_clients(self) -> list[Pid]:
        return [f"c{i}" for i in range(self.clients)]

    @property
    def quorum(self) -> int:
        return majority(self.servers)

    def value_of(self, client: Pid) -> str:
        return "ABCDEFGH"[self.all_clients.index(client)]

    def server_of(self, client: Pid, operation: int) -> Pid:
        return self.all_servers[(self.all_clients.index(client) + operation) % self.servers]

    def put(self, client: Pid) -> Effects[Message]:
        """The first message of a client, in flight from the beginning."""
        return send(Put(self.value_of(client)), to=self.server_of(client, 0))

    def server(
        self, at: At, s: Server, event: Put | Get | Prepare | Prepared | Accept | Accepted | Decided
    ) -> Step[Server, Message]:
        others = [pid for pid in self.all_servers if pid != at.me]
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
                return replace(s, accepts=accepts, decided=True), over  # Chosen: tell the client and the others
            case Decided(ballot, proposal) if not s.decided:  # Learn what was chosen
                return replace(s, ballot=ballot, accepted=(ballot, proposal), decided=True), ()
            case Put() | Get() | Prepare() | Prepared() | Accept() | Accepted() | Decided():  # it has other plans
                return s, ()

    def client(self, at: At, s: Client, event: PutOk | GetOk) -> Step[Client, Message]:
        match event:
            case PutOk() if s.state == "writing":  # Written: go on to read at the next server
                over = note(Return(at.me)), note(Invoke(at.me, Read()))
                return Client("reading"), (*over, send(Get(), to=self.server_of(at.me, 1)))
            case GetOk(value) if s.state == "reading":  # Read: done
                return Client("done"), note(Return(at.me, value))
            case PutOk() | GetOk():  # not awaited
                return s, ()


@invariant
def linearizable_history(view: View[Server | Client]) -> bool:
    """The clients could have done all this one after the other at a single register."""
    return linearizable(view.observers.get("history", History()), register())


@sometimes
def a_value_is_read(view: View[Server | Client]) -> bool:
    """A server answers the first client's read with the value that was written."""
    return any(isinstance(message, GetOk) for _, message in view.mail["c0"])


CLAIMS = {linearizable_history: HOLDS, a_value_is_read: HOLDS}

INSTANCES = (
    Instance(
        "two clients",
        Paxos(servers=3, clients=2),
        asynchronous(ignored="stays"),
        CLAIMS,
        configurations=16668,
        transitions=32970,
        depth=20,
        counterexample={a_value_is_read: 8},
        about="The published instance: 16,668 states, a value is read after eight deliveries.",
    ),
    Instance(
        "three clients",
        Paxos(servers=3, clients=3),
        asynchronous(ignored="stays"),
        CLAIMS,
        on_demand=True,
        configurations=1194428,
        transitions=2420476,
        depth=27,
        counterexample={a_value_is_read: 8},
        about="Each server has a client of its own, so three ballots compete.",
    ),
    Instance(
        "two servers",
        Paxos(servers=2, clients=2),
        asynchronous(ignored="stays"),
        CLAIMS,
        configurations=111,
        transitions=136,
        depth=13,
        counterexample={a_value_is_read: 8},
        about="Both servers are needed for a majority: one that promises the other's ballot gives up its own.",
    ),
)
