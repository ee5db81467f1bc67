"""A tour of the variant whose new leader asks no acceptor: two commands are chosen in one slot."""

from flpcheck import Onward, Stop, Tour, gathers, receives, starts
from multi_paxos import Accept, Accepted, Prepare, Promise, Proposal, Request

NOTHING = Promise(0, (None,))
OLD, NEW = Proposal(0, "x"), Proposal(1, "y")

TOURS = (
    Tour(
        "A new leader that skips phase 1",
        "one slot",
        "Phase 1 may be skipped by the leader that has run it, and by no other.",
        (
            Stop(
                "p0 is elected, and proposes x",
                "One slot, two leaders, one after the other. p0 has promises from a0 and a1, so it may propose: it "
                "asks the acceptors to accept x with ballot 0.",
                (
                    starts("p0"), receives("a0", Prepare(0), "p0"), receives("a1", Prepare(0), "p0"),
                    gathers("p0", ("a0", NOTHING), ("a1", NOTHING)), receives("p0", Request("x"), "p0"),
                ),
                decided={}, shows={"p0": {"phase": 2, "proposed": ("x",)}},
            ),
            Stop(
                "x is chosen",
                "a0 and a1 accept, and p0 hears it. The slot holds x, and nothing may change that any more.",
                (
                    receives("a0", Accept(0, OLD), "p0"), receives("a1", Accept(0, OLD), "p0"),
                    gathers("p0", ("a0", Accepted(0, OLD)), ("a1", Accepted(0, OLD))),
                ),
                decided={"p0": "x"},
            ),
            Stop(
                "p1 takes over, and asks no acceptor",
                "p1 becomes the leader with ballot 1. It sends no request for promises, so a1 cannot tell it about x: "
                "p1 believes that the slot is free.",
                (starts("p1"),), decided={"p0": "x"}, shows={"p1": {"phase": 2, "proposed": (None,)}},
                impossible=(receives("a1", Prepare(1), "p1"),),
            ),
            Stop(
                "y is chosen as well",
                "p1 asks to accept y. a1 and a2 have promised nothing above ballot 1, so they accept, and p1 hears it. "
                "Two leaders, two commands in one slot.",
                (
                    receives("p1", Request("y"), "p1"), receives("a1", Accept(0, NEW), "p1"),
                    receives("a2", Accept(0, NEW), "p1"),
                    gathers("p1", ("a1", Accepted(0, NEW)), ("a2", Accepted(0, NEW))),
                ),
                decided={"p0": "x", "p1": "y"}, disagrees=True,
            ),
        ),
        (
            Onward("The leader that has run phase 1 may skip it from then on.", "Phase 1 once, phase 2 for each slot",
                   "multi_paxos"),
        ),
    ),
)  # fmt: skip
