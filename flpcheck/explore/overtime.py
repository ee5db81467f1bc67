"""A call into the author's code that never returns: it is noticed, named and ended; and one that ends the interpreter.

A search looks at the clock between two calls.  A call that does not come back keeps it from looking, so a timer looks
instead, from the end of the search's time on: if it finds the same call every time, that is where it ends.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from itertools import takewhile
from types import FrameType, TracebackType
from typing import Any, NoReturn

from flpcheck.errors import Place, SpecError
from flpcheck.exit_codes import USAGE_ERROR
from flpcheck.failure import frames_of, is_authors
from flpcheck.stops import StopReason

EVERY = 0.25
"""Seconds between two checks."""
LOOKS = 8
"""Number of consecutive looks that must find the same call."""


class NeverReturned(BaseException):
    """Raised inside a call that does not return; no `except Exception` of the author's catches it."""


class NotBack(SpecError):
    """A call into the author's code that had not returned when time was up."""


class InterruptedCall(KeyboardInterrupt):
    """Ctrl-C during a call that did not return, with the line."""


def _nothing() -> None:
    pass


class Limited:
    """A block in which calls into the author's code end soon after the time is up.

    Only the main thread can do that, and a handler installed by other code is left alone.

    Parameters
    ----------
    seconds
        When time is up; None for never, then only Ctrl-C begins to look (`hurry`).
    alive
        Called at every look that finds no call that has lasted too long.
    limit
        The time limit that `seconds` are left of, for the error; they are all of it if None.

    Raises
    ------
    NotBack
        From the block, with the line, if a call lasted for two seconds and more after the time was up.
    """

    _current: Limited | None = None

    def __init__(self, seconds: float | None, alive: Callable[[], None] = _nothing, limit: float | None = None) -> None:
        self.seconds = seconds
        self.limit = seconds if limit is None else limit
        self.alive = alive
        self.place: Place | None = None
        self.details: tuple[str, ...] = ()
        self._call: FrameType | None = None
        self._looks = 0
        self._hurried = False
        self._installed = False
        self._exits = no_silent_exit()

    def __enter__(self) -> Limited:
        self._exits.__enter__()
        here = threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer")
        if here and signal.getsignal(signal.SIGALRM) is signal.SIG_DFL:
            self._outside = sys._getframe(1)
            self._began = time.monotonic()
            self._installed, Limited._current = True, self
            signal.signal(signal.SIGALRM, self._look)
            if self.seconds is not None:
                signal.setitimer(signal.ITIMER_REAL, max(self.seconds, EVERY), EVERY)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._exits.__exit__(None, None, None)
        if self._installed:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            Limited._current = None
        self._call = None
        if self.place is not None and (isinstance(value, NeverReturned) or self._is_behind(value)):
            raise self._error() from None

    def _is_behind(self, value: BaseException | None) -> bool:
        """Whether an error was made of what this block raised."""
        return value is not None and isinstance(value.__cause__ or value.__context__, NeverReturned)

    def _error(self) -> BaseException:
        seconds = time.monotonic() - self._began
        if self._hurried:
            return InterruptedCall(f"interrupted; {self.place} had not returned")
        return NotBack(
            f"the spec has not returned from here after {seconds:.0f} s",
            place=self.place,
            why=f"{StopReason.MAX_SECONDS} is {self.limit:g}",
            details=self.details,
            next_step=f"look for an infinite loop, or {StopReason.MAX_SECONDS.advice}",
        )

    def _look(self, _: int, frame: FrameType | None) -> None:
        frames = list(takewhile(lambda one: one is not self._outside, frames_of(frame)))
        authors = [one for one in frames if is_authors(one)]
        call = authors[-1] if authors else None
        self._looks = self._looks + 1 if call is not None and call is self._call else 0
        self._call = call
        if self._looks < LOOKS:
            self.alive()
            return
        self.place = Place(authors[0].f_code.co_filename, authors[0].f_lineno)
        self.details = _asked(frames)
        raise NeverReturned

    def hurry(self) -> None:
        """Look from now on, because of Ctrl-C."""
        self._hurried = True
        signal.setitimer(signal.ITIMER_REAL, EVERY, EVERY)


def hurry() -> None:
    """Make the running block end a call that does not return, because of Ctrl-C."""
    if Limited._current is not None:
        Limited._current.hurry()


def _asked(frames: list[FrameType]) -> tuple[str, ...]:
    """Return which process was asked what, if a step is running."""
    from flpcheck.system.asker import Asker

    for frame in frames:
        known: dict[str, Any] = frame.f_locals if frame.f_code is Asker._call.__code__ else {}
        with contextlib.suppress(Exception):
            if known:
                return (known["self"]._where(known["state"], known["event"]),)
    return ()


@contextlib.contextmanager
def no_silent_exit() -> Iterator[None]:
    """Let a call of `os._exit` in the author's code, inside of this block, say where it is and exit with 2.

    It cannot be caught: its caller does not expect it to return.  In a child that works off jobs it is left
    alone, for the parent tells what ended it.
    """
    leave = os._exit

    def named(status: int) -> NoReturn:
        frame = sys._getframe(1)
        if is_authors(frame) and multiprocessing.parent_process() is None:
            place = Place(frame.f_code.co_filename, frame.f_lineno)
            what = f"the spec calls os._exit({status!r}), which ends the interpreter"
            told = SpecError(what, place=place, next_step="remove the call").text
            os.write(2, f"error: {told}\n".encode(errors="backslashreplace"))
            status = USAGE_ERROR
        leave(status)

    os._exit = named
    try:
        yield
    finally:
        os._exit = leave
