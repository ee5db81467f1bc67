"""Two-phase commit among resource managers, as Gray and Lamport specify it.

Gray, Lamport, "Consensus on Transaction Commit" (2006), section 3.  Messages are never removed (set network), so loss
and duplication are implicit; nobody crashes.  The transaction manager may abort at any time before it has committed.
"""

from flpcheck import (
    HOLDS, At, Instance, Pid, Process, Processes, Start, Step, View, asynchronous, choose, invariant, protocol,
    record, replace, send,
)  # fmt: skip


@record
class Prepared:
    """Resource manager -> transaction manager: I am prepared."""


@record
class Commit:
    """Transaction manager -> resource managers."""


@record
class Abort:
    """Transaction manager -> resource managers."""


Message = Prepared | Commit | Abort


@record
class ResourceManager:
    """working -> prepared -> committed or aborted."""

    state: str = "working"

    @property
    def decision(self) -> str | None:
        return self.state if self.state in ("committed", "aborted") else None


@record
class TransactionManager:
    """init -> committed or aborted, and who is known to be prepared."""

    state: str = "init"
    prepared: frozenset[Pid] = frozenset()


@protocol
class TwoPhase:
    """Two-phase commit."""

    resource_managers: int = 3

    @property
    def rms(self) -> list[Pid]:
        return [f"rm{i}" for i in range(self.resource_managers)]

    def processes(self) -> Processes[Message]:
        managers = [Process(rm, self.resource_manager, start=ResourceManager()) for rm in self.rms]
        return [Process("tm", self.transaction_manager, start=TransactionManager()), *managers]

    def transaction_manager(
        self, at: At, s: TransactionManager, event: Start | Message
    ) -> Step[TransactionManager, Message]:
        match event:
            case Prepared() if s.state == "init":  # TMRcvPrepared
                return replace(s, prepared=s.prepared | {at.sender}), ()
            case Start() if s.state == "init":
                abort = replace(s, state="aborted"), send(Abort(), to=self.rms)  # TMAbort
                commit = replace(s, state="committed"), send(Commit(), to=self.rms)  # TMCommit
                return choose(abort, commit) if len(s.prepared) == self.resource_managers else choose(abort)
            case Start() | Prepared() | Commit() | Abort():
                return s, ()

    def resource_manager(self, at: At, s: ResourceManager, event: Start | Message) -> Step[ResourceManager, Message]:
        match event:
            case Start() if s.state == "working":  # RMPrepare, RMChooseToAbort
                return choose(
                    (ResourceManager("prepared"), send(Prepared(), to="tm")), (ResourceManager("aborted"), ())
                )
            case Commit():  # RMRcvCommitMsg
                return ResourceManager("committed"), ()
            case Abort():  # RMRcvAbortMsg
                return ResourceManager("aborted"), ()
            case Start() | Prepared():
                return s, ()


@invariant
def consistent(view: View[ResourceManager | TransactionManager]) -> bool:
    """No resource manager has committed while another has aborted."""
    return len(set(view.outputs.values())) < 2


INSTANCES = (
    Instance(
        "rm=3",
        TwoPhase(resource_managers=3),
        asynchronous(network="set"),
        {consistent: HOLDS},
        configurations=288,
        depth=10,
    ),
)
