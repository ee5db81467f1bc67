"""Zab: the transactions of one primary after the other, each after all that were delivered before it.

Junqueira, Reed, Serafini, "Zab: High-performance broadcast for primary-backup systems" (2011), section IV: the three
phases of Algorithms 1 to 3, under their names for messages and variables.  Channels are first-in first-out.  An oracle
elects: it names the leader of each election, and a server that hears of it leaves what it did.  A leader takes part in
its own phases as a follower, too.

Epochs and transactions are model constants; each primary broadcasts one transaction.
"""

from collections.abc import Iterator
from typing import Any

from flpcheck import (
    HOLDS, At, Constant, Gather, Instance, Mail, Note, Observer, Pid, Process, Processes, Send, Start, Step, View,
    asynchronous, gather_quorum, majority, note, protocol, record, replace, send, sometimes,
)  # fmt: skip
from flpcheck.properties import (
    Broadcast, agreed_order, broadcast_integrity, broadcast_observer, primary_integrity, primary_order, total_order,
)  # fmt: skip


@record
class Transaction:
    """A transaction with its zxid: the epoch of its primary, and its place among the primary's."""

    epoch: int
    counter: int


History = tuple[Transaction, ...]


@record
class Elected:
    """Oracle -> servers: follow this leader from now on."""

    election: int
    leader: Pid


@record
class CEpoch:
    """Follower -> leader: the last epoch that I have promised (1)."""

    election: int
    promised: int


@record
class NewEpoch:
    """Leader -> followers: let this be the epoch (2)."""

    epoch: int


@record
class AckEpoch:
    """Follower -> leader: promised; here is my current epoch, and my history (3)."""

    epoch: int
    current: int
    history: History


@record
class NewLeader:
    """Leader -> followers: let this be the history (4)."""

    epoch: int
    history: History


@record
class AckLeader:
    """Follower -> leader: it is mine as well (5)."""

    epoch: int


@record
class CommitLeader:
    """Leader -> followers: deliver the history (6)."""

    epoch: int


@record
class Proposal:
    """Leader -> followers: add this transaction to your history (7)."""

    transaction: Transaction


@record
class Ack:
    """Follower -> leader: added (8)."""

    transaction: Transaction


@record
class Commit:
    """Leader -> followers: deliver this transaction (9)."""

    transaction: Transaction


Answer = CEpoch | AckEpoch | AckLeader | Ack
Message = Elected | Answer | NewEpoch | NewLeader | CommitLeader | Proposal | Commit


@record
class Server:
    """The variables of a follower, then of a leader."""

    leader: Pid | None = None
    election: int = 0
    promised: int = 0  # f.p
    current: int = 0  # f.a
    history: History = ()  # h_f
    delivered: History = ()
    leading: str = ""  # "" -> discovery -> new epoch -> synchronisation -> broadcast
    epoch: int = 0  # the epoch of a leader


@record
class Oracle:
    """How often it has named a leader."""

    elections: int = 0


@protocol
class Zab:
    """Discovery, synchronisation, broadcast."""

    servers: int = 3
    leaders: Constant[str] = "s0 s1"  # whom the oracle names, one after the other

    def processes(self) -> Processes[Message]:
        return [
            Process("oracle", self.oracle, start=Oracle(), virtual=True),
            *(Process(s, self.server, start=Server(), gather=self.quorums) for s in self.all_servers),
        ]

    def observers(self) -> list[Observer[Any, object]]:
        return [broadcast_observer()]

    @property
    def all_servers(self) -> list[Pid]:
        return [f"s{i}" for i in range(self.servers)]

    @property
    def quorum(self) -> int:
        return majority(self.servers)

    def oracle(self, at: At, s: Oracle, event: Start) -> Step[Oracle, Message]:
        names = self.leaders.split()
        if s.elections == len(names):
            return s, ()
        return Oracle(s.elections + 1), send(Elected(s.elections + 1, names[s.elections]), to=self.all_servers)

    def quorums(self, at: At, s: Server, mail: Mail[Message]) -> Iterator[Mail[Message]]:
        """The same kind of answer, about the same thing, from each member of a quorum."""
        for wanted in dict.fromkeys(about(x.message) for x in mail if isinstance(x.message, Answer)):
            yield from gather_quorum(tuple(x for x in mail if about(x.message) == wanted), self.quorum)

    def to_all(self, message: Message) -> Send[Message]:
        return send(message, to=self.all_servers)

    def server(
        self,
        at: At,
        s: Server,
        event: Gather[Message] | Elected | NewEpoch | NewLeader | CommitLeader | Proposal | Commit,
    ) -> Step[Server, Message]:
        match event:
            case Gather(letters):
                return self.lead(s, [message for _, message in letters])
            case Elected(election, leader) if election > s.election:  # 1. Discovery: follow, with the last promise
                after = replace(s, election=election, leader=leader, leading="discovery" if leader == at.me else "")
                return after, send(CEpoch(election, s.promised), to=leader)
            case NewEpoch(epoch) if at.sender == s.leader and epoch > s.promised:  # 3. Promise the new epoch
                return replace(s, promised=epoch), send(AckEpoch(epoch, s.current, s.history), to=at.sender)
            case NewLeader(epoch, history) if at.sender == s.leader and epoch == s.promised:  # 5. Take the history
                return replace(s, current=epoch, history=history), send(AckLeader(epoch), to=at.sender)
            case CommitLeader(epoch) if at.sender == s.leader and epoch == s.current:  # 6. Deliver it
                new = tuple(t for t in s.history if t not in s.delivered)
                return replace(s, delivered=s.delivered + new), ()
            case Proposal(t) if at.sender == s.leader and t.epoch == s.current:  # 8. Add the transaction
                return replace(s, history=(*s.history, t)), send(Ack(t), to=at.sender)
            case Commit(t) if at.sender == s.leader and t in s.history and t not in s.delivered:  # 9. Deliver it
                return replace(s, delivered=(*s.delivered, t)), ()
            case Elected() | NewEpoch() | NewLeader() | CommitLeader() | Proposal() | Commit():  # of an old leader
                return s, ()

    def lead(self, s: Server, answers: list[Message]) -> Step[Server, Message]:
        match s.leading, answers[0]:
            case "discovery", CEpoch(election) if election == s.election:  # 2. A higher epoch than all have promised
                epoch = max(m.promised for m in answers if isinstance(m, CEpoch)) + 1
                return replace(s, leading="new epoch", epoch=epoch), self.to_all(NewEpoch(epoch))
            case "new epoch", AckEpoch(epoch) if epoch == s.epoch:  # 4. Synchronisation: the most recent history
                return self.synchronise(s, [m for m in answers if isinstance(m, AckEpoch)])
            case "synchronisation", AckLeader(epoch) if epoch == s.epoch == s.current:  # 6. The history is everybody's
                return self.broadcast(replace(s, leading="broadcast"), self.to_all(CommitLeader(epoch)))
            case "broadcast", Ack(t) if t.epoch == s.epoch:  # 9. Commit
                return replace(s, leading="done"), self.to_all(Commit(t))
            case _:
                return s, ()

    def synchronise(self, s: Server, answers: list[AckEpoch]) -> Step[Server, Message]:
        best = max(answers, key=lambda m: (m.current, [(t.epoch, t.counter) for t in m.history]))
        return replace(s, leading="synchronisation"), self.to_all(NewLeader(s.epoch, best.history))

    def broadcast(self, s: Server, *sends: Send[Message]) -> Step[Server, Message]:
        """7. Broadcast: the primary has delivered its history, and goes on with a transaction of its own."""
        transaction = Transaction(s.epoch, 1)
        known: Note = note(Broadcast(transaction, s.history))
        return s, (*sends, self.to_all(Proposal(transaction)), known)


def about(message: Message) -> object:
    """Return what an answer is about: its kind, and the election, epoch or transaction that it answers."""
    match message:
        case CEpoch(number) | AckEpoch(number) | AckLeader(number):
            return type(message).__name__, number
        case Ack(transaction):
            return "Ack", (transaction.epoch, transaction.counter)
        case _:
            return None


ordered, agreed, honest = total_order(), agreed_order(), broadcast_integrity()
primaries_ordered, primaries_know = primary_order(), primary_integrity()


@sometimes
def two_epochs_deliver(view: View[Any]) -> bool:
    """A server delivers transactions of two epochs."""
    return any(len(log) == 2 for log in view.each("delivered").values())


SAFE = {
    ordered: HOLDS, agreed: HOLDS, honest: HOLDS, primaries_ordered: HOLDS, primaries_know: HOLDS,
    two_epochs_deliver: HOLDS,
}  # fmt: skip

FIFO = asynchronous(network="fifo")

INSTANCES = (
    Instance(
        "two servers", Zab(servers=2), FIFO, SAFE,
        configurations=475, transitions=839, depth=34,
        about="The second leader has to wait for the first one.",
    ),
    Instance(
        "two epochs", Zab(), FIFO, SAFE,
        configurations=140814, transitions=518531, depth=46,
        about="The oracle names another leader at any point of the first one's work.  (With `-p leaders='s0 s1 s0'` "
        "there are 3,582,370 configurations.)",
    ),
)  # fmt: skip
