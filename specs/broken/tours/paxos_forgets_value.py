"""A tour of the variant whose promises do not report the accepted proposal: the same schedule chooses two values."""

from flpcheck import Event, Onward, Stop, Tour, gathers, receives, starts
from paxos import Accept, Accepted, Prepare, Promise, Proposal

FIRST, SECOND = Proposal(0, 0), Proposal(1, 1)


def learned(learner: str, proposal: Proposal, *acceptors: str) -> Event:
    """Return that a learner receives the same proposal from some acceptors."""
    return gathers(learner, *((a, Accepted(proposal)) for a in acceptors))


TOURS = (
    Tour(
        "Why a promise carries the accepted value",
        "one ballot each",
        "Take one field out of one message, and agreement is gone.",
        (
            Stop(
                "The same two proposers",
                "p0 would like 0, in ballot 0; p1 would like 1, in ballot 1. In this variant a promise does not report "
                "what its acceptor has accepted.",
                inputs={"p0": 0, "p1": 1}, valence="0/1", decided={},
            ),
            Stop(
                "0 is chosen",
                "a0 and a1 promise ballot 0 and accept 0: a majority has chosen. In Paxos this would settle "
                "everything; here the configuration is still bivalent.",
                (
                    starts("p0"), receives("a0", Prepare(0), "p0"), receives("a1", Prepare(0), "p0"),
                    receives("p0", Promise(0, None), "a0"), receives("p0", Promise(0, None), "a1"),
                    receives("a0", Accept(FIRST), "p0"), receives("a1", Accept(FIRST), "p0"),
                ),
                valence="0/1", decided={},
            ),
            Stop(
                "l0 learns 0",
                "A learner hears of it and decides. Nothing wrong so far.",
                (learned("l0", FIRST, "a0", "a1"),), decided={"l0": 0},
            ),
            Stop(
                "The promise says nothing",
                "p1 begins ballot 1. a1 has accepted 0, promises, and does not report it; a2 has nothing to report. p1 "
                "has its majority, believes that nothing was chosen, and proposes its own 1.",
                (
                    starts("p1"), receives("a1", Prepare(1), "p1"), receives("a2", Prepare(1), "p1"),
                    receives("p1", Promise(1, None), "a1"), receives("p1", Promise(1, None), "a2"),
                ),
                decided={"l0": 0},
            ),
            Stop(
                "1 is chosen as well",
                "a1 and a2 accept 1 in ballot 1, and the other learner decides 1. Two learners, two values.",
                (
                    receives("a1", Accept(SECOND), "p1"), receives("a2", Accept(SECOND), "p1"),
                    learned("l1", SECOND, "a1", "a2"),
                ),
                decided={"l0": 0, "l1": 1}, disagrees=True,
            ),
        ),
        (Onward("The same steps where promises tell.", "Why a promise carries the accepted value", "paxos"),),
    ),
)  # fmt: skip
