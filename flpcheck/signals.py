"""Ctrl-C and SIGTERM: as exceptions, and as signals noted for a run to look at."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

_noted: list[int] = []


def note_signal(number: int) -> None:
    """Request that what is running ends cleanly, because of a signal."""
    _noted.append(number)


def pending_signal() -> int:
    """Return the number of the signal that requested termination; 0 if there was none."""
    return _noted[0] if _noted else 0


def forget_signals() -> None:
    """Forget the signals that requested termination."""
    _noted.clear()


class Terminated(KeyboardInterrupt):
    """SIGTERM, where nothing was found yet that could be reported."""


@contextmanager
def terminable() -> Iterator[None]:
    """Let SIGTERM interrupt what runs inside of this block as Ctrl-C does."""
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def terminate(_: int, __: object) -> None:
    """Handle SIGTERM as Python handles SIGINT."""
    raise Terminated


_RAISING = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: terminate}


def interrupt(number: int) -> None:
    """Raise what Ctrl-C or SIGTERM raises."""
    _RAISING[signal.Signals(number)](number, None)


@contextmanager
def deferring(note: Callable[[int, Any], None]) -> Iterator[bool]:
    """Let a handler take those of Ctrl-C and SIGTERM that would raise an exception; yield whether there are any.

    Outside of the main thread no signal arrives; a handler installed by other code is left alone, and so is one that
    takes them already.
    """
    main = threading.current_thread() is threading.main_thread()
    usual = {number: handler for number, handler in _RAISING.items() if main and signal.getsignal(number) is handler}
    for number in usual:
        signal.signal(number, note)
    try:
        yield bool(usual)
    finally:
        for number, handler in usual.items():
            signal.signal(number, handler)
