"""Zab: the transactions of one primary after another, each delivered after all that precede it.

Junqueira, Reed, Serafini, "Zab: High-performance broadcast for primary-backup systems" (2011), section IV: the three
phases of Algorithms 1 to 3, under their names for messages and variables.  Channels are first-in first-out.  An oracle
elects: it names the leader of each election, and a server that hears of it drops what it did and begins with phase 1;
messages of an earlier leader, or of an earlier turn of the same one, then arrive in the wrong phase.  A leader takes
part in its own phases as a follower, too.

Elections are a model constant; each primary broadcasts one transaction.
"""

from collections.abc import Iterator
from typing import Any

from _zab import (
    Ack, AckEpoch, AckLeader, CEpoch, Commit, CommitLeader, Elected, Message, NewEpoch, NewLeader, Oracle, Proposal,
    Server, Transaction,
)  # fmt: skip
from flpcheck import (
    HOLDS, At, Constant, Gather, Instance, Mail, Note, Observer, Pid, Process, Processes, Send, Start, Step, View,
    asynchronous, gather_quorum, majority, note, protocol, replace, send, sometimes,
)  # fmt: skip
from flpcheck.properties import (
    Broadcast, agreed_order, broadcast_integrity, broadcast_observer, primary_integrity, primary_order, total_order,
)  # fmt: skip


@protocol
class Zab:
    """Discovery, synchronisation, broadcast."""

    servers: int = 3
    leaders: Constant[str] = "s0 s1"  # the leaders that the oracle names, in order

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
        if s.elections == len(self.leaders.split()):
            return s, ()
        elected = Elected(s.elections + 1, self.leaders.split()[s.elections])
        return Oracle(s.elections + 1), self.to_all(elected)  # Name the next leader

    def quorums(self, at: At, s: Server, mail: Mail[Message]) -> Iterator[Mail[Message]]:
        """A leader waits for answers from a quorum."""
        return gather_quorum(tuple(letter for letter in mail if s.awaits(letter.message)), self.quorum)

    def to_all(self, message: Message) -> Send[Message]:
        return send(message, to=self.all_servers)

    def server(
        self,
        at: At,
        s: Server,
        event: Gather[Message] | Elected | NewEpoch | NewLeader | CommitLeader | Proposal | Commit,
    ) -> Step[Server, Message]:
        if not isinstance(event, Gather | Elected) and at.sender != s.leader:  # from an earlier leader
            return s, ()
        match event:
            # Phase 1: discovery
            case Elected(election, leader) if election > s.election:  # 1. Follow the new leader, with the last promise
                return self.elected(at, s, election, leader), send(CEpoch(election, s.promised), to=leader)
            case Gather([(_, CEpoch()), *_] as letters):  # 2. The leader takes a higher epoch than all have promised
                epoch = 1 + max(m.promised for _, m in letters if isinstance(m, CEpoch))
                return replace(s, leading="new epoch", epoch=epoch), self.to_all(NewEpoch(epoch))
            case NewEpoch(epoch) if s.phase == "discovery" and epoch > s.promised:  # 3. Promise the new epoch
                return self.promise(s, epoch), send(AckEpoch(epoch, s.current, s.history), to=at.sender)
            # Phase 2: synchronisation
            case Gather([(_, AckEpoch()), *_] as letters):  # 4. The leader takes the most recent history
                return self.synchronise(s, [m for _, m in letters if isinstance(m, AckEpoch)])
            case NewLeader(epoch, h) if s.phase == "synchronisation" and epoch == s.promised:  # 5. Adopt it as well
                return replace(s, current=epoch, history=h), send(AckLeader(epoch), to=at.sender)
            case Gather([(_, AckLeader()), *_]):  # 6. A quorum has it: it is committed, and the leader may broadcast
                return self.broadcast(s, self.to_all(CommitLeader(s.epoch)))
            case CommitLeader(epoch) if s.phase == "synchronisation" and epoch == s.current:  # 6. Deliver the history
                new = tuple(t for t in s.history if t not in s.delivered)
                return replace(s, phase="broadcast", delivered=s.delivered + new), ()
            # Phase 3: broadcast
            case Proposal(t) if s.phase == "broadcast" and t.epoch == s.current:  # 8. Add the transaction
                return replace(s, history=(*s.history, t)), send(Ack(t), to=at.sender)
            case Gather([(_, Ack(t)), *_]):  # 9. A quorum has it: commit
                return replace(s, leading="done"), self.to_all(Commit(t))
            case Commit(t) if s.phase == "broadcast" and t in s.history and t not in s.delivered:  # 9. Deliver it
                return replace(s, delivered=(*s.delivered, t)), ()
            case _:  # of an earlier phase
                return s, ()

    def elected(self, at: At, s: Server, election: int, leader: Pid) -> Server:
        leading = "discovery" if leader == at.me else ""
        return replace(s, election=election, leader=leader, phase="discovery", leading=leading, epoch=0)

    def promise(self, s: Server, epoch: int) -> Server:
        return replace(s, phase="synchronisation", promised=epoch)

    def synchronise(self, s: Server, answers: list[AckEpoch]) -> Step[Server, Message]:
        best = max(answers, key=lambda m: (m.current, [(t.epoch, t.counter) for t in m.history]))
        return replace(s, leading="synchronisation"), self.to_all(NewLeader(s.epoch, best.history))

    def broadcast(self, s: Server, *sends: Send[Message]) -> Step[Server, Message]:
        """7. The primary has committed its history, and goes on with a transaction of its own."""
        transaction = Transaction(s.epoch, 1)
        known: Note = note(Broadcast(transaction, s.history))
        return replace(s, leading="broadcast"), (*sends, self.to_all(Proposal(transaction)), known)


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
        configurations=140485, transitions=517666, depth=46,
        about="The oracle names another leader at any point of the first one's work.",
    ),
    Instance(
        "three elections", Zab(leaders="s0 s1 s0"), FIFO, SAFE,
        on_demand=True,
        configurations=3197901, transitions=12871825, depth=69,
        about="The first leader returns, while messages of its first turn are still in flight.",
    ),
)  # fmt: skip
