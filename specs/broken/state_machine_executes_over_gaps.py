"""BROKEN: a replica executes a chosen command as soon as it knows it, even if earlier slots are missing.

Everything else is `specs/state_machine_on_paxos.py`.
"""

from flpcheck import VIOLATED, Instance, asynchronous, protocol
from multi_paxos import Leader
from state_machine_on_paxos import StateMachineOnPaxos, linear, logs_agree


@protocol
class StateMachineExecutesOverGaps(StateMachineOnPaxos):
    """Replicas on Multi-Paxos that do not wait for earlier slots."""

    def executable(self, paxos: Leader) -> tuple[str, ...]:
        known = tuple(command for command in paxos.chosen if command)
        if known != paxos.log:
            return known  # BROKEN: a gap is skipped
        return paxos.log


INSTANCES = (
    Instance(
        "two leaders",
        StateMachineExecutesOverGaps(acceptors=1),
        asynchronous(ignored="stays"),
        {logs_agree: VIOLATED, linear: VIOLATED},
        configurations=1712,
        transitions=3918,
        depth=20,
        counterexample={logs_agree: 14, linear: 16},
        about="A new leader knows what is chosen in the second slot before it knows the first, answered long ago.",
    ),
)
