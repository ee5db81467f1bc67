"""A tour of `paxos_backoff`: timers that are too short do no harm, timers that are long enough end the duel.

Dwork, Lynch, Stockmeyer, "Consensus in the Presence of Partial Synchrony" (1988), section 2.3.
"""

from flpcheck import Onward, Stop, Tour, receives, stabilises, starts, times_out
from paxos_duel import Accept, Accepted, Nack, Prepare, Promise, Proposal

EARLY, CHOSEN = Proposal(1, 1), Proposal(2, 0)

TOURS = (
    Tour(
        "Wait a while, and try again",
        "back-off",
        "Before the world stabilises a timeout may be wrong, which costs a ballot; afterwards one proposer is left alone.",
        (
            Stop(
                "Two proposers, one acceptor",
                "p0 proposes 0 with ballot 0, p1 proposes 1 with ballot 1. A proposer that is refused waits for its "
                "timer before it tries again. The world is not stable yet: a timer may fire at any moment.",
                (starts("p0"), starts("p1")), inputs={"p0": 0, "p1": 1}, valence="0/1", decided={},
            ),
            Stop(
                "p0 is refused, and waits",
                "The acceptor promises ballot 0, then ballot 1, and refuses what p0 asks it to accept. p0 backs off: "
                "it is in phase 3, and only its timer gets it out of there.",
                (
                    receives("a0", Prepare(0), "p0"), receives("a0", Prepare(1), "p1"),
                    receives("p0", Promise(0, None), "a0"), receives("a0", Accept(Proposal(0, 0)), "p0"),
                    receives("p0", Nack(0, 1), "a0"),
                ),
                valence="0/1", decided={}, shows={"p0": {"phase": 3}, "world": {"stable": "no"}},
            ),
            Stop(
                "A timer that is too short",
                "p1 has its promise and is about to ask for 1. But p0's timer fires first, and its new ballot 2 reaches "
                "the acceptor before p1's proposal. Now p1 is refused and backs off. Nothing is lost but time: both "
                "values are still possible.",
                (
                    receives("p1", Promise(1, None), "a0"), times_out("p0"), receives("a0", Prepare(2), "p0"),
                    receives("a0", Accept(EARLY), "p1"), receives("p1", Nack(1, 2), "a0"),
                ),
                valence="0/1", decided={}, shows={"p1": {"phase": 3}, "world": {"stable": "no"}},
            ),
            Stop(
                "The world stabilises",
                "No process notices. But from now on a timer is longer than messages take, and p0's promise is on its "
                "way: p1's timer cannot fire before p0 has finished.",
                (stabilises("every timer"),), valence="0", decided={}, impossible=(times_out("p1"),),
            ),
            Stop(
                "p0 is left alone",
                "It receives its promise, asks for 0, the acceptor accepts, and p0 decides.",
                (
                    receives("p0", Promise(2, None), "a0"), receives("a0", Accept(CHOSEN), "p0"),
                    receives("p0", Accepted(CHOSEN), "a0"),
                ),
                valence="0", decided={"p0": 0},
            ),
            Stop(
                "p1 tries again, and learns",
                "No message is under way, so p1's timer fires. Its ballot 3 is promised, the promise reports that 0 was "
                "accepted, and p1 proposes that. Safety never depended on any timer, termination does.",
                (
                    times_out("p1"), receives("a0", Prepare(3), "p1"), receives("p1", Promise(3, CHOSEN), "a0"),
                    receives("a0", Accept(Proposal(3, 0)), "p1"), receives("p1", Accepted(Proposal(3, 0)), "a0"),
                ),
                valence="0", decided={"p0": 0, "p1": 0},
            ),
        ),
        (
            Onward("Proposers that do not wait: the duel that never ends.", "Two proposers duel for ever", "paxos_duel"),
            Onward("Rounds: all timers are right from the start.", "One round is too few", "floodset"),
        ),
    ),
)  # fmt: skip
