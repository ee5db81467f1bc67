"""Tours of `guess_on_timeout`: the argument of Fischer, Lynch and Paterson (1985), one step at a time."""

from flpcheck import Onward, Scene, Stop, Story, Tour, View, crashes, receives, starts, times_out
from guess_on_timeout import State, Value

DIFFERENT = {"p0": 0, "p1": 1}

ARGUMENT = Tour(
    "The FLP argument, step by step",
    "guess, one crash",
    "A guessing process cannot tell a slow process from a crashed one; follow the open outcome until it is lost.",
    (
        Stop(
            "Two inputs, two possible decisions",
            "p0 proposes 0 and p1 proposes 1. Nothing has happened yet, and both values can still be decided: the "
            "initial configuration is bivalent. By Lemma 2 of the paper every protocol that tolerates a crash has one.",
            inputs=DIFFERENT, valence="0/1", decided={},
        ),
        Stop(
            "p1 sends its input and waits",
            "p1 starts, sends its 1 to p0 and waits for p0. Still bivalent: watch the tags of the next steps.",
            (starts("p1"),), valence="0/1",
        ),
        Stop(
            "No process can tell slow from crashed",
            "p0 crashes before it ever speaks. What p1 sees is what it saw before: silence.",
            (crashes("p0"),), valence="1",
        ),
        Stop(
            "After a crash, guessing is right",
            "p1's timer fires. It decides by what it has heard, its own 1, and no process is left to disagree.",
            (times_out("p1"),), decided={"p1": 1},
        ),
        Stop(
            "The same silence without a crash",
            "Back to the beginning. This time p0 is merely slow: p1 starts, its timer fires, it guesses 1 again. "
            "For p1 this history is the same as before.",
            (starts("p1"), times_out("p1")), inputs=DIFFERENT, valence="0/1", decided={"p1": 1},
        ),
        Stop(
            "Now all depends on p0",
            "p0 starts. If it reads p1's message it learns that 0 is the smaller of both inputs; if its timer fires "
            "it guesses 0. Either way it decides 0, and agreement is lost.",
            (starts("p0"),), decided={"p1": 1},
        ),
        Stop(
            "Agreement is lost",
            "p0's timer fires as well: it decides 0 while p1 has decided 1, and neither has crashed at all. To avoid "
            "this p1 would have had to wait, and after a crash it would have waited for ever: that is the other horn.",
            (times_out("p0"),), decided={"p0": 0, "p1": 1}, disagrees=True,
        ),
    ),
    (
        Onward("The same protocol made to wait: it keeps agreement, at a price.", "The other horn: wait, and block"),
        Onward("A protocol that never guesses and has no bivalent beginning: here Lemma 2 applies.",
               "The FLP argument, step by step", "wait_for_all"),
    ),
)  # fmt: skip

PATIENCE = Tour(
    "The other horn: wait, and block",
    "wait, one crash",
    "A process that keeps waiting after a timeout keeps agreement and loses termination.",
    (
        Stop(
            "The inputs alone settle the value",
            "No process decides before both inputs are known, so only the smaller of them can be decided: 0. No "
            "configuration of this protocol is bivalent.",
            inputs=DIFFERENT, valence="0", decided={},
        ),
        Stop("p1 sends its input", "p1 starts and waits for p0's value.", (starts("p1"),), valence="0"),
        Stop(
            "A timeout changes nothing",
            "p1's timer fires. It notes that and keeps waiting, because p0 may be slow.",
            (times_out("p1"),), valence="0", decided={},
        ),
        Stop(
            "p0 was not slow",
            "p0 crashes before it has spoken. From here no decision can be reached any more.",
            (crashes("p0"),), valence="none", impossible=(times_out("p1"), receives("p1", Value(0), "p0")),
        ),
        Stop(
            "Had p0 only been slow",
            "The same run without the crash: p0 starts at last, its value arrives, and p1 was right to wait.",
            (starts("p1"), times_out("p1"), starts("p0"), receives("p1", Value(0), "p0")),
            inputs=DIFFERENT, valence="0", decided={"p1": 0},
        ),
    ),
    (
        Onward("The same protocol made to guess: no process waits for ever, and two decide differently.",
               "The FLP argument, step by step"),
        Onward("The same horn in practice: a participant that has said yes must wait for its coordinator.",
               "The coordinator crashes", "two_phase_commit"),
    ),
)  # fmt: skip


def dilemma(view: View[State], reachable: frozenset[str]) -> str:
    """Return how far the story has come: whether a process has crashed or given up waiting, and the result."""
    if view.outputs:
        size = len(view.states) + len(view.crashed)
        early = any(s.decision is not None and len(s.heard) < size for s in view.states.values())
        wrong = len(set(view.outputs.values())) > 1
        return "disagreed" if wrong else "guessed" if early else "decided"
    if view.crashed and not reachable:
        return "blocked"
    if any(state.timed_out for state in view.states.values()):
        return "timeout wait"
    return "crash occurred" if view.crashed else "undecided"


TOURS = (ARGUMENT, PATIENCE)

STORIES = (
    Story(
        "The dilemma",
        "Undecided, a crash occurs, a timer fires: then wait for ever, or guess.",
        scene=dilemma,
        scenes=(
            Scene("undecided", "No process has decided or crashed, no timer has fired.", (1, 0)),
            Scene("crash occurred", "One process has crashed; the other one cannot tell.", (0, 1)),
            Scene("timeout wait", "A timer has fired, and its process keeps waiting.", (1, 1)),
            Scene("blocked", "After the crash no decision can be reached any more.", (0, 2)),
            Scene("guessed", "A process has decided without having heard all.", (1, 2)),
            Scene("decided", "Each live process that has decided had heard all.", (2, 1)),
            Scene("disagreed", "Two different values have been decided.", (2, 2)),
        ),
    ),
)
