"""Zab: the transactions of one primary after another, each delivered after all that precede it.

Junqueira, Reed, Serafini, "Zab: High-performance broadcast for primary-backup systems" (2011), section IV: the three
phases of Algorithms 1 to 3, under their names for messages and variables.  Channels are first-in first-out.  An oracle
elects: it names the leader of each election, and a server that hears of it drops what it did and begins with phase 1;
messages of an earlier leader, or of an earlier turn of the same one, then arrive in the wrong phase and are dropped,
answers that came too late for a quorum as well: left in a queue, they would block what is behind them.  A leader takes
part in its own phases as a follower, too.  What it sends to a server that has not heard of the election waits for
that, so no follower comes late (steps l.3.3 and l.3.4 of Algorithm 3).

Elections are a model constant; each primary broadcasts one transaction.
"""

from collections.abc import Iterator
from typing import Any

from _zab import (
    Ack, AckEpoch, AckLeader, Answer, CEpoch, Commit, CommitLeader, Elected, Message, NewEpoch, NewLeader, Oracle,
    Proposal, Server, Transaction,
)  # fmt: skip
from flpcheck import (
    DEFER, HOLDS, VIOLATED, At, Constant, Gather, Instance, Mail, Note, Observer, Pid, Process, Processes, Send, Start,
    Step, View, asynchronous, eventually_always, gather_quorum, leads_to, majority, note, protocol, replace, send,
    sometimes,
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

    def may_await(self, s: Server, answer: Answer) -> bool:
        """Return whether a server waits for an answer, or will once it has heard of the election or followed itself."""
        match answer:
            case CEpoch(election) if election > s.election:
                return True
            case AckLeader(epoch) if s.leading == "synchronisation":
                return epoch == s.epoch
        return s.awaits(answer)

    def to_all(self, message: Message) -> Send[Message]:
        return send(message, to=self.all_servers)

    def server(
        self,
        at: At,
        s: Server,
        event: Gather[Message] | Message,
    ) -> Step[Server, Message]:
        if isinstance(event, Answer):  # stays as long as it may be one of a quorum
            return DEFER if self.may_await(s, event) else (s, ())
        if isinstance(event, NewEpoch) and event.election > s.election:  # of a later election
            return DEFER
        if not isinstance(event, Gather | Elected) and at.sender != s.leader:  # from an earlier leader
            return s, ()
        match event:
            # Phase 1: discovery
            case Elected(election, leader) if election > s.election:  # 1. Follow the new leader, with the last promise
                return self.elected(at, s, election, leader), send(CEpoch(election, s.promised), to=leader)
            case Gather([(_, CEpoch()), *_] as letters):  # 2. The leader takes a higher epoch than all have promised
                epoch = 1 + max(m.promised for _, m in letters if isinstance(m, CEpoch))
                return replace(s, leading="new epoch", epoch=epoch), self.to_all(NewEpoch(s.election, epoch))
            case NewEpoch(election, epoch) if election == s.election and epoch > s.promised:  # 3. Promise the new epoch
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


def first_is_proposed(view: View[Any]) -> bool:
    """The transaction of epoch 1 is broadcast."""
    return any(s.leading == "broadcast" and s.epoch == 1 for s in view.states.values() if isinstance(s, Server))


def one_has_the_first(view: View[Any]) -> bool:
    """Some server has delivered the transaction of epoch 1."""
    return any(FIRST in log for log in view.each("delivered").values())


def all_have_the_first(view: View[Any]) -> bool:
    """All servers have delivered the transaction of epoch 1."""
    return all(FIRST in log for log in view.each("delivered").values())


def replicas_are_equal(view: View[Any]) -> bool:
    """All servers have delivered the same transactions, at least one."""
    logs = set(view.each("delivered").values())
    return len(logs) == 1 and () not in logs


FIRST = Transaction(1, 1)
replicas_converge = eventually_always(replicas_are_equal, name="replicas_converge")
deliveries_spread = leads_to(one_has_the_first, all_have_the_first, name="deliveries_spread")
proposals_are_delivered = leads_to(first_is_proposed, all_have_the_first, name="proposals_are_delivered")

SAFE = {
    ordered: HOLDS, agreed: HOLDS, honest: HOLDS, primaries_ordered: HOLDS, primaries_know: HOLDS,
    two_epochs_deliver: HOLDS,
}  # fmt: skip

LIVE = {replicas_converge: HOLDS, deliveries_spread: HOLDS}
FIFO = asynchronous(network="fifo")

INSTANCES = (
    Instance(
        "one epoch", Zab(leaders="s0"), FIFO,
        SAFE | LIVE | {two_epochs_deliver: VIOLATED, proposals_are_delivered: HOLDS},
        configurations=656, transitions=1768, depth=27,
        about="A leader that stays: all three servers deliver what it broadcasts.",
    ),
    Instance(
        "two servers", Zab(servers=2), FIFO,
        SAFE | LIVE | {two_epochs_deliver: HOLDS, proposals_are_delivered: VIOLATED},
        configurations=667, transitions=1345, depth=33,
        about="The first leader may lose its office before its transaction is in any history, and then it is lost; "
        "what one server has delivered, the other delivers, too.",
    ),
    Instance(
        "two epochs", Zab(), FIFO,
        SAFE | {two_epochs_deliver: HOLDS} | dict.fromkeys((*LIVE, proposals_are_delivered), VIOLATED),
        on_demand=True,
        configurations=529625, transitions=2451876, depth=52,
        about="The oracle names another leader at any point of the first one's work.  Both may choose epoch 1: who has "
        "promised it to the first one refuses the second one, and only a further election would let it in.",
    ),
    Instance(
        "three elections", Zab(servers=2, leaders="s0 s1 s0"), FIFO,
        SAFE | LIVE | {two_epochs_deliver: HOLDS, proposals_are_delivered: VIOLATED},
        configurations=8056, transitions=19804, depth=48,
        about="The first leader returns, while messages of its first turn are still in flight.",
    ),
    Instance(
        "six elections", Zab(servers=2, leaders="s0 s1 s0 s1 s0 s1"), FIFO,
        SAFE | LIVE | {two_epochs_deliver: HOLDS, proposals_are_delivered: VIOLATED},
        on_demand=True,
        configurations=2126889, transitions=6643344, depth=93,
        about="Both leaders return twice.",
    ),
)  # fmt: skip
