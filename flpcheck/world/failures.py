"""Failures: how many processes may crash, how, and whether crashes are events of the graph."""

from __future__ import annotations

from dataclasses import dataclass

from flpcheck.authoring.events import Pid
from flpcheck.errors import BadWorld, nearest


@dataclass(frozen=True)
class Failures:
    """Which failures the adversary may choose.

    Parameters
    ----------
    crashes
        The budget f: at most so many processes crash in a run.
    events
        `explicit`: a crash is an event.  `elided`: a crashed process is one that is never scheduled again, and the
        analyses quantify over it (exact in the asynchronous world with atomic steps; THEORY of crash elision:
        reachable local states and mail are the same with and without crash events).
    initially_dead
        How many processes may be dead from the start, or exactly which ones are.
    mid_broadcast
        A crash may cut a step short: any subset of its messages gets out, and the process is dead before the step
        has changed its state.
    """

    crashes: int = 0
    events: str = "explicit"
    initially_dead: int | tuple[Pid, ...] = 0
    mid_broadcast: bool = False

    def __post_init__(self) -> None:
        if self.crashes < 0:
            raise BadWorld(f"crashes={self.crashes} is negative", next_step="give how many processes may crash")
        if isinstance(self.initially_dead, int) and self.initially_dead < 0:
            raise BadWorld(f"initially_dead={self.initially_dead} is negative")
        if self.events not in {"explicit", "elided"}:
            raise BadWorld(
                f"crash events {self.events!r} are unknown", why=nearest(self.events, ["explicit", "elided"])
            )
        if self.mid_broadcast and self.events == "elided":
            raise BadWorld(
                "crashes in mid-broadcast cannot be elided",
                why="a process that dies half-way through a broadcast does something that no slow process does",
                next_step="use crash_events='explicit'",
            )

    def check(self, names: tuple[Pid, ...]) -> None:
        """Raise `BadWorld` unless this world fits processes of these names (those that can crash)."""
        if self.crashes >= len(names) and self.crashes:
            raise BadWorld(
                f"crashes={self.crashes}, but only {len(names)} processes can crash",
                why="at least one process must stay correct",
                next_step=f"use at most crashes={max(len(names) - 1, 0)}",
            )
        if isinstance(self.initially_dead, tuple):
            for name in self.initially_dead:
                if name not in names:
                    raise BadWorld(f"initially dead process {name!r} does not exist", why=nearest(name, names))
        elif self.initially_dead >= max(len(names), 1):
            raise BadWorld(f"initially_dead={self.initially_dead} leaves no process of {len(names)}")
