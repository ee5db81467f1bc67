"""A register that is not replicated: each server keeps its own copy.

The register of the actor models of Stateright (`single-copy-register`), from their published semantics.  Asynchronous,
no failures; a message that a process ignores stays in flight.  Each client writes a value at one server, then reads at
the next.  With one server that is linearizable (Herlihy and Wing 1990), with two it is not.
"""

from flpcheck import (
    HOLDS, VIOLATED, At, Effects, History, Instance, Invoke, Observer, Pid, Process, Processes, Read, Return, Step,
    View, Write, asynchronous, history_observer, invariant, linearizable, note, protocol, record, register, reply, send,
    sometimes,
)  # fmt: skip


@record
class Put:
    """Client -> server: store this value."""

    value: str


@record
class PutOk:
    """Server -> client: stored."""


@record
class Get:
    """Client -> server: tell me what is stored."""


@record
class GetOk:
    """Server -> client: this is; None if nothing was stored."""

    value: str | None


Message = Put | PutOk | Get | GetOk


@record
class Server:
    """The one copy."""

    value: str | None = None


@record
class Client:
    """writing -> reading -> done; the value that it reads is in the history only."""

    state: str = "writing"


@protocol
class SingleCopyRegister:
    """Servers that do not talk to each other."""

    servers: int = 1
    clients: int = 2
    history: bool = True  # whether the history of operations is a part of the configuration

    def processes(self) -> Processes[Message]:
        servers = [Process(s, self.server, start=Server()) for s in self.all_servers]
        clients = [Process(c, self.client, start=Client(), sent=self.put(i)) for i, c in enumerate(self.all_clients)]
        return [*servers, *clients]

    def put(self, i: int) -> Effects[Message]:
        """The first message of a client, in flight from the beginning."""
        return send(Put(self.value_of(i)), to=self.server_of(i))

    def observers(self) -> list[Observer[History, object]]:
        begun = [Invoke(c, Write(self.value_of(i))) for i, c in enumerate(self.all_clients)]
        return [history_observer(begun)] if self.history else []

    @property
    def all_servers(self) -> list[Pid]:
        return [f"s{i}" for i in range(self.servers)]

    @property
    def all_clients(self) -> list[Pid]:
        return [f"c{i}" for i in range(self.clients)]

    def value_of(self, i: int) -> str:
        return "ABCDEFGH"[i]

    def server_of(self, i: int) -> Pid:
        return self.all_servers[i % self.servers]

    def server(self, at: At, s: Server, event: Put | Get) -> Step[Server, Message]:
        match event:
            case Put(value):  # Store the value
                return Server(value), reply(PutOk())
            case Get():  # Answer with the stored value
                return s, reply(GetOk(s.value))

    def client(self, at: At, s: Client, event: PutOk | GetOk) -> Step[Client, Message]:
        match event:
            case PutOk() if s.state == "writing":  # Written: go on to read at the next server
                next_server = self.server_of(self.all_clients.index(at.me) + 1)
                over = note(Return(at.me)), note(Invoke(at.me, Read()))
                return Client("reading"), (*over, send(Get(), to=next_server))
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
    """A server answers a read with a value that was written."""
    letters = [letter for mail in view.mail.values() for letter in mail]
    return any(isinstance(m, GetOk) and m.value is not None for _, m in letters)


INSTANCES = (
    Instance(
        "one server",
        SingleCopyRegister(servers=1, clients=2),
        asynchronous(ignored="stays"),
        {linearizable_history: HOLDS, a_value_is_read: HOLDS},
        configurations=93,
        transitions=120,
        depth=8,
        about="The published instance with one server: linearizable in all 93 configurations, history included.",
    ),
    Instance(
        "two servers",
        SingleCopyRegister(servers=2, clients=2),
        asynchronous(ignored="stays"),
        {linearizable_history: VIOLATED, a_value_is_read: HOLDS},
        configurations=62,
        transitions=80,
        depth=8,
        counterexample={linearizable_history: 4},
        about="Two copies that nobody keeps equal: a client does not even read what it has just written itself.",
    ),
    Instance(
        "no history",
        SingleCopyRegister(servers=1, clients=2, history=False),
        asynchronous(ignored="stays"),
        {a_value_is_read: HOLDS},
        configurations=49,
        transitions=78,
        depth=8,
        about="The same server without the history, which almost doubles the number of configurations.",
    ),
)
