"""A tour of `two_phase_commit`: the window in which a participant cannot act on its own."""

from flpcheck import Onward, Stop, Tour, crashes, receives, starts, times_out
from two_phase_commit import Outcome, Vote

YES = {"p0": "yes", "p1": "yes"}

TOURS = (
    Tour(
        "The coordinator crashes",
        "patient, one crash",
        "Between its yes and the outcome a participant depends on the coordinator, and on it alone.",
        (
            Stop(
                "Both will vote yes",
                "Two participants, a coordinator, and all agree. The only danger is the crash of one process.",
                inputs=YES, decided={},
            ),
            Stop(
                "The votes are cast",
                "Both participants have sent their yes. From now on neither may abort on its own: the coordinator may "
                "have committed already. This is the window.",
                (starts("p0"), starts("p1")), decided={},
            ),
            Stop(
                "One vote is in",
                "The coordinator has p0's yes and waits for p1's, which is on its way.",
                (receives("coordinator", Vote("yes"), "p0"),), decided={},
            ),
            Stop(
                "The coordinator crashes",
                "Now no process can tell the outcome. Both participants are alive, have promised to obey, and wait for "
                "ever: no decision can be reached. This is why two-phase commit is called a blocking protocol.",
                (crashes("coordinator"),), valence="none", decided={}, impossible=(starts("p0"), starts("p1")),
            ),
            Stop(
                "Half an answer",
                "The same until the last vote, but now the coordinator commits, reaches p0, and crashes. The message "
                "to p1 is in its mailbox already: in this model what was sent arrives.",
                (
                    starts("p0"), starts("p1"), receives("coordinator", Vote("yes"), "p0"),
                    receives("coordinator", Vote("yes"), "p1"), crashes("coordinator"),
                    receives("p0", Outcome("commit"), "coordinator"),
                ),
                inputs=YES, valence="commit", decided={"coordinator": "commit", "p0": "commit"},
            ),
            Stop(
                "All commit",
                "p1 reads the outcome. What saved it was that the whole broadcast had been sent.",
                (receives("p1", Outcome("commit"), "coordinator"),),
                valence="commit", decided={"coordinator": "commit", "p0": "commit", "p1": "commit"},
            ),
        ),
        (
            Onward("Give the coordinator a timer: none waits, and the outcome depends on a race.", "A false timeout"),
            Onward("The same without a coordinator: the other horn of the theorem.",
                   "The other horn: wait, and block", "guess_on_timeout"),
        ),
    ),
    Tour(
        "A false timeout",
        "timeouts",
        "Give the coordinator a timer, and the outcome depends on a race that no process can observe.",
        (
            Stop("All vote yes", "Commit or abort? Both are open.", inputs=YES, valence="abort/commit"),
            Stop(
                "All depends on one step",
                "p0's vote has been counted and p1's has been sent. If the coordinator reads it, it commits; if its "
                "timer fires first, it aborts. The configuration is critical, and the coordinator is its pivot.",
                (starts("p0"), starts("p1"), receives("coordinator", Vote("yes"), "p0")),
                valence="abort/commit", critical=True,
            ),
            Stop(
                "The timer wins",
                "None has crashed, all have voted yes, and the transaction is aborted all the same: AC4 fails.",
                (times_out("coordinator"),), valence="abort", decided={"coordinator": "abort"},
            ),
        ),
    ),
)  # fmt: skip
