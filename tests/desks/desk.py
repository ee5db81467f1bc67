"""A spec that fails in the ways that reports must show: an answer that never comes, and a step that refines nothing.

A client asks a clerk, and the letter may be lost; a lamp goes on and off for ever.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from desk_stages import Stages

from flpcheck import (
    HOLDS,
    At,
    Instance,
    Pid,
    Process,
    Processes,
    Start,
    Step,
    Timeout,
    View,
    asynchronous,
    for_each,
    leads_to,
    protocol,
    record,
    refines,
    replace,
    reply,
    send,
)

FILE = str(Path(__file__))
FIRST_OF_LOOP = "return True, ()"
TRIGGER = 'return replace(s, stage=1), send(Ask(), to="clerk")'


@record
class Ask:
    """Client -> clerk: please."""


@record
class Done:
    """Clerk -> client: you are served."""


@record
class Client:
    """How far it has come: 1 once it has asked, 2 once it is served."""

    stage: int = 0


@protocol
class Desk:
    """A client, a clerk and a lamp."""

    def processes(self) -> Processes[Ask | Done]:
        return [
            Process("client", self.client, start=Client()),
            Process("clerk", self.clerk, start=0),
            Process("lamp", self.lamp, start=False),
        ]

    def client(self, at: At, s: Client, event: Start | Done) -> Step[Client, Ask | Done]:
        match event:
            case Start() if s.stage == 0:
                return replace(s, stage=1), send(Ask(), to="clerk")
            case Done():
                return replace(s, stage=2), ()
            case Start():
                return s, ()

    def clerk(self, at: At, s: int, event: Ask) -> Step[int, Ask | Done]:
        return s + 1, reply(Done())

    def lamp(self, at: At, lit: bool, event: Timeout) -> Step[bool, Ask | Done]:
        if lit:
            return False, ()
        return True, ()

    def served(self, view: View[Any]) -> int:
        """Return what `Stages` sees: the clerk's work at once, the client's knowledge as a step of its own."""
        return int(view["clerk"]) + int(view["client"].stage == 2)


def waits(view: View[Any], pid: Pid) -> bool:
    """The client <b>waits</b>."""
    return isinstance(view[pid], Client) and view[pid].stage == 1


def is_served(view: View[Any], pid: Pid) -> bool:
    """The client is served."""
    return isinstance(view[pid], Client) and view[pid].stage == 2


def sleeps(view: View[Any]) -> bool:
    """The clerk sleeps."""
    return False


def lit(view: View[Any]) -> bool:
    """The lamp is lit."""
    return bool(view["lamp"])


answered = for_each(leads_to(waits, is_served), name="answered")
woken = leads_to(sleeps, lit, name="woken")
refines_stages = refines(Stages, Desk.served)

INSTANCES = (
    Instance("one loss", Desk(), asynchronous(loss=1), {answered: HOLDS, woken: HOLDS, refines_stages: HOLDS}),
)
