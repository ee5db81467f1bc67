"""Failures: which processes may fail, how, and whether crashes are events of the graph."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import TypeAlias

from flpcheck.authoring.events import Pid
from flpcheck.errors import BadWorld, nearest
from flpcheck.world.crash_points import BETWEEN, CUT, WRITE_FIRST, check_points
from flpcheck.world.network import UNLIMITED
from flpcheck.world.plain import check_types

Chosen: TypeAlias = int | tuple[Pid, ...]
"""The number of processes that the adversary may choose from the start, or their names."""

LIES = ("spoken", "only", "types")


@dataclass(frozen=True)
class Failures:
    """Which failures the adversary may choose.

    Parameters
    ----------
    crashes
        The budget f: maximum number of processes that crash in a run; with recoveries, of those down at a time.
    events
        `explicit`: a crash is an event.  `elided`: a crashed process is one that is never scheduled again, and the
        analyses quantify over it (exact in the asynchronous world with atomic steps; THEORY of crash elision:
        reachable local states and mail are the same with and without crash events).
    initially_dead
        How many processes may be dead from the start, or exactly which ones are; they do not recover.
    mid_broadcast
        An older word for crash points: `cut`, or `write-first` where processes come back.
    recoveries
        Maximum number of recoveries in a run; `UNLIMITED` for any number.  Stable fields are
        as they were, volatile ones at their defaults; mail that came before or during the crash is lost.
    byzantine
        Processes that may do anything (Lamport, Shostak, Pease 1982): they have no state of their own, and any
        correct process may receive any message of the protocol's alphabet from them at any time.
    omission
        Processes that may fail to send or to receive any message, and otherwise keep to the protocol.
    faulty
        The only processes that may fail besides those that are named in another way; everyone (but the virtual ones)
        if None.
    authenticated
        Messages are signed: a Byzantine process says nothing that bears a correct process's signature, unless a
        Byzantine process has been sent it.  The protocol's `signatures(message)` says what a message bears.
    lies
        What Byzantine processes can say.  `spoken`: whatever some process's code can say, theirs included, and what
        the protocol's `lies(liar)` lists beside it.  `only`: what `lies` lists.  `types`: all values of the types that
        the receiver's step takes.
    twins
        Processes that run twice under one name, instead of lying (Bano et al. 2021): they say no more than their code
        says in a run, so what holds among them need not hold among liars.
    crash_points
        What a crash in the middle of a step leaves of it: `between` (there are none), `cut`, `write-first`, `torn`,
        `torn:f1,f2` (fields in the order in which they are written) or `send-first`.

    Examples
    --------
    >>> Failures(crashes=1, mid_broadcast=True).points, Failures(crashes=1, recoveries=1, mid_broadcast=True).points
    ('cut', 'write-first')
    >>> Failures(crashes=1, mid_broadcast=True) == Failures(crashes=1, crash_points="cut")
    True
    """

    crashes: int = 0
    events: str = "explicit"
    initially_dead: Chosen = 0
    mid_broadcast: bool = field(default=False, compare=False)
    recoveries: int = 0
    byzantine: Chosen = 0
    omission: Chosen = 0
    faulty: tuple[Pid, ...] | None = None
    authenticated: bool = False
    crash_points: str = field(default=BETWEEN, compare=False)
    lies: str = "spoken"
    twins: tuple[Pid, ...] = ()
    points: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        check_types(self)
        object.__setattr__(self, "points", self._meant())
        if not isinstance(self.crashes, int) or self.crashes < 0:
            what = f"crashes={self.crashes!r} is " + ("negative" if isinstance(self.crashes, int) else "not a number")
            raise BadWorld(what, next_step="use the maximum number of processes that may crash")
        for name in ("initially_dead", "byzantine", "omission"):
            chosen = getattr(self, name)
            if isinstance(chosen, int) and chosen < 0:
                raise BadWorld(f"{name}={chosen} is negative")
        if self.events not in {"explicit", "elided"}:
            raise BadWorld(f"unknown crash events {self.events!r}", why=nearest(self.events, ["explicit", "elided"]))
        if self.lies not in LIES:
            raise BadWorld(f"unknown choice lies={self.lies!r}", why=nearest(self.lies, LIES))
        self._check_recoveries()
        check_points(self.points, recoveries=self.recoveries != 0, elided=self.events == "elided")
        self._check_elision()
        if self.byzantine and self.omission:
            raise BadWorld(
                "byzantine and omission cannot be combined", why="a Byzantine process can already omit messages"
            )
        if self.twins and (self.byzantine or self.omission):
            why = "a Byzantine process can do anything that twins can, and twins can be silent"
            raise BadWorld("twins cannot be combined with other faulty processes", why=why, next_step="remove --twins")
        check_authentic(self.authenticated, lying=bool(self.byzantine))

    def _meant(self) -> str:
        """Return the crash points, whichever of the two words says so."""
        if self.mid_broadcast and self.crash_points == BETWEEN:
            return WRITE_FIRST if self.recoveries else CUT
        return self.crash_points

    def _check_recoveries(self) -> None:
        if not isinstance(self.recoveries, int) or self.recoveries < UNLIMITED:
            kind = "negative" if isinstance(self.recoveries, int) else "not a number"
            raise BadWorld(f"recoveries={self.recoveries!r} is {kind}", next_step="use a number, or UNLIMITED")
        if self.recoveries and not self.crashes:
            raise BadWorld("recoveries need crashes", next_step="add --crashes 1 or more")

    def _check_elision(self) -> None:
        reasons = {
            "crashes with recoveries": self.recoveries and "a process that recovers has lost its volatile state",
            "crashes together with Byzantine processes": self.byzantine
            and "an elided crash makes a process silent, and a silent process receives no lies",
            "crashes together with omissions": self.omission
            and "an elided crash makes a process silent, and a silent process omits nothing",
        }
        for what, why in reasons.items():
            if why and self.events == "elided":
                raise BadWorld(f"{what} cannot be elided", why=why, next_step="use --crash-events explicit")

    @property
    def inside_steps(self) -> bool:
        """Whether a crash may come in the middle of a step."""
        return self.points != BETWEEN

    @property
    def misbehaving(self) -> Chosen:
        """The processes that misbehave without crashing: Byzantine ones, those that omit, or those that run twice."""
        return self.byzantine or self.omission or self.twins or 0

    def check(self, names: tuple[Pid, ...]) -> None:
        """Raise `BadWorld` unless this world fits processes of these names (those that are not virtual)."""
        check_named("initially dead", self.initially_dead, names)
        check_named("Byzantine", self.byzantine, names)
        check_named("omitting", self.omission, names)
        check_named("twins:", self.twins, names)
        check_named("faulty", self.faulty or (), names)
        size = len(names) if self.faulty is None else min(len(self.faulty), len(names))
        if self.crashes > size or (self.crashes and self.crashes >= len(names)):
            able = f"only {size} {'process' if size == 1 else 'processes'}"
            raise BadWorld(
                f"crashes={self.crashes}, but {able} can crash",
                why="at least one process must stay correct" if self.crashes >= len(names) else f"faulty allows {able}",
                next_step=f"use at most --crashes {max(min(size, len(names) - 1), 0)}",
            )
        dead, bad = self.initially_dead, self.misbehaving
        both = [name for name in dead if name in bad] if isinstance(dead, tuple) and isinstance(bad, tuple) else []
        if both:
            raise BadWorld(f"{both[0]} is dead from the start, so it cannot misbehave")
        if isinstance(dead, int) and dead >= max(len(names), 1):
            raise BadWorld(f"initially_dead={dead} leaves no process of {len(names)}")
        kind = "byzantine" if self.byzantine else "omission" if self.omission else "twins"
        check_some_correct(kind, self.misbehaving, self.crashes, names)


def check_named(what: str, chosen: Chosen, names: Sequence[Pid]) -> None:
    """Raise `BadWorld` if a process that is chosen by name does not exist."""
    for name in chosen if isinstance(chosen, tuple) else ():
        if name not in names:
            raise BadWorld(f"{what} process {name!r} does not exist", why=nearest(name, names))


def check_some_correct(kind: str, chosen: Chosen, crashes: int, names: Sequence[Pid]) -> None:
    """Raise `BadWorld` if those that misbehave, with those that crash, may be all."""
    size = len(chosen) if isinstance(chosen, tuple) else chosen
    if size and size + crashes >= len(names):
        raise BadWorld(
            f"{kind}={size}{f' and crashes={crashes}' if crashes else ''} may leave no correct process",
            why=f"there are {len(names)} processes",
            next_step=f"at most {len(names) - 1} of them may be faulty, crashes included",
        )


def check_authentic(authenticated: bool, *, lying: bool) -> None:  # noqa: FBT001  -- the name of the function says it
    """Raise `BadWorld` if messages are signed where no process could forge anything."""
    if authenticated and not lying:
        raise BadWorld(
            "messages are authenticated, but no process lies",
            why="signatures matter only where a Byzantine process could forge something",
            next_step="add --byzantine 1, or remove --authenticated",
        )


def choices(chosen: Chosen, among: Sequence[int], names: Sequence[Pid]) -> Iterator[tuple[int, ...]]:
    """Yield the sets of processes that may be chosen: exactly the named ones, or any set of at most that size."""
    if isinstance(chosen, tuple):
        yield tuple(sorted(names.index(name) for name in chosen))
        return
    for size in range(chosen + 1):
        yield from combinations(among, size)
