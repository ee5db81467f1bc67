"""A lock service without sequencers: a delayed write destroys what the next holder has written.

Breaks Burrows, "The Chubby lock service for loosely-coupled distributed systems" (2006), section 2.4: without a
sequencer a request may arrive after its sender has lost the lock, although at most one client holds the lock at any
time.  Everything else is `specs/lock_service.py`.
"""

from flpcheck import HOLDS, VIOLATED, Instance, asynchronous, protocol
from lock_service import LockService, Server, no_stale_writes, one_holder


@protocol
class LockServiceNoSequencer(LockService):
    """Locks whose holders write without saying under which generation."""

    def valid(self, s: Server, generation: int) -> bool:
        return True  # BROKEN: any writer is believed to hold the lock


INSTANCES = (
    Instance(
        "delayed write",
        LockServiceNoSequencer(operations=1),
        asynchronous(ignored="stays"),
        {no_stale_writes: VIOLATED, one_holder: HOLDS},
        configurations=2684,
        transitions=5996,
        depth=22,
        counterexample={no_stale_writes: 17},
        about="The first holder's write is in flight while its lease runs out and the next holder writes.",
    ),
)
