"""A replicated state machine that is not deterministic: the replicas diverge, and clients can tell.

Breaks the definition of a state machine in Schneider, "Implementing Fault-Tolerant Services Using the State Machine
Approach" (1990), section 2: its outputs are determined by the commands that it executes.  Here each replica rounds what
it stores in its own way, much as if it read its own clock.  Everything else is
`specs/replicated_state_machine.py`.
"""

from flpcheck import HOLDS, VIOLATED, At, Instance, Step, asynchronous, choose, protocol, replace
from replicated_state_machine import (
    Message, Ordered, Replica, ReplicatedStateMachine, linear, logs_agree, replicas_equal,
)  # fmt: skip


@protocol
class ReplicatedStateMachineRandom(ReplicatedStateMachine):
    """Replicas that execute the same commands in the same order, each in its own way."""

    def replica(self, at: At, s: Replica, event: Ordered) -> Step[Replica, Message]:
        match super().replica(at, s, event):
            case (Replica() as after, effects):  # BROKEN: two outcomes of one command
                return choose((after, effects), (replace(after, state=after.state + 10), effects))
            case deferred:
                return deferred


INSTANCES = (
    Instance(
        "one client",
        ReplicatedStateMachineRandom(clients=1),
        asynchronous(),
        {replicas_equal: VIOLATED, linear: VIOLATED, logs_agree: HOLDS},
        configurations=363,
        transitions=826,
        depth=12,
        counterexample={replicas_equal: 4, linear: 8},
        about="Two replicas store different values for one write, and the client reads a value that was never written.",
    ),
)
