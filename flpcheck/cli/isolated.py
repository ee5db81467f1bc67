"""Jobs in separate processes: a process that dies ends only its job; the next job gets a fresh process.

A child never prints results: what comes from it comes through its pipe.  It ends with its parent, however that ends.
Once the time of a job is up, the parent asks the child now and then what it is doing; one that has been inside of the
author's code every time is ended.
"""

from __future__ import annotations

import contextlib
import faulthandler
import math
import multiprocessing
import os
import signal
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any

from flpcheck.errors import Place
from flpcheck.failure import is_authors_file

GRACE = 4.0
"""Seconds that a parent waits past a job's time limit: the child notices first, and can say more."""
LOOKS = 3
"""Number of consecutive looks, one a second, that must find a job inside the author's code before it is ended."""
ALIVE = "!"
"""Written by a child beside a trace, to show that it makes progress."""
PARTING = 10.0
"""Time limit for a child to report after Ctrl-C, in seconds."""
ASK = getattr(signal, "SIGUSR1", None)


@dataclass(frozen=True)
class Death:
    """The reason why a child ended before it answered.

    Parameters
    ----------
    how
        In words.
    place
        The line of the author's code that was running, if known.
    """

    how: str
    place: Place | None


@dataclass(frozen=True)
class InterruptedJob:
    """The answer of a job that Ctrl-C ended."""


class Pool:
    """Some children that work off jobs.

    Parameters
    ----------
    work
        What is done with a job; it must not raise, and must be picklable as its jobs and answers are.
    size
        Maximum number of children.
    seconds
        Time limit for a job, in seconds, after which it must not be inside of the author's code for long.
    """

    def __init__(self, work: Callable[[Any], Any], size: int, seconds: float | None = None) -> None:
        self.work = work
        self.size = size
        self.seconds = seconds
        self.idle: list[_Child] = []
        self.busy: list[_Child] = []

    def answers(self, jobs: deque[Any]) -> Iterator[tuple[Any, Any]]:
        """Yield jobs with their answers as they come; the consumer may add jobs."""
        while jobs or self.busy:
            while jobs and len(self.busy) < self.size:
                self._child().give(jobs.popleft(), self.seconds)
            yield from self._ready(None if self.seconds is None else 1.0)

    def parting(self) -> Iterator[tuple[Any, Any]]:
        """Pass Ctrl-C on, and yield what the children still have to say."""
        for child in self.busy:
            child.interrupt()
        until = time.monotonic() + PARTING
        while self.busy and time.monotonic() < until:
            yield from self._ready(0.2)

    def end(self) -> None:
        """End all children."""
        for child in [*self.idle, *self.busy]:
            child.end()
        self.idle, self.busy = [], []

    def _child(self) -> _Child:
        child = self.idle.pop() if self.idle else _Child(self.work)
        self.busy.append(child)
        return child

    def _ready(self, patience: float | None) -> Iterator[tuple[Any, Any]]:
        """Wait for an answer, and yield those that are there."""
        wait([child.pipe for child in self.busy], patience)
        for child in list(self.busy):
            if child.pipe.poll():
                self.busy.remove(child)
                answer = child.answer()
                self.idle += [] if isinstance(answer, Death) else [child]
                yield child.job, answer
            elif child.is_stuck():
                self.busy.remove(child)
                place = child.seen
                child.end()
                yield child.job, Death("it has not returned from a call, long after its time limit", place)


class _Child:
    """A process that works off one job after the other."""

    def __init__(self, work: Callable[[Any], Any]) -> None:
        context: Any = multiprocessing.get_context("fork" if _may_fork() else "spawn")
        self.pipe, theirs = context.Pipe()
        self.trace = tempfile.NamedTemporaryFile(prefix="flpcheck-", suffix=".trace")  # noqa: SIM115
        self.process = context.Process(target=_serve, args=(theirs, work, self.trace.name), daemon=True)
        self.process.start()
        theirs.close()
        self.job: Any = None
        self.seen: Place | None = None
        self._asked, self._streak, self._look = False, 0, math.inf

    def give(self, job: Any, seconds: float | None) -> None:
        """Give it a job, which may take some time before anything is asked."""
        self.job, self._asked, self._streak = job, False, 0
        self._look = math.inf if seconds is None else time.monotonic() + seconds * 1.1 + GRACE
        os.truncate(self.trace.name, 0)
        with contextlib.suppress(BrokenPipeError):  # a child that has died meanwhile gives no answer
            self.pipe.send(job)

    def answer(self) -> Any:
        """Return the answer that has come, or why none will come."""
        try:
            return self.pipe.recv()
        except (EOFError, OSError):
            self.process.join()
            place = innermost(self._told())
            self.end()
            return Death(_in_words(self.process.exitcode or 0), place)

    def interrupt(self) -> None:
        with contextlib.suppress(ProcessLookupError, TypeError):
            os.kill(self.process.pid or 0, signal.SIGINT)

    def is_stuck(self) -> bool:
        """Ask the child what it is doing, and return whether it was in the same call of the author's every time.

        What it does is asked once a second; the answer, with a word if it is getting on, is there a second later.
        """
        if ASK is None or time.monotonic() < self._look:
            return False
        told = self._told() if self._asked else ALIVE
        self.seen = None if ALIVE in told else innermost(told)
        self._streak = self._streak + 1 if self.seen else 0
        self._asked, self._look = True, time.monotonic() + 1
        os.truncate(self.trace.name, 0)
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process.pid or 0, ASK)
        return self._streak >= LOOKS

    def _told(self) -> str:
        """Return what the child last said of what it was doing."""
        with open(self.trace.name, encoding="utf-8", errors="replace") as file:  # noqa: PTH123
            return file.read()

    def end(self) -> None:
        self.pipe.close()
        if self.process.is_alive():
            self.process.kill()
        self.process.join()
        with contextlib.suppress(OSError):
            self.trace.close()


def innermost(dump: str) -> Place | None:
    """Return the innermost line of the author's in what `faulthandler` wrote of the main thread.

    Examples
    --------
    >>> str(innermost('  File "/x/spec.py", line 7 in step'))
    '/x/spec.py:7'
    """
    for line in dump.splitlines():
        if line.startswith('  File "'):
            file, _, rest = line.removeprefix('  File "').rpartition('", line ')
            if is_authors_file(file):
                return Place(file, int(rest.split(" ", 1)[0]))
    return None


def _may_fork() -> bool:
    """Whether this process may be forked: quick, and right only while nothing large has been loaded."""
    return sys.platform == "linux" and "numpy" not in sys.modules and threading.active_count() == 1


def _in_words(code: int) -> str:
    """Say what an exit code means.

    Examples
    --------
    >>> _in_words(-9)
    'it was killed by signal SIGKILL, which the system sends when memory runs out'
    """
    if code >= 0:
        return f"the interpreter exited with code {code}"
    name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
    reason = ", which the system sends when memory runs out" if name == "SIGKILL" else ""
    return f"it was killed by signal {name}{reason}"


def _serve(pipe: Connection, work: Callable[[Any], Any], trace: str) -> None:
    """Work off jobs until the parent has no more."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.dup2(2, 1)  # what a spec prints, by whatever means, is no result
    with open(trace, "ab", buffering=0) as file:  # noqa: PTH123
        _alive.append(file.fileno())
        faulthandler.enable(file, all_threads=False)
        if ASK is not None:
            faulthandler.register(ASK, file, all_threads=False)
        with contextlib.suppress(EOFError, KeyboardInterrupt, BrokenPipeError):
            while True:
                pipe.send(_answered(work, pipe.recv()))


_alive: list[int] = []


def say_alive() -> None:
    """Tell a parent that may be asking that this child is getting on; nothing in a process that is no child."""
    for file in _alive:
        os.write(file, ALIVE.encode())


def _answered(work: Callable[[Any], Any], job: Any) -> Any:
    try:
        return work(job)
    except KeyboardInterrupt:
        return InterruptedJob()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
