"""Election on a ring: each process passes on larger numbers, and the one that receives its own is the leader.

Chang, Roberts, "An improved algorithm for decentralized extrema-finding in circular configurations of processes"
(1979).  The channels of the ring belong to the configuration, a queue to each process, hence the general front end.
All arrangements of the numbers are explored.  A run takes as many receptions whatever the order, so the depth is the
most that an arrangement costs: the algorithm's n(n+1)/2 messages, and n more that tell who was elected.
"""

from collections.abc import Iterator
from itertools import permutations

from flpcheck import (
    HOLDS, Action, Event, Instance, Pid, agreement, asynchronous, integrity, invariant, protocol, put, record, replace,
    termination,
)  # fmt: skip

Steps = Iterator[tuple[Event, "Ring"]]


@record
class Elected:
    """The announcement that a number was elected."""

    number: int


@record
class Ring:
    """The number of each process, its leader, and what is on its way to it, the oldest first."""

    numbers: tuple[int, ...]
    leader: tuple[int | None, ...]
    queues: tuple[tuple[int | Elected, ...], ...]


@protocol
class RingElection:
    """A ring of n processes, each of which has sent its number to its right neighbour."""

    n: int = 4

    def names(self) -> list[Pid]:
        return [f"p{i}" for i in range(self.n)]

    def initial(self) -> Iterator[Ring]:
        for numbers in permutations(range(self.n)):
            yield Ring(numbers, (None,) * self.n, tuple((numbers[i - 1],) for i in range(self.n)))

    def actions(self) -> Iterator[Action]:
        yield from (Action(self.receives, i) for i in range(self.n))

    def receives(self, c: Ring, i: int) -> Steps:
        if not c.queues[i]:
            return
        number, *rest = c.queues[i]
        taken = replace(c, queues=put(c.queues, i, tuple(rest)))
        event = Event("receives", f"p{i}", message=number)
        match number:
            case Elected(leader) if c.leader[i] is None:
                yield event, self.passes_on(replace(taken, leader=put(c.leader, i, leader)), i, number)
            case Elected():  # it has gone round
                yield event, taken
            case int() if number > c.numbers[i]:
                yield event, self.passes_on(taken, i, number)
            case int() if number < c.numbers[i]:
                yield event, taken
            case int():  # its own: no larger one is on the ring
                yield event, self.passes_on(replace(taken, leader=put(c.leader, i, number)), i, Elected(number))

    def passes_on(self, c: Ring, i: int, number: int | Elected) -> Ring:
        right = (i + 1) % self.n
        return replace(c, queues=put(c.queues, right, (*c.queues[right], number)))

    def decisions(self, c: Ring) -> dict[Pid, int]:
        return {f"p{i}": leader for i, leader in enumerate(c.leader) if leader is not None}


@invariant
def largest(c: Ring) -> bool:
    """Only the largest number is elected."""
    return all(leader in (None, len(c.numbers) - 1) for leader in c.leader)


CLAIMS = {agreement: HOLDS, integrity: HOLDS, termination: HOLDS, largest: HOLDS}

INSTANCES = (
    Instance(
        "n=3", RingElection(n=3), asynchronous(), CLAIMS, configurations=93, transitions=129, depth=6 + 3,
        about="Six arrangements of three numbers: six messages at most until one has come round.",
    ),
    Instance(
        "n=4", RingElection(), asynchronous(), CLAIMS, configurations=836, transitions=1540, depth=10 + 4,
        about="All 24 arrangements of four numbers.",
    ),
    Instance(
        "n=5", RingElection(n=5), asynchronous(), CLAIMS, configurations=9625, transitions=22440, depth=15 + 5,
        about="All 120 arrangements of five numbers.",
    ),
)  # fmt: skip
