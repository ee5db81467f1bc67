"""Zab with leaders that leave late answers in their queues: an old one blocks the messages of the next leader.

Junqueira, Reed, Serafini, "Zab: High-performance broadcast for primary-backup systems" (2011), assume channels that
deliver in order everything that is sent.  So a server has to take an answer that it has no more use for: what is behind
it may be the next leader's.  Everything else is `specs/zab.py`.
"""

from _zab import Answer, Server
from flpcheck import HOLDS, VIOLATED, Instance, asynchronous, protocol
from zab import Zab, agreed, deliveries_spread, ordered, replicas_converge


@protocol
class ZabKeepsLateAnswers(Zab):
    """Discovery, synchronisation, broadcast over queues in which old answers stay."""

    def may_await(self, s: Server, answer: Answer) -> bool:
        return True  # BROKEN: also if the quorum was complete without it, or the election is over


INSTANCES = (
    Instance(
        "two servers",
        ZabKeepsLateAnswers(servers=2),
        asynchronous(network="fifo"),
        {ordered: HOLDS, agreed: HOLDS, deliveries_spread: HOLDS, replicas_converge: VIOLATED},
        configurations=475,
        transitions=839,
        depth=34,
        counterexample={replicas_converge: 8},
        about="The first leader never gets what the second one sends: an answer of the other server is before it.",
    ),
)
