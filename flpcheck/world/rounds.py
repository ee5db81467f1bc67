"""Rounds as a world: how many, who hears whom, who is faulty and how, and when the network becomes stable."""

from __future__ import annotations

from dataclasses import dataclass

from flpcheck.authoring.events import Pid
from flpcheck.errors import BadWorld, nearest
from flpcheck.world.failures import Chosen, check_authentic, check_named, check_some_correct
from flpcheck.world.plain import check_types
from flpcheck.world.predicates import CommunicationPredicate, predicate_named

FAULTS = ("byzantine", "send_omission", "receive_omission", "omission")


@dataclass(frozen=True)
class Rounds:
    """The world of a protocol that runs in rounds.

    Parameters
    ----------
    most
        Number of rounds; None for the number that the protocol wants.
    predicate
        Who hears whom among the processes that are alive, in every round; before GST where there is one.
    stabilises
        Whether the network becomes stable at a time unknown to the processes (GST); from then on all hear
        every live process.  Once all correct processes have decided such a run is over.
    unstable
        Maximum number of rounds before GST: a model constant; None for any number.
    faults
        How faulty processes fail: `byzantine` (they say anything that `lies` yields, different things to different
        processes), `send_omission`, `receive_omission` (some of their messages, or of those to them, get lost),
        `omission` (both).
    faulty
        How many processes may be faulty in this way, chosen before the first round; or exactly which ones are.
    authenticated
        Messages are signed: a Byzantine process says nothing that bears a correct process's signature, unless a
        Byzantine process has been sent it.
    rushing
        Whether Byzantine processes see what they are sent in a round before they speak in it, so that they can pass on
        signatures of the same round.
    """

    most: int | None = None
    predicate: str = "complete"
    stabilises: bool = False
    unstable: int | None = None
    faults: str = "byzantine"
    faulty: Chosen = 0
    authenticated: bool = False
    rushing: bool = True

    def __post_init__(self) -> None:
        check_types(self, most="rounds")
        predicate_named(self.predicate)
        if self.most is not None and self.most < 1:
            raise BadWorld(f"rounds={self.most}, but a run needs at least one round", next_step="use 1 or more")
        if self.unstable is not None and self.unstable < 0:
            raise BadWorld(f"unstable={self.unstable} is negative", next_step="use 0 or more rounds before GST")
        if self.unstable is not None and not self.stabilises:
            raise BadWorld("unstable rounds need GST", next_step="use --timing partially_synchronous")
        if self.faults not in FAULTS:
            raise BadWorld(f"no faults {self.faults!r}", why=nearest(self.faults, FAULTS))
        if isinstance(self.faulty, int) and self.faulty < 0:
            raise BadWorld(f"{self.faults}={self.faulty} is negative", next_step="use 0 or more faulty processes")
        if not self.rushing and not self.authenticated:
            what = "without signatures, it makes no difference whether liars see a round before they send in it"
            raise BadWorld(what, next_step="remove --no-rushing, or add --authenticated")
        check_authentic(self.authenticated, lying=self.faults == "byzantine" and bool(self.faulty))

    @property
    def predicate_before(self) -> CommunicationPredicate:
        """The communication predicate of every round; before GST where there is one."""
        return predicate_named(self.predicate)

    @property
    def weaker(self) -> str:
        """Which assumption of the asynchronous model is relaxed, as a sentence; empty if none is."""
        if self.stabilises:
            return "the network eventually becomes stable: from GST on, every message of a live process arrives"
        predicate = self.predicate_before
        if predicate.name == "complete":
            return "delays are bounded: a process that is not heard in time has crashed or is faulty, not slow"
        return f"in every round, {predicate.claim}" if predicate.solvable else ""

    def check(self, crashes: int, names: tuple[Pid, ...]) -> None:
        """Raise `BadWorld` unless this world, with that number of crashes, fits processes of these names."""
        check_named("faulty", self.faulty, names)
        check_some_correct(self.faults, self.faulty, crashes, names)

    def words(self) -> list[str]:
        """Return the rounds in words."""
        before = "before GST " if self.stabilises else ""
        parts = [] if self.predicate == "complete" else [before + self.predicate_before.claim]
        if self.unstable is not None:
            parts.append(f"at most {self.unstable} rounds before GST")
        if self.most is not None:
            parts.append(f"{self.most} rounds")
        if self.faulty:
            who = f"up to {self.faulty}" if isinstance(self.faulty, int) else ", ".join(self.faulty)
            blind = "" if self.rushing else ", passed on a round later"
            signed = f", signed messages{blind}" if self.authenticated else ""
            parts.append(f"{who} {_FAULTY[self.faults]}{signed}")
        return parts


_FAULTY = {
    "byzantine": "Byzantine",
    "send_omission": "faulty by send omission",
    "receive_omission": "faulty by receive omission",
    "omission": "faulty by omission",
}
