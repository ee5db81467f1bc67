"""Paxos with back-off: a refused proposer waits for its timer before it tries again.

Lamport, "Paxos Made Simple" (2001), section 2.4: progress needs an undisturbed proposer, and "if enough of the
system is working properly" one can be had with timeouts.  Dwork, Lynch, Stockmeyer, "Consensus in the Presence of
Partial Synchrony" (1988), section 2.3: from some unknown time on, timers are longer than delays.

Before that time a timer may fire while messages are in flight, and two proposers can get in each other's way, which
violates nothing.  After it timers wait for messages: two of them may still fire together, but a refused proposer then
waits, and the higher ballot is undisturbed.  Proposers that do not wait but outbid each other at once (`waits=False`)
are not helped by any timers.
"""

from typing import Any

from flpcheck import (
    HOLDS, VIOLATED, At, Instance, Process, Processes, Reduction, Start, Step, Timeout, agreement,
    any_input_validity, eventually_synchronous, integrity, protocol, termination, uniform_agreement, validity,
)  # fmt: skip
from paxos_duel import Accepted, Acceptor, Duel, Message, Nack, Promise, Proposer

WAITING = 3  # the phase of a proposer that was refused


@protocol
class BackOff(Duel):
    """Proposers that wait for their timers before they try again."""

    waits: bool = True

    def processes(self) -> Processes[Any]:
        return [
            *(Process(p, self.patient, inputs={v: Proposer(v) for v in (0, 1)}) for p in self.all_proposers),
            *(Process(a, self.acceptor, start=Acceptor()) for a in self.all_acceptors),
        ]

    def patient(
        self, at: At, s: Proposer, event: Start | Timeout | Promise | Accepted | Nack
    ) -> Step[Proposer, Message]:
        match event:
            case Timeout() if s.phase == WAITING:
                return self.prepare(at, s, above=s.ballot)  # Try again, above what had been promised
            case Nack(ballot, promised) if self.waits and s.phase in {1, 2} and ballot == s.ballot:
                return Proposer(s.input, promised, phase=WAITING), ()  # Refused: back off
            case Nack() if self.waits:  # an answer to an earlier ballot
                return s, ()
            case Timeout():  # nothing was refused
                return s, ()
            case Start() | Promise() | Accepted() | Nack():  # As always
                return self.proposer(at, s, event)

    def reductions(self) -> list[Reduction]:
        """Proposers that wait for timers need no quotient: there are as many ballots as timeouts."""
        return [] if self.waits else super().reductions()


SAFE = {agreement: HOLDS, uniform_agreement: HOLDS, validity: HOLDS, any_input_validity: HOLDS, integrity: HOLDS}
COMPETING = {"p0": 0, "p1": 1}

INSTANCES = (
    Instance(
        "back-off", BackOff(), eventually_synchronous(mistakes=1), SAFE | {termination: HOLDS}, inputs=COMPETING,
        configurations=191, transitions=376, depth=24,
        bivalent=48, univalent={0: 59, 1: 84}, none=0, critical=4, disagreeing=0, within=15, flp="outside",
        delays={"decision": (4, 4), "all decisions": (6, 8)},
        about="Whatever the two did before, 15 events after the world stabilises both have decided.",
    ),
    Instance(
        "two acceptors", BackOff(acceptors=2), eventually_synchronous(mistakes=0), SAFE | {termination: HOLDS},
        inputs=COMPETING,
        configurations=8532, within=27, flp="outside",
        about="With two acceptors it takes 27 events.",
    ),
    Instance(
        "outbidding", BackOff(waits=False), eventually_synchronous(mistakes=1), SAFE | {termination: VIOLATED},
        inputs=COMPETING, configurations=136, transitions=292, depth=13,
        bivalent=56, univalent={0: 36, 1: 44}, none=0, critical=0, disagreeing=0,
        counterexample={termination: 12}, flp=("outside", "undecided_lasso"),
        about="Proposers that try again at once go on for ever, although the world has stabilised.",
    ),
)  # fmt: skip
