"""Asynchronous Byzantine broadcast, as in the public TLA+ model `bcastByz`.

Srikanth, Toueg, "Simulating authenticated broadcasts to derive simple fault-tolerant algorithms" (1987), figure 7,
in the abstraction of Konnov, Veith, Widder: the faulty are fixed at the start, what is received is a set of senders,
and every step receives something and does something.  `reliable_broadcast` is the same algorithm message by message.
"""

from collections.abc import Iterator, Mapping
from itertools import chain, combinations, product

from flpcheck import (
    HOLDS, Action, Constant, Event, Instance, Pid, asynchronous, invariant, protocol, put, record, replace,
)  # fmt: skip


@record
class Broadcast:
    """The correct processes, all locations, the senders of the <ECHO>s each has received, and the correct senders."""

    correct: frozenset[int]
    place: tuple[str, ...]
    received: tuple[frozenset[int], ...]
    sent: frozenset[int] = frozenset()


@protocol
class ByzantineBroadcast:
    """One message, accepted by all correct processes or by none; up to t Byzantine processes, f of them real."""

    n: int = 4
    t: int = 1
    f: int = 1
    initially: Constant[str] = "any"  # the processes that are to broadcast: `any` set of processes, or `nobody`

    def names(self) -> list[Pid]:
        return [f"p{i}" for i in range(self.n)]

    def initial(self) -> Iterator[Broadcast]:
        places = ("V0", "V1") if self.initially == "any" else ("V0",)
        for correct in combinations(range(self.n), self.n - self.f):
            for place in product(places, repeat=self.n):
                yield Broadcast(frozenset(correct), place, (frozenset(),) * self.n)

    def actions(self) -> Iterator[Action]:
        yield from (Action(self.step, i) for i in range(self.n))

    def step(self, c: Broadcast, i: int) -> Iterator[tuple[Event, Broadcast]]:
        """Receive from any of those that have, or may have, sent, and act; the faulty ones do not count."""
        if i not in c.correct:
            return
        faulty = frozenset(range(self.n)) - c.correct
        unheard = sorted((c.sent | faulty) - c.received[i])
        for heard in chain.from_iterable(combinations(unheard, size) for size in range(len(unheard) + 1)):
            for rule, after in self.steps(c, i, c.received[i] | set(heard)):
                yield Event(rule, f"p{i}", message=tuple(f"p{j}" for j in heard)), after

    def steps(self, c: Broadcast, i: int, received: frozenset[int]) -> Iterator[tuple[str, Broadcast]]:
        """What one process does with what it has received."""
        place, heard = c.place[i], len(received)
        now = replace(c, received=put(c.received, i, received))
        if place == "V1":  # it is to broadcast: send <ECHO>
            yield "echoes", self.move(now, i, "SE")
        if place in ("V0", "V1") and self.n - 2 * self.t <= heard < self.n - self.t:  # some correct process has
            yield "joins", self.move(now, i, "SE")
        if place in ("V0", "V1") and heard >= self.n - self.t:  # enough for all: accept, and send all the same
            yield "accepts", self.move(now, i, "AC")
        if place == "SE" and heard >= self.n - self.t:  # accept
            yield "accepts", replace(now, place=put(now.place, i, "AC"))

    def move(self, c: Broadcast, i: int, place: str) -> Broadcast:
        return replace(c, place=put(c.place, i, place), sent=c.sent | {i})

    def decisions(self, c: Broadcast) -> Mapping[Pid, str | None]:
        return {name: "accept" if c.place[i] == "AC" else None for i, name in enumerate(self.names())}


@invariant
def unforgeability(c: Broadcast) -> bool:
    """If no correct process is to broadcast, none has sent, and none accepts."""
    return any(c.place[i] != "V0" for i in c.correct) or not c.sent


INSTANCES = (
    Instance(
        "n=4",
        ByzantineBroadcast(),
        asynchronous(),
        {unforgeability: HOLDS},
        configurations=14424,
        transitions=88512,
        depth=6,
        bivalent=0,
        univalent={"accept": 14416},
        none=8,
        disagreeing=0,
        about="Four processes, one of them Byzantine: the published number of configurations.",
    ),
    Instance(
        "nobody broadcasts",
        ByzantineBroadcast(n=10, t=3, f=2, initially="nobody"),
        asynchronous(),
        {unforgeability: HOLDS},
        configurations=45,
        transitions=0,
        depth=0,
        bivalent=0,
        univalent={},
        none=45,
        disagreeing=0,
        about="Two liars are too few to cause any step: nothing ever happens.",
    ),
)
