"""Oracles: what a world tells its processes that asynchrony hides, reliably from some unknown time on.

A failure detector tells of crashes (Chandra and Toueg 1996), a timer in an eventually synchronous world that mail has
been delivered (Dwork, Lynch and Stockmeyer 1988).  Until it has stabilised an oracle may say anything, any number of
times or a bounded one; then it says only what its class allows, as often as it likes.
"""

from __future__ import annotations

from dataclasses import dataclass

from flpcheck.errors import BadWorld, nearest
from flpcheck.world.network import UNLIMITED
from flpcheck.world.plain import check_types

DETECTORS = ("P", "diamond-P", "S", "diamond-S", "omega")
TIMERS = "timers"
EVENTUAL = ("diamond-P", "diamond-S", "omega", TIMERS)


@dataclass(frozen=True)
class Oracle:
    """Failure detectors and reliable timers.

    Parameters
    ----------
    kind
        The class of the failure detector.  `P`: exactly the crashed processes are suspected.  `S`: they are
        suspected, and some correct process never is.  `diamond-P`, `diamond-S`: the same, but only from some time
        on.  `omega`: from some time on all trust the same correct process.  `timers`: from some time on, timers
        wait for messages.  Empty for none.
    mistakes
        Maximum number of answers (timeouts) before that time, right or wrong: a constant of the model that every
        verdict depends on.  `UNLIMITED` for any number.
    stabilises
        Whether that time comes; if not, nothing is ever reliable.

    Examples
    --------
    >>> str(Oracle("omega", mistakes=2))
    'failure detector omega (at most 2 answers before it stabilises)'
    >>> str(Oracle("timers", UNLIMITED))
    'eventual synchrony (any number of timeouts before it stabilises)'
    """

    kind: str = ""
    mistakes: int = 0
    stabilises: bool = True

    def __post_init__(self) -> None:
        check_types(self, kind="detector")
        if self.kind not in {"", TIMERS, *DETECTORS}:
            raise BadWorld(f"no failure detector {self.kind!r}", why=nearest(self.kind, DETECTORS))
        if self.mistakes < 0 and self.mistakes != UNLIMITED:
            what = f"mistakes={self.mistakes} is negative"
            raise BadWorld(what, next_step="use a maximum number of wrong answers before stabilisation, or UNLIMITED")
        if self.mistakes and self.kind not in EVENTUAL:
            what = f"mistakes={self.mistakes}, but {self._name} makes none"
            raise BadWorld(what, next_step=f"remove --mistakes, or use --detector {', '.join(EVENTUAL[:-1])}")
        if not self.stabilises:
            self._check_never()

    def _check_never(self) -> None:
        """Check that an oracle that never stabilises says anything, any number of times."""
        if self.kind not in EVENTUAL:
            what = f"stabilises=False, but {self._name} has nothing to stabilise"
            raise BadWorld(what, next_step=f"remove --never-stabilises, or use --detector {', '.join(EVENTUAL[:-1])}")
        if self.mistakes > 0:
            what = f"mistakes={self.mistakes} before {self._name} stabilises, but it never does"
            raise BadWorld(what, next_step="remove --mistakes or --never-stabilises")
        object.__setattr__(self, "mistakes", UNLIMITED)

    @property
    def turns_reliable(self) -> bool:
        """Whether there is a time before which it may be wrong, and that time comes."""
        return self.kind in EVENTUAL and self.stabilises

    @property
    def within(self) -> str:
        """The bound on early answers that a verdict depends on, as a phrase; empty if there is none."""
        if not self.turns_reliable or self.mistakes == UNLIMITED:
            return ""
        what = "early timeout" if self.kind == TIMERS else "early answer"
        return f"within {self.mistakes} {what}{'' if self.mistakes == 1 else 's'}"

    @property
    def reliable(self) -> bool:
        """Whether it rules out some of the runs of an asynchronous world."""
        return bool(self.kind) and self.stabilises

    @property
    def _name(self) -> str:
        if not self.kind:
            return "a world without a failure detector"
        return "eventual synchrony" if self.kind == TIMERS else f"failure detector {self.kind}"

    def __str__(self) -> str:
        what = "timeout" if self.kind == TIMERS else "answer"
        if self.kind not in EVENTUAL:
            return self._name
        if not self.stabilises:
            return f"{self._name} that never stabilises"
        if self.mistakes == UNLIMITED:
            return f"{self._name} (any number of {what}s before it stabilises)"
        return f"{self._name} (at most {self.mistakes} {what}{'' if self.mistakes == 1 else 's'} before it stabilises)"
