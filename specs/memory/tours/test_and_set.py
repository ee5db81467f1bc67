"""A tour of `memory/test_and_set`: critical at one object, on which the loser learns that it has lost.

Herlihy, "Wait-Free Synchronization" (1991), section 3.2.
"""

from flpcheck import Onward, Register, Stop, TestAndSet, Tour, applies, crashes

OWN = [Register[int | None](f"r{i}", None) for i in (0, 1)]
RACE = TestAndSet("bit").test_and_set()
DIFFERENT = {"p0": 0, "p1": 1}

TOURS = (
    Tour(
        "The first to set the bit decides",
        "two, one crash",
        "A bit that is read and set in one step: consensus of two processes, in spite of any crash.",
        (
            Stop(
                "Two inputs, two registers, one bit",
                "Each process first writes its input to a register of its own, for the other one to find.",
                inputs=DIFFERENT, valence="0/1", decided={},
            ),
            Stop(
                "Critical at one object",
                "Both have written, and both are about to set the bit. The first one wins: the next step settles the "
                "outcome, and both steps are on the bit. At a register this could not be.",
                (applies("p0", OWN[0].write(0)), applies("p1", OWN[1].write(1))), valence="0/1", critical=True,
                shows={"bit": False, "r0": 0, "r1": 1},
            ),
            Stop(
                "p1 is first",
                "It finds the bit clear and sets it, in one indivisible step. It has won, and decides its own 1.",
                (applies("p1", RACE),), valence="1", decided={"p1": 1}, shows={"bit": True},
            ),
            Stop(
                "The winner crashes",
                "p1 will never announce anything. With registers the other one would wait for ever now.",
                (crashes("p1"),), valence="1", decided={"p1": 1},
            ),
            Stop(
                "The loser learns that it has lost",
                "p0 finds the bit set. There are only two processes, so p1 has won, and its input is in r1.",
                (applies("p0", RACE),), valence="1", decided={"p1": 1}, shows={"p0": {"pc": "read"}},
            ),
            Stop(
                "And decides the same",
                "p0 reads 1 and decides 1. It has waited for no other process: three steps of its own were enough.",
                (applies("p0", OWN[1].read()),), valence="1", decided={"p0": 1, "p1": 1},
            ),
        ),
        (Onward("The same race on a register.", "Why registers cannot decide", "memory/arbiter"),),
    ),
)  # fmt: skip
