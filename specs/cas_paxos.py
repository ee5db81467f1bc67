"""CASPaxos: a register that clients change by functions of its value, without a log and without a leader.

Rystsov, "CASPaxos: Replicated State Machines without logs" (2018).  A client prepares a ballot, applies its function to
the value of the highest ballot that a majority reports, and has the result accepted by a majority.  Each client appends
its name, unless it stands there already: a ballot that was lost may have taken effect.
"""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from flpcheck import (
    HOLDS, At, Constant, Gather, Instance, Mail, Pid, Process, Processes, Reduction, Start, Step, Symmetric, View,
    asynchronous, gather_quorum, invariant, majority, protocol, record, replace, reply, send,
)  # fmt: skip

Value = tuple[Pid, ...]


@record
class Prepare:
    """Client -> acceptors: promise me this ballot."""

    ballot: int


@record
class Promise:
    """Acceptor -> client: promised; and what I have accepted last, in which ballot (0: none)."""

    ballot: int
    accepted: int
    value: Value


@record
class Accept:
    """Client -> acceptors: accept this value in this ballot."""

    ballot: int
    value: Value


@record
class Accepted:
    """Acceptor -> client: accepted."""

    ballot: int


Message = Prepare | Promise | Accept | Accepted


@record
class Client:
    """The ballot of a client, which value it has asked for there, and its result."""

    ballot: int = 0
    value: Value = ()
    result: Value = ()


@record
class Acceptor:
    """The highest ballot promised, and what was accepted last, in which ballot."""

    promised: int = 0
    accepted: int = 0
    value: Value = ()


@protocol
class CasPaxos:
    """Clients with one change each, which they may try several times."""

    clients: int = 2
    acceptors: int = 3
    tries: Constant[int] = 2

    def processes(self) -> Processes[Message]:
        clients = (
            Process(pid, self.client, start=Client(), gather=self.answers, virtual=True) for pid in self.all_clients
        )
        return [*clients, *(Process(pid, self.acceptor, start=Acceptor()) for pid in self.all_acceptors)]

    @property
    def all_clients(self) -> list[Pid]:
        return [f"c{i}" for i in range(self.clients)]

    @property
    def all_acceptors(self) -> list[Pid]:
        return [f"a{i}" for i in range(self.acceptors)]

    def reductions(self) -> list[Reduction]:
        return [Symmetric(tuple(self.all_acceptors))]

    def next_ballot(self, at: At, s: Client) -> int:
        """Ballots 1, 2, ... belong to the clients in turn."""
        return s.ballot + self.clients if s.ballot else self.all_clients.index(at.me) + 1

    def answers(self, at: At, s: Client, mail: Mail[Message]) -> Iterator[Mail[Message]]:
        """The promises, or acceptances, of a majority in the client's ballot."""
        kind = Accepted if s.value else Promise
        mine = tuple(one for one in mail if isinstance(one.message, kind) and one.message.ballot == s.ballot)
        return gather_quorum(mine, majority(self.acceptors))

    def client(self, at: At, s: Client, event: Start | Gather[Message] | Promise | Accepted) -> Step[Client, Message]:
        match event:
            case Start() if not s.result and self.next_ballot(at, s) <= self.clients * self.tries:  # a new ballot
                ballot = self.next_ballot(at, s)
                return Client(ballot), send(Prepare(ballot), to=self.all_acceptors)
            case Gather(letters) if not s.value:  # apply the function to the value of the highest ballot
                value = self.changed(at, max(promises(letters))[1])
                return replace(s, value=value), send(Accept(s.ballot, value), to=self.all_acceptors)
            case Gather() if not s.result:  # a majority has accepted
                return replace(s, result=s.value), ()
            case Start() | Gather() | Promise() | Accepted():  # done; an answer counts together with its quorum
                return s, ()

    def changed(self, at: At, value: Value) -> Value:
        return value if at.me in value else (*value, at.me)

    def acceptor(self, at: At, s: Acceptor, event: Prepare | Accept) -> Step[Acceptor, Message]:
        match event:
            case Prepare(ballot) if ballot > s.promised:
                return replace(s, promised=ballot), reply(Promise(ballot, s.accepted, s.value))
            case Accept(ballot, value) if ballot >= s.promised:
                return Acceptor(ballot, ballot, value), reply(Accepted(ballot))
            case Prepare() | Accept():  # an old ballot
                return s, ()


def promises(letters: Mail[Message]) -> Iterator[tuple[int, Value]]:
    """What has been accepted, by ballot."""
    return ((m.accepted, m.value) for _, m in letters if isinstance(m, Promise))


def results(view: View[Any]) -> list[Value]:
    """What the clients that are done have been told."""
    return [s.result for s in view.states.values() if isinstance(s, Client) and s.result]


@invariant
def chain(view: View[Any]) -> bool:
    """Of two results one continues the other: changes take effect one after the other."""
    return all(a[: len(b)] == b[: len(a)] for a, b in combinations(results(view), 2))


@invariant
def applied(view: View[Any]) -> bool:
    """A client that is done finds its change in the result."""
    return all(pid in s.result for pid, s in view.states.items() if isinstance(s, Client) and s.result)


CLAIMS = {chain: HOLDS, applied: HOLDS}

INSTANCES = (
    Instance(
        "one try", CasPaxos(tries=1), asynchronous(network="set"), CLAIMS, configurations=728,
        about="Two clients with one ballot each: the one with the higher ballot builds on what it hears of.",
    ),
    Instance(
        "three clients", CasPaxos(clients=3, tries=1), asynchronous(network="set"), CLAIMS, configurations=36796,
        about="Three clients with one ballot each: all results lie on one chain.",
    ),
    Instance(
        "two tries", CasPaxos(), asynchronous(network="set"), CLAIMS, configurations=1040882, on_demand=True,
        about="A client may begin a second ballot at any time; what its first one asked for may still be accepted.",
    ),
)  # fmt: skip
