"""Stop-and-wait with a receiver that acknowledges each item once: if that is lost, the sender waits for ever.

Breaks Lynch, "Distributed Algorithms" (1996), section 22.2: the receiver answers every copy of an item.  No fairness of
the links helps, for the acknowledgement is sent only once.  Everything else is `specs/stop_and_wait.py`.
"""

from flpcheck import HOLDS, VIOLATED, Instance, Step, asynchronous, protocol
from stop_and_wait import Message, Receiver, StopAndWait, everything_arrives, first_leads_to_all, in_order, never_lost


@protocol
class StopAndWaitAcknowledgesOnce(StopAndWait):
    """One sender, and a receiver that ignores what it has got already."""

    def again(self, s: Receiver, number: int) -> Step[Receiver, Message]:
        return s, ()  # BROKEN: the first acknowledgement may have been lost


INSTANCES = (
    Instance(
        "fair losses",
        StopAndWaitAcknowledgesOnce(),
        asynchronous(network="set", loss="fair"),
        {in_order: HOLDS, everything_arrives: VIOLATED, first_leads_to_all: VIOLATED, never_lost: VIOLATED},
        configurations=46,
        transitions=111,
        counterexample={never_lost: 3},
        about="The only acknowledgement of the first item is lost.",
    ),
)
