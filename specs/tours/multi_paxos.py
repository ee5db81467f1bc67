"""A tour of `multi_paxos`: a stable leader runs phase 1 once, and then each command costs one round trip.

Lamport, "Paxos Made Simple" (2001), section 3.
"""

from typing import Any

from flpcheck import Event, Gauge, Onward, Stop, Story, Tour, View, gathers, receives, starts
from multi_paxos import Accept, Accepted, MultiPaxos, Prepare, Promise, Proposal, Request

NOTHING = Promise(0, (None, None))
X, Y = Proposal(0, "x"), Proposal(0, "y")


def accepted(slot: int, proposal: Proposal, *acceptors: str) -> tuple[Event, ...]:
    """Return one round trip: some acceptors accept a proposal, and the leader hears of it."""
    asked = [receives(a, Accept(slot, proposal), "p0") for a in acceptors]
    return (*asked, gathers("p0", *((a, Accepted(slot, proposal)) for a in acceptors)))


TOURS = (
    Tour(
        "Phase 1 once, phase 2 for each slot",
        "calm",
        "Paxos needs two round trips for a value; a leader that stays spends the first of them once for a whole log.",
        (
            Stop(
                "Two commands wait",
                "Clients have left the commands x and y with p0, and the log has two slots. p0 is not the leader yet, "
                "so it may not propose anything: both commands stay where they are.",
                valence="x/y", decided={}, impossible=(receives("p0", Request("x"), "p0"),),
            ),
            Stop(
                "Prepare, for all slots at once",
                "p0 stands for election with ballot 0. One message to each acceptor asks for a promise that covers "
                "every slot of the log, also those that no command has reached yet.",
                (starts("p0"),), valence="x/y", shows={"p0": {"ballot": 0, "phase": 1}},
            ),
            Stop(
                "A majority promises",
                "a0 and a1 promise, and report that they have accepted nothing in either slot. That was the first "
                "round trip. p0 is the leader now and free to propose what it likes.",
                (
                    receives("a0", Prepare(0), "p0"), receives("a1", Prepare(0), "p0"),
                    gathers("p0", ("a0", NOTHING), ("a1", NOTHING)),
                ),
                valence="x/y", shows={"p0": {"phase": 2, "chosen": (None, None)}},
            ),
            Stop(
                "x goes to the first slot",
                "p0 asks the acceptors to accept x in the first slot. Since p0 is the only leader here, x it will be.",
                (receives("p0", Request("x"), "p0"),), valence="x", shows={"p0": {"proposed": ("x", None)}},
            ),
            Stop(
                "One round trip",
                "a0 and a1 accept, p0 hears it: x is chosen. This is phase 2 of Paxos, and the two round trips so far "
                "are what a single value costs.",
                accepted(0, X, "a0", "a1"), valence="x", decided={"p0": "x"}, shows={"p0": {"chosen": ("x", None)}},
            ),
            Stop(
                "y needs no phase 1",
                "The promises of a0 and a1 hold for the second slot, too. p0 does not prepare again: it asks at once "
                "to accept y there.",
                (receives("p0", Request("y"), "p0"),), shows={"p0": {"proposed": ("x", "y"), "ballot": 0}},
                impossible=(starts("p0"),),
            ),
            Stop(
                "Again one round trip",
                "a0 and a1 accept, p0 hears it, and the log is x, y. With a leader that stays, every further command "
                "costs a single round trip.",
                accepted(1, Y, "a0", "a1"), decided={"p0": "x"}, shows={"p0": {"chosen": ("x", "y")}},
            ),
        ),
        (
            Onward("A new leader must not skip it: two commands are chosen in one slot.",
                   "A new leader that skips phase 1", "broken/multi_paxos_skips_phase_1"),
            Onward("The same idea with terms in place of ballots.", "Why a leader must have the newest log", "raft"),
            Onward("One slot, step by step: a round of Paxos.", "One Paxos round", "paxos"),
        ),
    ),
)  # fmt: skip


def promised(view: View[Any]) -> int:
    """Return how many acceptors have promised."""
    return sum(ballot >= 0 for ballot in view.each("promised").values())


def acceptances(slot: int, view: View[Any]) -> int:
    """Return how many acceptors have accepted something in a slot."""
    return sum(row[slot] is not None for row in view.each("accepted").values())


def first(view: View[Any]) -> int:
    """Return how many acceptors have accepted something in the first slot."""
    return acceptances(0, view)


def second(view: View[Any]) -> int:
    """Return how many acceptors have accepted something in the second slot."""
    return acceptances(1, view)


def needed(model: MultiPaxos) -> int:
    """Return how many acceptors are a majority."""
    return model.quorum


STORIES = (
    Story(
        "A stable leader",
        "One majority of promises serves every slot; each slot needs a majority of acceptances of its own.",
        ("calm",),
        gauges=(
            Gauge("acceptors that have promised", promised, needed),
            Gauge("accepted in the first slot", first, needed),
            Gauge("accepted in the second slot", second, needed),
        ),
    ),
)
