"""A register that survives the loss of a minority of its servers: query a majority, then update a majority.

The register of Attiya, Bar-Noy, Dolev, "Sharing Memory Robustly in Message-Passing Systems" (1995), with any number of
writers (Lynch and Shvartsman 1997), in the actor model of Stateright (`linearizable-register`), from its published
semantics.  Asynchronous, no failures; a message that a process ignores stays in flight.  Each client writes a value at
one server, then reads at the next.  A read writes what it is about to return to a majority: without that second phase
the later of two reads could return the older value.
"""

from _actors import Client, Get, GetOk, Put, PutOk, Register, a_value_is_read, linearizable_history
from flpcheck import (
    HOLDS, At, Instance, Pid, Process, Processes, Step, asynchronous, majority, protocol, record, replace, reply,
    send,
)  # fmt: skip

Seq = tuple[int, Pid]  # the number of a write, and the server that makes it
Request = tuple[Pid, str]  # a client, and what it wants: to put or to get


@record
class Query:
    """Phase 1, to the other servers: send me what you store."""

    request: Request


@record
class AckQuery:
    """Phase 1: this, since that write."""

    request: Request
    seq: Seq
    value: str | None


@record
class Record:
    """Phase 2, to the other servers: store this unless you store something later."""

    request: Request
    seq: Seq
    value: str | None


@record
class AckRecord:
    """Phase 2: done."""

    request: Request


Message = Put | PutOk | Get | GetOk | Query | AckQuery | Record | AckRecord


@record
class Phase1:
    """A server asks for a client what the others store."""

    request: Request
    written: str | None  # the value to write; None for a read
    responses: frozenset[tuple[Pid, Seq, str | None]]


@record
class Phase2:
    """A server updates the others."""

    request: Request
    read: str | None  # the value to return; None for a write
    acks: frozenset[Pid]


@record
class Server:
    """What is stored, by which write, and the request in progress."""

    seq: Seq
    value: str | None = None
    phase: Phase1 | Phase2 | None = None

    def told(self, seq: Seq, value: str | None) -> "Server":
        """Store a value unless something later is stored."""
        return replace(self, seq=seq, value=value) if seq > self.seq else self


@protocol
class AbdRegister(Register):
    """Servers that answer once a majority has."""

    servers: int = 2
    clients: int = 2
    history: bool = True

    def processes(self) -> Processes[Message]:
        return [
            *(Process(s, self.server, start=Server((0, s))) for s in self.all_servers),
            *(Process(c, self.client, start=Client(), sent=self.put(c)) for c in self.all_clients),
        ]

    @property
    def quorum(self) -> int:
        return majority(self.servers)

    def server(
        self, at: At, s: Server, event: Put | Get | Query | AckQuery | Record | AckRecord
    ) -> Step[Server, Message]:
        match event, s.phase:
            case Put(value), None:  # A write: ask for the latest sequence number
                return self.ask(at, s, (at.sender, "put"), value)
            case Get(), None:  # A read: ask for the latest value
                return self.ask(at, s, (at.sender, "get"), None)
            case Query(request), _:  # Answer with what is stored
                return s, reply(AckQuery(request, s.seq, s.value))
            case AckQuery(request, seq, value), Phase1() as phase if request == phase.request:
                heard = replace(phase, responses=phase.responses | {(at.sender, seq, value)})
                if len(heard.responses) < self.quorum:
                    return replace(s, phase=heard), ()  # An answer, before a majority
                return self.tell(at, s, heard)
            case Record(request, seq, value), _:  # Store it, unless something later is stored
                return s.told(seq, value), reply(AckRecord(request))
            case AckRecord(request), Phase2() as phase if request == phase.request:
                acks = phase.acks | {at.sender}
                if len(acks) < self.quorum:
                    return replace(s, phase=replace(phase, acks=acks)), ()  # An acknowledgement, before a majority
                client, wanted = request  # A majority stores it: answer the client
                return replace(s, phase=None), send(PutOk() if wanted == "put" else GetOk(phase.read), to=client)
            case _:  # busy with a request; or an answer that came too late
                return s, ()

    def ask(self, at: At, s: Server, request: Request, written: str | None) -> Step[Server, Message]:
        own = frozenset({(at.me, s.seq, s.value)})
        return replace(s, phase=Phase1(request, written, own)), send(Query(request), to=self.others(at))

    def tell(self, at: At, s: Server, heard: Phase1) -> Step[Server, Message]:
        """Phase 2: a read value is written back as well, or a later read could miss it."""
        _, seq, value = max(heard.responses, key=lambda response: response[1])
        read = value
        if heard.request[1] == "put":
            seq, value, read = (seq[0] + 1, at.me), heard.written, None
        stored = s.told(seq, value)
        telling = replace(stored, phase=Phase2(heard.request, read, frozenset({at.me})))
        return telling, send(Record(heard.request, seq, value), to=self.others(at))


CLAIMS = {linearizable_history: HOLDS, a_value_is_read: HOLDS}

INSTANCES = (
    Instance(
        "two servers", AbdRegister(servers=2, clients=2), asynchronous(ignored="stays"), CLAIMS,
        configurations=544, transitions=874, depth=24,
        counterexample={a_value_is_read: 11},
        about="The published instance; three servers (`-p servers=3`) have 41,138,199 states and need a minute.",
    ),
    Instance(
        "no history", AbdRegister(servers=2, clients=2, history=False), asynchronous(ignored="stays"),
        {a_value_is_read: HOLDS},
        configurations=325, transitions=560, depth=24,
        counterexample={a_value_is_read: 11},
        about="The same servers without the history, which distinguishes more than the states of the servers.",
    ),
)  # fmt: skip
