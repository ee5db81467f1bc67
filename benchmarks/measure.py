"""One run of one command: processor time and peak memory, as the operating system counts them."""

from __future__ import annotations

import functools
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, ParamSpec

ROOT = Path(__file__).parents[1]
P = ParamSpec("P")


class Refused(Exception):
    """No figure can be given, and why."""


@dataclass(frozen=True)
class Cost:
    """What a process took, from its start to its end."""

    cpu: float  # seconds, user and system
    wall: float
    peak: int  # bytes


@dataclass(frozen=True)
class Outcome:
    """What a search found."""

    configurations: int
    transitions: int
    depth: int
    complete: bool
    why: str = ""  # why it is not complete


@dataclass(frozen=True)
class Run:
    """A search, and what it cost."""

    outcome: Outcome
    cost: Cost


def measured(command: Sequence[str], folder: Path = ROOT) -> tuple[str, Cost]:
    """Run a command and return what it printed, and what it cost.

    `wait4` gives the figures of this child alone.  The peak is never below what this process occupies itself (some
    20 MB), because the kernel carries it over from the moment of the fork.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        begun = time.perf_counter()
        child = subprocess.Popen(command, stdout=output, stderr=errors, cwd=folder)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - begun
        child.returncode = os.waitstatus_to_exitcode(status)
        printed, complaints = (_text(stream) for stream in (output, errors))
    if child.returncode < 0 or (child.returncode and not printed):
        raise Refused(f"exit code {child.returncode} of {' '.join(command)}\n{complaints or printed}")
    return printed, Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss * 1024)


def _text(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode("utf-8", "replace")


def same(*outcomes: Outcome, also: Sequence[str] = ()) -> None:
    """Refuse to go on unless all searches ran to their end and found the same number of configurations.

    Parameters
    ----------
    outcomes
        What the searches found.
    also
        Further fields of an outcome that must be equal.

    Examples
    --------
    >>> same(Outcome(288, 761, 10, True), Outcome(288, 1145, 10, True))
    >>> same(Outcome(288, 761, 10, True), Outcome(287, 761, 10, True))
    Traceback (most recent call last):
    ...
    benchmarks.measure.Refused: no ratio: the searches differ in configurations: 288, 287
    """
    unfinished = [outcome.why or "it was cut" for outcome in outcomes if not outcome.complete]
    if unfinished:
        raise Refused(f"no ratio: a search did not end: {'; '.join(unfinished)}")
    for field in ("configurations", *also):
        values = [getattr(outcome, field) for outcome in outcomes]
        if len(set(values)) > 1:
            raise Refused(f"no ratio: the searches differ in {field}: {', '.join(f'{v:,}' for v in values)}")


def refusing(main: Callable[P, int]) -> Callable[P, int]:
    """Let a program end with exit code 1, and say why, where no figure can be given."""

    @functools.wraps(main)
    def told(*given: P.args, **named: P.kwargs) -> int:
        try:
            return main(*given, **named)
        except Refused as error:
            print(f"Error: {error}", file=sys.stderr)
            return 1

    return told


def median_cpu(runs: Sequence[Run]) -> float:
    """Return the median of the processor seconds."""
    return statistics.median(run.cost.cpu for run in runs)


def median_peak(runs: Sequence[Run]) -> float:
    """Return the median of the peak memory, in bytes."""
    return statistics.median(run.cost.peak for run in runs)
