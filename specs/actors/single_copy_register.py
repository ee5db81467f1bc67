"""A register that is not replicated: each server keeps its own copy.

The register of the actor models of Stateright (`single-copy-register`), from their published semantics.  Asynchronous,
no failures; a message that a process ignores stays in flight.  Each client writes a value at one server, then reads at
the next.  With one server that is linearizable (Herlihy and Wing 1990), with two it is not.
"""

from _actors import Client, Get, GetOk, Put, PutOk, Register, a_value_is_read, linearizable_history
from flpcheck import (
    HOLDS, VIOLATED, At, Instance, Process, Processes, Step, asynchronous, protocol, record, reply,
)  # fmt: skip


Message = Put | PutOk | Get | GetOk


@record
class Server:
    """The one copy."""

    value: str | None = None


@protocol
class SingleCopyRegister(Register):
    """Servers that do not communicate with each other."""

    servers: int = 1
    clients: int = 2
    history: bool = True

    def processes(self) -> Processes[Message]:
        servers = [Process(s, self.server, start=Server()) for s in self.all_servers]
        clients = [Process(c, self.client, start=Client(), sent=self.put(c)) for c in self.all_clients]
        return [*servers, *clients]

    def server(self, at: At, s: Server, event: Put | Get) -> Step[Server, Message]:
        match event:
            case Put(value):  # Store the value
                return Server(value), reply(PutOk())
            case Get():  # Answer with the stored value
                return s, reply(GetOk(s.value))


INSTANCES = (
    Instance(
        "one server", SingleCopyRegister(servers=1, clients=2), asynchronous(ignored="stays"),
        {linearizable_history: HOLDS, a_value_is_read: HOLDS},
        configurations=93, transitions=120, depth=8,
        about="The published instance with one server: linearizable in all 93 configurations, history included.",
    ),
    Instance(
        "two servers", SingleCopyRegister(servers=2, clients=2), asynchronous(ignored="stays"),
        {linearizable_history: VIOLATED, a_value_is_read: HOLDS},
        configurations=62, transitions=80, depth=8,
        counterexample={linearizable_history: 4},
        about="Two copies that are not kept equal: a client may not even read the value that it has just written.",
    ),
    Instance(
        "no history", SingleCopyRegister(servers=1, clients=2, history=False), asynchronous(ignored="stays"),
        {a_value_is_read: HOLDS},
        configurations=49, transitions=78, depth=8,
        about="The same server without the history, which almost doubles the number of configurations.",
    ),
)  # fmt: skip
