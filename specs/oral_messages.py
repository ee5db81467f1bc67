"""Oral messages, OM(1): the Byzantine generals with at most one traitor.

Lamport, Shostak, Pease, "The Byzantine Generals Problem" (1982), section 3.  Synchronous rounds, a commander with an
order and n - 1 lieutenants, one of whom (or the commander) may be a traitor, who says different things to different
generals.  Messages are not signed.

With four generals the others outvote a traitor.  With three they cannot: a lieutenant who hears "attack" from the
commander and "he said retreat" from the other one does not know which of the two is lying.
"""

from collections.abc import Iterator

from flpcheck import (
    HOLDS, VIOLATED, At, Effects, Heard, Instance, Pid, RoundProcess, View, broadcast, integrity, invariant, protocol,
    record, replace, synchronous, termination, to_others,
)  # fmt: skip

RETREAT, ATTACK = 0, 1


@record
class Order:
    """Round 1, commander -> lieutenants: my order.  Round 2, lieutenant -> lieutenants: the order that I was given."""

    order: int


@record
class Commander:
    """The commander has the order."""

    input: int


@record
class Lieutenant:
    """What a lieutenant was told, by whom, and the order that it obeys."""

    told: tuple[tuple[Pid, int], ...] = ()
    decision: int | None = None


State = Commander | Lieutenant


@protocol
class OralMessages:
    """A commander and n - 1 lieutenants."""

    n: int = 4
    rounds = 2

    def processes(self) -> list[RoundProcess[State, Order]]:
        orders: dict[int, State] = {order: Commander(order) for order in (RETREAT, ATTACK)}
        commander = RoundProcess("commander", self.send, self.receive, inputs=orders, lies=self.lies)
        lieutenants = [f"l{i}" for i in range(1, self.n)]
        return [commander, *(RoundProcess(l, self.send, self.receive, Lieutenant(), lies=self.lies) for l in lieutenants)]

    def send(self, at: At, s: State, round: int) -> Effects[Order]:
        match s:
            case Commander(order) if round == 1:  # (1) the commander sends its order to every lieutenant
                return to_others(Order(order))
            case Lieutenant(told) if round == 2:  # (2) each lieutenant acts as the commander in OM(0)
                return to_others(Order(dict(told)["commander"]))
        return ()

    def receive(self, at: At, s: State, round: int, heard: Heard[Order]) -> State:
        match s:
            case Commander():
                return s
            case Lieutenant() if round == 1:
                return Lieutenant((("commander", heard["commander"].order),))
            case Lieutenant(told):  # (3) use the majority of all that was told, or else retreat
                told += tuple((pid, message.order) for pid, message in heard.items() if pid != "commander")
                attack = sum(order for _, order in told)
                return Lieutenant(told, decision=ATTACK if 2 * attack > len(told) else RETREAT)

    def lies(self, at: At, round: int) -> Iterator[Order]:
        yield from (Order(RETREAT), Order(ATTACK))


@invariant
def ic1(view: View[State]) -> bool:
    """All loyal lieutenants obey the same order."""
    return len({order for pid, order in view.outputs.items() if pid not in view.faulty}) <= 1


@invariant
def ic2(view: View[State]) -> bool:
    """If the commander is loyal, every loyal lieutenant obeys the order it sends."""
    loyal = {order for pid, order in view.outputs.items() if pid not in view.faulty}
    return "commander" in view.faulty or loyal <= {view.inputs["commander"]}
INSTANCES = (
    Instance("n3", OralMessages(n=3), synchronous(byzantine=1), {ic1: HOLDS, ic2: VIOLATED, termination: HOLDS}, configurations=31, about="x"),
    Instance("n4", OralMessages(n=4), synchronous(byzantine=1), {ic1: HOLDS, ic2: HOLDS, termination: HOLDS},  about="x"),
    Instance("n5", OralMessages(n=5), synchronous(byzantine=1), {ic1: HOLDS, ic2: HOLDS, termination: HOLDS},  about="x"),
    Instance("n6", OralMessages(n=6), synchronous(byzantine=1), {ic1: HOLDS, ic2: HOLDS, termination: HOLDS},  about="x"),
    Instance("n7", OralMessages(n=7), synchronous(byzantine=1), {ic1: HOLDS, ic2: HOLDS, termination: HOLDS},  about="x"),
)  # fmt: skip
