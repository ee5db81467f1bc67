"""Transaction commit: the problem, without a solution.

Gray, Lamport, "Consensus on Transaction Commit" (2006), section 2.  A resource manager may look at all the others here,
which no distributed program can do: hence the general front end.  `tla/two_phase` refines this.
"""

from collections.abc import Iterator, Mapping

from flpcheck import (
    HOLDS, Action, Event, Instance, Pid, agreement, asynchronous, integrity, invariant, non_triviality, protocol, put,
    record, replace,
)  # fmt: skip


Steps = Iterator[tuple[Event, "Managers"]]


@record
class Managers:
    """What each resource manager is: working, prepared, committed or aborted."""

    rm: tuple[str, ...]

    def but(self, i: int, state: str) -> "Managers":
        """Return the same with another state of resource manager i."""
        return replace(self, rm=put(self.rm, i, state))


@protocol
class TransactionCommit:
    """The problem of transaction commit."""

    resource_managers: int = 3

    def names(self) -> list[Pid]:
        return [f"rm{i}" for i in range(self.resource_managers)]

    def initial(self) -> Iterator[Managers]:
        yield Managers(("working",) * self.resource_managers)

    def actions(self) -> Iterator[Action]:
        for i in range(self.resource_managers):
            yield from (Action(rule, i) for rule in (self.prepares, self.commits, self.aborts))

    def prepares(self, c: Managers, i: int) -> Steps:
        if c.rm[i] == "working":
            yield Event("prepares", f"rm{i}"), c.but(i, "prepared")

    def commits(self, c: Managers, i: int) -> Steps:  # Decide: all are ready to commit
        if c.rm[i] == "prepared" and all(state in ("prepared", "committed") for state in c.rm):
            yield Event("commits", f"rm{i}"), c.but(i, "committed")

    def aborts(self, c: Managers, i: int) -> Steps:  # Decide: none has committed
        if c.rm[i] in ("working", "prepared") and "committed" not in c.rm:
            yield Event("aborts", f"rm{i}"), c.but(i, "aborted")

    def decisions(self, c: Managers) -> Mapping[Pid, str | None]:
        final = ("committed", "aborted")
        return {name: state if state in final else None for name, state in zip(self.names(), c.rm, strict=True)}


@invariant
def consistent(c: Managers) -> bool:
    """No resource manager has committed while another has aborted."""
    return not {"committed", "aborted"} <= set(c.rm)


CLAIMS = {consistent: HOLDS, agreement: HOLDS, integrity: HOLDS, non_triviality: HOLDS}

INSTANCES = (
    Instance(
        "rm=3",
        TransactionCommit(resource_managers=3),
        asynchronous(),
        CLAIMS,
        configurations=34,
        transitions=93,
        depth=6,
        bivalent=8,
        univalent={"aborted": 19, "committed": 7},
        none=0,
        critical=1,
        disagreeing=0,
        flp="outside",
        about="3^n + 2^n - 1 configurations; critical is the one in which all are prepared.",
    ),
    Instance(
        "rm=5",
        TransactionCommit(resource_managers=5),
        asynchronous(),
        CLAIMS,
        configurations=274,
        depth=10,
        flp="outside",
        about="The same with five resource managers: 2^n configurations are bivalent, those without a final decision.",
    ),
)
