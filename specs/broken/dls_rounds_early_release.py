"""The algorithm of Dwork, Lynch and Stockmeyer with locks that are released too early: two values are decided.

Breaks step 4: a lock is released for any lock on another value, however early.  So the owner of a later phase finds
enough processes that have forgotten what was decided.  Everything else is `specs/dls_rounds.py`.
"""

from flpcheck import VIOLATED, Instance, agreement, heard_of, protocol
from dls_rounds import DlsRounds, Locks


@protocol
class EarlyRelease(DlsRounds):
    """The basic algorithm, but an earlier lock releases a later one."""

    def kept(self, locks: Locks, heard_of: list[tuple[int, int]]) -> Locks:
        return frozenset((v, h) for v, h in locks if all(w == v for w, _ in heard_of))  # BROKEN: not only later ones


INSTANCES = (
    Instance(
        "three phases", EarlyRelease(), heard_of("any", rounds=11), {agreement: VIOLATED},
        configurations=11894, transitions=21199, depth=11,
        bivalent=1223, univalent={0: 3686, 1: 3686}, none=3299, disagreeing=62,
        counterexample={agreement: 11}, flp=("disagrees", "blocks"),
        about="Two locks on different values destroy each other, that of the decided value among them.",
    ),
)  # fmt: skip
