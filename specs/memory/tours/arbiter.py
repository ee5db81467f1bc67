"""A tour of `memory/arbiter`: where a register is critical, only one process can tell what has happened.

Loui, Abu-Amara, "Memory Requirements for Agreement Among Unreliable Asynchronous Processes" (1987).
"""

from flpcheck import Onward, Register, Stop, Tour, applies, crashes

PROPOSAL, CHOICE = Register[int | None]("proposal", None), Register[int | None]("choice", None)
LOOK, PROPOSE, ASK = PROPOSAL.read(), PROPOSAL.write(1), CHOICE.read()
DIFFERENT = {"p0": 0, "p1": 1}

TOURS = (
    Tour(
        "Why registers cannot decide",
        "two, one crash",
        "Of a read and a write of one register, only the reader can tell which came first: all others depend on it.",
        (
            Stop(
                "Critical on a register",
                "p0 is about to read the register 'proposal', p1 is about to write its input into it. The next step of "
                "either settles the outcome: the configuration is critical, and both steps are on one object.",
                inputs=DIFFERENT, valence="0/1", decided={}, critical=True,
            ),
            Stop(
                "The read is first",
                "p0 finds nothing, and decides its own 0.",
                (applies("p0", LOOK),), valence="0", decided={"p0": 0}, shows={"proposal": None},
            ),
            Stop(
                "Then the write",
                "p1 writes its 1, too late. Look at p1 and at the registers.",
                (applies("p1", PROPOSE),), valence="0", decided={"p0": 0},
                shows={"proposal": 1, "choice": None, "p1": {"pc": "wait", "decision": None}},
            ),
            Stop(
                "The write is first",
                "The other order: p1 writes, then p0 reads 1 and decides 1. p1 and the registers are exactly as they "
                "were. Only the local state of p0 differs, so only p0 can tell which of the two steps came first.",
                (applies("p1", PROPOSE), applies("p0", LOOK)), inputs=DIFFERENT, valence="1", decided={"p0": 1},
                shows={"proposal": 1, "choice": None, "p1": {"pc": "wait", "decision": None}},
            ),
            Stop(
                "If it crashes now, p1 cannot find out",
                "p0 crashes before it has announced its choice. p1 reads 'choice', finds nothing, and would find "
                "nothing after the other order, too. It must wait, and waits for ever.",
                (crashes("p0"),), decided={"p0": 1}, impossible=(applies("p1", ASK),),
            ),
        ),
        (
            Onward("An object on which the second one learns that it is second.",
                   "The first to set the bit decides", "memory/test_and_set"),
            Onward("The same with messages.", "The FLP argument, step by step", "guess_on_timeout"),
        ),
    ),
)  # fmt: skip
