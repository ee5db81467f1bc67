"""A replicated state machine whose log is the one of Multi-Paxos: two protocols in one process.

Schneider, "Implementing Fault-Tolerant Services Using the State Machine Approach: A Tutorial" (1990), section 3, on
Lamport, "Paxos Made Simple" (2001), section 3.  A replica is a leader of `multi_paxos` that executes what it knows to
be chosen, in the order of the slots, and answers the clients.  A command may be chosen in two slots when leaders
change; it is executed once.
"""

from collections.abc import Iterator
from typing import Any

from flpcheck import (
    HOLDS, At, Gather, History, Instance, Invoke, Mail, Observer, Pid, Process, Processes, Return, Send, Sequential,
    Start, Step, asynchronous, embed, history_observer, note, protocol, record, replace, send,
)  # fmt: skip
from flpcheck.properties import linearizable_history, prefix_agreement, replica_agreement
from multi_paxos import Acceptor, Leader, MultiPaxos, Request
from multi_paxos import Message as PaxosMessage
from replicated_log import NOOP
from replicated_state_machine import everybody_is_done


@record
class Answer:
    """Replica -> client: your command was executed, with this result."""

    result: str


Message = PaxosMessage | Answer


@record
class Replica:
    """What it knows of the log, how much of it it has executed, and its copy of the machine."""

    paxos: Leader
    applied: tuple[str, ...] = ()
    state: str = ""


@record
class Client:
    """How many operations it has begun, and how many have ended."""

    begun: int = 0
    over: int = 0


def swap(state: str, command: str) -> tuple[str, str]:
    """Store a value and return the one before: the new state, and the result."""
    return command, state


SWAP = Sequential("", swap)


@protocol
class StateMachineOnPaxos(MultiPaxos):
    """Replicas that lead and execute, acceptors, and a client for each command."""

    def processes(self) -> Processes[Any]:
        nothing = (None,) * self.slots
        start = Replica(Leader(proposed=nothing, chosen=nothing))
        return [
            *(Process(p, self.replica, start, gather=self.quorums_of_a_replica) for p in self.all_leaders),
            *(Process(a, self.acceptor, start=Acceptor(accepted=nothing)) for a in self.all_acceptors),
            *(Process(c, self.client, start=Client()) for c in self.all_clients),
        ]

    def observers(self) -> list[Observer[History, object]]:
        return [history_observer()]

    @property
    def all_clients(self) -> list[Pid]:
        return list("xyzuvw"[: self.commands])  # each stores its own name

    def quorums_of_a_replica(self, at: At, s: Replica, mail: Mail[PaxosMessage]) -> Iterator[Mail[PaxosMessage]]:
        return self.quorums(at, s.paxos, mail)

    def replica(self, at: At, s: Replica, event: Start | Request | Gather[PaxosMessage]) -> Step[Replica, Any]:
        return embed(self.leader(at, s.paxos, event), lambda paxos: self.executed(s, paxos))

    def executed(self, s: Replica, paxos: Leader) -> tuple[Replica, tuple[Send[Any], ...]]:
        """Execute what has become known of the log, in its order, and answer; no-ops and repetitions do nothing."""
        s, answers = replace(s, paxos=paxos), []
        for command in self.executable(paxos):
            if command != NOOP and command not in s.applied:
                state, result = swap(s.state, command)
                s = replace(s, applied=(*s.applied, command), state=state)
                answers.append(send(Answer(result), to=command))
        return s, tuple(answers)

    def executable(self, paxos: Leader) -> tuple[str, ...]:
        """What may be executed: everything up to the first slot in which nothing is known to be chosen."""
        return paxos.log

    def client(self, at: At, s: Client, event: Start | Answer) -> Step[Client, Any]:
        match event:
            case Start() if s.begun == 0:  # Ask all replicas: any of them may be the leader
                return Client(begun=1), (note(Invoke(at.me, at.me)), send(Request(at.me), to=self.all_leaders))
            case Answer(result) if s.over == 0:  # The first answer is enough: the replicas agree
                return replace(s, over=1), note(Return(at.me, result))
            case Start() | Answer():  # busy, or done; an answer of another replica
                return s, ()


logs_agree = prefix_agreement("applied")
replicas_equal = replica_agreement("applied", "state")
linear = linearizable_history(SWAP)

SAFE = {logs_agree: HOLDS, replicas_equal: HOLDS, linear: HOLDS, everybody_is_done: HOLDS}

INSTANCES = (
    Instance(
        "one leader", StateMachineOnPaxos(leaders=1), asynchronous(ignored="stays"), SAFE,
        configurations=6276, transitions=16906, depth=19,
        delays={"entry 1": (4, 12), "entry 2": (3, 7)},
        about="One round trip for each command, and the client that is first in the log is answered first.",
    ),
    Instance(
        "two leaders", StateMachineOnPaxos(acceptors=1), asynchronous(ignored="stays"), SAFE,
        configurations=1242, transitions=2854, depth=20,
        about="The replicas lead in turn, and both answer: each client takes the first answer that it gets.",
    ),
    Instance(
        "large", StateMachineOnPaxos(), asynchronous(ignored="stays"), SAFE,
        on_demand=True,
        configurations=10624356, transitions=41691018, depth=32,
        about="A change of leaders at every point, on three acceptors.",
    ),
)  # fmt: skip
