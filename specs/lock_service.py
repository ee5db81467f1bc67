"""A lock service: sessions with leases, locks with sequencers.

Burrows, "The Chubby lock service for loosely-coupled distributed systems" (2006), sections 2.4 (locks and sequencers)
and 2.8 (sessions).  The locks are a machine on the replicated log of `specs/replicated_state_machine.py`.

A client holds the lock as long as its session lives.  The session ends when its lease runs out, first by the client's
clock, then by the service's: that order is what Chubby's timing assumptions buy, and `drift` takes it away.  A client
writes to a file server in the name of its lock.  The message may be in flight for long; the generation number that it
carries (the sequencer) tells the file server whether another client has held the lock in the meantime.
"""

from typing import Any

from flpcheck import (
    HOLDS, VIOLATED, At, Instance, Observer, Pid, Process, Processes, Sequential, Start, Step, View,
    asynchronous, for_each, invariant, leads_to, protocol, record, replace, reply, send, sometimes,
)  # fmt: skip
from flpcheck.properties import prefix_agreement, replica_agreement, sequencer_safety
from replicated_state_machine import Answer, Command, ReplicatedStateMachine
from replicated_state_machine import Message as MachineMessage


@record
class Acquire:
    """Command: give the lock to this client."""

    client: Pid


@record
class Expire:
    """Command: the session of this client is over, by the clock of the service."""

    client: Pid


@record
class Locks:
    """The machine: the holder of the lock, and how many times it has been granted."""

    holder: Pid | None = None
    generation: int = 0


@record
class LeaseOver:
    """Clock -> client: your lease has run out."""


@record
class Ended:
    """Client -> clock: by my clock the session is over."""


@record
class Write:
    """Client -> file server: write, in the name of this generation of the lock."""

    generation: int


Message = MachineMessage | LeaseOver | Ended | Write


@record
class Holder:
    """A client: its requests and answers so far, the generation that it holds, whether its session lives."""

    begun: int = 0
    over: int = 0
    holds: int | None = None
    wrote: bool = False
    session: bool = True

    def awaits(self, number: int) -> bool:
        return self.session and number == self.over


@record
class Clock:
    """The lease of one client."""

    over: bool = False


@record
class Server:
    """The generations under which writes were accepted, in order, and whether any was rejected."""

    accepted: tuple[int, ...] = ()
    rejected: bool = False


def apply(locks: Locks, what: Acquire | Expire) -> tuple[Locks, int | None]:
    """Execute a command: the new state, and its result."""
    match what:
        case Acquire(client) if locks.holder is None:  # 2.4: an exclusive lock has one holder; a new generation
            return Locks(client, locks.generation + 1), locks.generation + 1
        case Expire(client) if locks.holder == client:  # 2.8: the session is over, its locks are free
            return replace(locks, holder=None), None
        case _:
            return locks, None


@protocol
class LockService(ReplicatedStateMachine):
    """Clients with sessions, a lock on a replicated log, a file server."""

    replicas: int = 1
    clients: int = 2
    drift: bool = False  # whether the service's clock may run out before the client's

    @property
    def machine(self) -> Sequential:
        return Sequential(Locks(), apply)

    def processes(self) -> Processes[Any]:
        return [
            Process("file", self.file, start=Server()),
            *(p for p in super().processes() if p.name not in self.all_clients),
            *(Process(c, self.holder, start=Holder()) for c in self.all_clients),
            *(Process(self.clock_of(c), self.clock, start=Clock(), virtual=True) for c in self.all_clients),
        ]

    def observers(self) -> list[Observer[Any, object]]:
        return []

    def clock_of(self, client: Pid) -> Pid:
        return f"lease-{client}"

    def holder(self, at: At, s: Holder, event: Start | Answer | LeaseOver) -> Step[Holder, Message]:
        match event:
            case Start() if self.may_ask(s):  # Acquire the lock
                return replace(s, begun=s.begun + 1), send(Command(Acquire(at.me)), to="log")
            case Answer(number, generation) if s.awaits(number):  # The generation, or None: another client has the lock
                return replace(s, over=s.over + 1, holds=generation), ()
            case Start() if s.holds is not None and not s.wrote:  # Write in the name of the lock
                return replace(s, wrote=True), send(Write(s.holds), to="file")
            case LeaseOver():  # By the client's clock the session is over: the lock counts as lost
                return replace(s, session=False, holds=None, wrote=True), reply(Ended())
            case Start() | Answer():  # nothing to do; an answer of another replica, or too late
                return s, ()

    def may_ask(self, s: Holder) -> bool:
        return s.session and s.holds is None and s.begun == s.over < self.operations

    def clock(self, at: At, s: Clock, event: Start | Ended | Answer) -> Step[Clock, Message]:
        client = at.me.removeprefix("lease-")
        expire = send(Command(Expire(client)), to="log")
        match event:
            case Start() if not s.over and self.drift:  # Both leases run out, in any order
                return Clock(over=True), (send(LeaseOver(), to=client), expire)
            case Start() if not s.over:  # The client's lease runs out
                return Clock(over=True), send(LeaseOver(), to=client)
            case Ended() if not self.drift:  # The service's lease runs out later
                return s, expire
            case Start() | Ended() | Answer():
                return s, ()

    def file(self, at: At, s: Server, event: Write) -> Step[Server, Message]:
        match event:
            case Write(generation) if self.valid(s, generation):  # Accept a valid write
                return replace(s, accepted=(*s.accepted, generation)), ()
            case Write():  # Another client has got the lock since
                return replace(s, rejected=True), ()

    def valid(self, s: Server, generation: int) -> bool:
        """2.4: the sequencer is checked against the most recent one that the server has seen."""
        return all(generation >= seen for seen in s.accepted)


@invariant
def one_holder(view: View[Any]) -> bool:
    """At most one client believes that it holds the lock."""
    return len(view.each("holds")) < 2


@sometimes
def a_stale_write_is_rejected(view: View[Any]) -> bool:
    """A write comes too late and is rejected."""
    return any(view.each("rejected").values())


def waits(view: View[Any], pid: Pid) -> bool:
    """The client has asked for the lock, and its session lives."""
    client = view[pid]
    return isinstance(client, Holder) and client.session and client.begun > client.over


def gets_the_lock(view: View[Any], pid: Pid) -> bool:
    """The client holds the lock."""
    client = view[pid]
    return isinstance(client, Holder) and client.holds is not None


def is_answered(view: View[Any], pid: Pid) -> bool:
    """The client has the lock or knows that another one has it, or its session is over."""
    return not waits(view, pid)


all_get_the_lock = for_each(leads_to(waits, gets_the_lock), name="all_get_the_lock")
all_are_answered = for_each(leads_to(waits, is_answered), name="all_are_answered")
no_stale_writes = sequencer_safety("accepted")
logs_agree = prefix_agreement("applied")
replicas_equal = replica_agreement("applied", "state")

SAFE = {one_holder: HOLDS, no_stale_writes: HOLDS, a_stale_write_is_rejected: HOLDS}

STAYS = asynchronous(ignored="stays")

INSTANCES = (
    Instance(
        "two clients", LockService(operations=1), STAYS,
        SAFE | {all_are_answered: HOLDS, all_get_the_lock: VIOLATED},
        configurations=2684, transitions=5996, depth=22,
        about="One client at a time holds the lock, and a late write is not accepted.",
    ),
    Instance(
        "drift", LockService(operations=1, drift=True), STAYS, SAFE | {one_holder: VIOLATED},
        configurations=6118, transitions=17290, depth=20,
        about="Without the timing assumption two clients hold the lock at once; the sequencers still protect the file.",
    ),
    Instance(
        "two replicas", LockService(operations=1, replicas=2), STAYS, SAFE | {logs_agree: HOLDS, replicas_equal: HOLDS},
        configurations=17528, transitions=48320, depth=26,
        about="The same with the locks on two replicas.",
    ),
    Instance(
        "large", LockService(operations=1, clients=3), asynchronous(), SAFE,
        on_demand=True,
        configurations=1159412, transitions=3922860, depth=36,
        about="Three clients compete for the lock.",
    ),
)  # fmt: skip
