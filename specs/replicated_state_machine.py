"""Replicated state machine: replicas that execute the same commands in the same order are one reliable machine.

Schneider, "Implementing Fault-Tolerant Services Using the State Machine Approach: A Tutorial" (1990), sections 1 to 3.
Agreement and order come from a log, a box here (a virtual process that numbers the commands as they reach it); the log
of `specs/multi_paxos.py` or of `specs/raft.py` could take its place.  A client takes the first answer that it gets.

The machine is a `Sequential`: a register here, locks in `specs/lock_service.py`.  Each client runs a script.
"""

from typing import Any

from flpcheck import (
    DEFER, HOLDS, At, Constant, History, Instance, Invoke, Observer, Pid, Process, Processes, Read, Return,
    Sequential, Start, Step, View, Write, asynchronous, for_each, history_observer, leads_to, note, protocol, record,
    register, replace, send, sometimes,
)  # fmt: skip
from flpcheck.properties import linearizable_history, linearized_by_log, prefix_agreement, replica_agreement


@record
class Command:
    """Client -> log: execute this."""

    what: Any


@record
class Ordered:
    """Log -> replicas: the command with this number, and its client."""

    number: int
    client: Pid
    what: Any


@record
class Answer:
    """Replica -> client: the result of your command of this number (counted by the client)."""

    number: int
    result: Any


Message = Command | Ordered | Answer


@record
class Log:
    """How many commands there are."""

    length: int = 0


@record
class Replica:
    """What it has executed, as (client, command) pairs, and its copy of the machine."""

    state: Any = None
    applied: tuple[tuple[Pid, Any], ...] = ()


@record
class Client:
    """How many operations it has begun, and how many have ended."""

    begun: int = 0
    over: int = 0


@protocol
class ReplicatedStateMachine:
    """Clients, an ordered log, replicas."""

    replicas: int = 2
    clients: int = 2
    operations: Constant[int] = 2  # of each client

    @property
    def machine(self) -> Sequential:
        return register(0)

    def script(self, i: int) -> tuple[Any, ...]:
        """What a client is going to do: write a value of its own, then read."""
        return (Write(i + 1), Read())[: self.operations]

    def processes(self) -> Processes[Message]:
        return [
            Process("log", self.log, start=Log(), virtual=True),
            *(Process(r, self.replica, start=Replica(self.machine.start)) for r in self.all_replicas),
            *(Process(c, self.client, start=Client()) for c in self.all_clients),
        ]

    def observers(self) -> list[Observer[History, object]]:
        return [history_observer()]

    @property
    def all_replicas(self) -> list[Pid]:
        return [f"r{i}" for i in range(self.replicas)]

    @property
    def all_clients(self) -> list[Pid]:
        return [f"c{i}" for i in range(self.clients)]

    def log(self, at: At, s: Log, event: Command) -> Step[Log, Message]:
        match event:
            case Command(what):  # Agreement and Order: all replicas get all commands, with their place
                return Log(s.length + 1), send(Ordered(s.length, at.sender, what), to=self.all_replicas)

    def replica(self, at: At, s: Replica, event: Ordered) -> Step[Replica, Message]:
        match event:
            case Ordered(number, client, what) if number == len(s.applied):  # Execute the next command, and answer
                state, result = self.apply(s.state, what)
                mine = sum(other == client for other, _ in s.applied)
                return Replica(state, (*s.applied, (client, what))), send(Answer(mine, result), to=client)
            case Ordered():  # the commands before it first
                return DEFER

    def apply(self, state: Any, what: Any) -> tuple[Any, Any]:
        return self.machine.apply(state, what)

    def client(self, at: At, s: Client, event: Start | Answer) -> Step[Client, Message]:
        script = self.script(self.all_clients.index(at.me))
        match event:
            case Start() if s.begun == s.over < len(script):  # Ask for the next command of the script
                what = script[s.begun]
                return replace(s, begun=s.begun + 1), (note(Invoke(at.me, what)), send(Command(what), to="log"))
            case Answer(number, result) if number == s.over < s.begun:  # The first answer is enough: the replicas agree
                return replace(s, over=s.over + 1), note(Return(at.me, result))
            case Start() | Answer():  # busy, or done; an answer of another replica
                return s, ()


logs_agree = prefix_agreement("applied")
replicas_equal = replica_agreement("applied", "state")
linear = linearizable_history(register(0))
log_explains = linearized_by_log("applied", register(0))


@sometimes
def everybody_is_done(view: View[Any]) -> bool:
    """Every client has completed its script."""
    over = view.each("over")
    return all(begun == over[pid] > 0 for pid, begun in view.each("begun").items())


def asks(view: View[Any], pid: Pid) -> bool:
    """The client waits for an answer."""
    client = view[pid]
    return isinstance(client, Client) and client.begun > client.over


def is_answered(view: View[Any], pid: Pid) -> bool:
    """The client has the answers to all that it has asked."""
    return not asks(view, pid)


requests_are_answered = for_each(leads_to(asks, is_answered), name="requests_are_answered")

SAFE = {logs_agree: HOLDS, replicas_equal: HOLDS, linear: HOLDS, everybody_is_done: HOLDS}
REPLICA_CRASH = asynchronous(crashes=1, faulty=("r0", "r1", "r2"))

INSTANCES = (
    Instance(
        "one operation each", ReplicatedStateMachine(operations=1), asynchronous(),
        SAFE | {log_explains: HOLDS, requests_are_answered: HOLDS},
        configurations=214, transitions=462, depth=12,
        delays={"entry 1": (2, 4), "entry 2": (2, 4)},
        about="Two clients write: the log determines whose write was last.",
    ),
    Instance(
        "two operations each", ReplicatedStateMachine(), asynchronous(),
        SAFE | {log_explains: HOLDS, requests_are_answered: HOLDS},
        configurations=25188, transitions=85508, depth=24,
        about="Two clients write and read; the order of the log explains every result.",
    ),
    Instance(
        "large", ReplicatedStateMachine(replicas=3), REPLICA_CRASH, SAFE,
        on_demand=True,
        configurations=3076780, transitions=20015718, depth=32,
        about="Three replicas, one of which may crash (with the only log that knows an answer, so logs are not asked).",
    ),
)  # fmt: skip
