"""Zab with a new leader that skips synchronisation: somebody delivers its transaction without the earlier one.

Breaks Junqueira, Reed, Serafini, "Zab: High-performance broadcast for primary-backup systems" (2011), section IV, phase
2: before it broadcasts, a new leader makes the most recent history of a quorum everybody's.  Everything else is
`specs/zab.py`.
"""

from flpcheck import VIOLATED, At, Gather, Instance, Step, asynchronous, protocol, replace
from zab import (
    AckEpoch, Commit, CommitLeader, Elected, Message, NewEpoch, NewLeader, Proposal, Server, Zab, agreed,
    primaries_know,
)  # fmt: skip


@protocol
class ZabSkipsSynchronisation(Zab):
    """Discovery, then broadcast."""

    def server(
        self,
        at: At,
        s: Server,
        event: Gather[Message] | Elected | NewEpoch | NewLeader | CommitLeader | Proposal | Commit,
    ) -> Step[Server, Message]:
        if isinstance(event, NewEpoch) and at.sender == s.leader and event.epoch > s.promised:
            s = replace(s, current=event.epoch)  # BROKEN: the new epoch begins with the old history
        return super().server(at, s, event)

    def synchronise(self, s: Server, answers: list[AckEpoch]) -> Step[Server, Message]:
        return self.broadcast(replace(s, leading="broadcast"))  # BROKEN: nobody is brought up to date


INSTANCES = (
    Instance(
        "two epochs",
        ZabSkipsSynchronisation(),
        asynchronous(network="fifo"),
        {agreed: VIOLATED, primaries_know: VIOLATED},
        configurations=33216,
        transitions=101370,
        depth=32,
        counterexample={agreed: 23, primaries_know: 19},
        about="A server that has missed epoch 1 delivers the transaction of epoch 2.",
    ),
)
