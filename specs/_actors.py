"""What the public actor models of registers share: clients that write at one server and read at the next.

The register clients of Stateright's examples, from their published semantics.  Each client writes a value of its own,
its first message in flight from the beginning, then reads; what it reads is in the history only.
"""

from typing import Any

from flpcheck import (
    At, Effects, History, Invoke, Observer, Pid, Read, Return, Step, View, Write, history_observer, invariant,
    linearizable, note, record, register, send, sometimes,
)  # fmt: skip


@record
class Put:
    """Client -> server: write this value."""

    value: str


@record
class PutOk:
    """Server -> client: written."""


@record
class Get:
    """Client -> server: read the value."""


@record
class GetOk:
    """Server -> client: this; None if nothing was written."""

    value: str | None


@record
class Client:
    """writing -> reading -> done."""

    state: str = "writing"


class Register:
    """Servers with a value that clients write and read; the protocol defines what the servers do."""

    servers: int
    clients: int
    history: bool  # whether the history of operations is a part of the configuration

    def observers(self) -> list[Observer[History, object]]:
        begun = [Invoke(c, Write(self.value_of(c))) for c in self.all_clients]
        return [history_observer(begun)] if self.history else []

    @property
    def all_servers(self) -> list[Pid]:
        return [f"s{i}" for i in range(self.servers)]

    @property
    def all_clients(self) -> list[Pid]:
        return [f"c{i}" for i in range(self.clients)]

    def others(self, at: At) -> list[Pid]:
        return [pid for pid in self.all_servers if pid != at.me]

    def value_of(self, client: Pid) -> str:
        return "ABCDEFGH"[self.all_clients.index(client)]

    def server_of(self, client: Pid, operation: int) -> Pid:
        return self.all_servers[(self.all_clients.index(client) + operation) % self.servers]

    def put(self, client: Pid) -> Effects[Any]:
        """The first message of a client."""
        return send(Put(self.value_of(client)), to=self.server_of(client, 0))

    def client(self, at: At, s: Client, event: PutOk | GetOk) -> Step[Client, Get]:
        match event:
            case PutOk() if s.state == "writing":  # Written: go on to read at the next server
                over = note(Return(at.me)), note(Invoke(at.me, Read()))
                return Client("reading"), (*over, send(Get(), to=self.server_of(at.me, 1)))
            case GetOk(value) if s.state == "reading":  # Read: done
                return Client("done"), note(Return(at.me, value))
            case PutOk() | GetOk():  # not expected
                return s, ()


@invariant
def linearizable_history(view: View[Any]) -> bool:
    """The history of the clients is linearizable at a single register."""
    return linearizable(view.observers.get("history", History()), register())


@sometimes
def a_value_is_read(view: View[Any]) -> bool:
    """A server answers a read with a value that was written."""
    letters = [letter for mail in view.mail.values() for letter in mail]
    return any(isinstance(message, GetOk) and message.value is not None for _, message in letters)
