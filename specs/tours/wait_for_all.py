"""A tour of `wait_for_all`: the lemma that this protocol escapes, and what it pays for that."""

from flpcheck import Onward, Scene, Stop, Story, Tour, View, crashes, receives, starts
from wait_for_all import State, Value

MIXED = {"p0": 1, "p1": 0}

TOURS = (
    Tour(
        "The FLP argument, step by step",
        "one crash",
        "A protocol that keeps agreement and has no bivalent beginning must block: here is where.",
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
                "So p1 crashes before its start. Nobody is left who could tell the two beginnings apart, and from here "
                "no decision can be reached: the tag says none.",
                (crashes("p1"),), valence="none", decided={},
            ),
            Stop(
                "p0 waits for ever",
                "p0 starts, tells its input to nobody, and has nothing more to do. Every correct process should "
                "decide; p0 is correct, and never does.",
                (starts("p0"),), valence="none", decided={}, impossible=(receives("p0", Value(1), "p1"),),
            ),
            Stop(
                "While nobody crashes",
                "The same beginning without a crash: both start, both values arrive, and both decide 1. Waiting for "
                "everybody is right as long as everybody speaks.",
                (starts("p0"), starts("p1"), receives("p0", Value(1), "p1"), receives("p1", Value(1), "p0")),
                inputs={"p0": 1, "p1": 1}, valence="1", decided={"p0": 1, "p1": 1},
            ),
        ),
        (
            Onward("So do not wait, guess: then the beginning is open, and agreement is lost instead.",
                   "The FLP argument, step by step", "guess_on_timeout"),
            Onward("Waiting with a timer changes nothing as long as it only waits on.",
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
        "Undecided, a crash occurs: whether the others block depends on what the crashed one had said.",
        scene=waiting,
        scenes=(
            Scene("undecided", "Nobody has decided and nobody has crashed.", (0, 0)),
            Scene("crash occurred", "Somebody has crashed, having said enough.", (0, 1)),
            Scene("decided", "Somebody has decided.", (1, 0)),
            Scene("blocked", "Somebody has crashed, and no decision can be reached any more.", (1, 1)),
        ),
    ),
)
