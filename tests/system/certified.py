"""A view change in which certificates are shown: with sets of signers, or with certificates that leave them out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flpcheck import (
    At,
    Certificate,
    Pid,
    Process,
    Start,
    Step,
    Timeout,
    broadcast,
    protocol,
    record,
    replace,
    send,
)

QUORUM = 3  # of four, one of which may lie


@record
class Propose:
    """The leader of a view proposes a value; that of view 1 shows that a quorum has given view 0 up."""

    view: int
    value: int
    proof: Any = None


@record
class Vote:
    """A signed vote."""

    view: int
    value: int
    voter: Pid


@record
class GaveUp:
    """A signed statement that a process has left view 0."""

    voter: Pid


@record
class Commit:
    """A quorum has voted for a value in a view."""

    view: int
    value: int
    proof: Any


Message = Propose | Vote | GaveUp | Commit


@record
class Replica:
    """What a replica has voted for, and what it has counted as a leader."""

    view: int = 0
    started: bool = False
    lock: int | None = None  # the first value that it voted for
    voted: int = -1  # the last view in which it voted
    heard: frozenset[Pid] = frozenset()  # whose signatures it has, until it shows a quorum
    shown: int = -1  # the last view of which it has shown one
    decision: int | None = None


@protocol
class TwoViews:
    """Four replicas; r0 leads view 0, r1 view 1.

    A replica that has voted stays with its value, so what a quorum has voted for in view 0 nothing else wins in view 1.
    """

    certificates: bool = True
    forgets: bool = False  # whether a replica votes in view 1 for anything
    quorum: int = QUORUM

    def processes(self) -> list[Process[Replica, Message]]:
        return [Process(f"r{i}", self.step, start=Replica()) for i in range(4)]

    def proof(self, statement: Any, signers: Iterable[Pid]) -> Any:
        """Return what is shown of a quorum."""
        return Certificate(statement, frozenset(signers)) if self.certificates else frozenset(signers)

    def shown(self, proof: Any, statement: Any) -> bool:
        """Return whether something shows a quorum."""
        if self.certificates:
            return isinstance(proof, Certificate) and proof.statement == statement and proof.size >= self.quorum
        return isinstance(proof, frozenset) and len(proof) >= self.quorum

    def step(  # noqa: PLR0911  -- a rule each
        self, at: At, s: Replica, event: Start | Timeout | Message
    ) -> Step[Replica, Message]:
        match event:
            case Start() if at.me == "r0" and not s.started:
                return replace(s, started=True), broadcast(Propose(0, 0))
            case Propose(view) if at.sender == f"r{view}" and s.view <= view and s.voted < view:
                return self.vote(at, s, event)
            case Vote(view, value, voter) if (at.me, value, at.sender) == (
                f"r{view}",
                view,
                voter,
            ) and s.shown == view - 1:
                return self.count(s, voter, (view, value), send(Commit(view, value, None), to=("r2", "r3")))
            case Timeout() if s.view == 0 and s.decision is None:
                return replace(s, view=1), send(GaveUp(at.me), to="r1")
            case GaveUp(voter) if at.me == "r1" and voter == at.sender and s.shown < 0:
                return self.count(s, voter, "view 0", broadcast(Propose(1, 1)))
            case Commit(view, value, proof) if self.shown(proof, (view, value)) and s.decision is None:
                return replace(s, decision=value), ()
            case _:
                return s, ()

    def vote(self, at: At, s: Replica, event: Propose) -> Step[Replica, Message]:
        view, value = event.view, event.value
        if view == 1 and not self.shown(event.proof, "view 0"):
            return s, ()
        if s.lock not in {None, value} and not self.forgets:
            return replace(s, view=view, voted=view), ()
        return replace(s, view=view, voted=view, lock=value), send(Vote(view, value, at.me), to=f"r{view}")

    def count(self, s: Replica, voter: Pid, statement: Any, show: Any) -> Step[Replica, Message]:
        """Add a signature; a quorum of them is shown."""
        heard = s.heard | {voter}
        if len(heard) < self.quorum:
            return replace(s, heard=heard), ()
        shown = replace(show, message=replace(show.message, proof=self.proof(statement, heard)))
        return replace(s, heard=frozenset(), shown=show.message.view - (statement == "view 0")), shown

    def signatures(self, message: Message) -> list[Any]:
        match message:
            case Vote(view, value, voter):
                return [(voter, (view, value))]
            case GaveUp(voter):
                return [(voter, "view 0")]
            case Propose(_, _, None):
                return []
            case Propose(_, _, proof):
                return self.borne("view 0", proof)
            case Commit(view, value, proof):
                return self.borne((view, value), proof)

    def borne(self, statement: Any, proof: Any) -> list[Any]:
        return [proof] if self.certificates else [(signer, statement) for signer in proof]
