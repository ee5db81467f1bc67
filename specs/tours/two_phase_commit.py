"""A tour of `two_phase_commit`: the window in which a participant cannot act on its own."""

from flpcheck import Onward, Stop, Tour, crashes, receives, starts, times_out
from two_phase_commit import Outcome, Vote

YES = {"p0": "yes", "p1": "yes"}

TOURS = (
    Tour(
        "The coordinator crashes",
        "patient, one crash",
        "Between its yes and the outcome a participant depends on the coordinator, and on nobody else.",
        (
            Stop(
                "Both will vote yes",
                "Two participants, a coordinator, and everybody agrees. Only the crash of one process is to be feared.",
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
                "Now nobody can tell the outcome. Both participants are alive, have promised to obey, and wait for "
                "ever: no decision can be reached. This is why two-phase commit is called a blocking protocol.",
                (crashes("coordinator"),), valence="none", decided={}, impossible=(starts("p0"), starts("p1")),
            ),
            Stop(
                "Half an answer",
                "The same until the last vote, but now the coordinator commits, tells p0, and crashes. The message to "
                "p1 is in its mailbox already: in this model what was sent arrives.",
                (
                    starts("p0"), starts("p1"), receives("coordinator", Vote("yes"), "p0"),
                    receives("coordinator", Vote("yes"), "p1"), crashes("coordinator"),
                    receives("p0", Outcome("commit"), "coordinator"),
                ),
                inputs=YES, valence="commit", decided={"coordinator": "commit", "p0": "commit"},
            ),
            Stop(
                "Everybody commits",
                "p1 reads the outcome. What saved it was that the broadcast had left as a whole.",
                (receives("p1", Outcome("commit"), "coordinator"),),
                valence="commit", decided={"coordinator": "commit", "p0": "commit", "p1": "commit"},
            ),
        ),
        (
            Onward("Give the coordinator a timer: nobody waits, and the outcome hangs on a race.", "A false timeout"),
            Onward("The same without a coordinator: the other horn of the theorem.",
                   "The other horn: wait, and block", "guess_on_timeout"),
        ),
    ),
    Tour(
        "A false timeout",
        "timeouts",
        "Give the coordinator a timer, and the outcome hangs on a race that nobody can watch.",
        (
            Stop("Everybody says yes", "Commit or abort? Both are open.", inputs=YES, valence="abort/commit"),
            Stop(
                "All hangs on one step",
                "p0's vote has been counted and p1's has been sent. If the coordinator reads it, it commits; if its "
                "timer goes off first, it aborts. The configuration is critical, and the coordinator is its pivot.",
                (starts("p0"), starts("p1"), receives("coordinator", Vote("yes"), "p0")),
                valence="abort/commit", critical=True,
            ),
            Stop(
                "The timer wins",
                "Nobody has crashed, everybody has voted yes, and the transaction is aborted all the same: AC4 fails.",
                (times_out("coordinator"),), valence="abort", decided={"coordinator": "abort"},
            ),
        ),
    ),
)  # fmt: skip
