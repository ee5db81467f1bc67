"""Blocking, with a certificate: how to get there, who is silent, and who waits for whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from flpcheck.analyse.paths import path_by, path_ids
from flpcheck.analyse.schedule import Schedule, schedule_of
from flpcheck.analyse.sweep import bits, distances
from flpcheck.analyse.theorem.labels import identity
from flpcheck.analyse.theorem.silent import Silence, SilentValence, crashed_in, names_of
from flpcheck.authoring.events import Event, Pid
from flpcheck.authoring.values import show
from flpcheck.explore.graph import StateGraph


class Wait(NamedTuple):
    """A process that waits for ever.

    Parameters
    ----------
    process
        The process that waits.
    letters
        Messages from silent processes on a shortest path to its decision: (message, sender).
    steps
        If it would receive nothing from them itself: the first step of theirs on that way.
    """

    process: Pid
    letters: tuple[tuple[str, Pid], ...]
    steps: tuple[str, ...]

    def __str__(self) -> str:
        if self.letters:
            return f"{self.process} waits for " + " and ".join(f"{text} from {pid}" for text, pid in self.letters)
        if self.steps:
            return f"{self.process} waits for a step of another: {self.steps[0]}"
        return f"{self.process} could not decide even if no process had failed"


@dataclass(frozen=True)
class BlockingCertificate:
    """Why a protocol blocks.

    Parameters
    ----------
    schedule
        A shortest way to a configuration from which no process can ever decide.
    silent
        The processes that never step again from there on; empty where they have crashed by events.
    crashed
        The processes that have crashed there by events.
    waits
        For each live process, what it waits for.
    """

    schedule: Schedule
    silent: tuple[Pid, ...]
    crashed: tuple[Pid, ...]
    waits: tuple[Wait, ...]

    @property
    def number(self) -> int:
        """Id of the configuration."""
        return self.schedule.numbers[-1]

    @property
    def because(self) -> str:
        """One sentence."""
        gone = (*self.silent, *self.crashed)
        who = " and ".join(gone)
        after = f"after {len(self.schedule)} event{'s' if len(self.schedule) != 1 else ''}"
        if not gone:
            return f"{after} no process can ever decide, even without a crash"
        return f"{after} and with {who} {'silent' if self.silent else 'crashed'} no process can ever decide"


def certificate(silent: SilentValence) -> BlockingCertificate | None:
    """Return the certificate with the fewest silent processes and the shortest schedule; None without blocking."""
    blocking = silent.blocking
    if blocking is None:
        return None
    graph = silent.graph
    numbers = path_ids(graph, np.flatnonzero(blocking.where))
    return certificate_at(graph, numbers, blocking.silent)


def certificate_at(
    graph: StateGraph, numbers: list[int], silent: Silence, schedule: Schedule | None = None
) -> BlockingCertificate:
    """Return the certificate for the configuration at the end of a path, with some processes silent.

    `schedule` is the one along the path, where a certain one is meant.
    """
    crashed = crashed_in(graph, numbers[-1])
    waits = tuple(who_waits(graph, numbers, silent))
    return BlockingCertificate(
        schedule or schedule_of(graph, numbers), names_of(graph, silent), names_of(graph, crashed), waits
    )


def who_waits(graph: StateGraph, numbers: list[int], silent: Silence) -> Iterator[Wait]:
    """Yield what each live process that must decide and has not waits for, at the end of a path of ids.

    What a process waits for is read from a shortest way to its decision on which the silent and the crashed step.
    """
    here, gone = numbers[-1], {*silent, *crashed_in(graph, numbers[-1])}
    start = _as_if_none_crashed(graph, numbers)
    away = distances(graph, [] if start is None else [start])
    waiting = bits(graph.deciders & ~int(graph.marks.decided[here]))
    for index in waiting:
        if index not in gone:
            decided = np.flatnonzero(graph.marks.decided >> np.uint64(index) & np.uint64(1))
            way = path_by(graph, away, decided)
            events = list(_events(graph, way))
            yield _wait(graph, index, gone, events)


def _wait(graph: StateGraph, index: int, gone: set[int], events: list[Event]) -> Wait:
    names = graph.system.registers
    missing = {names[other] for other in gone}
    letters = [letter for event in events if event.process == names[index] for letter in event.letters]
    wanted = tuple((show(message), sender) for sender, message in letters if sender in missing)
    steps = tuple(str(event) for event in events if event.process in missing)
    return Wait(names[index], wanted, () if wanted else steps)


def _events(graph: StateGraph, numbers: list[int]) -> Iterator[Event]:
    """Yield an event for each step along some ids that leads from one to another."""
    for source, target in pairwise(numbers):
        if source != target:
            yield graph.transitions(source)[graph.targets[graph.out(source)].tolist().index(target)].event


def _as_if_none_crashed(graph: StateGraph, numbers: list[int]) -> int | None:
    """Return where the same schedule leads without its crashes, None if it does not go without them."""
    here = numbers[0]
    for event in _events(graph, numbers):
        if event.kind == "crash" and event.world:
            continue
        found = [
            int(target)
            for transition, target in zip(graph.transitions(here), graph.targets[graph.out(here)], strict=False)
            if identity(transition.event) == identity(event)
        ]
        if not found:
            return None
        here = found[0]
    return here
