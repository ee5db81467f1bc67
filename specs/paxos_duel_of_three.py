"""The duel among three processes: all of them accept, and two propose as well.

Lamport, "Paxos Made Simple" (2001), section 2.5: a process may play several roles.  The rules are those of
`paxos_duel`; here both roles share a process, which sends messages to itself as to any other.
"""

from typing import Any

from flpcheck import (
    INCOMPLETE, VIOLATED, At, Instance, Pid, Process, Processes, Start, Step, agreement, asynchronous, embed,
    protocol, record, replace, termination,
)  # fmt: skip
from paxos_duel import Accept, Accepted, Acceptor, Duel, Message, Nack, Prepare, Promise, Proposer


@record
class Both:
    """A process that accepts and proposes."""

    acceptor: Acceptor
    proposer: Proposer

    @property
    def decision(self) -> int | None:
        return self.proposer.decision


@protocol
class DuelOfThree(Duel):
    """Every process accepts; the first ones propose."""

    acceptors: int = 3

    def processes(self) -> Processes[Message]:
        starts = {v: Both(Acceptor(), Proposer(v)) for v in (0, 1)}
        return [
            *(Process(p, self.both, inputs=starts) for p in self.all_proposers),
            *(Process(p, self.acceptor, start=Acceptor()) for p in self.all_acceptors[self.proposers :]),
        ]

    @property
    def all_acceptors(self) -> list[Pid]:
        return [f"p{i}" for i in range(self.acceptors)]

    def both(self, at: At, s: Both, event: Start | Message) -> Step[Both, Message]:
        match event:
            case Prepare() | Accept():
                return embed(self.acceptor(at, s.acceptor, event), lambda acceptor: (replace(s, acceptor=acceptor), ()))
            case Start() | Promise() | Accepted() | Nack():
                return embed(self.proposer(at, s.proposer, event), lambda proposer: (replace(s, proposer=proposer), ()))

    def current(self, s: Both | Proposer | Acceptor) -> int | None:
        return super().current(proposing(s))

    def stale(self, receiver: Any, sender: Any, message: Message) -> bool:
        """As with separate roles: requests go from proposer to acceptor, answers back."""
        if isinstance(message, Prepare | Accept):
            return super().stale(accepting(receiver), proposing(sender), message)
        return super().stale(proposing(receiver), accepting(sender), message)


def proposing(s: Any) -> Any:
    """Return the part of a process that proposes."""
    return s.proposer if isinstance(s, Both) else s


def accepting(s: Any) -> Any:
    """Return the part of a process that accepts."""
    return s.acceptor if isinstance(s, Both) else s


INSTANCES = (
    Instance(
        "duel",
        DuelOfThree(),
        asynchronous(crashes=1, crash_events="elided"),
        {agreement: INCOMPLETE, termination: VIOLATED},
        configurations=8000,
        counterexample={termination: 16},
        inputs={"p0": 0, "p1": 1},
        bounds={"max_configurations": 8000},
        about="Requests to a process that has promised more stay for ever, so a bound cuts.  The duel found within it "
        "is real, and both outcomes stay open throughout.",
    ),
)
