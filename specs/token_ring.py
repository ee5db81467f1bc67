"""Dijkstra's ring of machines that stabilises by itself: whatever it starts from, in the end one privilege goes round.

Dijkstra, "Self-stabilizing systems in spite of distributed control" (1974), the solution with K states; that n machines
need K >= n - 1 of them: Fokkink, Hoepman, Pang, "A note on K-state self-stabilization in a ring with K = N" (2005).
Machines compare their state with that of their left neighbour, at once and without messages, hence the general front
end.  The ring has stabilised where one machine only is privileged; we let all machines decide that.
"""

from collections.abc import Iterator
from itertools import product

from flpcheck import (
    HOLDS, VIOLATED, Action, Constant, Event, Instance, Pid, agreement, always_eventually, asynchronous,
    eventually_always, integrity, invariant, protocol, put, step_invariant, termination,
)  # fmt: skip

Ring = tuple[int, ...]  # the state of each machine, the bottom one first
Steps = Iterator[tuple[Event, Ring]]


def privileged(s: Ring) -> list[int]:
    """The bottom machine if it equals its left neighbour, any other that differs from it."""
    return [i for i in range(len(s)) if (s[i] == s[i - 1]) == (i == 0)]


@protocol
class TokenRing:
    """A ring of n machines with K states each."""

    n: int = 4
    k: Constant[int] = 3

    def names(self) -> list[Pid]:
        return [f"m{i}" for i in range(self.n)]

    def initial(self) -> Iterator[Ring]:
        yield from product(range(self.k), repeat=self.n)

    def actions(self) -> Iterator[Action]:
        yield Action(self.bottom)
        yield from (Action(self.other, i) for i in range(1, self.n))

    def bottom(self, s: Ring) -> Steps:  # L = S: S := (S + 1) mod K
        if s[-1] == s[0]:
            yield Event("moves", "m0"), put(s, 0, self.after(s[0]))

    def after(self, state: int) -> int:
        return (state + 1) % self.k

    def other(self, s: Ring, i: int) -> Steps:  # L != S: S := L
        if s[i - 1] != s[i]:
            yield Event("moves", f"m{i}"), put(s, i, s[i - 1])

    def decisions(self, s: Ring) -> dict[Pid, str]:
        return dict.fromkeys(self.names(), "stable") if len(privileged(s)) == 1 else {}


@invariant
def some_privilege(s: Ring) -> bool:
    """Some machine is privileged."""
    return len(privileged(s)) > 0


@step_invariant
def no_more_privileges(before: Ring, after: Ring) -> bool:
    """A move makes no further privileges: in legitimate states one stays one."""
    return len(privileged(after)) <= len(privileged(before))


def one_privilege(s: Ring) -> bool:
    """Exactly one machine is privileged."""
    return len(privileged(s)) == 1


def last_is_privileged(s: Ring) -> bool:
    """The last machine is privileged."""
    return len(s) - 1 in privileged(s)


stabilises = eventually_always(one_privilege, name="stabilises")
privilege_comes_round = always_eventually(last_is_privileged, name="privilege_comes_round")
CLAIMS = {some_privilege: HOLDS, no_more_privileges: HOLDS, agreement: HOLDS, integrity: HOLDS}
STABILISES = {**CLAIMS, termination: HOLDS, stabilises: HOLDS, privilege_comes_round: HOLDS}
WANDERS = {**CLAIMS, termination: VIOLATED, stabilises: VIOLATED, privilege_comes_round: HOLDS}

INSTANCES = (
    Instance(
        "n=3, K=2", TokenRing(n=3, k=2), asynchronous(), STABILISES, configurations=2**3,
        about="As many states as the ring can do with.",
    ),
    Instance(
        "n=4, K=3", TokenRing(), asynchronous(), STABILISES, configurations=3**4,
        about="From each of the 81 configurations the ring stabilises.",
    ),
    Instance(
        "n=4, K=2", TokenRing(k=2), asynchronous(), WANDERS, configurations=2**4,
        about="One state less: three privileges chase each other for ever.",
    ),
    Instance(
        "n=5, K=4", TokenRing(n=5, k=4), asynchronous(), STABILISES, configurations=4**5,
        about="The bound again, for one machine more.",
    ),
    Instance(
        "n=5, K=3", TokenRing(n=5), asynchronous(), WANDERS, configurations=3**5,
        about="One state less: some fair run never stabilises.",
    ),
)  # fmt: skip
