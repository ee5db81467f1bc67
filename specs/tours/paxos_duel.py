"""Tours of `paxos_duel`: two proposers outbid each other for ever; one that is left undisturbed decides.

Lamport, "Paxos Made Simple" (2001), section 2.4.
"""

from flpcheck import Onward, Stop, Tour, receives, starts
from paxos_duel import Accept, Accepted, Nack, Prepare, Promise, Proposal

MINE, YOURS = Proposal(0, 0), Proposal(1, 1)  # p0's first proposal, p1's first proposal
DUEL, LEADER = "Two proposers duel for ever", "A stable leader"

TOURS = (
    Tour(
        DUEL,
        "duel",
        "None crashes, every message arrives, and nothing is ever chosen: the loop that the FLP theorem promises.",
        (
            Stop(
                "Both begin",
                "p0 proposes 0 and p1 proposes 1; both send their request, p0 for ballot 0 and p1 for ballot 1. "
                "The one acceptor is a majority of itself.",
                (starts("p0"), starts("p1")), inputs={"p0": 0, "p1": 1}, valence="0/1", decided={},
            ),
            Stop(
                "p0 has a promise in flight",
                "The acceptor promises ballot 0. Remember this place.",
                (receives("a0", Prepare(0), "p0"),), valence="0/1",
            ),
            Stop(
                "p1 is quicker than p0's proposal",
                "p0 asks to accept 0. Before the acceptor reads that it promises ballot 1 to p1, and will refuse.",
                (receives("p0", Promise(0, None), "a0"), receives("a0", Prepare(1), "p1")), valence="0/1", decided={},
            ),
            Stop(
                "p0 is refused, and begins ballot 2",
                "p1 asks to accept 1, but p0's new request overtakes it: the acceptor promises ballot 2.",
                (
                    receives("p1", Promise(1, None), "a0"), receives("a0", Accept(MINE), "p0"),
                    receives("p0", Nack(0, 1), "a0"), receives("a0", Prepare(2), "p0"),
                ),
                valence="0/1", decided={},
            ),
            Stop(
                "p1 is refused, and all is as before",
                "p1 begins its next ballot. Only the order of ballots matters, so they are renumbered, the lowest one "
                "in use as 0, and this is the very place remembered above: p0 has a promise in flight, p1 a request. "
                "All have taken steps, every message has arrived, the outcome is as open as before, and it can all "
                "happen again.",
                (receives("a0", Accept(YOURS), "p1"), receives("p1", Nack(1, 2), "a0")),
                valence="0/1", decided={}, again="p0 has a promise in flight",
            ),
        ),
        (Onward("The same two proposers, one of which leaves the other in peace.", LEADER),),
    ),
    Tour(
        LEADER,
        "stable leader",
        "One proposer that the others leave alone decides in every run: that is how Paxos is used in practice.",
        (
            Stop(
                "p1 does not take part",
                "Only p0 proposes. In practice a failure detector selects the leader; here p1 is dead from the start.",
                inputs={"p0": 0}, valence="0", decided={},
            ),
            Stop(
                "A promise that no ballot overtakes",
                "p0 asks for ballot 0, and the acceptor promises it. No higher ballot is ever begun.",
                (starts("p0"), receives("a0", Prepare(0), "p0")), valence="0", decided={},
            ),
            Stop(
                "Accepted, and decided",
                "p0 asks to accept 0, the acceptor does, and p0 learns it. There was no other way: each "
                "configuration had exactly one step.",
                (
                    receives("p0", Promise(0, None), "a0"), receives("a0", Accept(MINE), "p0"),
                    receives("p0", Accepted(MINE), "a0"),
                ),
                valence="0", decided={"p0": 0},
            ),
        ),
        (Onward("What happens when no proposer is left undisturbed.", DUEL),),
    ),
)  # fmt: skip
