"""Consensus: the problem, without a solution.

The specification at the top of the well-known chain of TLA+ modules Consensus, Voting, Paxos (Lamport, "Byzantizing
Paxos by Refinement", 2011, has it, too): a set of values, empty at first, to which one value is added, once.
`tla/voting` refines it, and `tla/paxos` refines that.
"""

from collections.abc import Iterator, Mapping

from flpcheck import (
    HOLDS, Action, Event, Instance, Pid, agreement, asynchronous, integrity, invariant, non_triviality, protocol,
    record,
)  # fmt: skip


@record
class Chosen:
    """The values chosen so far."""

    values: frozenset[int] = frozenset()


@protocol
class Consensus:
    """The problem of consensus on one of some values."""

    values: int = 2

    def initial(self) -> Iterator[Chosen]:
        yield Chosen()

    def actions(self) -> Iterator[Action]:
        yield from (Action(self.chooses, v) for v in range(self.values))

    def chooses(self, c: Chosen, v: int) -> Iterator[tuple[Event, Chosen]]:
        if not c.values:
            yield Event("chooses", message=v), Chosen(frozenset({v}))

    def decisions(self, c: Chosen) -> Mapping[Pid, int | None]:
        return {"chosen": next(iter(c.values), None)}


@invariant
def at_most_one(c: Chosen) -> bool:
    """At most one value is chosen."""
    return len(c.values) < 2


INSTANCES = (
    Instance(
        "two values",
        Consensus(),
        asynchronous(),
        {at_most_one: HOLDS, agreement: HOLDS, integrity: HOLDS, non_triviality: HOLDS},
        configurations=3,
        transitions=2,
        depth=1,
        bivalent=1,
        univalent={0: 1, 1: 1},
        none=0,
        critical=0,
        disagreeing=0,
        flp="outside",
        about="All that can happen is that a value is chosen, in one step.",
    ),
)
