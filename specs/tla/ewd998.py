"""Safra's termination detection on a ring, as Dijkstra tells it in EWD 998, after the public TLA+ model `EWD998`.

Dijkstra, "Shmuel Safra's version of termination detection" (1987).  Nodes exchange messages, fall asleep, and are woken
by messages; a token goes round and adds up how many messages each has sent more than received.  Nothing bounds these
numbers, so the model has a constraint, as the public one has: what lies outside is found, and not expanded.
"""

from collections.abc import Iterator
from itertools import product

from flpcheck import HOLDS, Action, Constant, Event, Instance, asynchronous, invariant, protocol, put, record, replace

WHITE, BLACK = "white", "black"
Steps = Iterator[tuple[Event, "Ring"]]


@record
class Token:
    """Where the token is, the sum that it carries, and its colour."""

    pos: int
    q: int = 0
    color: str = BLACK


@record
class Ring:
    """Which nodes are active, their colours, messages sent less received, and messages on their way to each."""

    active: tuple[bool, ...]
    color: tuple[str, ...]
    counter: tuple[int, ...]
    pending: tuple[int, ...]
    token: Token


@protocol
class TerminationDetection:
    """Rules 0 to 7, by node."""

    n: int = 3
    most: Constant[int] = 2  # messages that a node has sent more than received, and that are on their way to it

    def names(self) -> list[str]:
        return [f"n{i}" for i in range(self.n)]

    def initial(self) -> Iterator[Ring]:
        zero = (0,) * self.n
        for active in product((False, True), repeat=self.n):
            for color in product((WHITE, BLACK), repeat=self.n):
                yield from (Ring(active, color, zero, zero, Token(pos)) for pos in range(self.n))

    def actions(self) -> Iterator[Action]:
        yield Action(self.starts_a_probe)
        yield from (Action(self.passes_the_token, i) for i in range(1, self.n))
        for i in range(self.n):
            yield from (Action(self.sends, i, j) for j in range(self.n) if j != i)
            yield from (Action(rule, i) for rule in (self.receives, self.falls_asleep))

    def constraint(self, c: Ring) -> bool:
        return c.token.q <= 3 * self.most and all(number <= self.most for number in (*c.counter, *c.pending))

    def starts_a_probe(self, c: Ring) -> Steps:  # rules 1, 5, 6: the last round was not conclusive
        if c.token.pos == 0 and (c.token.color == BLACK or c.color[0] == BLACK or c.counter[0] + c.token.q > 0):
            token = Token(self.n - 1, 0, WHITE)
            yield Event("starts a probe", "n0"), replace(c, token=token, color=put(c.color, 0, WHITE))

    def passes_the_token(self, c: Ring, i: int) -> Steps:  # rules 2, 4, 7
        if c.token.pos == i and not c.active[i]:
            color = BLACK if c.color[i] == BLACK else c.token.color
            token = Token(i - 1, c.token.q + c.counter[i], color)
            yield Event("passes the token", f"n{i}"), replace(c, token=token, color=put(c.color, i, WHITE))

    def sends(self, c: Ring, i: int, j: int) -> Steps:  # rule 0
        if c.active[i]:
            counter, pending = put(c.counter, i, c.counter[i] + 1), put(c.pending, j, c.pending[j] + 1)
            yield Event(f"sends to n{j}", f"n{i}"), replace(c, counter=counter, pending=pending)

    def receives(self, c: Ring, i: int) -> Steps:  # rules 0, 3
        if c.pending[i] > 0:
            counter, pending = put(c.counter, i, c.counter[i] - 1), put(c.pending, i, c.pending[i] - 1)
            woken = replace(c, active=put(c.active, i, True), color=put(c.color, i, BLACK))
            yield Event("receives", f"n{i}"), replace(woken, counter=counter, pending=pending)

    def falls_asleep(self, c: Ring, i: int) -> Steps:
        if c.active[i]:
            yield Event("falls asleep", f"n{i}"), replace(c, active=put(c.active, i, False))


@invariant
def detection(c: Ring) -> bool:
    """Where node 0 concludes that all has terminated, nothing is on its way and no node is active."""
    white = c.token.pos == 0 and c.token.color == WHITE and c.color[0] == WHITE
    concludes = white and c.token.q + c.counter[0] == 0 and not c.active[0]
    return not concludes or not (any(c.active) or any(c.pending))


@invariant
def counted(c: Ring) -> bool:
    """As many messages are on their way as were sent and not received."""
    return sum(c.pending) == sum(c.counter)


CLAIMS = {detection: HOLDS, counted: HOLDS}

INSTANCES = (
    Instance(
        "n=2, most=1", TerminationDetection(n=2, most=1), asynchronous(), CLAIMS,
        configurations=780, transitions=1718,
        about="Of two nodes; 284 of the configurations lie outside the constraint.",
    ),
    Instance(
        "n=3, most=2", TerminationDetection(), asynchronous(), CLAIMS,
        configurations=522156, transitions=1677293, on_demand=True,
        about="Of three nodes; 254,374 of the configurations lie within the constraint.",
    ),
)  # fmt: skip
