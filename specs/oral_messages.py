"""Oral messages, OM(1): the Byzantine generals with at most one traitor.

Lamport, Shostak, Pease, "The Byzantine Generals Problem" (1982), section 3.  Synchronous rounds, a commander with an
order and n - 1 lieutenants, one of whom (or the commander) may be a traitor, which says different things to different
generals.  Messages are not signed.

With four generals the others outvote a traitor.  With three they cannot: a lieutenant who hears "attack" from the
commander and "he said retreat" from the other one does not know which of the two is lying.
"""

from collections.abc import Iterator

from flpcheck import (
    HOLDS, VIOLATED, At, Effects, Heard, Instance, Pid, RoundProcess, View, integrity, invariant, protocol,
    record, synchronous, termination, to_others,
)  # fmt: skip

RETREAT, ATTACK = 0, 1


@record
class Order:
    """Round 1, commander -> lieutenants: my order.  Round 2, lieutenant -> lieutenants: the order that I received."""

    order: int


@record
class Commander:
    """The commander has the order."""

    input: int


@record
class Lieutenant:
    """What a lieutenant has heard, from whom, and the order that it obeys."""

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
        commander = RoundProcess(
            "commander", self.send, self.receive, inputs=orders, lies=self.lies, decides=False
        )  # it gives the order
        names = [f"l{i}" for i in range(1, self.n)]
        return [commander, *map(self.lieutenant, names)]

    def lieutenant(self, name: Pid) -> RoundProcess[State, Order]:
        """A lieutenant obeys "retreat" where a traitor sends it no order (section 3, step 1)."""
        return RoundProcess(name, self.send, self.receive, Lieutenant(), lies=self.lies, silence=Order(RETREAT))

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
            case Lieutenant(told):  # (3) use the majority of all that was heard, or else retreat
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


SOLVED = {ic1: HOLDS, ic2: HOLDS, integrity: HOLDS, termination: HOLDS}


SOLVED = {ic1: HOLDS, ic2: HOLDS, integrity: HOLDS, termination: HOLDS}

INSTANCES = (
    Instance(
        "n3", OralMessages(n=3), synchronous(byzantine=1), SOLVED | {ic2: VIOLATED},
        configurations=31, transitions=24, depth=2,
        bivalent=5, univalent={0: 19, 1: 7}, none=0, critical=3, disagreeing=0,
        counterexample={ic2: 2}, within=2, chain=2, flp="outside",
        about="A loyal lieutenant is ordered to attack, and retreats because a traitor claims an order to retreat.",
    ),
    Instance(
        "n4", OralMessages(n=4), synchronous(byzantine=1), SOLVED,
        configurations=59, transitions=50, depth=2,
        bivalent=1, univalent={0: 29, 1: 29}, none=0, critical=1, disagreeing=0,
        within=2, chain=1, flp="outside",
        delays={"decision": (2, 12), "all decisions": (2, 12)},
        about="Four generals: two loyal ones outvote a traitor, and a traitor commander is exposed.",
    ),
    Instance(
        "n5", OralMessages(n=5), synchronous(byzantine=1), SOLVED,
        configurations=119, transitions=108, depth=2,
        bivalent=1, univalent={0: 65, 1: 53}, none=0, critical=1, disagreeing=0,
        within=2, chain=1, flp="outside",
        about="Five generals.",
    ),
    Instance(
        "n6", OralMessages(n=6), synchronous(byzantine=1), SOLVED,
        configurations=251, transitions=238, depth=2,
        bivalent=1, univalent={0: 125, 1: 125}, none=0, critical=1, disagreeing=0,
        within=2, chain=1, flp="outside",
        about="Six generals.",
    ),
    Instance(
        "n7", OralMessages(n=7), synchronous(byzantine=1), SOLVED,
        configurations=543, transitions=528, depth=2,
        bivalent=1, univalent={0: 291, 1: 251}, none=0, critical=1, disagreeing=0,
        within=2, chain=1, flp="outside",
        about="Seven generals, and still one traitor at most: two would need a third round.",
    ),
)  # fmt: skip
