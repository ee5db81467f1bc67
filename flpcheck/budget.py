"""The budget of a run, and the one place where every long loop checks it.

A run has a time limit, a memory limit, and a user who may interrupt it.  `BudgetMonitor` knows all three.  Code that
starts something that may take long declares it as a stage; loops inside call `look`, which raises `OutOfBudget` with
the name of the stage.  What cannot be interrupted (a call into compiled code) says before what it needs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol, TypeVar

from flpcheck.errors import BadRequest, FlpcheckError
from flpcheck.machine import resident_memory
from flpcheck.signals import pending_signal
from flpcheck.stops import StopReason

PARTS = {
    "load": "loading",
    "explore": "exploring",
    "purity": "checking determinism",
    "analyse": "judging",
    "draw": "drawing",
}
"""Parts of a run, and their names."""
PAUSE = 0.02
"""Seconds between two readings of the memory, which cost some microseconds each."""
NEWS = 0.2
"""Seconds between two reports of what is being done."""
GRACE = 1.0
"""Seconds after the time limit for putting into words what was found, or a twentieth of the limit if that is more."""
ENDING = 0.5
"""Processor seconds for printing results and ending, or a twentieth of the time limit if that is less."""
BUSY = 3.0
"""Maximum ratio of wall-clock to processor seconds for these: a busier machine keeps no bound that closely."""
SLOWEST = 20.0
"""Maximum ratio of wall-clock to processor seconds that a forecast assumes."""
_companions: list[Companion] = []
T = TypeVar("T")


class Companion(Protocol):
    """Another process that works for this one, and that the run can do without: its memory counts as the run's."""

    def memory(self) -> int:
        """Return the bytes that it occupies; 0 once it has ended."""

    def end(self) -> None:
        """End it."""


@dataclass(frozen=True)
class Bounds:
    """Limits of a search; None for no limit.

    Parameters
    ----------
    configurations
        Maximum number of configurations stored; the initial ones always are.
    depth
        Maximum number of events from an initial configuration; configurations that far away are not expanded.
    seconds
        Wall-clock seconds.
    memory
        Bytes of resident memory of the whole process, and of what compiles the kernel for it.
    """

    configurations: int | None = None
    depth: int | None = None
    seconds: float | None = None
    memory: int | None = None

    def __post_init__(self) -> None:
        for name, bound in vars(self).items():
            if bound is not None and bound < (0 if name == "depth" else 1e-9):
                raise BadRequest(f"bound {name}={bound} leaves nothing to explore", next_step="give a larger bound")


class OutOfBudget(FlpcheckError):
    """A bound, or an interrupt, ended a stage.

    Parameters
    ----------
    bound
        Which; it ends the whole run, but for a search that was started again.
    doing
        The activity that was cut, such as `judging termination`.
    """

    def __init__(self, bound: StopReason, doing: str) -> None:
        super().__init__(f"{bound.cause} while {doing}" if doing else bound.cause, next_step=bound.advice)
        self.bound = bound


class Ledger:
    """Seconds spent in each part of a run so far; nested parts are not counted twice."""

    def __init__(self) -> None:
        self.part = ""
        self.seconds: dict[str, float] = {}
        self._since = time.monotonic()

    def turn(self, part: str) -> str:
        """Count for another part from now on, and return the one before."""
        now, before = time.monotonic(), self.part
        if before:
            self.seconds[before] = self.seconds.get(before, 0.0) + now - self._since
        self.part, self._since = part, now
        return before


class BudgetMonitor:
    """Checks the time, the memory and interrupts; a nested monitor also checks the limits of the outer one.

    Parameters
    ----------
    bounds
        The limits.
    tell
        Called from time to time with the current activity.
    began
        When the process began, on the monotonic clock, if its end counts as well; time counts from now on if None.

    Attributes
    ----------
    spare
        Bytes that what comes afterwards will need: whatever grows now leaves that much.
    """

    def __init__(self, bounds: Bounds, tell: Callable[[str], None] | None = None, began: float | None = None) -> None:
        outer = _current.get()
        self.bounds = bounds
        self.started = time.monotonic() if began is None else began
        mine = None if bounds.seconds is None else self.started + bounds.seconds
        self.deadline: float | None = _least([outer.deadline if outer else None, mine])
        self._limit = self.deadline
        self.memory: float | None = _least([outer.memory if outer else None, bounds.memory])
        self.gracious: bool = bool(outer and outer.gracious)
        self.tell: Callable[[str], None] | None = tell or (outer.tell if outer else None)
        self.doing: str = outer.doing if outer else ""
        self.ledger: Ledger = outer.ledger if outer else Ledger()
        self._next = self._news = self.started
        self._measured: tuple[float, float] = (self.started, time.process_time() if began is None else 0.0)
        if outer is not None:
            self._measured = outer._measured
        self._slowness = 1.0
        self.ending: float = outer.ending if outer else 0.0
        self.spare: int = outer.spare if outer else 0
        if began is not None and bounds.seconds is not None:
            self.ending = min(ENDING, 0.05 * bounds.seconds)

    def elapsed(self) -> float:
        """Return the seconds since the start."""
        return time.monotonic() - self.started

    def left(self) -> float:
        """Return the seconds until time is up; infinity without a limit."""
        return float("inf") if self.deadline is None else max(self.deadline - time.monotonic(), 0.0)

    def exceeded(self, needed: int = 0, seconds: float = 0.0, *, at_once: bool = False) -> StopReason | None:
        """Return the bound that is exceeded, if one is.

        Parameters
        ----------
        needed
            Bytes that will be needed besides.
        seconds
            Processor seconds that will be needed as well.
        at_once
            Whether to check the memory now, and not only at intervals.

        Returns
        -------
        StopReason or None
            Cost: a tenth of a microsecond, now and then ten.
        """
        if pending_signal() and not self.gracious:
            return StopReason.INTERRUPTED
        now = time.monotonic()
        later = 0.0 if self.gracious else self.ending * min(self._slowness, BUSY)
        if self.deadline is not None and now + later + seconds * self._slowness > self.deadline:
            return StopReason.MAX_SECONDS
        if at_once or now >= self._next:
            self._slowness = self._measured_slowness(now)
            if not self._fits(needed):
                return StopReason.MAX_MEMORY
            self._next = now + PAUSE
        return None

    def bytes_left(self) -> float:
        """Return how many bytes may still be taken, with what comes afterwards left free; infinity without a limit."""
        if self.memory is None:
            return float("inf")
        return self.memory - self.spare - resident_memory() - sum(other.memory() for other in _companions)

    def _fits(self, needed: int) -> bool:
        """Whether some bytes more may be taken, if need be without what runs beside, which is ended then."""
        while needed > self.bytes_left() and _companions:
            _companions.pop().end()
        return needed <= self.bytes_left()

    def _measured_slowness(self, now: float) -> float:
        """Return how many seconds pass for one of a processor: more than one where others use it, too."""
        since, before = self._measured
        passed, processor = now - since, time.process_time() - before
        return min(max(passed / max(processor, 1e-9), 1.0), SLOWEST) if passed > PAUSE else 1.0

    def look(self, needed: int = 0) -> None:
        """Raise `OutOfBudget` if a bound is exceeded, or would be with `needed` bytes more."""
        bound = self.exceeded(needed, at_once=needed > 0)
        if bound is not None:
            raise OutOfBudget(bound, self.doing)
        if self.tell is not None and (now := time.monotonic()) >= self._news:
            self._news = now + NEWS
            self.tell(self.doing)

    def afford(self, seconds: float, needed: int) -> None:
        """Raise `OutOfBudget` if these processor seconds and bytes, for something that cannot be ended, do not fit."""
        bound = self.exceeded(needed, seconds, at_once=True)
        if bound is not None:
            raise OutOfBudget(bound, self.doing)

    @contextmanager
    def stage(self, part: str, doing: str, share: float) -> Iterator[None]:
        """Do something that has a name; its time counts for a part of the run, of what is left it may use a share."""
        before, self.doing = (self.doing, self.deadline), doing
        counted = self.ledger.turn(part)
        if self.deadline is not None and share < 1:
            self.deadline = time.monotonic() + share * self.left()
        try:
            yield
        finally:
            self.ledger.turn(counted)
            self.doing, self.deadline = before

    @contextmanager
    def grace(self) -> Iterator[None]:
        """Put into words what was found, a moment longer than the time limit or after an interrupt if need be."""
        before = self.deadline, self.gracious
        more = max(GRACE, 0.05 * (self.bounds.seconds or 0.0))
        ends = [self._limit, time.monotonic() if pending_signal() and not self.gracious else None]
        self.deadline = None if (end := _least(ends)) is None else end + more
        self.gracious = True
        try:
            yield
        finally:
            self.deadline, self.gracious = before


def _least(limits: Iterable[float | None]) -> float | None:
    return min((limit for limit in limits if limit is not None), default=None)


_current: ContextVar[BudgetMonitor | None] = ContextVar("watching", default=None)


@contextmanager
def monitored(monitor: BudgetMonitor) -> Iterator[BudgetMonitor]:
    """Let a monitor look at whatever runs inside of this block."""
    token = _current.set(monitor)
    try:
        yield monitor
    finally:
        _current.reset(token)


def current_monitor() -> BudgetMonitor:
    """Return the monitor of what is running; one without limits if there is none."""
    return _current.get() or BudgetMonitor(Bounds())


def look(needed: int = 0) -> None:
    """Raise `OutOfBudget` if what is running has exceeded a bound, or would with `needed` bytes more."""
    monitor = _current.get()
    if monitor is not None:
        monitor.look(needed)


def afford(seconds: float, needed: int = 0) -> None:
    """Raise `OutOfBudget` if this processor time and memory, for something that cannot be interrupted, do not fit."""
    monitor = _current.get()
    if monitor is not None:
        monitor.afford(seconds, needed)


def leave(spare: int) -> None:
    """Leave some bytes free for what comes after what is running."""
    monitor = _current.get()
    if monitor is not None:
        monitor.spare = spare


def accompany(process: Companion) -> None:
    """Count the memory of another process, and end it where memory does not suffice for both."""
    _companions.append(process)


def looking(items: Iterable[T], every: int = 64) -> Iterator[T]:
    """Yield items, checking the limits of the run before every 64th."""
    for place, item in enumerate(items):
        if place % every == 0:
            look()
        yield item


@contextmanager
def stage(part: str, doing: str, share: float = 1.0) -> Iterator[None]:
    """Do something that has a name, see `BudgetMonitor.stage`; nothing happens where no budget is watched."""
    monitor = _current.get()
    if monitor is None:
        yield
        return
    with monitor.stage(part, doing, share):
        yield


@contextmanager
def grace() -> Iterator[None]:
    """Put into words what was found, see `BudgetMonitor.grace`."""
    monitor = _current.get()
    if monitor is None:
        yield
        return
    with monitor.grace():
        yield


@contextmanager
def kept(found: Callable[[], object]) -> Iterator[None]:
    """Let a bound end this block without an error if there are results to report by then."""
    try:
        yield
    except OutOfBudget:
        if not found():
            raise
