"""A tour of `paxos_backoff`: timers that are too short do no harm, timers that are long enough end the duel.

Dwork, Lynch, Stockmeyer, "Consensus in the Presence of Partial Synchrony" (1988), section 2.3.
"""

from flpcheck import Onward, Stop, Tour, receives, stabilises, starts, times_out
from paxos_duel import Accept, Accepted, Nack, Prepare, Promise, Proposal

EARLY, CHOSEN = Proposal(1, 1), Proposal(3, 1)

TOURS = (
    Tour(
        "Wait a while, and try again",
        "back-off",
        "A timeout may be wrong before the world stabilises, which costs a ballot; later one proposer is left alone.",
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
                "p1 has its promise and is about to ask for 1. But p0's timer fires first, and its new ballot 2 "
                "reaches the acceptor before p1's proposal. Now p1 is refused and backs off. Nothing is lost but time: "
                "both values are still possible.",
                (
                    receives("p1", Promise(1, None), "a0"), times_out("p0"), receives("a0", Prepare(2), "p0"),
                    receives("a0", Accept(EARLY), "p1"), receives("p1", Nack(1, 2), "a0"),
                ),
                valence="0/1", decided={}, shows={"p1": {"phase": 3}, "world": {"stable": "no"}},
            ),
            Stop(
                "The world stabilises",
                "No process notices. From now on a timer that is set is longer than messages take. p1's was set "
                "before, so it may fire once more at the wrong moment: p1 begins ballot 3.",
                (stabilises("every timer"), times_out("p1")), valence="0/1", decided={},
                shows={"p1": {"ballot": 3}, "world": {"stable": "yes"}},
            ),
            Stop(
                "p0 is refused, and this time it waits long enough",
                "Ballot 3 overtakes p0's proposal, and p0 backs off again. Its timer is set in the stable world, and "
                "p1 is still exchanging messages with the acceptor: p0's timer cannot fire before p1 has finished.",
                (
                    receives("p0", Promise(2, None), "a0"), receives("a0", Prepare(3), "p1"),
                    receives("a0", Accept(Proposal(2, 0)), "p0"), receives("p0", Nack(2, 3), "a0"),
                ),
                valence="1", decided={}, shows={"p0": {"phase": 3}}, impossible=(times_out("p0"),),
            ),
            Stop(
                "p1 is left alone",
                "It receives its promise, asks for 1, the acceptor accepts, and p1 decides.",
                (
                    receives("p1", Promise(3, None), "a0"), receives("a0", Accept(CHOSEN), "p1"),
                    receives("p1", Accepted(CHOSEN), "a0"),
                ),
                valence="1", decided={"p1": 1},
            ),
            Stop(
                "p0 tries again, and learns",
                "No message is under way, so p0's timer fires. Its ballot 4 is promised, the promise reports that 1 "
                "was accepted, and p0 proposes that. Safety never depended on any timer; termination does.",
                (
                    times_out("p0"), receives("a0", Prepare(4), "p0"), receives("p0", Promise(4, CHOSEN), "a0"),
                    receives("a0", Accept(Proposal(4, 1)), "p0"), receives("p0", Accepted(Proposal(4, 1)), "a0"),
                ),
                valence="1", decided={"p0": 1, "p1": 1},
            ),
        ),
        (
            Onward("Proposers that do not wait: a duel without end.", "Two proposers duel for ever", "paxos_duel"),
            Onward("Rounds: all timers are right from the start.", "One round is too few", "floodset"),
        ),
    ),
)  # fmt: skip
