"""Tours of Paxos: one round, a duel, and why a promise carries the accepted value.

Lamport, "Paxos Made Simple" (2001), section 2.
"""

from typing import Any

from flpcheck import Event, Gauge, Onward, Stop, Story, Tour, View, gathers, receives, starts
from paxos import Accept, Accepted, Chosen, Paxos, Prepare, Promise, Proposal

CARRY, DUELLING = "Why a promise carries the accepted value", "Two proposers duel"
MINE, YOURS = Proposal(0, 0), Proposal(1, 1)  # p0's proposal, p1's proposal


def promised(proposer: str, ballot: int, *acceptors: str, accepted: Proposal | None = None) -> tuple[Event, ...]:
    """Return phase 1 of a ballot with some acceptors: the request reaches each, its promise comes back."""
    asked = [receives(a, Prepare(ballot), proposer) for a in acceptors]
    answered = [receives(proposer, Promise(ballot, accepted), a) for a in acceptors]
    return (*asked, *answered)


def accepted(proposer: str, proposal: Proposal, *acceptors: str) -> tuple[Event, ...]:
    """Return that some acceptors receive a proposal and accept it."""
    return tuple(receives(a, Accept(proposal), proposer) for a in acceptors)


def learned(learner: str, proposal: Proposal, *acceptors: str) -> Event:
    """Return that a learner receives the same proposal from some acceptors."""
    return gathers(learner, *((a, Accepted(proposal)) for a in acceptors))


ROUND = Tour(
    "One Paxos round",
    "round",
    "One proposer, three acceptors of which one has crashed, two learners and a client.",
    (
        Stop(
            "Before the round",
            "Every process has a button. Only the proposer's works: the others wait for a message, and a2 has crashed "
            "before the round began.",
            inputs={"p0": 1}, valence="1", decided={}, impossible=(receives("a2", Prepare(0), "p0"),),
        ),
        Stop(
            "Prepare",
            "The proposer picks ballot 0 and asks all acceptors for a promise: to accept nothing below this ballot. "
            "What it sends to a2 vanishes.",
            (starts("p0"),), decided={},
        ),
        Stop(
            "One promise is not enough",
            "a0 promises, and its answer arrives. One of the two promises that are needed.",
            promised("p0", 0, "a0"), decided={}, impossible=(receives("a0", Accept(Proposal(0, 1)), "p0"),),
        ),
        Stop(
            "A majority has promised",
            "a1 promises as well. Two of three is a majority, although the third is dead: the proposer asks those that "
            "have promised to accept its value, 1. Its phase 2 has begun, and it forgets who promised.",
            promised("p0", 0, "a1"), decided={},
        ),
        Stop(
            "A majority accepts",
            "Both acceptors accept. At this moment 1 is chosen, though no process knows it yet.",
            accepted("p0", Proposal(0, 1), "a0", "a1"), decided={},
        ),
        Stop(
            "Both learners learn",
            "A learner that hears the same from a majority knows what is chosen. The two do so independently.",
            (learned("l0", Proposal(0, 1), "a0", "a1"), learned("l1", Proposal(0, 1), "a0", "a1")),
            decided={"l0": 1, "l1": 1},
        ),
        Stop(
            "The client hears twice, and the same",
            "Both learners report to the client. The round is over: one value, with one of three acceptors dead.",
            (receives("client", Chosen(1), "l0"), receives("client", Chosen(1), "l1")),
            valence="1", decided={"l0": 1, "l1": 1, "client": 1},
        ),
    ),
    (
        Onward("With a second proposer, a value may be chosen in secret; what keeps it safe?", CARRY),
        Onward("And what if two proposers keep getting in each other's way?", DUELLING),
    ),
)  # fmt: skip

CARRIES = Tour(
    CARRY,
    "one ballot each",
    "A value may have been chosen without any process knowing it; the next ballot must find out.",
    (
        Stop(
            "Two proposers, two values",
            "p0 proposes 0, in ballot 0; p1 proposes 1, in ballot 1. Both can still be decided.",
            inputs={"p0": 0, "p1": 1}, valence="0/1", decided={},
        ),
        Stop(
            "p0 gets its promises",
            "a0 and a1, a majority, promise ballot 0 to p0, which asks them to accept 0.",
            (starts("p0"), *promised("p0", 0, "a0", "a1")), valence="0/1",
        ),
        Stop(
            "0 is chosen, in secret",
            "Both accept. A majority has accepted 0, so 0 is chosen, and the configuration is 0-valent from here on. "
            "But no learner has heard of it, and p1 knows nothing.",
            accepted("p0", MINE, "a0", "a1"), valence="0", decided={},
        ),
        Stop(
            "p1 asks a majority",
            "p1 begins ballot 1 and asks for promises. Whichever majority answers, one of its members is a0 or a1: "
            "any two majorities meet. a1 promises, and says in its promise that it has accepted 0 in ballot 0.",
            (starts("p1"), receives("a1", Prepare(1), "p1"), receives("p1", Promise(1, MINE), "a1")), valence="0",
        ),
        Stop(
            "p1 gives up its own value",
            "With a2's promise p1 has its majority. Of the proposals reported it must take that of the highest ballot: "
            "it asks to accept 0, not 1. The new ballot repeats what the old one chose.",
            (receives("a2", Prepare(1), "p1"), receives("p1", Promise(1, None), "a2")), valence="0", decided={},
            impossible=(receives("a2", Accept(YOURS), "p1"),),
        ),
        Stop(
            "So nothing can go wrong",
            "a1 and a2 accept 0 in ballot 1, a learner learns it. Had the promise not reported it, p1 would have asked "
            "for 1: see the tour of broken/paxos_forgets_value.",
            (*accepted("p1", Proposal(1, 0), "a1", "a2"), learned("l0", Proposal(1, 0), "a1", "a2")),
            valence="0", decided={"l0": 0},
        ),
    ),
    (
        Onward("The same, but promises report nothing: two values are chosen.", CARRY, "broken/paxos_forgets_value"),
        Onward("Nothing can go wrong, but need anything ever go right?", DUELLING),
    ),
)  # fmt: skip

DUEL = Tour(
    DUELLING,
    "one retry",
    "Each new ballot shuts out the one before it: safety is never at risk, progress is.",
    (
        Stop(
            "Two proposers, one acceptor",
            "One acceptor is a majority of itself, which keeps the duel short. Each proposer may retry "
            "once.",
            inputs={"p0": 0, "p1": 1}, valence="0/1", decided={},
        ),
        Stop(
            "p0 draws first",
            "p0 has its promise for ballot 0 and sends its proposal. If the acceptor reads it now, 0 is chosen.",
            (starts("p0"), *promised("p0", 0, "a0")), valence="0/1",
        ),
        Stop(
            "p1 is quicker",
            "Before that, p1's request for ballot 1 reaches the acceptor. It promises, and p0's proposal is too old: "
            "the acceptor refuses it.",
            (starts("p1"), receives("a0", Prepare(1), "p1")), valence="0/1", decided={},
            impossible=(receives("a0", Accept(MINE), "p0"),),
        ),
        Stop(
            "p0 tries again",
            "p0 begins ballot 2 and is promised that. Now p1's proposal for ballot 1 comes too late.",
            (
                receives("p1", Promise(1, None), "a0"), starts("p0"), receives("a0", Prepare(2), "p0"),
            ),
            valence="0/1", decided={}, impossible=(receives("a0", Accept(YOURS), "p1"),),
        ),
        Stop(
            "p1 tries again",
            "And p1 begins ballot 3. With unboundedly many retries this could go on for ever: that is the livelock. "
            "In this instance p1 has the highest ballot of all, so it is undisturbed.",
            (
                receives("p0", Promise(2, None), "a0"), starts("p1"), receives("a0", Prepare(3), "p1"),
            ),
            valence="1", decided={}, impossible=(receives("a0", Accept(Proposal(2, 0)), "p0"),),
        ),
        Stop(
            "Peace at last",
            "p1's proposal is accepted and learned. A stable leader, one proposer that the others leave alone, is how "
            "Paxos is used in practice.",
            (
                receives("p1", Promise(3, None), "a0"), *accepted("p1", Proposal(3, 1), "a0"),
                learned("l0", Proposal(3, 1), "a0"),
            ),
            valence="1", decided={"l0": 1},
        ),
    ),
    (
        Onward("Without a last ballot the loop is closed.", "Two proposers duel for ever", "paxos_duel"),
        Onward("One proposer that is left undisturbed.", "A stable leader", "paxos_duel"),
    ),
)  # fmt: skip


def promises(view: View[Any]) -> int:
    """Return how many promises the proposer has; in phase 2 it has had enough of them."""
    proposer = view.states["p0"]
    return 2 if proposer.phase == 2 else len(proposer.promises)


def acceptances(view: View[Any]) -> int:
    """Return how many acceptors have accepted."""
    return sum(getattr(state, "accepted", None) is not None for state in view.states.values())


def reports(view: View[Any]) -> int:
    """Return how many learners know what is chosen."""
    return sum(pid.startswith("l") for pid in view.outputs)


def needed(model: Paxos) -> int:
    """Return how many acceptors are a majority."""
    return model.quorum


TOURS = (ROUND, CARRIES, DUEL)

STORIES = (
    Story(
        "One Paxos round",
        "Count the promises and the acceptances against the majority.",
        ("round",),
        gauges=(
            Gauge("promises received", promises, needed),
            Gauge("acceptances", acceptances, needed),
            Gauge("learners that know", reports),
        ),
    ),
)
