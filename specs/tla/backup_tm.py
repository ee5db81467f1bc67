"""Two-phase commit with a backup transaction manager, as in the public TLA+ model `2PCwithBTM`.

Gray, Lamport, "Consensus on Transaction Commit" (2006), in shared memory, label by label: the transaction manager may
fail after it has decided, the backup then decides from what it sees, and one resource manager may fail.
"""

from collections.abc import Iterator, Mapping

from flpcheck import (
    HOLDS, Action, Event, Instance, Pid, agreement, asynchronous, invariant, protocol, put, record, replace,
)  # fmt: skip

Steps = Iterator[tuple[Event, "Managers"]]


@record
class Managers:
    """The resource managers, what the transaction manager shows, and the program counter of each."""

    rm: tuple[str, ...]
    done: tuple[bool, ...]
    tm: str = "init"
    at: str = "TS"  # of the transaction manager
    backup: str = "BTS"


@protocol
class BackupManager:
    """Resource managers, a transaction manager that fails, and its backup."""

    resource_managers: int = 3

    def names(self) -> list[Pid]:
        return [*(f"rm{i}" for i in range(self.resource_managers)), "tm", "backup"]

    def initial(self) -> Iterator[Managers]:
        yield Managers(("working",) * self.resource_managers, (False,) * self.resource_managers)

    def actions(self) -> Iterator[Action]:
        yield from (Action(self.resource_manager, i) for i in range(self.resource_managers))
        yield from (Action(self.transaction_manager), Action(self.backup_manager))

    def resource_manager(self, c: Managers, i: int) -> Steps:
        state = c.rm[i]
        if state not in ("working", "prepared"):
            if not c.done[i]:  # RS: nothing is left to do
                yield Event("ends", f"rm{i}"), replace(c, done=put(c.done, i, True))
            return
        if state == "working":  # prepare
            yield Event("prepares", f"rm{i}"), self.with_rm(c, i, "prepared")
        if c.tm == "commit":  # learn that it is committed
            yield Event("commits", f"rm{i}"), self.with_rm(c, i, "committed")
        if state == "working" or c.tm == "abort":  # abort of its own accord, or learn that it is aborted
            yield Event("aborts", f"rm{i}"), self.with_rm(c, i, "aborted")
        if "failed" not in c.rm:  # at most one fails
            yield Event("fails", f"rm{i}"), self.with_rm(c, i, "failed")

    def with_rm(self, c: Managers, i: int, state: str) -> Managers:
        return replace(c, rm=put(c.rm, i, state))

    def can_commit(self, c: Managers) -> bool:
        return all(state == "prepared" for state in c.rm) or "committed" in c.rm

    def can_abort(self, c: Managers) -> bool:
        return bool({"aborted", "failed"} & set(c.rm)) and "committed" not in c.rm

    def transaction_manager(self, c: Managers) -> Steps:
        if c.at == "TS" and self.can_commit(c):
            yield Event("decides to commit", "tm"), replace(c, at="TC")
        if c.at == "TS" and self.can_abort(c):
            yield Event("decides to abort", "tm"), replace(c, at="TA")
        if c.at == "TC":
            yield Event("commits", "tm"), replace(c, at="F1", tm="commit")
        if c.at == "TA":
            yield Event("aborts", "tm"), replace(c, at="F2", tm="abort")
        if c.at in ("F1", "F2"):  # it fails, and what it showed is hidden
            yield Event("fails", "tm"), replace(c, at="Done", tm="hidden")

    def backup_manager(self, c: Managers) -> Steps:
        if c.backup == "BTS" and c.tm == "hidden" and self.can_commit(c):
            yield Event("decides to commit", "backup"), replace(c, backup="BTC")
        if c.backup == "BTS" and c.tm == "hidden" and self.can_abort(c):
            yield Event("decides to abort", "backup"), replace(c, backup="BTA")
        if c.backup == "BTC":
            yield Event("commits", "backup"), replace(c, backup="Done", tm="commit")
        if c.backup == "BTA":
            yield Event("aborts", "backup"), replace(c, backup="Done", tm="abort")

    def decisions(self, c: Managers) -> Mapping[Pid, str | None]:
        final = ("committed", "aborted")
        return {f"rm{i}": state if state in final else None for i, state in enumerate(c.rm)}


@invariant
def consistency(c: Managers) -> bool:
    """No resource manager has committed while another has aborted."""
    return not {"committed", "aborted"} <= set(c.rm)


INSTANCES = (
    Instance(
        "rm=3",
        BackupManager(),
        asynchronous(),
        {consistency: HOLDS, agreement: HOLDS},
        configurations=1245,
        transitions=4122,
        depth=14,
        bivalent=23,
        univalent={"aborted": 912, "committed": 310},
        none=0,
        disagreeing=0,
        flp="outside",
        about="Three resource managers, one of which may fail, as may the transaction manager: the published number.",
    ),
)
