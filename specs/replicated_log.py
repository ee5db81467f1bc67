"""Replicated log: what Multi-Paxos, Raft and their kin implement, without saying how.

Lamport, "Paxos Made Simple" (2001), section 3: a sequence of instances of consensus, the value of instance i being the
i-th command of the state machine.  In each slot a command is chosen, once.  Slots are filled in any order (Multi-Paxos
leaves gaps and fills them with no-ops), and several at a time (a leader of Raft commits all that is before, too).
`multi_paxos` and `raft` refine this.
"""

from collections.abc import Iterator, Mapping
from itertools import product

from flpcheck import (
    HOLDS, Action, Constant, Event, Instance, Pid, agreement, asynchronous, integrity, non_triviality, protocol, record,
    step_invariant,
)  # fmt: skip

NOOP = "no-op"
Row = tuple[str | None, ...]  # a command for each slot; None: none yet


@record
class Log:
    """What has been chosen."""

    chosen: Row


@protocol
class ReplicatedLog:
    """A sequence of slots; in each of them one command is chosen."""

    commands: Constant[int] = 2
    slots: Constant[int] = 0  # 0: as many as there are commands

    def initial(self) -> Iterator[Log]:
        yield Log((None,) * (self.slots or self.commands))

    def actions(self) -> Iterator[Action]:
        choices = (None, *"xyzuvw"[: self.commands], NOOP)
        yield from (Action(self.chooses, row) for row in product(choices, repeat=self.slots or self.commands))

    def chooses(self, c: Log, row: Row) -> Iterator[tuple[Event, Log]]:
        """Choose a command in one slot or in several, each of them still free."""
        if any(row) and not any(old and new for old, new in zip(c.chosen, row, strict=True)):
            after = tuple(new or old for old, new in zip(c.chosen, row, strict=True))
            yield Event("chooses", message=", ".join(f"{c} in {i}" for i, c in enumerate(row) if c)), Log(after)

    def decisions(self, c: Log) -> Mapping[Pid, str | None]:
        return {f"slot {i}": command for i, command in enumerate(c.chosen)}


@step_invariant
def nothing_is_lost(before: Log, after: Log) -> bool:
    """What is chosen in a slot stays chosen there."""
    return all(old in (None, new) for old, new in zip(before.chosen, after.chosen, strict=True))


INSTANCES = (
    Instance(
        "one slot",
        ReplicatedLog(slots=1),
        asynchronous(),
        {nothing_is_lost: HOLDS, agreement: HOLDS, integrity: HOLDS, non_triviality: HOLDS},
        configurations=4,
        transitions=3,
        depth=1,
        about="With one slot it is consensus.",
    ),
    Instance(
        "two slots",
        ReplicatedLog(slots=2),
        asynchronous(),
        {nothing_is_lost: HOLDS, integrity: HOLDS},
        configurations=16,
        transitions=33,
        depth=1,
        about="Two slots, filled in any order, or both at once.",
    ),
)
