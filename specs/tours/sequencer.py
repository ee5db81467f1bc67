"""A tour of `sequencer`: the same messages delivered in two orders, and two outcomes."""

from flpcheck import Onward, Stop, Tour, receives, starts
from sequencer import Decide, Propose

DIFFERENT = {"p0": 0, "p1": 1}

TOURS = (
    Tour(
        "The same messages, two orders",
        "no crash",
        "Each process sees a part of what happens; what all of them conclude depends on the order of two messages.",
        (
            Stop(
                "Two proposals",
                "p0 would like 0 and p1 would like 1. Neither knows what the other one wants, and both values can "
                "still be decided.",
                inputs=DIFFERENT, valence="0/1", decided={},
            ),
            Stop(
                "Both are under way",
                "Each has sent its input to the sequencer. Both messages wait to be received, and the network may "
                "deliver them in either order. The configuration is critical: the next step of the sequencer settles "
                "the outcome.",
                (starts("p0"), starts("p1")), valence="0/1", critical=True,
            ),
            Stop(
                "p0's message is first",
                "The sequencer receives 0, decides it, and tells both processes. From here on only 0 can be decided.",
                (receives("sequencer", Propose(0), "p0"),), valence="0", decided={"sequencer": 0},
            ),
            Stop(
                "All conclude 0",
                "The other proposal comes too late. Both processes read the answer and decide 0, p1 as well, which "
                "had proposed 1.",
                (
                    receives("sequencer", Propose(1), "p1"), receives("p0", Decide(0), "sequencer"),
                    receives("p1", Decide(0), "sequencer"),
                ),
                valence="0", decided={"p0": 0, "p1": 0, "sequencer": 0},
            ),
            Stop(
                "The other order",
                "The same beginning, and the same two messages. This time p1's is delivered first.",
                (starts("p0"), starts("p1"), receives("sequencer", Propose(1), "p1")), inputs=DIFFERENT,
                valence="1", decided={"sequencer": 1},
            ),
            Stop(
                "All conclude 1",
                "Until the answer came, p0 had done what it did before: it had sent 0 and waited. It could not see the "
                "difference, and only the answer tells it that 1 is the common conclusion.",
                (
                    receives("sequencer", Propose(0), "p0"), receives("p0", Decide(1), "sequencer"),
                    receives("p1", Decide(1), "sequencer"),
                ),
                valence="1", decided={"p0": 1, "p1": 1, "sequencer": 1},
            ),
        ),
        (
            Onward("What if there is no sequencer, and a process may crash?", "The FLP argument, step by step",
                   "guess_on_timeout"),
        ),
    ),
)  # fmt: skip
