"""A tour of `replicated_state_machine`: what is agreed on is the order of the commands; equal states follow."""

from flpcheck import Onward, Stop, Tour, Write, receives, starts
from replicated_state_machine import Answer, Command, Ordered

FIRST, SECOND = Ordered(0, "c1", Write(2)), Ordered(1, "c0", Write(1))

TOURS = (
    Tour(
        "One order, one state",
        "one operation each",
        "Two clients write to one register that two replicas keep: they agree on an order, and execute it.",
        (
            Stop(
                "Two clients, two replicas",
                "c0 is going to write 1, c1 is going to write 2. Each replica has a copy of the register, and both "
                "copies are 0. The log is a box that numbers commands: any consensus protocol could take its place.",
                shows={"r0": {"state": 0}, "r1": {"state": 0}, "log": {"length": 0}},
            ),
            Stop(
                "Both ask",
                "Both commands are on their way to the log, and either may be first. Nothing has been executed yet.",
                (starts("c0"), starts("c1")), shows={"log": {"length": 0}},
            ),
            Stop(
                "The log decides the order",
                "c1's command arrives first and gets number 0, c0's gets number 1. This is the only decision in this "
                "run: everything else follows from it.",
                (receives("log", Command(Write(2)), "c1"), receives("log", Command(Write(1)), "c0")),
                shows={"log": {"length": 2}},
            ),
            Stop(
                "r0 executes both",
                "In the order of their numbers: first 2 is written, then 1. Its register holds 1.",
                (receives("r0", FIRST, "log"), receives("r0", SECOND, "log")), shows={"r0": {"state": 1}},
            ),
            Stop(
                "r1 may not take the second one first",
                "The network delivers messages in any order, and number 1 may reach r1 before number 0. It has to wait "
                "there: a command is executed when all before it have been.",
                shows={"r1": {"state": 0}}, impossible=(receives("r1", SECOND, "log"),),
            ),
            Stop(
                "The same order, the same state",
                "r1 executes number 0, then number 1, and its register holds 1 as well. Nothing was agreed about the "
                "state: the replicas are deterministic, so the same commands in the same order lead to the same state.",
                (receives("r1", FIRST, "log"), receives("r1", SECOND, "log")),
                shows={"r0": {"state": 1}, "r1": {"state": 1}},
            ),
            Stop(
                "One answer is enough",
                "Each client takes the first answer that arrives: here c0 hears from r0 and c1 from r1. It does not "
                "matter from which.",
                (receives("c0", Answer(0, None), "r0"), receives("c1", Answer(0, None), "r1")),
                shows={"c0": {"over": 1}, "c1": {"over": 1}},
            ),
        ),
        (
            Onward("A log that needs no box: one Paxos instance for each place.", "Phase 1 once, phase 2 for each slot",
                   "multi_paxos"),
        ),
    ),
)  # fmt: skip
