"""Zab with a new leader that skips synchronisation: some server delivers its transaction without the earlier one.

Breaks Junqueira, Reed, Serafini, "Zab: High-performance broadcast for primary-backup systems" (2011), section IV, phase
2: before it broadcasts, a new leader gives all the most recent history of a quorum.  Everything else is
`specs/zab.py`.
"""

from _zab import AckEpoch, Message, Server
from flpcheck import VIOLATED, Instance, Step, asynchronous, protocol, replace
from zab import Zab, agreed, primaries_know


@protocol
class ZabSkipsSynchronisation(Zab):
    """Discovery, then broadcast."""

    def promise(self, s: Server, epoch: int) -> Server:
        return replace(super().promise(s, epoch), current=epoch, phase="broadcast")  # BROKEN: with the old history

    def synchronise(self, s: Server, answers: list[AckEpoch]) -> Step[Server, Message]:
        return self.broadcast(s)  # BROKEN: no server is brought up to date


INSTANCES = (
    Instance(
        "two epochs",
        ZabSkipsSynchronisation(),
        asynchronous(network="fifo"),
        {agreed: VIOLATED, primaries_know: VIOLATED},
        configurations=170618,
        transitions=669367,
        depth=38,
        counterexample={agreed: 23, primaries_know: 19},
        about="The transaction of epoch 2 is delivered without that of epoch 1, which another server had delivered.",
    ),
)
