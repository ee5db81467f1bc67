"""A tour of `wait_for_all`: the lemma that this protocol escapes, and at what price."""

from flpcheck import Onward, Scene, Stop, Story, Tour, View, crashes, receives, starts
from wait_for_all import State, Value

MIXED = {"p0": 1, "p1": 0}

TOURS = (
    Tour(
        "The FLP argument, step by step",
        "one crash",
        "A protocol that keeps agreement and has no bivalent initial configuration must block: here is where.",
        (
            Stop(
                "No beginning is bivalent",
                "The inputs alone settle the value: the majority, and 0 on a tie. So each of the four initial "
                "configurations is univalent, this one 0-valent. Lemma 2 says: then the protocol cannot survive a "
                "crash.",
                inputs=MIXED, valence="0", decided={},
            ),
            Stop(
                "Two neighbours",
                "With p1's input changed the configuration is 1-valent. The two beginnings differ in p1 alone, so a "
                "run in which p1 never speaks looks the same from both; it cannot end in 0 here and in 1 there.",
                inputs={"p0": 1, "p1": 1}, valence="1", decided={},
            ),
            Stop(
                "p1 never speaks",
                "So p1 crashes before its start. No process is left that could tell the two beginnings apart, and from "
                "here no decision can be reached: the tag says none.",
                (crashes("p1"),), valence="none", decided={},
            ),
            Stop(
                "p0 waits for ever",
                "p0 starts, its input reaches no process, and it has nothing more to do. Every correct process should "
                "decide; p0 is correct, and never does.",
                (starts("p0"),), valence="none", decided={}, impossible=(receives("p0", Value(1), "p1"),),
            ),
            Stop(
                "Without a crash",
                "The same beginning without a crash: both start, both values arrive, and both decide 1. Waiting for "
                "all is right as long as all speak.",
                (starts("p0"), starts("p1"), receives("p0", Value(1), "p1"), receives("p1", Value(1), "p0")),
                inputs={"p0": 1, "p1": 1}, valence="1", decided={"p0": 1, "p1": 1},
            ),
        ),
        (
            Onward("So do not wait, guess: then the beginning is bivalent, and agreement is lost instead.",
                   "The FLP argument, step by step", "guess_on_timeout"),
            Onward("A timer changes nothing if the process only keeps waiting.",
                   "The other horn: wait, and block", "guess_on_timeout"),
        ),
    ),
)  # fmt: skip


def waiting(view: View[State], reachable: frozenset[str]) -> str:
    """Return how far the story has come."""
    if view.outputs:
        return "decided"
    if view.crashed:
        return "crash occurred" if reachable else "blocked"
    return "undecided"


STORIES = (
    Story(
        "Waiting",
        "Undecided, a crash occurs: whether the others block depends on what the crashed one had sent.",
        scene=waiting,
        scenes=(
            Scene("undecided", "No process has decided or crashed.", (0, 0)),
            Scene("crash occurred", "A process has crashed, having sent enough.", (0, 1)),
            Scene("decided", "A process has decided.", (1, 0)),
            Scene("blocked", "A process has crashed, and no decision can be reached any more.", (1, 1)),
        ),
    ),
)
