"""Stop-and-wait: items arrive in order over links that lose messages, because the sender repeats itself.

Lynch, "Distributed Algorithms" (1996), section 22.2, with numbers in place of the bits of Bartlett, Scantlebury,
Wilkinson, "A note on reliable full-duplex transmission over half-duplex links" (1969).  The sender sends an item until
it is acknowledged, then the next one; the receiver acknowledges whatever arrives, also for the second time.

That everything arrives needs links that are fair: a message that is sent infinitely often is received infinitely often.
Links that may lose every copy defeat it, though each single loss is an accident.
"""

from flpcheck import (
    HOLDS, UNLIMITED, VIOLATED, At, Constant, Instance, Process, Processes, Step, Timeout, View, asynchronous,
    eventually, invariant, leads_to, possible_from_everywhere, protocol, record, replace, reply, send,
)  # fmt: skip


@record
class Data:
    """Sender -> receiver: the item with this number."""

    number: int


@record
class Ack:
    """Receiver -> sender: the item with this number has arrived."""

    number: int


Message = Data | Ack


@record
class Sender:
    """How many items it has to send, and which one it sends at present."""

    items: int
    current: int = 0


@record
class Receiver:
    """How many items have arrived, in order."""

    arrived: int = 0


@protocol
class StopAndWait:
    """One sender, one receiver, and some items."""

    items: Constant[int] = 2

    def processes(self) -> Processes[Message]:
        return [Process("s", self.sender, start=Sender(self.items)), Process("r", self.receiver, start=Receiver())]

    def sender(self, at: At, s: Sender, event: Timeout | Ack) -> Step[Sender, Message]:
        match event:
            case Timeout() if s.current < s.items:  # Send the item, again if need be
                return s, send(Data(s.current), to="r")
            case Ack(number) if number == s.current:  # It has arrived: go on with the next one
                return replace(s, current=number + 1), ()
            case Timeout() | Ack():  # everything has arrived; an acknowledgement that comes again
                return s, ()

    def receiver(self, at: At, s: Receiver, event: Data) -> Step[Receiver, Message]:
        match event:
            case Data(number) if number == s.arrived:  # The next item
                return replace(s, arrived=number + 1), reply(Ack(number))
            case Data(number):  # It has arrived before, and the acknowledgement may have been lost
                return self.again(s, number)

    def again(self, s: Receiver, number: int) -> Step[Receiver, Message]:
        return s, reply(Ack(number))


@invariant
def in_order(view: View[Sender | Receiver]) -> bool:
    """The sender is at the item that arrives next, or at the one that has just arrived."""
    arrived, current = view.each("arrived")["r"], view.each("current")["s"]
    return bool(current <= arrived <= current + 1)


def first_sent(view: View[Sender | Receiver]) -> bool:
    """The first item has arrived."""
    return bool(view.each("arrived")["r"] > 0)


def all_known(view: View[Sender | Receiver]) -> bool:
    """The sender knows that everything has arrived."""
    return bool(view.each("current")["s"] == view.each("items")["s"])


everything_arrives = eventually(all_known, name="everything_arrives")
first_leads_to_all = leads_to(first_sent, all_known, name="first_leads_to_all")
never_lost = possible_from_everywhere(all_known, name="never_lost")

INSTANCES = (
    Instance(
        "fair losses",
        StopAndWait(),
        asynchronous(network="set", loss="fair"),
        {in_order: HOLDS, everything_arrives: HOLDS, first_leads_to_all: HOLDS, never_lost: HOLDS},
        configurations=46,
        transitions=130,
        depth=10,
        about="Copies get lost, but not every one of them: everything arrives.",
    ),
    Instance(
        "any losses",
        StopAndWait(),
        asynchronous(network="set", loss=UNLIMITED),
        {in_order: HOLDS, everything_arrives: VIOLATED, first_leads_to_all: VIOLATED, never_lost: HOLDS},
        configurations=46,
        transitions=130,
        depth=10,
        counterexample={everything_arrives: 2},
        about="Every copy may get lost: nothing need ever arrive, although it always still can.",
    ),
    Instance(
        "no losses",
        StopAndWait(),
        asynchronous(network="set"),
        {in_order: HOLDS, everything_arrives: HOLDS, first_leads_to_all: HOLDS, never_lost: HOLDS},
        configurations=7,
        transitions=6,
        depth=6,
        about="Without losses the first copy of each message is enough.",
    ),
)
