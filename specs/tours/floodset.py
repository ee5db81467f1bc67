"""Tours of `floodset`: one round is one too few for one crash; with two rounds there is one without a crash.

Lynch, "Distributed Algorithms" (1996), section 6.2.
"""

from flpcheck import Onward, Stop, Tour, a_round

INPUTS = {"p0": 0, "p1": 1, "p2": 1}
SHORT, ENOUGH = "One round is too few", "A round without a crash"

TOURS = (
    Tour(
        SHORT,
        "n3 f1, one round",
        "Rounds escape the FLP theorem, but not for nothing: a crash may cut a broadcast in two.",
        (
            Stop(
                "Three inputs, one round",
                "Every process sends what it knows to all, hears the others in the same round, and then decides: the "
                "only value that it knows, or else 0. At most one process crashes.",
                inputs=INPUTS, valence="0/1", decided={},
            ),
            Stop(
                "Without a crash",
                "All hear all, so all know the same, 0 and 1, and decide 0. Silence would have meant a crash here: "
                "that is what the asynchronous world does not give.",
                (a_round(1),), valence="0", decided={"p0": 0, "p1": 0, "p2": 0},
            ),
            Stop(
                "The crash of a silent process",
                "The same beginning. p0 crashes before it has sent anything, and the others cannot know its 0. They "
                "know the same all the same, and decide 1.",
                (a_round(1, crashes={"p0": []}),), inputs=INPUTS, valence="1", decided={"p1": 1, "p2": 1},
            ),
            Stop(
                "The crash in the middle of a broadcast",
                "Once more. p0 crashes between two sends: its 0 reaches p1 and not p2. p1 knows both values and "
                "decides 0, p2 knows only 1 and decides 1. There is no round left in which they could compare.",
                (a_round(1, crashes={"p0": ["p1"]}),), inputs=INPUTS, decided={"p1": 0, "p2": 1}, disagrees=True,
            ),
        ),
        (Onward("One more round, and the two can compare.", ENOUGH),),
    ),
    Tour(
        ENOUGH,
        "n3 f1",
        "With f + 1 rounds and f crashes there is a round without a crash, and after it all know the same.",
        (
            Stop(
                "The same inputs, two rounds",
                "The same protocol, except that it decides after a second round. Still at most one process crashes.",
                inputs=INPUTS, valence="0/1", decided={},
            ),
            Stop(
                "The same crash",
                "p0 crashes in the middle of its broadcast, and only p1 has heard its 0. p1 knows 0 and 1, p2 knows "
                "only 1. No process has decided yet.",
                (a_round(1, crashes={"p0": ["p1"]}),), valence="0", decided={},
                shows={"p1": {"known": frozenset({0, 1})}, "p2": {"known": frozenset({1})}},
            ),
            Stop(
                "A round without a crash",
                "The only crash is spent, so in this round all live processes hear each other: p1 passes the 0 on, and "
                "both decide 0.",
                (a_round(2),), valence="0", decided={"p1": 0, "p2": 0},
            ),
            Stop(
                "Or the crash comes last",
                "The same beginning, and a first round without a crash. All know both values by then.",
                (a_round(1),), inputs=INPUTS, valence="0", shows={"p2": {"known": frozenset({0, 1})}},
            ),
            Stop(
                "It comes too late to do harm",
                "p0 crashes in the second round. Whom it still reaches does not matter: what it has to say is known. "
                "Whichever of the two rounds has the crash, the other one has none.",
                (a_round(2, crashes={"p0": ["p1", "p2"]}),), valence="0", decided={"p1": 0, "p2": 0},
            ),
        ),
        (
            Onward("Processes that lie need more than another round.", "Three generals", "oral_messages"),
            Onward("Without rounds silence says nothing.", "The FLP argument, step by step", "guess_on_timeout"),
        ),
    ),
)  # fmt: skip
