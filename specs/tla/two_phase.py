"""Two-phase commit among resource managers, as Gray and Lamport specify it.

Gray, Lamport, "Consensus on Transaction Commit" (2006), section 3; the actions are named as in their TLA+ module.  A
message that was sent stays for ever (set network), so loss and duplication are implicit; no process crashes.  The
transaction manager may abort at any time before it has committed.  It refines `tla/transaction_commit`: look at the
resource managers only, and every step is a step of the problem, or none.
"""

from flpcheck import (
    HOLDS, At, Instance, Pid, Process, Processes, Send, Start, Step, View, agreement, asynchronous, choose, integrity,
    invariant, non_triviality, protocol, record, replace, send,
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
    """init -> committed or aborted, and the resource managers known to be prepared."""

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
        self, at: At, s: TransactionManager, event: Start | Prepared
    ) -> Step[TransactionManager, Message]:
        match event:
            case Prepared() if s.state == "init":  # TMRcvPrepared
                return replace(s, prepared=s.prepared | {at.sender}), ()
            case Start() if s.state == "init" and s.prepared == set(self.rms):  # TMCommit or TMAbort
                return choose(self.decide(s, "committed", Commit()), self.decide(s, "aborted", Abort()))
            case Start() if s.state == "init":  # TMAbort
                return self.decide(s, "aborted", Abort())
            case Start() | Prepared():  # decided
                return s, ()

    def decide(
        self, s: TransactionManager, state: str, message: Commit | Abort
    ) -> tuple[TransactionManager, Send[Message]]:
        return replace(s, state=state), send(message, to=self.rms)

    def resource_manager(
        self, at: At, s: ResourceManager, event: Start | Commit | Abort
    ) -> Step[ResourceManager, Message]:
        prepare = ResourceManager("prepared"), send(Prepared(), to="tm")
        match event:
            case Start() if s.state == "working":  # RMPrepare or RMChooseToAbort
                return choose(prepare, (ResourceManager("aborted"), ()))
            case Commit():  # RMRcvCommitMsg
                return ResourceManager("committed"), ()
            case Abort():  # RMRcvAbortMsg
                return ResourceManager("aborted"), ()
            case Start():  # it has made its choice
                return s, ()


@invariant
def consistent(view: View[ResourceManager | TransactionManager]) -> bool:
    """No resource manager has committed while another has aborted."""
    return len(set(view.outputs.values())) < 2


CLAIMS = {consistent: HOLDS, agreement: HOLDS, integrity: HOLDS, non_triviality: HOLDS}

INSTANCES = (
    Instance(
        "rm=3",
        TwoPhase(resource_managers=3),
        asynchronous(network="set"),
        CLAIMS,
        configurations=288,
        transitions=761,
        depth=10,
        bivalent=27,
        univalent={"aborted": 253, "committed": 8},
        none=0,
        critical=1,
        disagreeing=0,
        flp="outside",
        about="2^n + 4^n + 6^n configurations, of which 3^n are bivalent and 2^n can only commit.",
    ),
    Instance(
        "rm=5",
        TwoPhase(resource_managers=5),
        asynchronous(network="set"),
        CLAIMS,
        configurations=8832,
        transitions=37345,
        depth=16,
        bivalent=243,
        univalent={"aborted": 8557, "committed": 32},
        none=0,
        critical=1,
        disagreeing=0,
        flp="outside",
        about="The same with five resource managers: once all are prepared, all depends on the transaction manager.",
    ),
)
